//! The edges that pins give: who has to be released before whom.

use std::collections::{BTreeMap, BTreeSet};

use cascade_manifest::Kind;

use crate::{PinSurvey, RepoId, Survey};

/// The edges of a draft: no circle among them.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// What each repository stands on.
    pub(super) needs: BTreeMap<RepoId, BTreeSet<RepoId>>,
    /// The edges that would have closed a circle, by downstream, each with its place.
    pub(super) left_out: BTreeMap<RepoId, Vec<(RepoId, String)>>,
}

/// Returns the pin that orders each edge, the strongest kind of it.
pub(super) fn ordering(survey: &Survey) -> BTreeMap<(&RepoId, &RepoId), &PinSurvey> {
    let mut edges: BTreeMap<(&RepoId, &RepoId), &PinSurvey> = BTreeMap::new();
    for (repo, surveyed) in &survey.repos {
        let pins = surveyed.pins.iter().filter(|it| it.orders());
        for pin in pins.filter(|it| it.upstream.repo != *repo) {
            let known = edges.entry((repo, &pin.upstream.repo)).or_insert(pin);
            if pin.kind < known.kind {
                *known = pin;
            }
        }
    }
    edges
}

/// Returns the edges; of those that run in a circle, the weaker kind is left out.
pub(super) fn derive(survey: &Survey) -> Edges {
    let mut edges = Edges::default();
    let mut by_strength: Vec<(Kind, &RepoId, &RepoId, &PinSurvey)> = ordering(survey)
        .into_iter()
        .map(|((repo, up), pin)| (pin.kind, repo, up, pin))
        .collect();
    by_strength.sort_by_key(|(kind, repo, up, _)| (*kind, *repo, *up));
    for (_, repo, up, pin) in by_strength {
        if edges.stands_on(up, repo) {
            let place = format!("{}:{}", pin.manifest, pin.line);
            let left = edges.left_out.entry(repo.clone()).or_default();
            left.push((up.clone(), place));
        } else {
            let needs = edges.needs.entry(repo.clone()).or_default();
            needs.insert(up.clone());
        }
    }
    edges
}

impl Edges {
    fn stands_on(&self, repo: &RepoId, other: &RepoId) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![repo];
        while let Some(at) = open.pop() {
            if at == other {
                return true;
            }
            if seen.insert(at) {
                open.extend(self.needs.get(at).into_iter().flatten());
            }
        }
        false
    }
}
