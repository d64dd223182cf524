//! The rules about a family: its edges, pins, locks, tags and checkouts.

mod cycle;
mod dead_edge;
mod deployment_unreadable;
mod detached_head;
mod diamond_skew;
mod dirty;
mod drift_unwatched;
mod duplicate_package;
mod lock_contradicts;
mod lock_stale;
mod manifest_unreadable;
mod missing_clone;
mod no_commits;
mod no_tags;
mod no_upstream_branch;
mod not_a_repository;
mod pin_ahead;
pub(crate) mod pin_behind;
mod pin_downgraded;
mod pin_excluded;
mod pin_prerelease;
mod pin_retracted;
mod pin_unversioned;
mod placeholder_pinned;
mod release_please_unconfigured;
mod release_please_unexpected;
mod shallow_clone;
mod site_missing;
mod source_override;
mod sync_wave;
mod template_collision;
pub(crate) mod undeclared_edge;
mod unreadable;
mod unreleased;
pub(super) mod waiver_expired;
pub(super) mod waiver_unused;
mod wrong_branch;

use super::Check;

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &cycle::CHECK,
    &dead_edge::CHECK,
    &deployment_unreadable::CHECK,
    &detached_head::CHECK,
    &diamond_skew::CHECK,
    &dirty::CHECK,
    &drift_unwatched::CHECK,
    &duplicate_package::CHECK,
    &lock_contradicts::CHECK,
    &lock_stale::CHECK,
    &manifest_unreadable::CHECK,
    &missing_clone::CHECK,
    &no_commits::CHECK,
    &no_tags::CHECK,
    &no_upstream_branch::CHECK,
    &not_a_repository::CHECK,
    &pin_ahead::CHECK,
    &pin_behind::CHECK,
    &pin_downgraded::CHECK,
    &pin_excluded::CHECK,
    &pin_prerelease::CHECK,
    &pin_retracted::CHECK,
    &pin_unversioned::CHECK,
    &placeholder_pinned::CHECK,
    &release_please_unconfigured::CHECK,
    &release_please_unexpected::CHECK,
    &shallow_clone::CHECK,
    &site_missing::CHECK,
    &source_override::CHECK,
    &sync_wave::CHECK,
    &template_collision::CHECK,
    &undeclared_edge::CHECK,
    &unreadable::CHECK,
    &unreleased::CHECK,
    &waiver_expired::CHECK,
    &waiver_unused::CHECK,
    &wrong_branch::CHECK,
];
