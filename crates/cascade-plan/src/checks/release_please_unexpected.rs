//! release-please is configured in the repository, and it is not declared so.

use super::{Told, View, declared_mode};
use crate::ReleaseMode;

/// Finds repositories with a configuration of release-please that are declared otherwise.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
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
