//! Something stands at the path that git does not know.

use crate::Trouble;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "not-a-repository",
    "something that git does not know stands at the path",
    check,
);

/// Finds paths that hold no repository.
fn check(view: &View<'_>) -> Vec<Told> {
    let found = view
        .seen()
        .filter(|(_, _, seen)| matches!(seen.trouble, Some(Trouble::NotARepository)));
    found
        .map(|(id, _, _)| {
            Told::of(
                id,
                format!("what stands at the path of `{id}` is no git repository"),
            )
            .mend("move it away, then `cascade fetch`".to_owned())
        })
        .collect()
}
