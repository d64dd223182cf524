//! What Python's backends build at a tag is another version than the tag.

use cascade_manifest::python::{Built, TagAt, built_version};
use cascade_manifest::{Scheme, Version, VersionField};

use super::again;
use crate::checks::{Check, Told, View};
use crate::snapshot::folder_of;
use crate::{JudgedTag, ObservedPackage, TagClaim, TagKind, VersionSource};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "dynamic-version",
    "what is built at a tag is another version",
    check,
);

/// Finds tags at which hatch-vcs or setuptools-scm would build something else.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, _, tag) in view.tags() {
        for (package, claim) in tag.released() {
            let Some(why) = built(tag, package).and_then(|it| differs(it, claim)) else {
                continue;
            };
            let what = format!("at `{}` `{}` {why}", tag.name, package.name);
            let first = format!("mend its settings in `{}`", package.manifest);
            let told = Told::tag(id, tag, what).at(&package.manifest, None);
            all.push(told.mend(again(id, tag, &first)));
        }
    }
    all
}

fn differs(built: Built, claim: &TagClaim) -> Option<String> {
    match built {
        Built::Version(text) => {
            let bare = text.trim_start_matches(['v', 'V']);
            let same = Version::parse(Scheme::Pep440, bare).as_ref() == Some(&claim.version);
            (!same).then(|| format!("would be built as {text}, not {}", claim.version))
        }
        Built::Otherwise(why) => Some(why),
        Built::Unjudged(_) => None,
    }
}

/// Returns what is built of a package at a tag, where git makes its version.
pub(super) fn built(tag: &JudgedTag, package: &ObservedPackage) -> Option<Built> {
    if package.source != VersionSource::Vcs || package.ecosystem.scheme != Scheme::Pep440 {
        return None;
    }
    let mut manifests = tag.holds.manifests.iter();
    let manifest = manifests.find(|it| it.path == package.manifest)?;
    let field = &manifest.read.as_ref().ok()?.package.as_ref()?.version;
    if !matches!(field, VersionField::Vcs(_)) || !package.manifest.ends_with("pyproject.toml") {
        let why = format!(
            "has a version that `{}` makes, which is not simulated",
            package.manifest
        );
        return Some(Built::Unjudged(why));
    }
    let here: Vec<TagAt<'_>> = tag
        .here
        .iter()
        .map(|(name, kind)| TagAt {
            name,
            made: match kind {
                TagKind::Annotated(said) => Some(said.date),
                TagKind::Lightweight => None,
            },
        })
        .collect();
    Some(built_version(
        &manifest.text,
        folder_of(&package.manifest),
        &here,
    ))
}
