//! A pin names an older version, and does not admit the latest.

use crate::PinStatus;
use crate::checks::{Check, Told, View, latest};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "pin-excluded",
    "a pin does not admit the latest version",
    check,
)
.of_today();

/// Finds pins that exclude the latest version, in what is published or developed.
fn check(view: &View<'_>) -> Vec<Told> {
    view.pins_of(PinStatus::Excluded)
        .map(|(id, pin)| {
            let is = format!("excludes {}", latest(pin));
            let mend = format!("cascade bump --repo {}", pin.upstream.repo);
            Told::requirement(id, pin, &is).mend(mend)
        })
        .collect()
}
