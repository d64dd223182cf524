//! The checkout has changes that are not committed.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "dirty",
    "a checkout has changes that are not committed",
    check,
);

/// Finds checkouts with changes.
fn check(view: &View<'_>) -> Vec<Told> {
    let found = view.checkouts().filter(|(_, _, seen)| seen.dirty);
    found
        .map(|(id, _, _)| {
            Told::of(id, format!("`{id}` has changes that are not committed"))
                .mend(format!("commit or stash them in `{id}`"))
        })
        .collect()
}
