//! The report of one moment.

use std::collections::{BTreeMap, BTreeSet};

use super::edges::edges;
use super::findings::findings;
use super::missed::latest;
use super::owners::Owners;
use super::{Drift, DriftFinding, DriftRepo, Mark, MendStep, SCHEMA, SUBJECTS, Unreleased};
use crate::{
    Action, Commit, Graph, ObservedRepo, PinFate, PinStatus, Plan, RepoId, RepoSurvey, Severity,
    Snapshot, Step, Survey,
};

impl Drift {
    /// Returns what has drifted, by what was seen and what it comes to. Of what was before it knows
    /// nothing yet, and of what would mend it neither.
    pub fn of(graph: &Graph, snapshot: &Snapshot, survey: &Survey) -> Self {
        let audit = |id| snapshot.repos.get(id).and_then(|it| it.audit.as_deref());
        let owners: BTreeMap<&RepoId, Owners> = graph
            .repos()
            .iter()
            .map(|(id, declared)| (id, Owners::of(Some(declared), audit(id))))
            .collect();
        let findings = findings(graph, snapshot, survey, &owners);
        let repos = survey.order.iter();
        let mark = mark(snapshot, survey, &findings);
        Self {
            schema: SCHEMA.to_owned(),
            workspace: graph.name().to_owned(),
            taken: snapshot.taken,
            repos: repos
                .filter_map(|id| repo(graph, snapshot, survey, (id, owners.get(id)?)))
                .collect(),
            edges: edges(graph, snapshot, survey),
            findings,
            change: None,
            trend: vec![mark],
            adoption: Vec::new(),
            mend: Vec::new(),
        }
    }

    /// Leaves only what is of these repositories, and of none.
    pub fn only(&mut self, repos: &BTreeSet<String>) {
        self.repos.retain(|it| repos.contains(&it.name));
        self.edges
            .retain(|it| repos.contains(&it.upstream) || repos.contains(&it.downstream));
        self.findings
            .retain(|it| it.repo.as_ref().is_none_or(|it| repos.contains(it)));
        self.adoption.retain(|it| repos.contains(&it.downstream));
        if let Some(change) = &mut self.change {
            let left: BTreeSet<&str> = self.findings.iter().map(|it| it.id.as_str()).collect();
            change.new.retain(|it| left.contains(it.as_str()));
            change.still = left.len() - change.new.len();
            let is_left = |it: &Option<String>| it.as_ref().is_none_or(|it| repos.contains(it));
            change.gone.retain(|it| is_left(&it.repo));
        }
        self.mend.retain(|it| repos.contains(&it.repo));
    }

    /// Accepts the findings that an earlier report has.
    pub fn accept(&mut self, baseline: &Self) {
        let known: BTreeSet<&str> = baseline.findings.iter().map(|it| it.id.as_str()).collect();
        for finding in &mut self.findings {
            finding.accepted = known.contains(finding.id.as_str());
        }
    }

    /// Adds what a plan would do about it.
    pub fn mended_by(&mut self, plan: &Plan) {
        self.mend = steps(plan);
    }
}

fn repo(
    graph: &Graph,
    snapshot: &Snapshot,
    survey: &Survey,
    (id, owners): (&RepoId, &Owners),
) -> Option<DriftRepo> {
    let (declared, seen) = (graph.repo(id)?, snapshot.repos.get(id)?);
    let judged = survey.repos.get(id)?;
    let mut waves = survey.waves.iter();
    Some(DriftRepo {
        name: id.to_string(),
        path: declared.path.clone(),
        wave: waves.position(|it| it.contains(id)).unwrap_or(0),
        mode: declared.mode,
        owners: owners.of_file(None),
        trouble: seen.trouble.as_ref().map(ToString::to_string),
        branch: seen.branch.clone(),
        latest: latest(snapshot, survey, id),
        unreleased: unreleased(seen, judged),
        committed: seen.audit.as_ref().and_then(|it| it.committed),
    })
}

fn unreleased(seen: &ObservedRepo, judged: &RepoSurvey) -> Unreleased {
    let levels = judged.packages.iter().map(|it| it.level);
    let open: BTreeSet<usize> = seen
        .packages
        .iter()
        .flat_map(|it| &it.since)
        .copied()
        .collect();
    let commits: Vec<&Commit> = open.iter().filter_map(|it| seen.commits.get(*it)).collect();
    let told = commits.iter().filter(|it| !it.merge);
    let subject = |message: &str| message.lines().next().unwrap_or_default().to_owned();
    Unreleased {
        commits: commits.len(),
        level: levels.max().unwrap_or_default(),
        since: commits.iter().map(|it| it.time).min(),
        subjects: told.map(|it| subject(&it.message)).take(SUBJECTS).collect(),
    }
}

/// Returns the observation in numbers.
fn mark(snapshot: &Snapshot, survey: &Survey, findings: &[DriftFinding]) -> Mark {
    let of = |severity: Severity| findings.iter().filter(|it| it.severity == severity).count();
    let pins = || {
        let pins = survey.repos.values().flat_map(|it| &it.pins);
        pins.filter(|it| !it.auxiliary)
    };
    let with = |status: PinStatus| pins().filter(|it| it.status == status).count();
    Mark {
        taken: snapshot.taken,
        block: of(Severity::Block),
        warn: of(Severity::Warn),
        info: of(Severity::Info),
        pins: pins().count(),
        behind: with(PinStatus::Behind),
        excluded: with(PinStatus::Excluded),
        ahead: with(PinStatus::Ahead),
    }
}

/// Returns what changes, repository by repository.
fn steps(plan: &Plan) -> Vec<MendStep> {
    let changing = plan.steps.iter().filter(|it| it.changes());
    changing
        .map(|step| MendStep {
            wave: step.wave,
            repo: step.repo.to_string(),
            moves: pins(step).chain(locks(step)).collect(),
            command: format!("cascade bump --only {}", step.repo),
        })
        .collect()
}

/// Returns the pins that move, a line each.
fn pins(step: &Step) -> impl Iterator<Item = String> {
    step.pins.iter().filter_map(|it| match &it.fate {
        PinFate::Updated(to) => {
            let (file, line, name) = (&it.manifest, it.line, &it.upstream.name);
            Some(format!("{file}:{line} {name} {} -> {to}", it.from))
        }
        PinFate::Kept(_) | PinFate::Refused(_) => None,
    })
}

/// Returns what moves in the locks that are brought in step, a line each.
fn locks(step: &Step) -> impl Iterator<Item = String> {
    let relocked = |file: &String| {
        let mut acts = step.actions.iter();
        acts.any(|it| matches!(it, Action::Relock(it) if it.file == *file))
    };
    let locks = step.locks.iter().filter(move |it| relocked(&it.file));
    locks.flat_map(|lock| {
        lock.moves.iter().map(|it| {
            let from = it.from.as_deref().unwrap_or("nothing");
            format!("{} {} {from} -> {}", lock.file, it.name, it.to)
        })
    })
}
