//! Findings with what drift adds to them: an id that stays, an age, owners.

use std::collections::BTreeMap;

use super::missed::missed;
use super::owners::Owners;
use super::{DriftFinding, News};
use crate::{
    Finding, Graph, ObservedRepo, PinSurvey, RepoId, RepoSurvey, Snapshot, Survey, checks,
};

/// Returns every finding but those that are told on request only, the worst first, then the oldest.
pub(super) fn findings(
    graph: &Graph,
    snapshot: &Snapshot,
    survey: &Survey,
    owners: &BTreeMap<&RepoId, Owners>,
) -> Vec<DriftFinding> {
    let of_repos = survey.repos.values().flat_map(|it| &it.findings);
    let all = of_repos.chain(&survey.findings);
    let mut told = BTreeMap::new();
    let mut found: Vec<DriftFinding> = all
        .filter(|it| !checks::is_on_request(it.code.0))
        .map(|it| DriftFinding {
            id: id(it, &mut told),
            code: it.code.0.to_owned(),
            severity: it.severity,
            repo: it.repo.as_ref().map(ToString::to_string),
            tag: it.tag.clone(),
            path: path(graph, it),
            line: it.place.as_ref().and_then(|it| it.line),
            what: it.what.clone(),
            mend: it.mend.clone(),
            since: since(snapshot, survey, it),
            owners: its_owners(it, owners),
            news: News::New,
            accepted: false,
        })
        .collect();
    let rank = |it: &DriftFinding| {
        let age = it.since.unwrap_or(i64::MAX);
        (
            std::cmp::Reverse(it.severity),
            age,
            it.code.clone(),
            it.repo.clone(),
        )
    };
    found.sort_by_cached_key(rank);
    found
}

/// Returns what names a finding in every run: of its rule, its repository, tag, file and package, and
/// which of several it is; lines, versions and words may change.
fn id(finding: &Finding, told: &mut BTreeMap<String, usize>) -> String {
    let place = finding.place.as_ref().map(|it| it.path.as_str());
    let parts = [
        Some(finding.code.0),
        finding.repo.as_ref().map(RepoId::as_str),
        finding.tag.as_deref(),
        place,
        finding.package.as_deref(),
    ];
    let parts: Vec<&str> = parts.map(Option::unwrap_or_default).into();
    let which = told.entry(parts.join("\0")).or_default();
    *which += 1;
    let which = which.to_string();
    id_of(&[parts.as_slice(), &[&which]].concat())
}

/// Returns the id of what these parts name.
pub(super) fn id_of(parts: &[&str]) -> String {
    let digest = blake3::hash(parts.join("\0").as_bytes());
    digest.to_hex().chars().take(16).collect()
}

/// Returns the file from the workspace's root; of a repository its folder.
fn path(graph: &Graph, finding: &Finding) -> Option<String> {
    let folder = finding.repo.as_ref().and_then(|it| graph.repo(it));
    let folder = folder.map(|it| it.path.as_str()).filter(|it| *it != ".");
    match (folder, &finding.place) {
        (Some(folder), Some(place)) => Some(format!("{folder}/{}", place.path)),
        (None, Some(place)) => Some(place.path.clone()),
        (folder, None) => folder.map(str::to_owned),
    }
}

/// Returns since when something is so, where the family's own history says it.
fn since(snapshot: &Snapshot, survey: &Survey, finding: &Finding) -> Option<i64> {
    let repo = finding.repo.as_ref()?;
    let judged = survey.repos.get(repo)?;
    if finding.code.0 == "unreleased" {
        return oldest(snapshot.repos.get(repo)?, finding.package.as_deref());
    }
    missed(snapshot, pin(judged, finding)?)?.at
}

/// Returns the pin that a finding is about.
fn pin<'a>(judged: &'a RepoSurvey, finding: &Finding) -> Option<&'a PinSurvey> {
    let (package, place) = (finding.package.as_ref()?, finding.place.as_ref()?);
    let mut pins = judged.pins.iter();
    pins.find(|it| {
        let there = it.manifest == place.path && Some(it.line) == place.line;
        there && it.upstream.name == *package
    })
}

/// Returns when the oldest commit was made that a package has not released.
fn oldest(seen: &ObservedRepo, package: Option<&str>) -> Option<i64> {
    let packages = seen.packages.iter();
    let meant = packages.filter(|it| package.is_none_or(|name| it.name == name));
    let commits = meant.flat_map(|it| &it.since);
    commits
        .filter_map(|at| Some(seen.commits.get(*at)?.time))
        .min()
}

fn its_owners(finding: &Finding, owners: &BTreeMap<&RepoId, Owners>) -> Vec<String> {
    let of_repo = finding.repo.as_ref().and_then(|it| owners.get(it));
    let path = finding.place.as_ref().map(|it| it.path.as_str());
    of_repo.map(|it| it.of_file(path)).unwrap_or_default()
}
