//! Go: `go.mod`, `go.work` and `go.sum`.

use std::borrow::Cow;

use crate::{Ecosystem, ImportPaths, Scheme};

/// Go modules.
pub static GO: Ecosystem = Ecosystem {
    name: "go",
    scheme: Scheme::Semver,
    grammar: &requirement::GoGrammar,
    formats: &[&go_mod::GoMod, &go_work::GoWork],
    locks: &[&go_sum::GoSum],
    canonical,
    listing: listing::listing,
    paths: Some(&ImportPaths {
        stem: path::stem,
        major: path::major,
        tag_folder: path::tag_folder,
    }),
};

mod directive;
mod go_mod;
mod go_sum;
mod go_work;
mod listing;
mod module;
mod path;
mod requirement;

/// Returns the path itself: module paths are told apart by every letter.
fn canonical(name: &str) -> Cow<'_, str> {
    Cow::Borrowed(name)
}
