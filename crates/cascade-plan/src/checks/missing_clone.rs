//! Nothing stands at the repository's path.

use super::{Told, View};
use crate::Trouble;

/// Finds declared repositories without a clone.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    let found = view
        .seen()
        .filter(|(_, _, seen)| matches!(seen.trouble, Some(Trouble::Missing)));
    found
        .map(|(id, _, _)| {
            Told::of(id, format!("`{id}` has no clone")).mend("cascade fetch".to_owned())
        })
        .collect()
}
