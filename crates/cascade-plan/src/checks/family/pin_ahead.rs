//! A pin names a version above the latest known tag: the clone is behind, or the tag was never pushed.

use crate::checks::{Check, Told, View, latest};
use cascade_manifest::Version;

use super::pin_retracted::is_retracted;
use crate::{PinStatus, PinSurvey};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "pin-ahead",
    "a pin names a version above the latest known tag",
    check,
)
.of_today();

/// Finds pins above the latest known tag.
fn check(view: &View<'_>) -> Vec<Told> {
    view.pins_of(PinStatus::Ahead)
        .filter(|(_, pin)| !is_retracted(view, pin))
        .map(|(id, pin)| {
            let is = format!("is above {}, the latest tag known here", latest(pin));
            Told::requirement(id, pin, &is).mend(mend(view, pin))
        })
        .collect()
}

/// Returns what makes the version known: its release, where the upstream's own file says it.
fn mend(view: &View<'_>, pin: &PinSurvey) -> String {
    let named = pin
        .ecosystem
        .and_then(|it| it.grammar.named(&pin.requirement).ok().flatten());
    let upstream = &pin.upstream;
    let package = view.survey.repos.get(&upstream.repo).and_then(|it| {
        let mut packages = it.packages.iter();
        packages.find(|it| it.id == *upstream)
    });
    let said = package.and_then(|it| Version::parse(it.ecosystem.scheme, it.version.as_deref()?));
    if package.is_some_and(|it| it.pending) && said == named {
        return format!("cascade release --repo {}", upstream.repo);
    }
    // The upstream's own file has come that far, so no fetch will bring a tag that was never made.
    if said >= named && said.is_some() {
        return format!(
            "cascade fetch; where no tag comes, it was never made: tag the commit of `{}` that was released",
            upstream.repo
        );
    }
    "cascade fetch".to_owned()
}
