//! The manifest at a tag says another version than the tag. Elsewhere it may.

use cascade_manifest::Version;

use super::again;
use crate::checks::{Check, Told, View};
use crate::{ObservedRepo, PackageSurvey, VersionSource};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "version-mismatch",
    "a tag and the manifest at it say two versions",
    check,
);

/// Finds tags whose manifests say another version: the judged ones, and those at the head.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = judged(view);
    all.extend(of_heads(view));
    all
}

fn judged(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, _, tag) in view.tags() {
        for (package, claim) in tag.released() {
            let (VersionSource::Static, Some(text)) = (package.source, &package.version) else {
                continue;
            };
            if Version::parse(package.ecosystem.scheme, text).as_ref() == Some(&claim.version) {
                continue;
            }
            let place = package
                .version_at
                .as_ref()
                .map_or(&package.manifest, |it| &it.0);
            let what = format!(
                "`{}` stands at the tag `{}`, and its manifest says {text}",
                package.name, tag.name
            );
            let first = format!("write {} into `{place}`", claim.version);
            all.push(
                Told::tag(id, tag, what)
                    .at(place, None)
                    .mend(again(id, tag, &first)),
            );
        }
    }
    all
}

/// Finds packages at whose head stands a version tag that nobody judged, and none that agrees.
fn of_heads(view: &View<'_>) -> Vec<Told> {
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
            let mut known = seen.audit.iter().flat_map(|it| &it.tags);
            if known.any(|it| it.name == **tag) {
                return None;
            }
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
