//! What people decided about findings: ignored, as bad as they say, or accepted for a while.

use globset::GlobMatcher;

use super::family::{waiver_expired, waiver_unused};
use crate::day::day_of;
use crate::{
    Finding, Graph, ObservedRepo, RepoId, Scope, Severity, Snapshot, Waived, Waiver, path_pattern,
};

/// Findings, after what people decided about them.
pub(crate) struct Verdict {
    /// What is left to mend.
    pub(crate) standing: Vec<Finding>,
    /// What somebody accepts for a while.
    pub(super) waived: Vec<Waived>,
}

/// Returns what people's decisions leave of the findings, and what there is to say of the decisions.
pub(crate) fn pass(graph: &Graph, snapshot: &Snapshot, found: Vec<Finding>) -> Verdict {
    let today = day_of(snapshot.taken);
    let own = graph.repos().values().flat_map(|it| &it.check.waivers);
    let waivers = own.chain(&graph.check().waivers);
    let mut reaches: Vec<Reach<'_>> = waivers.map(Reach::of).collect();
    let mut verdict = Verdict {
        standing: Vec::new(),
        waived: Vec::new(),
    };
    for mut finding in found {
        let (code, repo) = (finding.code.0, finding.repo.as_ref());
        let Some(severity) = weight(graph, repo, code, finding.severity) else {
            continue;
        };
        finding.severity = severity;
        let mut accepts = None;
        for reach in reaches.iter_mut().filter(|it| it.covers(&finding)) {
            reach.used = true;
            accepts = accepts.or((today <= reach.waiver.until).then_some(reach.waiver));
        }
        match accepts.cloned() {
            Some(waiver) => verdict.waived.push(Waived { finding, waiver }),
            None => verdict.standing.push(finding),
        }
    }
    let told = reaches.iter().filter_map(|it| {
        if today > it.waiver.until {
            return Some(waiver_expired::finding(it.waiver));
        }
        // What was not looked at was not found either.
        let unused = !it.used && it.was_looked_at(snapshot);
        unused.then(|| waiver_unused::finding(it.waiver))
    });
    verdict.standing.extend(told);
    verdict
}

/// Returns how bad a finding of a rule is by what was declared; `None` where the rule is not looked at.
pub(crate) fn weight(
    graph: &Graph,
    repo: Option<&RepoId>,
    code: &str,
    own: Severity,
) -> Option<Severity> {
    let declared = repo.and_then(|it| graph.repo(it)).map(|it| &it.check);
    let decided = || declared.into_iter().chain([graph.check()]);
    if decided().any(|it| it.ignore.contains(&code)) {
        return None;
    }
    let said = decided().find_map(|it| it.severity.get(code));
    Some(said.copied().unwrap_or(own))
}

/// What a waiver accepts.
struct Reach<'a> {
    waiver: &'a Waiver,
    /// What its places are matched by; `None` where it means any, or is written so that none matches.
    path: Option<GlobMatcher>,
    /// Whether it accepts anything that was found.
    used: bool,
}

impl<'a> Reach<'a> {
    fn of(waiver: &'a Waiver) -> Self {
        let pattern = waiver.path.as_deref();
        Self {
            waiver,
            path: pattern.and_then(|it| path_pattern(it).ok()),
            used: false,
        }
    }

    fn covers(&self, finding: &Finding) -> bool {
        let Waiver {
            codes, repo, path, ..
        } = self.waiver;
        let there = || {
            let place = finding.place.as_ref().zip(self.path.as_ref());
            place.is_some_and(|(place, it)| it.is_match(&place.path))
        };
        codes.contains(&finding.code.0)
            && (repo.is_none() || *repo == finding.repo)
            && (path.is_none() || there())
    }

    /// Returns whether every repository that it means was looked at by the rules.
    fn was_looked_at(&self, snapshot: &Snapshot) -> bool {
        let looked = |it: &ObservedRepo| {
            let audit = it.audit.as_ref();
            audit.is_some_and(|it| it.scope == Scope::Everything)
        };
        match &self.waiver.repo {
            Some(repo) => snapshot.repos.get(repo).is_some_and(looked),
            None => snapshot.repos.values().all(looked),
        }
    }
}
