//! release-please is configured in the repository, and it is not declared so.

use crate::ReleaseMode;
use crate::checks::{Check, Told, View, declared_mode};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "release-please-unexpected",
    "release-please is configured, and not declared",
    check,
);

/// Finds repositories with a configuration of release-please that are declared otherwise.
fn check(view: &View<'_>) -> Vec<Told> {
    let found = view.seen().filter(|(id, _, seen)| {
        declared_mode(view, id) != Some(ReleaseMode::ReleasePlease) && seen.release_please
    });
    found
        .map(|(id, _, _)| {
            Told::of(
                id,
                format!("release-please is configured in `{id}`, and not declared"),
            )
            .mend(format!("set `release = \"release-please\"` in [repo.{id}]"))
        })
        .collect()
}
