//! A lock records another requirement than the manifest beside it.

use crate::LockState;
use crate::checks::{Check, Told, View, relocked};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "lock-stale",
    "a lock records another requirement than the manifest",
    check,
);

/// Finds locks that lack a pin as it stands.
fn check(view: &View<'_>) -> Vec<Told> {
    view.locks_of(LockState::Stale)
        .map(|(id, pin, lock)| {
            let (file, name) = (&lock.file, &pin.upstream.name);
            let told = Told::of(
                id,
                format!(
                    "`{file}` records another requirement on `{name}` than `{}`",
                    pin.manifest
                ),
            );
            relocked(view, id, told.at(file, lock.line).about(name))
        })
        .collect()
}
