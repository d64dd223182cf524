//! A published pin names a placeholder that the publisher puts in.

use crate::PinStatus;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "placeholder-pinned",
    "a published pin names a placeholder",
    check,
);

/// Finds published pins on a placeholder.
fn check(view: &View<'_>) -> Vec<Told> {
    view.pins()
        .filter(|(_, pin)| pin.orders() && pin.status == PinStatus::Placeholder)
        .map(|(id, pin)| {
            let mend = format!("cascade bump --repo {}", pin.upstream.repo);
            Told::requirement(id, pin, "names a placeholder").mend(mend)
        })
        .collect()
}
