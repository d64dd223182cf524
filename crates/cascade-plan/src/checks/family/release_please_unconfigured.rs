//! The repository is declared for release-please, and has no configuration of it.

use crate::ReleaseMode;
use crate::checks::{Check, Told, View, declared_mode};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "release-please-unconfigured",
    "declared for release-please, which is not configured",
    check,
);

/// Finds repositories declared for release-please without its configuration.
fn check(view: &View<'_>) -> Vec<Told> {
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
