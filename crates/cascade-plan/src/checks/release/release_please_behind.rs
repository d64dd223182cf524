//! release-please's manifest names an older version than a tag.

use std::cmp::Ordering;

use super::manifest::versions;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "release-please-behind",
    "release-please's manifest is behind the tags",
    check,
);

/// Finds packages whose highest tag below the head is above what the manifest names.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, _, seen, audit) in view.with_releases() {
        for it in versions(seen, audit) {
            let Some(hit) = &it.package.reachable else {
                continue;
            };
            if it.version.cmp(&hit.version) != Ordering::Less {
                continue;
            }
            let what = format!(
                "release-please's manifest says {} of `{}`, and `{}` is out",
                it.version, it.package.name, hit.tag
            );
            let mend = format!(
                "set \"{}\" to \"{}\" there: the next release would take a number that is used",
                it.path, hit.version
            );
            found.push(Told::of(id, what).at(it.file, Some(it.line)).mend(mend));
        }
    }
    found
}
