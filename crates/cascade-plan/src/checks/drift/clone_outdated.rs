//! A clone was not fetched when the others were.

use crate::checks::{Check, Told, View};
use crate::{Content, ObservedRepo, RepoId};

/// How many seconds a clone may be older than the youngest one.
const SLACK: i64 = 3_600;

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "clone-outdated",
    "a clone was not fetched when the others were",
    check,
);

/// Finds clones for reports that a fetch left behind: what is told of them may be old.
fn check(view: &View<'_>) -> Vec<Told> {
    let clones = || {
        let all = view.with_releases();
        all.filter_map(|(id, _, seen, _)| Some((id, fetched(seen)?)))
    };
    let Some(youngest) = clones().map(|it| it.1).max() else {
        return Vec::new();
    };
    let old = clones().filter(|it| youngest - it.1 > SLACK);
    old.map(|(id, at): (&RepoId, i64)| {
        let hours = (youngest - at) / SLACK;
        let what = format!(
            "it was last fetched {hours} hours before the others: what is told of it may be old"
        );
        let mend = "cascade fetch --mode report";
        Told::of(id, what).mend(mend.to_owned())
    })
    .collect()
}

/// Returns when a clone for reports was fetched; people fetch their checkouts when they like.
fn fetched(seen: &ObservedRepo) -> Option<i64> {
    let report = seen.content == Content::Commit && seen.trouble.is_none();
    seen.fetched.filter(|_| report)
}
