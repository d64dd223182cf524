//! What is refused of the commits that a push brings to a branch that is released: what `commit-msg` and
//! `pre-commit` refuse before a commit is made, for whoever went past them.

use std::collections::BTreeSet;

use crate::checks::policy::protected_path_changed;
use crate::checks::release::commit_unconventional;
use crate::checks::verdict;
use crate::policy::Actor;
use crate::{
    Finding, Graph, JudgedCommit, ObservedRepo, RepoId, Severity, Snapshot, checks, survey,
};

/// Returns what is refused of these commits, in their order; `now` is the day by which waivers hold, and
/// `pusher` the agent that pushes them, where one does. What is declared in `[check]` of the rules
/// `commit-unconventional` and `protected-path-changed` holds here too.
pub fn commit_findings(
    graph: &Graph,
    (repo, now): (&RepoId, i64),
    commits: &[JudgedCommit],
    pusher: Option<&Actor>,
) -> Vec<Finding> {
    let Some(declared) = graph.repo(repo) else {
        return Vec::new();
    };
    let found = commits.iter().flat_map(|it| {
        let message = commit_unconventional::refused(repo, it);
        let paths = protected_path_changed::refused((repo, &declared.policy), it, pusher);
        message.into_iter().chain(paths)
    });
    weighed(graph, now, found.collect())
}

/// Returns how bad it is that a message is no Conventional Commit, by what is declared of the rule
/// `commit-unconventional`; `None` where that is not looked at, or accepted for a while.
pub fn message_severity(graph: &Graph, (repo, now): (&RepoId, i64)) -> Option<Severity> {
    let found = commit_unconventional::of_message(repo);
    let found = weighed(graph, now, vec![found]);
    found.first().map(|it| it.severity)
}

/// Returns what the rules find in some files of a commit or of what is staged, where it should be
/// mended; `seen` is the repository by itself.
pub fn file_findings(
    graph: &Graph,
    (repo, seen): (&RepoId, ObservedRepo),
    now: i64,
    files: &BTreeSet<&str>,
) -> Vec<Finding> {
    let repos = std::collections::BTreeMap::from([(repo.clone(), seen)]);
    let snapshot = Snapshot {
        taken: now,
        repos,
        ..Snapshot::default()
    };
    let mut survey = survey(graph, &snapshot);
    let found = survey.repos.remove(repo).map(|it| it.findings);
    let mut found = found.unwrap_or_default();
    found.retain(|it| is_of_files(it, files));
    found
}

/// Returns whether a finding is one that hooks tell of in one of these files.
pub fn is_of_files(finding: &Finding, files: &BTreeSet<&str>) -> bool {
    // What a tag says of a commit is judged where the tag is pushed.
    let of_tag = finding.code.0 == "version-mismatch" || finding.tag.is_some();
    let place = finding.place.as_ref().filter(|_| !of_tag);
    place.is_some_and(|it| files.contains(it.path.as_str()))
        && finding.severity > Severity::Info
        && !checks::is_on_request(finding.code.0)
}

/// Returns what people's decisions leave of findings.
fn weighed(graph: &Graph, now: i64, found: Vec<Finding>) -> Vec<Finding> {
    let snapshot = Snapshot {
        taken: now,
        ..Snapshot::default()
    };
    // Of no repository it is known what else is found there: nothing is said of waivers.
    let mut standing = verdict::pass(graph, &snapshot, found).standing;
    standing.retain(|it| it.repo.is_some());
    standing
}
