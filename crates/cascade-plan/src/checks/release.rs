//! The rules about what a release tells: commits, changelogs, release-please's manifest.

mod changelog_edited;
mod changelog_section;
pub(crate) mod commit_unconventional;
mod manifest;
mod release_please_behind;
mod release_please_stuck;

use super::Check;
use crate::{ReleaseMode, RepoDeclaration, Severity};

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &changelog_edited::CHECK,
    &changelog_section::CHECK,
    &commit_unconventional::CHECK,
    &release_please_behind::CHECK,
    &release_please_stuck::CHECK,
];

/// Returns how bad it is what a changelog says: release-please keeps its own.
fn rank(declared: &RepoDeclaration) -> Severity {
    match declared.mode {
        ReleaseMode::ReleasePlease => Severity::Info,
        _ => Severity::Warn,
    }
}
