//! What the rules find of pushed tags: the same as `cascade check --ref` finds of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Audit, Finding, Graph, JudgedTag, ObservedRepo, RepoId, Snapshot, survey};

/// Returns what the rules find of each of these tags, with its name; `seen` is what is known of the
/// repository's branches, `now` the day by which waivers hold.
pub fn tag_findings(
    graph: &Graph,
    (repo, seen): (&RepoId, &ObservedRepo),
    now: i64,
    tags: Vec<JudgedTag>,
) -> Vec<(String, Finding)> {
    let audit = Audit {
        tags,
        ..Audit::default()
    };
    let seen = ObservedRepo {
        audit: Some(Box::new(audit)),
        ..seen.clone()
    };
    let repos = BTreeMap::from([(repo.clone(), seen)]);
    let snapshot = Snapshot {
        taken: now,
        repos,
        ..Snapshot::default()
    };
    let mut survey = survey(graph, &snapshot);
    let found = survey.repos.remove(repo).map(|it| it.findings);
    let found: BTreeSet<Finding> = found.into_iter().flatten().collect();
    let named = found.into_iter().map(|it| (it.tag.clone(), it));
    named.filter_map(|(tag, it)| Some((tag?, it))).collect()
}
