//! The clone lacks history, so tags and commits may be missing.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn("shallow-clone", "a clone lacks history", check);

/// Finds clones that lack history.
fn check(view: &View<'_>) -> Vec<Told> {
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
