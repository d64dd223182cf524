//! A lock records another requirement than the manifest beside it.

use super::{Told, View, relock};
use crate::LockState;

/// Finds locks that lack a pin as it stands.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    view.pins()
        .filter(|(_, pin)| !pin.auxiliary)
        .filter_map(|(id, pin)| {
            let lock = pin
                .lock
                .as_ref()
                .filter(|it| it.state == LockState::Stale)?;
            let (file, name) = (&lock.file, &pin.upstream.name);
            let told = Told::of(
                id,
                format!(
                    "`{file}` records another requirement on `{name}` than `{}`",
                    pin.manifest
                ),
            );
            Some(told.at(file, None).mend(relock(view, id, (pin, lock))))
        })
        .collect()
}
