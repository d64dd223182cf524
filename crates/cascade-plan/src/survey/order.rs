//! One order for all: declared needs and the pins that order a release, together.

use std::collections::{BTreeMap, BTreeSet};

use cascade_manifest::Level;

use super::{PinSurvey, RepoSurvey, Survey};
use crate::graph::order_of;
use crate::{Graph, RepoId, Severity};

/// Returns the survey with its order, waves and upstreams; declared needs alone order where the
/// union with the pins runs in a circle.
pub(super) fn ordered(graph: &Graph, repos: BTreeMap<RepoId, RepoSurvey>) -> Survey {
    let nodes: BTreeSet<RepoId> = graph.repos().keys().cloned().collect();
    let upstreams = union(graph, &repos);
    let mut survey = Survey {
        repos,
        ..Survey::default()
    };
    match order_of(&nodes, &upstreams) {
        Ok((order, waves)) => {
            (survey.order, survey.waves, survey.upstreams) = (order, waves, upstreams);
            survey
        }
        Err(circle) => {
            survey.circle = circle;
            by_needs(graph, &nodes, survey)
        }
    }
}

/// Returns the survey in the order of the declared needs, which run in no circle.
fn by_needs(graph: &Graph, nodes: &BTreeSet<RepoId>, mut survey: Survey) -> Survey {
    survey.upstreams = union(graph, &BTreeMap::new());
    let declared = order_of(nodes, &survey.upstreams);
    let alone = || {
        let order = graph.order().to_vec();
        (
            order.clone(),
            order.into_iter().map(|it| vec![it]).collect(),
        )
    };
    (survey.order, survey.waves) = declared.unwrap_or_else(|_| alone());
    survey
}

/// Returns who stands on whom.
fn union(graph: &Graph, repos: &BTreeMap<RepoId, RepoSurvey>) -> BTreeMap<RepoId, Vec<RepoId>> {
    let mut all = BTreeMap::new();
    for (id, declared) in graph.repos() {
        let needs = declared.needs.iter().map(|it| it.repo.clone());
        let mut on: BTreeSet<RepoId> = needs.collect();
        if let Some(repo) = repos.get(id) {
            on.extend(edges_of(id, repo).map(|pin| pin.upstream.repo.clone()));
        }
        all.insert(id.clone(), on.into_iter().collect());
    }
    all
}

/// Returns the pins of a repository that order it after another one.
pub(crate) fn edges_of<'a>(
    id: &'a RepoId,
    repo: &'a RepoSurvey,
) -> impl Iterator<Item = &'a PinSurvey> {
    repo.pins
        .iter()
        .filter(move |it| it.orders() && it.upstream.repo != *id)
}

/// Finds, for each repository, the upstreams whose own commits ask for a release, or that have a
/// finding which keeps them from one: a release would have to wait for those.
pub(super) fn find_blockers(survey: &mut Survey) {
    let busy: BTreeSet<RepoId> = survey
        .repos
        .iter()
        .filter(|(_, repo)| {
            repo.packages.iter().any(|it| it.level > Level::None)
                || repo
                    .findings
                    .iter()
                    .any(|it| it.severity == Severity::Block)
        })
        .map(|(id, _)| id.clone())
        .collect();
    for (id, repo) in &mut survey.repos {
        let on = survey.upstreams.get(id).into_iter().flatten();
        repo.blocked_by = on.filter(|it| busy.contains(it)).cloned().collect();
    }
}
