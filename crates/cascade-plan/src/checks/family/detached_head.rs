//! No branch is checked out.

use crate::branches::Allowed;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn("detached-head", "no branch is checked out", check);

/// Finds checkouts on a detached head.
fn check(view: &View<'_>) -> Vec<Told> {
    let found = view
        .checkouts()
        .filter(|(_, _, seen)| seen.trouble.is_none() && seen.branch.is_none());
    found
        .map(|(id, declared, seen)| {
            Told::of(id, format!("`{id}` is on no branch")).mend(format!(
                "git -C {} switch {}",
                declared.path,
                Allowed::of(declared, seen).first()
            ))
        })
        .collect()
}
