//! npm: `package.json` and `package-lock.json`.

use std::borrow::Cow;

use crate::{Ecosystem, Scheme};

mod package_json;
mod package_lock;
mod range;
mod spec;

/// npm, the JavaScript package manager, and all that reads its manifests.
pub static NPM: Ecosystem = Ecosystem {
    name: "npm",
    scheme: Scheme::Semver,
    grammar: &range::NpmGrammar,
    formats: &[&package_json::PackageJson],
    locks: &[&package_lock::PackageLock],
    canonical: |name| Cow::Borrowed(name),
};
