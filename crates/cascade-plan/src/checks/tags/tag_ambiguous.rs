//! Another version tag stands on the same commit, and git makes the version of it.

use cascade_manifest::Scheme;

use crate::checks::{Check, Told, View};
use crate::{JudgedTag, VersionSource};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "tag-ambiguous",
    "two version tags share a commit of which git makes the version",
    check,
);

/// Finds packages whose version git makes at a commit with several of their tags.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, _, tag) in view.tags() {
        if let Some((package, other)) = other(tag) {
            let what = format!(
                "`{}` and `{other}` share a commit, and git makes the version of `{package}`: which of \
                 them is built depends on when they were made",
                tag.name
            );
            let mend = "commit something between two versions, an empty commit at least";
            all.push(Told::tag(id, tag, what).mend(mend.to_owned()));
        }
    }
    all
}

/// Returns a package of the tag, and another tag of it on the same commit.
fn other(tag: &JudgedTag) -> Option<(&str, &str)> {
    let mut released = tag.released().filter(|(package, _)| {
        package.source == VersionSource::Vcs && package.ecosystem.scheme == Scheme::Pep440
    });
    released.find_map(|(package, _)| {
        let mut others = tag.here.keys().filter(|it| **it != tag.name);
        let other = others.find(|it| package.version_of(it).is_some())?;
        Some((package.name.as_str(), other.as_str()))
    })
}
