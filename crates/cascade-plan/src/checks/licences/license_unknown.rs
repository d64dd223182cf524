//! Nothing tells the licence of something locked, or not as an expression.

use super::readiness::list;
use super::{each, verdict};
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "license-unknown",
    "nothing tells the licence of something locked",
    check,
);

/// Finds packages whose licence was not judged, of a lock in one finding.
fn check(view: &View<'_>) -> Vec<Told> {
    let word = |it: &crate::LockedLicense, declared: &_| {
        let known = verdict(it, declared).is_some();
        let said = it.license.as_deref().unwrap_or("nothing said");
        (!known).then(|| {
            said.lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(40)
                .collect()
        })
    };
    each(view, word, |id, lock, words| {
        let all = words.len() == lock.packages.len();
        let what = if all {
            "the lock does not say licences, and nothing is installed beside it that does"
                .to_owned()
        } else {
            format!(
                "it is not known under which licence some of the lock is: {}",
                list(words)
            )
        };
        let mend = "install what it holds and check again: licences are read from `node_modules`, `.venv` \
             and `vendor`";
        Told::of(id, what).mend(mend.to_owned())
    })
}
