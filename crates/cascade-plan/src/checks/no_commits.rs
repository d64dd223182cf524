//! The repository has no commit yet.

use super::{Told, View};
use crate::Trouble;

/// Finds repositories without a commit.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
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
