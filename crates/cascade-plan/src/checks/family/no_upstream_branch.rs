//! The branch checked out follows none of the remote.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check =
    Check::info("no-upstream-branch", "a branch has no upstream", check);

/// Finds branches without an upstream.
fn check(view: &View<'_>) -> Vec<Told> {
    let found = view.checkouts().filter(|(_, _, seen)| {
        seen.trouble.is_none() && seen.branch.is_some() && seen.ahead.is_none()
    });
    found
        .map(|(id, declared, _)| {
            Told::of(id, format!("the branch of `{id}` follows none of a remote"))
                .mend(format!("git -C {} push -u origin HEAD", declared.path))
        })
        .collect()
}
