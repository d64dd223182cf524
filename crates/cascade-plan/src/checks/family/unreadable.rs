//! git can not read the repository.

use crate::Trouble;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::block("unreadable", "git can not read a repository", check);

/// Finds repositories that git refused.
fn check(view: &View<'_>) -> Vec<Told> {
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
