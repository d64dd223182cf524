//! A new tag is below the latest version, and on no branch that is for such versions.

use std::collections::BTreeSet;

use super::allowed;
use crate::RepoId;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "tag-below-latest",
    "a new tag is below the latest version, on a branch that is not for that",
    check,
);

/// Finds new tags below the latest version whose commit only the main branch contains. Of a tag that
/// is out nobody can tell what was the latest when it was made.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    let new: BTreeSet<(&RepoId, &str)> = view
        .tags()
        .filter(|(.., tag)| tag.is_new())
        .map(|(id, _, _, tag)| (id, tag.name.as_str()))
        .collect();
    for (id, declared, seen, tag) in view.tags() {
        if !tag.is_new() || tag.branches.is_empty() {
            continue;
        }
        let branches = allowed(declared, seen, tag);
        let mut containing = tag.branches.iter().filter(|it| *it.1);
        if containing.any(|(branch, _)| !branches.is_main(branch)) {
            continue;
        }
        let below = tag.released().find_map(|(package, claim)| {
            // What its commit contains is told by another rule.
            let highest = claim.highest.as_ref().filter(|_| claim.contained.is_none());
            // Many that are pushed at once were not made one after another.
            let highest = highest.filter(|it| !new.contains(&(id, it.tag.as_str())));
            Some((package, highest.filter(|it| it.version > claim.version)?))
        });
        if let Some((package, highest)) = below {
            let what = format!(
                "`{}` is below `{}`, the latest of `{}`, and on no branch for older versions",
                tag.name, highest.tag, package.name
            );
            let mend = format!(
                "take a version above {}, or add a pattern of the branch to `branch` of [repo.{id}]",
                highest.version
            );
            all.push(Told::tag(id, tag, what).mend(mend));
        }
    }
    all
}
