//! The number of a quality gate is beyond its bound.

use super::Home;
use crate::checks::{Check, Told, View};
use crate::quality::{Fault, Verdict};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "quality-missed",
    "the number of a quality gate is below its minimum or above its maximum",
    check,
);

/// Finds numbers beyond their bounds.
fn check(view: &View<'_>) -> Vec<Told> {
    super::told(view, tell)
}

/// Tells of a number beyond its bound.
pub(super) fn tell(home: &Home<'_>, verdict: &Verdict<'_>) -> Vec<Told> {
    let Some(Fault::Missed(what)) = &verdict.fault else {
        return Vec::new();
    };
    vec![home.told(verdict, what).mend(home.again(verdict))]
}
