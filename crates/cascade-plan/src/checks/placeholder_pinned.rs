//! A published pin names a placeholder that the publisher puts in.

use super::{Told, View};
use crate::PinStatus;

/// Finds published pins on a placeholder.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    view.pins()
        .filter(|(_, pin)| pin.orders() && pin.status == PinStatus::Placeholder)
        .map(|(id, pin)| {
            let upstream = &pin.upstream;
            Told::pin(
                id,
                pin,
                format!(
                    "`{}` on `{}` names a placeholder",
                    pin.requirement, upstream.name
                ),
            )
            .mend(format!("cascade bump --repo {}", upstream.repo))
        })
        .collect()
}
