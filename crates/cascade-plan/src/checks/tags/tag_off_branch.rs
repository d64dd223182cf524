//! A version tag stands on no branch that may be released.

use super::{again, allowed, told};
use crate::Severity;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "tag-off-branch",
    "a version tag is on no branch that may be released",
    check,
);

/// Finds tags whose commit none of the branches contains that may be released. Without such a branch
/// here, or without the whole history, nobody can tell.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, declared, seen, tag) in view.tags() {
        let known = !tag.branches.is_empty() && !tag.shallow && tag.commit.is_some();
        let is_on = tag.branches.values().any(|it| *it);
        if !known || is_on || tag.claims.is_empty() {
            continue;
        }
        let branches = allowed(declared, seen, tag);
        let what = format!("`{}` stands on none of {}", tag.name, branches.told());
        let first = format!("tag a commit of `{}`", branches.first());
        all.push(told(id, tag, Severity::Info, what).mend(again(id, tag, &first)));
    }
    all
}
