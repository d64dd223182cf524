//! A published pin names a placeholder that the publisher puts in.

use super::{Told, View};
use crate::PinStatus;

/// Finds published pins on a placeholder.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    view.pins()
        .filter(|(_, pin)| pin.orders() && pin.status == PinStatus::Placeholder)
        .map(|(id, pin)| {
            let mend = format!("cascade bump --repo {}", pin.upstream.repo);
            Told::requirement(id, pin, "names a placeholder").mend(mend)
        })
        .collect()
}
