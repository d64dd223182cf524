//! A pin names an older version, and does not admit the latest.

use super::{Told, View, latest};
use crate::PinStatus;

/// Finds pins that exclude the latest version, in what is published or developed.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    view.pins_of(PinStatus::Excluded)
        .map(|(id, pin)| {
            let is = format!("excludes {}", latest(pin));
            let mend = format!("cascade bump --repo {}", pin.upstream.repo);
            Told::requirement(id, pin, &is).mend(mend)
        })
        .collect()
}
