//! What is released by its tags alone: actions, modules, charts, images without a manifest that
//! says so.

use std::borrow::Cow;

use crate::{Ecosystem, Scheme};

/// Repositories whose tags are all that there is of a release.
pub static GIT: Ecosystem = Ecosystem {
    name: "git",
    scheme: Scheme::Semver,
    grammar: crate::npm::NPM.grammar,
    formats: &[],
    locks: &[],
    canonical,
    listing: |_, _| None,
    paths: None,
};

fn canonical(name: &str) -> Cow<'_, str> {
    Cow::Borrowed(name)
}
