//! The waiver of an advisory that is still told of has expired.

use super::Home;
use crate::checks::{Check, Told, View};
use crate::quality::{Holds, Verdict};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "advisory-waiver-expired",
    "the waiver of an advisory has expired, so that the advisory counts again",
    check,
);

/// Finds waivers that have expired.
fn check(view: &View<'_>) -> Vec<Told> {
    super::told(view, tell)
}

/// Tells of each waiver that has expired, where an audit still tells of the advisory.
pub(super) fn tell(home: &Home<'_>, verdict: &Verdict<'_>) -> Vec<Told> {
    let waivers = verdict.advisories.iter().filter_map(|it| match &it.waiver {
        Some((waiver, Holds::NoMore)) => Some(waiver),
        _ => None,
    });
    let tell = |waiver: &crate::AdvisoryWaiver| {
        let (id, until, reason) = (&waiver.advisory, waiver.until, &waiver.reason);
        let gate = &verdict.gate.name;
        let what = format!("`{gate}`: the waiver of {id} ended on {until} (\"{reason}\")");
        Told::of(home.id, what).mend(format!(
            "mend what {id} tells of, or judge it again and move `until` of its waiver"
        ))
    };
    waivers.map(tell).collect()
}
