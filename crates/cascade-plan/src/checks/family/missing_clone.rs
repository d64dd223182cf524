//! Nothing stands at the repository's path.

use crate::Trouble;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check =
    Check::warn("missing-clone", "a declared repository has no clone", check);

/// Finds declared repositories without a clone.
fn check(view: &View<'_>) -> Vec<Told> {
    let found = view
        .seen()
        .filter(|(_, _, seen)| matches!(seen.trouble, Some(Trouble::Missing)));
    found
        .map(|(id, _, _)| {
            Told::of(id, format!("`{id}` has no clone")).mend("cascade fetch".to_owned())
        })
        .collect()
}
