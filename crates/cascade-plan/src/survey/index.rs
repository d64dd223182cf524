//! Which package of the family has which name.

use std::collections::BTreeMap;

use cascade_manifest::Ecosystem;

use crate::{ObservedPackage, PackageId, RepoId, Snapshot};

/// Every package of the family, by ecosystem and canonical name.
pub(super) struct Index<'a> {
    packages: BTreeMap<(&'static str, String), Vec<(&'a RepoId, &'a ObservedPackage)>>,
    repos: BTreeMap<&'a RepoId, &'a [ObservedPackage]>,
}

impl<'a> Index<'a> {
    /// Returns the index of a snapshot.
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let mut packages: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (repo, seen) in &snapshot.repos {
            for package in &seen.packages {
                let name = (package.ecosystem.canonical)(&package.name).into_owned();
                let claims = packages.entry((package.ecosystem.name, name)).or_default();
                claims.push((repo, package));
            }
        }
        let repos = snapshot
            .repos
            .iter()
            .map(|(id, seen)| (id, seen.packages.as_slice()))
            .collect();
        Self { packages, repos }
    }

    /// Returns the package of this name; where several repositories claim it, that of `home`,
    /// else the first.
    pub(super) fn find(
        &self,
        ecosystem: &Ecosystem,
        name: &str,
        home: &RepoId,
    ) -> Option<(&'a RepoId, &'a ObservedPackage)> {
        let name = (ecosystem.canonical)(name).into_owned();
        let claims = self.packages.get(&(ecosystem.name, name))?;
        let own = claims.iter().find(|(repo, _)| *repo == home);
        own.or_else(|| claims.first()).copied()
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

/// Returns the id of a package.
pub(super) fn id_of(repo: &RepoId, package: &ObservedPackage) -> PackageId {
    PackageId {
        repo: repo.clone(),
        ecosystem: package.ecosystem.name.to_owned(),
        name: package.name.clone(),
    }
}
