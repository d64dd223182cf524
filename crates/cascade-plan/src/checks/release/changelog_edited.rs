//! What the changelog says of a release is no longer what it said when that was made.

use cascade_manifest::{ReleaseSection, release_sections};

use super::rank;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "changelog-edited",
    "the changelog says something else of a release than it did",
    check,
);

/// Finds sections of releases that changed or vanished after their release.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, declared, seen, audit) in view.audited() {
        let (Some(now), Some((tag, then))) = (&seen.changelog, &audit.released_changelog) else {
            continue;
        };
        let sections = release_sections(&now.text);
        for old in release_sections(&then.text) {
            let new = sections.iter().find(|it| it.version == old.version);
            if new.is_some_and(|it| words(it) == words(&old)) {
                continue;
            }
            let what = match new {
                Some(_) => "is no longer what it was",
                None => "is gone",
            };
            let what = format!("what is said of {} {what} at `{tag}`", old.version);
            let told = Told::of(id, what).at(&now.path, new.map(|it| it.line));
            let mend = format!(
                "git -C {} diff {tag} -- {}: bring it back, and tell of the mistake in the next release",
                declared.path, now.path
            );
            found.push(told.mend(mend).ranked(rank(declared)));
        }
    }
    found
}

/// Returns what a section says, without links and space: links move with every release.
fn words<'t>(section: &ReleaseSection<'t>) -> Vec<&'t str> {
    let lines = section.body.lines().map(str::trim);
    let is_link = |it: &str| it.starts_with('[') && it.contains("]:");
    lines.filter(|it| !it.is_empty() && !is_link(it)).collect()
}
