//! The repository is declared for release-please, and has no configuration of it.

use super::{Told, View, declared_mode};
use crate::ReleaseMode;

/// Finds repositories declared for release-please without its configuration.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    let found = view.seen().filter(|(id, _, seen)| {
        declared_mode(view, id) == Some(ReleaseMode::ReleasePlease)
            && seen.trouble.is_none()
            && !seen.release_please
    });
    found
        .map(|(id, _, _)| {
            Told::of(id, format!("`{id}` is declared for release-please, which is not configured in it")).mend(format!("add `release-please-config.json` to `{id}`, or set another `release` in [repo.{id}]"))
        })
        .collect()
}
