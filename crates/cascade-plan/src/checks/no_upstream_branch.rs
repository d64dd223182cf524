//! The branch checked out follows none of the remote.

use super::{Told, View};

/// Finds branches without an upstream.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    let found = view.seen().filter(|(_, _, seen)| {
        seen.trouble.is_none() && seen.branch.is_some() && seen.ahead.is_none()
    });
    found
        .map(|(id, declared, _)| {
            Told::of(id, format!("the branch of `{id}` follows none of a remote"))
                .mend(format!("git -C {} push -u origin HEAD", declared.path))
        })
        .collect()
}
