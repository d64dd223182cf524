//! A glance at the latest release of each package: does the tag say what the manifest said?
//!
//! It reads one or two files of a tag's commit, where the whole judgement reads all of them and its
//! history.

use std::collections::BTreeMap;
use std::sync::Arc;

use cascade_plan::{
    JudgedTag, ManifestFile, ObservedPackage, ObservedRepo, RepoDeclaration, TagClaim, TagHit,
    TrackedFiles, VersionSource, packages_of,
};

use super::Look;
use super::files::{Files as _, MANIFEST, Stored};
use super::judged::{kind, standing};
use super::tree::{format_of, read_manifest};
use crate::checkout::{Blob, CommitId, History, Objects, Refs, git_oid, oid};

/// How a plain file is kept.
const PLAIN: u32 = 0o100_644;

/// Returns the latest tag of each package, with what its manifest said there where a file says it. Of
/// branches, twins and history nothing is said.
pub(super) fn latest_tags(
    declared: &RepoDeclaration,
    look: &Look,
    (refs, repo): (&Refs<'_>, &ObservedRepo),
    (objects, history): (&Objects<'_>, &mut History<'_>),
) -> Vec<JudgedTag> {
    let tags = refs.below("refs/tags/");
    let mut judged: BTreeMap<&str, JudgedTag> = BTreeMap::new();
    for package in &repo.packages {
        let Some(hit) = package.highest() else {
            continue;
        };
        let Some(object) = tags.get(&hit.tag) else {
            continue;
        };
        let Some(id) = oid(*object) else { continue };
        let tag = judged.entry(&hit.tag).or_insert_with(|| JudgedTag {
            name: hit.tag.clone(),
            standing: standing(&look.published, &hit.tag, &id),
            object: id,
            kind: kind(objects, *object),
            commit: Some(hit.commit.clone()),
            holds: Arc::default(),
            files: Arc::new(TrackedFiles::default()),
            claims: Vec::new(),
            here: BTreeMap::new(),
            branches: BTreeMap::new(),
            default_branch: None,
            shallow: repo.shallow,
        });
        let Some(then) = at(declared, objects, history, (package, hit)) else {
            continue;
        };
        let holds = Arc::make_mut(&mut tag.holds);
        tag.claims.push(TagClaim {
            package: holds.packages.len(),
            version: hit.version.clone(),
            twins: Vec::new(),
            contained: None,
            highest: None,
        });
        holds.packages.push(then);
    }
    judged.into_values().collect()
}

/// Returns a package as the files of its release said it; `None` where no file says the version, or it
/// was called otherwise then.
fn at(
    declared: &RepoDeclaration,
    objects: &Objects<'_>,
    history: &mut History<'_>,
    (package, hit): (&ObservedPackage, &TagHit),
) -> Option<ObservedPackage> {
    if package.source != VersionSource::Static {
        return None;
    }
    let commit: CommitId = git_oid(&hit.commit)?;
    let tree = history.tree(commit).ok()?;
    let blob = |path: &str| {
        let id = objects.at(tree, path)?;
        Some((path.to_owned(), Blob { mode: PLAIN, id }))
    };
    let said = package.version_at.as_ref().map(|(path, _)| path.as_str());
    let paths = [Some(package.manifest.as_str()), said];
    let blobs: BTreeMap<String, Blob> = paths.into_iter().flatten().filter_map(blob).collect();
    let manifests = blobs
        .keys()
        .filter_map(|it| Some((it.clone(), format_of(it)?)));
    let manifests: Vec<_> = manifests.collect();
    let mut files = Stored::new(objects, blobs);
    let mut manifests: Vec<ManifestFile> = manifests
        .into_iter()
        .map(|(path, (ecosystem, format))| read_manifest(&mut files, path, ecosystem, format))
        .collect();
    let mut read = |path: &str| Some(files.text(path, MANIFEST).ok()?.into());
    let packages = packages_of(declared, &mut manifests, &mut read);
    let is_it = |it: &ObservedPackage| it.manifest == package.manifest && it.name == package.name;
    let then = packages.into_iter().find(is_it)?;
    let said = |it: &&ManifestFile| {
        then.version_at
            .as_ref()
            .is_some_and(|(at, _)| *at == it.path)
    };
    let manifest = manifests.iter().find(said).map(|it| Arc::clone(&it.text));
    Some(ObservedPackage {
        template: package.template.clone(),
        version_text: then.version_text.clone().or(manifest),
        ..then
    })
}
