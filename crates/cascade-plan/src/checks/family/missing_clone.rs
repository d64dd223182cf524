//! Nothing stands at the repository's path.

use crate::checks::{Check, Told, View};
use crate::{Content, ObservedRepo, Trouble};

/// The rule.
pub(crate) static CHECK: Check =
    Check::warn("missing-clone", "a declared repository has no clone", check);

/// Finds declared repositories without a clone.
fn check(view: &View<'_>) -> Vec<Told> {
    let found = view
        .seen()
        .filter(|(_, _, seen)| matches!(seen.trouble, Some(Trouble::Missing)));
    found
        .map(|(id, _, _)| Told::of(id, format!("`{id}` has no clone")).mend(fetch(view).to_owned()))
        .collect()
}

/// Returns the command that fetches, and clones as the others are cloned: bare and for reports where no checkout is
/// among them.
fn fetch(view: &View<'_>) -> &'static str {
    let mut there = view.seen().filter(|(_, _, it)| it.trouble.is_none());
    let first = there.next();
    let is_report = |seen: &ObservedRepo| seen.content == Content::Commit;
    if first.is_some_and(|it| is_report(it.2)) && there.all(|it| is_report(it.2)) {
        return Trouble::FETCH;
    }
    "cascade fetch"
}
