//! A branch that the policy forbids to release from.

use crate::checks::{Check, Told, View};
use crate::{RepoDeclaration, Severity};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "branch-forbidden",
    "a branch is released or checked out that the policy forbids to release from",
    check,
);

/// Finds repositories whose declared branch the policy forbids, and checkouts on such a branch.
fn check(view: &View<'_>) -> Vec<Told> {
    let released = view.seen().filter_map(|(id, declared, _)| {
        let branch = released(declared)?;
        let refusal = declared.policy.branch_refused(branch)?;
        let what = format!("`{id}` is released from `{branch}`, which the policy forbids");
        let mend = format!("{}: set `branch` of [repo.{id}]", refusal.help);
        Some(Told::of(id, what).ranked(Severity::Block).mend(mend))
    });
    let here = view.checkouts().filter_map(|(id, declared, seen)| {
        let branch = seen.branch.as_deref()?;
        let refusal = declared.policy.branch_refused(branch)?;
        let what = format!("`{id}` is on `{branch}`: {}", refusal.what);
        Some(Told::of(id, what).mend(refusal.help))
    });
    released.chain(here).collect()
}

/// Returns the branch that a release starts from, where one is declared: the first plain name.
fn released(declared: &RepoDeclaration) -> Option<&str> {
    let mut names = declared.branch.0.iter();
    let plain = names.find(|it| !it.contains(['*', '?', '[', '{']));
    plain.map(String::as_str)
}
