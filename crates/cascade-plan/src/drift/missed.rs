//! The releases that pins missed.

use std::collections::{BTreeMap, BTreeSet};

use cascade_manifest::Version;

use super::{Missed, Released};
use crate::{Audit, PinSurvey, RepoId, RepoSurvey, Snapshot, Survey, Tag};

/// Returns the tags whose dates a report tells, by repository: the latest of every package, and those
/// that some pin missed.
pub fn tags_to_date(
    snapshot: &Snapshot,
    judged: &BTreeMap<RepoId, RepoSurvey>,
) -> BTreeMap<RepoId, BTreeSet<String>> {
    let mut asked: BTreeMap<RepoId, BTreeSet<String>> = BTreeMap::new();
    for (id, repo) in judged {
        let latest = repo.packages.iter().filter_map(|it| it.latest.as_ref());
        let latest: BTreeSet<String> = latest.map(|it| it.tag.clone()).collect();
        if !latest.is_empty() {
            asked.entry(id.clone()).or_default().extend(latest);
        }
    }
    for pin in judged.values().flat_map(|it| &it.pins) {
        let missed = releases(snapshot, pin).into_iter();
        let missed = missed.map(|(_, tag)| tag.name.clone());
        let at = asked.entry(pin.upstream.repo.clone()).or_default();
        at.extend(missed);
    }
    asked
}

/// Returns what a pin missed: of the releases above the version that it names the one that was tagged
/// first, and how many there are; `None` where it missed none.
pub(crate) fn missed(snapshot: &Snapshot, pin: &PinSurvey) -> Option<Missed> {
    let releases = releases(snapshot, pin);
    let audit = snapshot.repos.get(&pin.upstream.repo)?.audit.as_deref();
    let dated = releases
        .iter()
        .map(|(version, tag)| (date(audit, &tag.name), version, tag));
    // A tag without a date comes last; of one date the lowest version.
    let first = dated.min_by_key(|(at, version, _)| (at.is_none(), *at, (*version).clone()))?;
    Some(Missed {
        tag: first.2.name.clone(),
        at: first.0,
        releases: releases.len(),
    })
}

/// Returns the latest releases of a repository's packages.
pub(super) fn latest(snapshot: &Snapshot, survey: &Survey, id: &RepoId) -> Vec<Released> {
    let audit = snapshot.repos.get(id).and_then(|it| it.audit.as_deref());
    let packages = survey.repos.get(id).map_or(&[][..], |it| &it.packages);
    let released = packages.iter().filter_map(|package| {
        let hit = package.latest.as_ref()?;
        Some(Released {
            package: package.id.name.clone(),
            version: hit.version.to_string(),
            tag: hit.tag.clone(),
            commit: Some(hit.commit.clone()),
            at: date(audit, &hit.tag),
        })
    });
    released.collect()
}

/// Returns the final releases between the version that an old pin names and the latest.
fn releases<'a>(snapshot: &'a Snapshot, pin: &PinSurvey) -> Vec<(Version, &'a Tag)> {
    let (Some(named), Some(latest)) = (&pin.named, &pin.latest) else {
        return Vec::new();
    };
    if !pin.status.is_old() {
        return Vec::new();
    }
    let seen = snapshot.repos.get(&pin.upstream.repo);
    let Some((upstream, seen)) = snapshot.package(&pin.upstream).zip(seen) else {
        return Vec::new();
    };
    let all = upstream.versions(&seen.tags);
    let missed = all.filter(|(version, _)| {
        let between = version > named && version <= latest;
        between && version.is_final() && !upstream.is_retracted(version)
    });
    missed.collect()
}

fn date(audit: Option<&Audit>, tag: &str) -> Option<i64> {
    audit?.tagged.get(tag).copied()
}
