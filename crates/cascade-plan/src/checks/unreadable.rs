//! git can not read the repository.

use super::{Told, View};
use crate::Trouble;

/// Finds repositories that git refused.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    view.seen()
        .filter_map(|(id, declared, seen)| {
            let Some(Trouble::Unreadable(why)) = &seen.trouble else {
                return None;
            };
            let told = Told::of(id, format!("`{id}` can not be read: {why}"));
            Some(told.mend(format!(
                "run `git -C {} status` and do as it says",
                declared.path
            )))
        })
        .collect()
}
