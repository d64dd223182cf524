//! What the rules find of pushed tags: the same as `cascade check --ref` finds of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Audit, Finding, Graph, JudgedTag, ObservedRepo, RepoId, Snapshot, survey};

/// Returns what the rules find of each of these tags, with its name. What they find of a repository
/// without tags is none of a tag's.
pub fn tag_findings(graph: &Graph, repo: &RepoId, tags: Vec<JudgedTag>) -> Vec<(String, Finding)> {
    let of = |tags: Vec<JudgedTag>| {
        let audit = Some(Box::new(Audit {
            tags,
            ..Audit::default()
        }));
        let seen = ObservedRepo {
            audit,
            ..ObservedRepo::default()
        };
        let repos = BTreeMap::from([(repo.clone(), seen)]);
        let mut survey = survey(graph, &Snapshot { taken: 0, repos });
        let found = survey.repos.remove(repo).map(|it| it.findings);
        found.into_iter().flatten().collect::<BTreeSet<Finding>>()
    };
    let usual = of(Vec::new());
    let found = tags.into_iter().flat_map(|tag| {
        let name = tag.name.clone();
        let its: Vec<Finding> = of(vec![tag]).difference(&usual).cloned().collect();
        its.into_iter().map(move |it| (name.clone(), it))
    });
    found.collect()
}
