//! The clone lacks history, so tags and commits may be missing.

use super::{Told, View};

/// Finds clones that lack history.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    let found = view.seen().filter(|(_, _, seen)| seen.shallow);
    found
        .map(|(id, declared, _)| {
            Told::of(
                id,
                format!("the clone of `{id}` is shallow: tags and commits may be missing"),
            )
            .mend(format!("git -C {} fetch --unshallow --tags", declared.path))
        })
        .collect()
}
