//! A waiver is over: what it accepted is a finding again.

use crate::checks::{Check, Told};
use crate::{Finding, Waiver};

/// The rule. What finds is the verdict on all other findings.
pub(crate) static CHECK: Check = Check::warn("waiver-expired", "a waiver is over", |_| Vec::new());

/// Returns the finding about a waiver.
pub(crate) fn finding(waiver: &Waiver) -> Finding {
    let what = format!(
        "the waiver of `{}` was over on {} ({})",
        waiver.codes.join("`, `"),
        waiver.until,
        waiver.reason
    );
    let told = Told::anywhere(what).at(waiver.file, Some(waiver.line));
    told.mend("mend what it accepted, or say a new day and why".to_owned())
        .finding(&CHECK)
}
