//! The checkout has changes that are not committed.

use super::{Told, View};

/// Finds checkouts with changes.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    let found = view.seen().filter(|(_, _, seen)| seen.dirty);
    found
        .map(|(id, _, _)| {
            Told::of(id, format!("`{id}` has changes that are not committed"))
                .mend(format!("commit or stash them in `{id}`"))
        })
        .collect()
}
