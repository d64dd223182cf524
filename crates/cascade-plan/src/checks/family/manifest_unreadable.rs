//! A manifest or lock is not of its format.

use crate::checks::{Check, Told, View};
use cascade_manifest::Spot;

use crate::RepoId;

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "manifest-unreadable",
    "a manifest or lock can not be read",
    check,
);

/// Finds manifests and locks that are not of their format, at the line.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen) in view.seen() {
        for file in &seen.manifests {
            let Err(error) = &file.read else { continue };
            let line = error
                .span
                .as_ref()
                .map(|it| Spot::of(&file.text, it.start).line);
            told.push(unreadable(id, &file.path, line, &error.message));
        }
        for lock in &seen.locks {
            let Err(error) = &lock.read else { continue };
            told.push(unreadable(id, &lock.path, None, &error.message));
        }
    }
    told
}

fn unreadable(id: &RepoId, path: &str, line: Option<usize>, why: &str) -> Told {
    Told::of(id, format!("`{path}` can not be read: {why}"))
        .at(path, line)
        .mend(format!("mend `{path}` in `{id}`"))
}
