//! The repository has no commit yet.

use crate::Trouble;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::block("no-commits", "a repository has no commit", check);

/// Finds repositories without a commit.
fn check(view: &View<'_>) -> Vec<Told> {
    let found = view
        .seen()
        .filter(|(_, _, seen)| matches!(seen.trouble, Some(Trouble::NoCommits)));
    found
        .map(|(id, _, _)| {
            Told::of(id, format!("`{id}` has no commit yet"))
                .mend(format!("make the first commit in `{id}`"))
        })
        .collect()
}
