//! Something locked has a licence that nobody allowed.

use cascade_manifest::Verdict;

use super::readiness::list;
use super::{each, verdict};
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "license-unlisted",
    "something locked has a licence that nobody allowed",
    check,
);

/// Finds packages that can not be used under what is allowed alone, of a lock in one finding.
fn check(view: &View<'_>) -> Vec<Told> {
    let word = |it: &_, declared: &_| match verdict(it, declared)? {
        Verdict::Unlisted(name) => Some(name),
        Verdict::Allowed | Verdict::Denied(_) => None,
    };
    each(view, word, |id, _, words| {
        let what = format!(
            "the lock holds what `allow-licenses` does not name: {}",
            list(words)
        );
        let mend = "add each licence to `allow-licenses` or to `deny-licenses`";
        Told::of(id, what).mend(mend.to_owned())
    })
}
