//! The manifest at a tag says another version than the tag. Elsewhere it may.

use crate::checks::{Check, Told, View};
use cascade_manifest::Version;

use crate::{ObservedRepo, PackageSurvey, VersionSource};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "version-mismatch",
    "a tag and the manifest at it say two versions",
    check,
);

/// Finds tags at the head whose manifest says another version.
fn check(view: &View<'_>) -> Vec<Told> {
    view.packages()
        .filter_map(|(id, package)| {
            let text = package.version.as_deref()?;
            if package.source != VersionSource::Static {
                return None;
            }
            let said = Version::parse(package.ecosystem.scheme, text);
            let seen = view.snapshot.repos.get(id)?;
            if seen.dirty {
                // What the files say is not what the commit says.
                return None;
            }
            let tags = at_head(seen, package);
            if tags.iter().any(|(_, it)| said.as_ref() == Some(it)) {
                return None;
            }
            let (tag, _) = tags.iter().max_by(|a, b| a.1.cmp(&b.1))?;
            let what = format!(
                "`{}` stands at the tag `{tag}`, and its manifest says {text}",
                package.id.name
            );
            let told = Told::of(id, what).at(&package.manifest, None);
            Some(told.mend(format!(
                "never move the tag: `cascade release --repo {id}=patch` makes the next one"
            )))
        })
        .collect()
}

/// Returns the version tags of a package at the head: a commit may carry several.
fn at_head<'a>(seen: &'a ObservedRepo, package: &PackageSurvey) -> Vec<(&'a str, Version)> {
    let here = seen
        .tags
        .iter()
        .filter(|it| Some(&it.commit) == seen.head.as_ref());
    here.filter_map(|tag| {
        let text = package.template.version(&tag.name)?;
        Some((
            tag.name.as_str(),
            Version::parse(package.ecosystem.scheme, text)?,
        ))
    })
    .collect()
}
