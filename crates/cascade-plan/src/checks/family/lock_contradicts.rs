//! A lock holds a version that the requirement beside it excludes.

use crate::LockState;
use crate::checks::{Check, Told, View, relocked};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "lock-contradicts",
    "a lock holds a version that the manifest excludes",
    check,
);

/// Finds locks that contradict a pin.
fn check(view: &View<'_>) -> Vec<Told> {
    view.locks_of(LockState::Contradicts)
        .map(|(id, pin, lock)| {
            let (file, name) = (&lock.file, &pin.upstream.name);
            let told = Told::of(
                id,
                format!(
                    "`{file}` holds `{name}` {}, which `{}` excludes",
                    lock.version.as_deref().unwrap_or("?"),
                    pin.requirement
                ),
            );
            relocked(view, (id, pin), told.at(file, lock.line).about(name))
        })
        .collect()
}
