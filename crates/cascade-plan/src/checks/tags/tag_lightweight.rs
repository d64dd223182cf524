//! A version tag is lightweight: it says neither who made it, nor when, nor why.

use super::{again, tag_by_hand, told};
use crate::checks::{Check, Told, View};
use crate::{Severity, TagKind};

/// The rule.
pub(crate) static CHECK: Check =
    Check::block("tag-lightweight", "a version tag is lightweight", check);

/// Finds lightweight version tags; those that are out, or that release-please makes, are only told of.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, declared, _, tag) in view.tags() {
        if tag.kind != TagKind::Lightweight || tag.claims.is_empty() {
            continue;
        }
        let what = format!("`{}` is a lightweight tag", tag.name);
        let mut found = told(id, tag, Severity::Info, what);
        if tag_by_hand::is_release_pleases(declared, tag) {
            found = found.ranked(Severity::Info);
        }
        let first = format!("use `git tag -a {}` or `cascade tag`", tag.name);
        all.push(found.mend(again(id, tag, &first)));
    }
    all
}
