//! What is known of each package: its level, its evidence, whether a release is pending.

use cascade_manifest::Version;

use super::{PackageSurvey, index::id_of};
use crate::{Commit, ObservedPackage, ObservedRepo, RepoId, VersionSource, read_level};

/// Returns what is known of the packages of a repository.
pub(super) fn packages_of(id: &RepoId, seen: &ObservedRepo) -> Vec<PackageSurvey> {
    let packages = seen.packages.iter();
    packages.map(|it| package_of(id, seen, it)).collect()
}

/// Returns the commits that a package has not released yet, newest first.
fn since<'a>(
    seen: &'a ObservedRepo,
    package: &'a ObservedPackage,
) -> impl Iterator<Item = &'a Commit> {
    package.since.iter().filter_map(|at| seen.commits.get(*at))
}

fn package_of(id: &RepoId, seen: &ObservedRepo, package: &ObservedPackage) -> PackageSurvey {
    let (level, evidence, _) = read_level(since(seen, package));
    PackageSurvey {
        id: id_of(id, package),
        ecosystem: package.ecosystem,
        manifest: package.manifest.clone(),
        version: package.version.clone(),
        source: package.source,
        template: package.template.clone(),
        tag_format: package.tag_format,
        latest: package.latest.clone(),
        retracted: package.retracted.clone(),
        reachable: package.reachable.clone(),
        announced: package.announced.clone(),
        since: package.since.len(),
        level,
        evidence: evidence.into(),
        pending: is_pending(package),
    }
}

/// Returns whether the static version stands above the latest tag, or has no tag at all yet.
fn is_pending(package: &ObservedPackage) -> bool {
    if package.source != VersionSource::Static {
        return false;
    }
    let parse = |text: &String| Version::parse(package.ecosystem.scheme, text);
    let Some(version) = package.version.as_ref().and_then(parse) else {
        return false;
    };
    let latest = package.latest.as_ref();
    latest.is_none_or(|it| version > it.version)
}
