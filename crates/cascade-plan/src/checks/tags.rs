//! The rules about single tags: what they stand for, where they stand, and what is built at them.

mod dynamic_version;
mod dynamic_version_unknown;
mod tag_ambiguous;
mod tag_below_latest;
mod tag_by_hand;
mod tag_format;
mod tag_lightweight;
mod tag_malformed;
mod tag_moved;
mod tag_not_above;
mod tag_numeric_prerelease;
mod tag_off_branch;
mod tag_twins;
mod tag_unreadable;
mod version_copy;
mod version_mismatch;

use super::{Check, Told};
use crate::branches::Allowed;
use crate::shell::word;
use crate::{JudgedTag, ObservedRepo, RepoDeclaration, RepoId, Severity};

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &dynamic_version::CHECK,
    &dynamic_version_unknown::CHECK,
    &tag_ambiguous::CHECK,
    &tag_below_latest::CHECK,
    &tag_by_hand::CHECK,
    &tag_format::CHECK,
    &tag_lightweight::CHECK,
    &tag_malformed::CHECK,
    &tag_moved::CHECK,
    &tag_not_above::CHECK,
    &tag_numeric_prerelease::CHECK,
    &tag_off_branch::CHECK,
    &tag_twins::CHECK,
    &tag_unreadable::CHECK,
    &version_copy::CHECK,
    &version_mismatch::CHECK,
];

/// Returns the branches that may be released, by what is known where the tag is.
fn allowed(declared: &RepoDeclaration, seen: &ObservedRepo, tag: &JudgedTag) -> Allowed {
    let default = tag.default_branch.as_ref().or(seen.default_branch.as_ref());
    let known = ObservedRepo {
        default_branch: default.cloned(),
        branch: seen.branch.clone(),
        ..ObservedRepo::default()
    };
    Allowed::of(declared, &known)
}

/// Tells of a tag: as the rule says where it is new, less bad where it is out and can not be changed.
fn told(id: &RepoId, tag: &JudgedTag, once_out: Severity, what: String) -> Told {
    let told = Told::tag(id, tag, what);
    if tag.is_new() {
        told
    } else {
        told.ranked(once_out)
    }
}

/// Returns what mends a tag: one that is not out yet is made anew, any other is left behind.
fn again(id: &RepoId, tag: &JudgedTag, first: &str) -> String {
    if tag.is_new() {
        let name = word(&tag.name);
        return format!("`git tag -d {name}`, {first}, then tag anew");
    }
    format!("never move the tag: {first} for the next one (`cascade release --repo {id}`)")
}
