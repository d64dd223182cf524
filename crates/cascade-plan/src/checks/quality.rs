//! The rules about quality gates: what a repository's own commands came to.

mod advisory;
mod advisory_waiver_expired;
mod quality_failed;
mod quality_missed;

use super::{Check, Told, View};
use crate::quality::{Verdict, verdicts};
use crate::shell::word;
use crate::{Finding, Measurement, RepoDeclaration, RepoId, Severity};

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &advisory::CHECK,
    &advisory_waiver_expired::CHECK,
    &quality_failed::CHECK,
    &quality_missed::CHECK,
];

/// What tells of the verdict on one gate of a repository.
type Tell = fn(&Home<'_>, &Verdict<'_>) -> Vec<Told>;

/// The rules, each with what it tells of a verdict.
static TELL: &[(&Check, Tell)] = &[
    (&advisory::CHECK, advisory::tell),
    (
        &advisory_waiver_expired::CHECK,
        advisory_waiver_expired::tell,
    ),
    (&quality_failed::CHECK, quality_failed::tell),
    (&quality_missed::CHECK, quality_missed::tell),
];

/// Where a gate is declared.
struct Home<'a> {
    id: &'a RepoId,
    declared: &'a RepoDeclaration,
}

impl Home<'_> {
    /// Tells something of a gate: it blocks where the gate is critical, and warns elsewhere.
    fn told(&self, verdict: &Verdict<'_>, what: &str) -> Told {
        let severity = if verdict.gate.critical {
            Severity::Block
        } else {
            Severity::Warn
        };
        let name = &verdict.gate.name;
        Told::of(self.id, format!("`{name}`: {what}")).ranked(severity)
    }

    /// Returns the command that runs a gate's own again.
    fn again(&self, verdict: &Verdict<'_>) -> String {
        let words: Vec<String> = verdict.gate.run.iter().map(|it| word(it)).collect();
        let line = words.join(" ");
        format!("cd {} && {line}", self.declared.path)
    }
}

/// Returns what one rule tells of every gate that was run.
fn told(view: &View<'_>, tell: Tell) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, declared, _, audit) in view.audited() {
        let Some(measured) = &audit.quality else {
            continue;
        };
        let home = Home { id, declared };
        let verdicts = verdicts(declared, measured, view.snapshot.taken);
        all.extend(verdicts.iter().flat_map(|it| tell(&home, it)));
    }
    all
}

/// Returns what the rules find in what the gates of one repository came to, the worst first.
pub(crate) fn findings(
    (id, declared): (&RepoId, &RepoDeclaration),
    measured: &[Measurement],
    now: i64,
) -> Vec<Finding> {
    let home = Home { id, declared };
    let verdicts = verdicts(declared, measured, now);
    let each = |verdict| {
        let all = TELL.iter();
        all.flat_map(|(check, tell)| tell(&home, verdict).into_iter().map(|it| it.finding(check)))
            .collect::<Vec<Finding>>()
    };
    let mut found: Vec<Finding> = verdicts.iter().flat_map(each).collect();
    found.sort_by(|a, b| (b.severity, a).cmp(&(a.severity, b)));
    found
}
