//! release-please's manifest names a version that was never tagged.

use super::manifest::versions;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "release-please-stuck",
    "a release of release-please was merged, and never tagged",
    check,
);

/// Finds packages of which the manifest names a version above every tag.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, declared, seen, audit) in view.with_releases() {
        for it in versions(seen, audit) {
            // Without any tag, they were perhaps only not fetched.
            let mut tags = it.package.versions(&seen.tags).peekable();
            if tags.peek().is_none() || tags.any(|(version, _)| version >= it.version) {
                continue;
            }
            let what = format!(
                "release-please's manifest says {} of `{}`, and there is no such tag",
                it.version, it.package.name
            );
            let mend = format!(
                "git -C {} fetch --tags; where it is not out, look for a merged request that is still \
                 labelled `autorelease: pending`, and run release-please's workflow again",
                declared.path
            );
            found.push(Told::of(id, what).at(it.file, Some(it.line)).mend(mend));
        }
    }
    found
}
