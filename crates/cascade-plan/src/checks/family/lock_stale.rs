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
            // A chart's lock sums up all that the chart asks for.
            let what = match pin.ecosystem {
                Some(_) => format!("records another requirement on `{name}` than"),
                None => "is out of sync with".to_owned(),
            };
            let told = Told::of(id, format!("`{file}` {what} `{}`", pin.manifest));
            relocked(view, (id, pin), told.at(file, lock.line).about(name))
        })
        .collect()
}
