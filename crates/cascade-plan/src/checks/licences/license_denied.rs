//! Something locked has a licence that is denied.

use cascade_manifest::Verdict;

use super::readiness::list;
use super::{each, verdict};
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "license-denied",
    "something locked has a licence that is denied",
    check,
);

/// Finds packages that can only be used under something denied, of a lock in one finding.
fn check(view: &View<'_>) -> Vec<Told> {
    let word = |it: &_, declared: &_| match verdict(it, declared)? {
        Verdict::Denied(name) => Some(name),
        Verdict::Allowed | Verdict::Unlisted(_) => None,
    };
    each(view, word, |id, _, words| {
        let what = format!(
            "the lock holds what `deny-licenses` rules out: {}",
            list(words)
        );
        let mend = "replace each by something else, or take its licence out of `deny-licenses`";
        Told::of(id, what).mend(mend.to_owned())
    })
}
