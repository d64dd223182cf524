//! Packages of one repository that can only move together.

use cascade_manifest::{Form, Kind, Move, Source, Version};

use super::{PackageSurvey, PinSurvey, RepoSurvey, Survey};
use crate::PackageId;

/// Returns the moves of what its upstream binds to a package that moves in a lock: of each one that
/// is free to, because the lock holds it in the same version and nothing beside it pins it.
pub(crate) fn along(
    survey: &Survey,
    package: &PackageId,
    (held, moving): (&str, &Move),
    is_free: impl Fn(&PackageSurvey) -> bool,
) -> Vec<Move> {
    let mut packages = survey.repos.get(&package.repo).into_iter();
    let known = packages.find_map(|repo| repo.packages.iter().find(|it| it.id == *package));
    let parsed = |text: &str| Version::parse(known?.ecosystem.scheme, text);
    let (Some(from), Some(to)) = (parsed(held), parsed(&moving.to)) else {
        return Vec::new();
    };
    let bound = siblings(survey, package, (&from, &to)).filter(|it| is_free(it));
    let moves = bound.map(|it| Move {
        name: it.id.name.clone(),
        ..moving.clone()
    });
    moves.collect()
}

/// Returns the packages of the same repository that have to move when this one moves from one
/// version to another: a pin inside the repository binds them to one of the two.
fn siblings<'a>(
    survey: &'a Survey,
    package: &'a PackageId,
    (from, to): (&'a Version, &'a Version),
) -> impl Iterator<Item = &'a PackageSurvey> {
    let repo = survey.repos.get(&package.repo);
    let others = repo.into_iter().flat_map(move |repo| {
        let bound = move |it: &&PackageSurvey| is_bound(repo, it, (from, to));
        repo.packages.iter().filter(bound)
    });
    others.filter(move |it| it.id != *package && it.id.ecosystem == package.ecosystem)
}

fn is_bound(repo: &RepoSurvey, package: &PackageSurvey, versions: (&Version, &Version)) -> bool {
    let mut pins = repo.pins.iter();
    pins.any(|it| it.upstream == package.id && binds(it, versions))
}

/// Returns whether a pin admits only one of two versions; a workspace's own form is published as an
/// exact one.
fn binds(pin: &PinSurvey, (from, to): (&Version, &Version)) -> bool {
    if pin.auxiliary || pin.kind == Kind::Dev {
        return false;
    }
    let Some(ecosystem) = pin.ecosystem else {
        return false;
    };
    let admits = |it| ecosystem.grammar.admits(&pin.requirement, it) == Ok(true);
    match (&pin.form, &pin.source) {
        (Form::Range, _) => !(admits(from) && admits(to)),
        (_, Some(Source::Workspace)) => true,
        _ => false,
    }
}
