//! The command of a quality gate failed, or said nothing that could be judged.

use super::Home;
use crate::checks::{Check, Told, View};
use crate::quality::{Fault, Verdict};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "quality-failed",
    "the command of a quality gate failed, or said nothing that can be judged",
    check,
);

/// Finds commands that failed.
fn check(view: &View<'_>) -> Vec<Told> {
    super::told(view, tell)
}

/// Tells of a command that failed.
pub(super) fn tell(home: &Home<'_>, verdict: &Verdict<'_>) -> Vec<Told> {
    let Some(Fault::Failed(why)) = &verdict.fault else {
        return Vec::new();
    };
    vec![home.told(verdict, why).mend(home.again(verdict))]
}
