//! A pin names a version that its upstream took back.

use crate::PinSurvey;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "pin-retracted",
    "a pin names a version that its upstream took back",
    check,
);

/// Finds pins on versions that are taken back.
fn check(view: &View<'_>) -> Vec<Told> {
    let retracted = view.pins().filter(|(_, pin)| is_retracted(view, pin));
    retracted
        .map(|(id, pin)| Told::requirement(id, pin, "is taken back (`retract`)").mend(mend(pin)))
        .collect()
}

/// Returns whether a pin names a version that its upstream took back.
pub(super) fn is_retracted(view: &View<'_>, pin: &PinSurvey) -> bool {
    let upstream = view
        .snapshot
        .package(&pin.upstream)
        .filter(|it| !it.retracts.is_empty());
    let named = || pin.ecosystem?.grammar.named(&pin.requirement).ok()?;
    upstream.is_some_and(|it| named().is_some_and(|named| it.is_retracted(&named)))
}

/// Returns what names another version: a bump where a higher one is out, else a release of one.
fn mend(pin: &PinSurvey) -> String {
    let repo = &pin.upstream.repo;
    if pin.status.is_old() {
        return format!("cascade bump --repo {repo}");
    }
    format!(
        "cascade release --repo {repo}, or name an older version in `{}` by hand",
        pin.manifest
    )
}
