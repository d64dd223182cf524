//! The rules about what moves apart over time: siblings, silence, registries, hooks.

mod clone_outdated;
mod digest_stale;
mod hook_missing;
mod image_skewed;
mod image_unpublished;
mod lock_prerelease;
mod pin_skewed;
mod pin_unpublished;
mod pin_yanked;
mod release_untagged;
mod repository_silent;
mod tag_orphan;
mod tag_unpublished;

use cascade_manifest::{Scheme, Version};

use super::{Check, View};
use crate::{Listed, PackageId, RepoId, ShownBeyond};

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &clone_outdated::CHECK,
    &digest_stale::CHECK,
    &hook_missing::CHECK,
    &image_skewed::CHECK,
    &image_unpublished::CHECK,
    &lock_prerelease::CHECK,
    &pin_skewed::CHECK,
    &pin_unpublished::CHECK,
    &pin_yanked::CHECK,
    &release_untagged::CHECK,
    &repository_silent::CHECK,
    &tag_orphan::CHECK,
    &tag_unpublished::CHECK,
];

/// Returns what a registry lists of a package; `None` where none was asked.
fn listed<'a>(view: &View<'a>, package: &PackageId) -> Option<&'a Listed> {
    let audit = view.snapshot.repos.get(&package.repo)?.audit.as_deref()?;
    let mut listed = audit.listed.as_ref()?.iter();
    listed.find(|it| it.package == package.name && it.ecosystem == package.ecosystem)
}

/// Returns what registries show of images and charts, each with its repository.
fn beyond<'a>(view: &View<'a>) -> impl Iterator<Item = (&'a RepoId, &'a ShownBeyond)> {
    let repos = view.snapshot.repos.iter();
    let shown = repos.filter_map(|(id, it)| Some((id, it.audit.as_deref()?.beyond.as_ref()?)));
    shown.flat_map(|(id, all)| all.iter().map(move |it| (id, it)))
}

/// Returns the versions of these texts, as an ecosystem reads them.
fn versions(scheme: Scheme, texts: &[String]) -> impl Iterator<Item = Version> {
    texts
        .iter()
        .filter_map(move |it| Version::parse(scheme, it))
}

/// Returns the command that fetches a repository's tags again.
fn fetch(view: &View<'_>, id: &RepoId) -> String {
    let path = view.graph.repo(id).map_or("", |it| it.path.as_str());
    format!("git -C {path} fetch --tags")
}
