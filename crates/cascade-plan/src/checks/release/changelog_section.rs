//! The changelog says nothing of a release.

use cascade_manifest::release_sections;

use super::rank;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "changelog-section",
    "the changelog says nothing of a release",
    check,
);

/// Finds releases without a section, or with an empty one. A changelog without any section of a
/// release is kept in another way, and not judged.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, declared, seen, _) in view.with_releases() {
        let Some(changelog) = &seen.changelog else {
            continue;
        };
        let sections = release_sections(&changelog.text);
        let Some(hit) = seen.root_package().and_then(|it| it.reachable.as_ref()) else {
            continue;
        };
        let version = hit.version.to_string();
        let section = sections.iter().find(|it| it.version == version);
        let what = match section {
            _ if sections.is_empty() => continue,
            Some(section) if !section.is_empty() => continue,
            Some(_) => format!("the section of {version}, which is `{}`, is empty", hit.tag),
            None => format!("there is no section of {version}, which is `{}`", hit.tag),
        };
        let told = Told::of(id, what).at(&changelog.path, section.map(|it| it.line));
        let mend = "write what changed for those who use it".to_owned();
        found.push(told.mend(mend).ranked(rank(declared)));
    }
    found
}
