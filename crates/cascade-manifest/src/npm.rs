//! npm, pnpm and Yarn: `package.json`, the files of their workspaces, and their locks.

use std::borrow::Cow;

use crate::{Ecosystem, Scheme};

#[cfg(test)]
mod family;
mod licenses;
mod listing;
mod outline;
mod overrides;
mod package_json;
mod package_lock;
mod pnpm_lock;
mod pnpm_workspace;
mod published;
mod range;
mod spec;
mod yarn_lock;

pub use licenses::locked_licenses;

/// npm, the JavaScript package manager, and all that reads its manifests.
pub static NPM: Ecosystem = Ecosystem {
    name: "npm",
    scheme: Scheme::Semver,
    grammar: &range::NpmGrammar,
    formats: &[
        &package_json::PackageJson,
        &pnpm_workspace::PnpmWorkspace,
        &pnpm_workspace::YarnSettings,
    ],
    locks: &[
        &package_lock::PackageLock,
        &pnpm_lock::PnpmLock,
        &yarn_lock::YarnLock,
    ],
    canonical: |name| Cow::Borrowed(name),
    listing: listing::listing,
    paths: None,
};
