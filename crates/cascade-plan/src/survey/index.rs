//! Which package of the family has which name.

use std::collections::BTreeMap;

use cascade_manifest::deploy::{Reference, respelled};
use cascade_manifest::{Ecosystem, Version};

use super::deploys::tag_in;
use super::packages::packages_of;
use super::pins::pins_of;
use super::status::version_of_tag;
use crate::{Graph, ObservedPackage, Oid, PackageId, RepoId, RepoSurvey, Snapshot};

/// A package and the repository that claims it.
type Claim<'a> = (&'a RepoId, &'a ObservedPackage);

/// Claims by ecosystem and name.
type Claims<'a> = BTreeMap<(&'static str, String), Vec<Claim<'a>>>;

/// Every package of the family by its names: what pins are judged against.
pub struct Index<'a> {
    snapshot: &'a Snapshot,
    /// By canonical name.
    packages: Claims<'a>,
    /// By the name without its major version, where names are import paths.
    stems: Claims<'a>,
    repos: BTreeMap<&'a RepoId, &'a [ObservedPackage]>,
}

/// A package that a name stands for.
pub(super) struct Found<'a> {
    pub(super) repo: &'a RepoId,
    pub(super) package: &'a ObservedPackage,
    pub(super) by: By,
}

/// How a name finds its package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// It is the package's own.
    Name,
    /// It is that of another major version of the package.
    Stem,
    /// It lies below the package's: of all such packages the nearest is meant.
    Prefix,
}

impl<'a> Index<'a> {
    /// Returns the index of a snapshot.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let (mut packages, mut stems) = (Claims::new(), Claims::new());
        for (repo, seen) in &snapshot.repos {
            for package in &seen.packages {
                let ecosystem = package.ecosystem;
                let name = (ecosystem.canonical)(&package.name);
                if let Some(paths) = ecosystem.paths {
                    let stem = (paths.stem)(&name).to_owned();
                    let claims = stems.entry((ecosystem.name, stem)).or_default();
                    claims.push((repo, package));
                }
                let name = (ecosystem.name, name.into_owned());
                let claims = packages.entry(name).or_default();
                claims.push((repo, package));
            }
        }
        let repos = snapshot
            .repos
            .iter()
            .map(|(id, seen)| (id, seen.packages.as_slice()))
            .collect();
        Self {
            snapshot,
            packages,
            stems,
            repos,
        }
    }

    /// Returns what is known of the packages and pins of a declared repository; nothing of one that
    /// was not seen. Repositories do not depend on one another here, so whoever has threads judges
    /// them side by side.
    pub fn judge(&self, graph: &Graph, id: &RepoId) -> RepoSurvey {
        let seen = self.snapshot.repos.get(id);
        let Some((declared, seen)) = graph.repo(id).zip(seen) else {
            return RepoSurvey::default();
        };
        RepoSurvey {
            packages: packages_of(id, seen),
            pins: pins_of(id, declared, seen, self),
            ..RepoSurvey::default()
        }
    }

    /// Returns the package that a name stands for; where several repositories claim it, that of
    /// `home`, else the first. An import path may also name another major version of a package, or
    /// what lies below one: the longest known path wins.
    pub(super) fn find(
        &self,
        ecosystem: &Ecosystem,
        name: &str,
        home: &RepoId,
    ) -> Option<Found<'a>> {
        let name = (ecosystem.canonical)(name);
        if let Some(found) = claim(&self.packages, (ecosystem, &name), home, By::Name) {
            return Some(found);
        }
        let paths = ecosystem.paths?;
        let whole = Some(&*name);
        let mut above = std::iter::successors(whole, |it| Some(it.rsplit_once('/')?.0));
        above.find_map(|at| {
            let by = if at == name { By::Stem } else { By::Prefix };
            let stem = (ecosystem, (paths.stem)(at));
            claim(&self.packages, (ecosystem, at), home, by)
                .or_else(|| claim(&self.stems, stem, home, by))
        })
    }

    /// Returns the latest version of a package that is not taken back and that is taken: mostly that
    /// of its latest tag.
    pub(super) fn latest(
        &self,
        found: &Found<'_>,
        is_taken: impl Fn(&Version) -> bool,
    ) -> Option<Version> {
        let package = found.package;
        let latest = &package.latest.as_ref()?.version;
        if is_taken(latest) {
            return Some(latest.clone());
        }
        let tags = &self.snapshot.repos.get(found.repo)?.tags;
        let versions = package.versions(tags).map(|(version, _)| version);
        let fit = |it: &Version| it.is_final() && !package.is_retracted(it) && is_taken(it);
        versions.filter(|it| it < latest && fit(it)).max()
    }

    /// Returns the package of a repository whose versions stand for what a reference names.
    pub(super) fn delivering(&self, repo: &RepoId, it: &Reference) -> Option<&'a ObservedPackage> {
        let seen = self.snapshot.repos.get(repo)?;
        seen.delivering(it.kind, &it.name, tag_in(&it.version))
    }

    /// Returns the version of a package whose tag stands at a commit, the highest of several.
    pub(super) fn version_at(
        &self,
        repo: &RepoId,
        package: &ObservedPackage,
        commit: &Oid,
    ) -> Option<Version> {
        let tags = &self.snapshot.repos.get(repo)?.tags;
        let there = package.versions(tags).filter(|it| it.1.commit == *commit);
        there.map(|it| it.0).max()
    }

    /// Returns the highest released version of a package that the text before a variant names, as
    /// `1.4.2` in `1.4.2-alpine`; `None` where there is none, or the whole is a version of its own.
    pub(super) fn varied(
        &self,
        repo: &RepoId,
        package: &ObservedPackage,
        (text, bare): (&str, &str),
    ) -> Option<Version> {
        let tags = &self.snapshot.repos.get(repo)?.tags;
        let whole = version_of_tag(text, &package.template, package.ecosystem.scheme);
        let mut highest = None;
        for (version, tag) in package.versions(tags) {
            if tag.name == text || whole.as_ref() == Some(&version) {
                return None;
            }
            if version.is_final() && respelled(bare, &version).as_deref() == Some(bare) {
                highest = highest.max(Some(version));
            }
        }
        highest
    }

    /// Returns the package of this name in a repository; its first one where none is named.
    pub(super) fn package(&self, repo: &RepoId, name: Option<&str>) -> Option<&'a ObservedPackage> {
        let packages = self.repos.get(repo)?;
        let Some(name) = name else {
            return packages.first();
        };
        packages
            .iter()
            .find(|it| (it.ecosystem.canonical)(&it.name) == (it.ecosystem.canonical)(name))
    }
}

/// Returns the package claimed under a name, that of `home` where several are.
fn claim<'a>(
    claims: &Claims<'a>,
    (ecosystem, name): (&Ecosystem, &str),
    home: &RepoId,
    by: By,
) -> Option<Found<'a>> {
    let claims = claims.get(&(ecosystem.name, name.to_owned()))?;
    let own = claims.iter().find(|(repo, _)| *repo == home);
    let (repo, package) = own.or_else(|| claims.first()).copied()?;
    Some(Found { repo, package, by })
}

/// Returns the id of a package.
pub(super) fn id_of(repo: &RepoId, package: &ObservedPackage) -> PackageId {
    PackageId {
        repo: repo.clone(),
        ecosystem: package.ecosystem.name.to_owned(),
        name: package.name.clone(),
    }
}
