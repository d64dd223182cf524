//! A waiver accepts nothing: what it was for is mended.

use crate::checks::{Check, Told};
use crate::{Finding, Waiver};

/// The rule. What finds is the verdict on all other findings.
pub(crate) static CHECK: Check =
    Check::info("waiver-unused", "a waiver accepts nothing", |_| Vec::new());

/// Returns the finding about a waiver.
pub(crate) fn finding(waiver: &Waiver) -> Finding {
    let what = format!(
        "the waiver of `{}` ({}) accepts nothing that is found",
        waiver.codes.join("`, `"),
        waiver.reason
    );
    let told = Told::anywhere(what).at(waiver.file, Some(waiver.line));
    told.mend("take it out".to_owned()).finding(&CHECK)
}
