//! git can not read the repository.

use crate::Trouble;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::block("unreadable", "git can not read a repository", check);

/// Finds repositories that git refused, and clones for reports that lack what is read.
fn check(view: &View<'_>) -> Vec<Told> {
    view.seen()
        .filter_map(|(id, declared, seen)| {
            let (why, mend) = match seen.trouble.as_ref()? {
                Trouble::Unreadable(why) => {
                    let look = format!("run `git -C {} status` and do as it says", declared.path);
                    (why, look)
                }
                Trouble::Unfetched(why) => (why, Trouble::FETCH.to_owned()),
                _ => return None,
            };
            Some(Told::of(id, format!("`{id}` can not be read: {why}")).mend(mend))
        })
        .collect()
}
