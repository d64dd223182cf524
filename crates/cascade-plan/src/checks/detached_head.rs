//! No branch is checked out.

use super::{Told, View};
use crate::branches::Allowed;

/// Finds checkouts on a detached head.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    let found = view
        .seen()
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
