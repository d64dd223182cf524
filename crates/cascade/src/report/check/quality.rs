//! What quality gates came to: how many passed, and each with its number.

use std::time::Duration;

use cascade_plan::quality::{Fault, Judged, Score, Verdict, verdicts};
use cascade_plan::{Measure, Measurement, RepoDeclaration, RepoId};
use serde::Serialize;

use crate::report::Known;
use crate::shown::Shown;

/// The gates of one repository.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Row<'a> {
    repo: &'a RepoId,
    passed: usize,
    total: usize,
    critical_passed: usize,
    critical_total: usize,
    seconds: f64,
    gates: Vec<Gate<'a>>,
}

/// One gate.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Gate<'a> {
    name: &'a str,
    critical: bool,
    passed: bool,
    value: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    seconds: f64,
    why: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    advisories: Vec<Advisory>,
}

/// One advisory.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Advisory {
    id: String,
    package: String,
    severity: &'static str,
    counts: bool,
    waived_until: Option<String>,
}

/// Returns the gates that were run, repository by repository.
pub(crate) fn rows(known: Known<'_>) -> Vec<Row<'_>> {
    let measured = known.repos().filter_map(|it| {
        let all = it.seen.audit.as_ref()?.quality.as_ref()?;
        Some((it.id, it.declared, all))
    });
    measured
        .map(|(id, declared, all)| row(id, &verdicts(declared, all, known.snapshot.taken)))
        .collect()
}

/// Returns a line for each repository whose gates were run.
pub(crate) fn lines(known: Known<'_>) -> Vec<String> {
    let measured = known.repos().filter_map(|it| {
        let all = it.seen.audit.as_ref()?.quality.as_ref()?;
        Some(line(it.id, it.declared, all, known.snapshot.taken))
    });
    measured.collect()
}

/// Returns how many gates of a repository passed, and how long they took.
pub(crate) fn line(
    id: &RepoId,
    declared: &RepoDeclaration,
    measured: &[Measurement],
    now: i64,
) -> String {
    let verdicts = verdicts(declared, measured, now);
    let took: Duration = verdicts.iter().map(|it| it.took).sum();
    let score = Score::of(&verdicts);
    format!(
        "{}: {score}, in {:.1} s",
        Shown(id.as_str()),
        took.as_secs_f64()
    )
}

fn row<'a>(repo: &'a RepoId, verdicts: &[Verdict<'a>]) -> Row<'a> {
    let score = Score::of(verdicts);
    let took: Duration = verdicts.iter().map(|it| it.took).sum();
    Row {
        repo,
        passed: score.passed,
        total: score.total,
        critical_passed: score.critical_passed,
        critical_total: score.critical_total,
        seconds: took.as_secs_f64(),
        gates: verdicts.iter().map(gate).collect(),
    }
}

fn gate<'a>(it: &Verdict<'a>) -> Gate<'a> {
    let number = match &it.gate.measure {
        Measure::Number(number) => Some(number),
        Measure::Exit | Measure::Advisories(_) => None,
    };
    Gate {
        name: &it.gate.name,
        critical: it.gate.critical,
        passed: it.passed(),
        value: it.value,
        min: number.and_then(|it| it.min),
        max: number.and_then(|it| it.max),
        seconds: it.took.as_secs_f64(),
        why: it.fault.as_ref().map(why),
        advisories: it.advisories.iter().map(advisory).collect(),
    }
}

fn why(fault: &Fault) -> String {
    match fault {
        Fault::Failed(why) | Fault::Missed(why) => why.clone(),
        Fault::Advisories(many) => format!("{many} advisories block"),
    }
}

fn advisory(it: &Judged) -> Advisory {
    Advisory {
        id: it.advisory.name().to_owned(),
        package: it.advisory.package.clone(),
        severity: it.advisory.rank.word(),
        counts: it.counts(),
        waived_until: it.waiver.as_ref().map(|it| it.0.until.to_string()),
    }
}
