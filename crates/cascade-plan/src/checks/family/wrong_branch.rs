//! The branch checked out is none that may be released.

use crate::branches::Allowed;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "wrong-branch",
    "a branch is checked out that may not be released",
    check,
);

/// Finds checkouts on a branch that is not declared.
fn check(view: &View<'_>) -> Vec<Told> {
    view.checkouts()
        .filter_map(|(id, declared, seen)| {
            let branch = seen.branch.as_deref()?;
            let allowed = Allowed::of(declared, seen);
            if allowed.holds(branch) {
                return None;
            }
            let what = format!(
                "`{id}` is on `{branch}`, and is released from {}",
                allowed.told()
            );
            let mend = format!("git -C {} switch {}", declared.path, allowed.first());
            Some(Told::of(id, what).mend(mend))
        })
        .collect()
}
