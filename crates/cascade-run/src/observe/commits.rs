//! Which commits rules judge.

use cascade_plan::{Changelog, ObservedPackage, ObservedRepo, Oid};

use super::files::MANIFEST;
use crate::checkout::{CommitId, History, Lost, git_oid};

/// How many commits are judged, the newest first.
const ENOUGH: usize = 1_000;
/// How many tags of a package are asked for, the highest first.
const ASKED: usize = 64;

/// Returns the commits of `head` that come after `base`, newest first; without one those that no
/// release has, and where `head` itself is released, those of its release.
pub(super) fn range(
    repo: &ObservedRepo,
    head: CommitId,
    base: Option<&Oid>,
    history: &mut History<'_>,
) -> Result<Vec<CommitId>, Lost> {
    let mut range = match base.and_then(git_oid) {
        Some(base) => history.parted(head, base)?.left,
        None if repo.commits.is_empty() => since_release(repo, head, history)?,
        None => {
            let unreleased = repo.commits.iter().filter_map(|it| git_oid(&it.id));
            return Ok(unreleased.take(ENOUGH).collect());
        }
    };
    let time = |number: &usize| history.commit(*number).map(|(_, it)| it.time);
    range.sort_by_key(|it| std::cmp::Reverse(time(it)));
    let commit = |number: usize| history.commit(number).map(|(id, _)| id);
    Ok(range.into_iter().filter_map(commit).take(ENOUGH).collect())
}

/// Returns the commits of `head` since the nearest release below it; of several packages' releases
/// the nearest counts.
fn since_release(
    repo: &ObservedRepo,
    head: CommitId,
    history: &mut History<'_>,
) -> Result<Vec<usize>, Lost> {
    let mut nearest: Option<Vec<usize>> = None;
    for package in &repo.packages {
        if let Some((_, since)) = release_below((repo, package), head, history)?
            && nearest.as_ref().is_none_or(|it| since.len() < it.len())
        {
            nearest = Some(since);
        }
    }
    Ok(nearest.unwrap_or_default())
}

/// Returns the tag of a package's highest final version that lies below `head` and is not it, and the
/// commits since.
pub(super) fn release_below(
    (repo, package): (&ObservedRepo, &ObservedPackage),
    head: CommitId,
    history: &mut History<'_>,
) -> Result<Option<(String, Vec<usize>)>, Lost> {
    let finals = package.versions(&repo.tags);
    let mut below: Vec<_> = finals
        .filter(|(version, _)| version.is_final())
        .filter_map(|(version, tag)| Some((version, tag, git_oid(&tag.commit)?)))
        .filter(|(.., commit)| *commit != head)
        .collect();
    below.sort_by(|a, b| b.0.cmp(&a.0));
    for (_, tag, commit) in below.into_iter().take(ASKED) {
        if history.number(commit).is_err() {
            continue;
        }
        let parted = history.parted(head, commit)?;
        if parted.contained {
            return Ok(Some((tag.name.clone(), parted.left)));
        }
    }
    Ok(None)
}

/// Returns the changelog as the nearest release below `head` had it, with the tag of that release.
pub(super) fn released_changelog(
    repo: &ObservedRepo,
    head: CommitId,
    history: &mut History<'_>,
) -> Result<Option<(String, Changelog)>, Lost> {
    let (Some(now), Some(package)) = (&repo.changelog, repo.root_package()) else {
        return Ok(None);
    };
    let Some((tag, _)) = release_below((repo, package), head, history)? else {
        return Ok(None);
    };
    let commit = repo.tags.iter().find(|it| it.name == tag);
    let commit = commit.and_then(|it| git_oid(&it.commit));
    let text = commit.and_then(|it| history.file(it, &now.path, MANIFEST));
    let text = text.and_then(|it| String::from_utf8(it).ok());
    Ok(text.map(|text| {
        let (path, text) = (now.path.clone(), text.into());
        (tag, Changelog { path, text })
    }))
}
