//! `cascade.check/1`: the findings as JSON, in types of its own.

use cascade_plan::{RepoId, Severity};
use serde::Serialize;

use super::{Located, quality};
use crate::report::Known;

/// What was found.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Check<'a> {
    schema: &'static str,
    workspace: &'a str,
    findings: Vec<Row<'a>>,
    /// What somebody accepts for a while.
    waived: Vec<Waived<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quality: Vec<quality::Row<'a>>,
}

/// A finding that somebody accepts for a while.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Waived<'a> {
    code: &'a str,
    repo: Option<&'a RepoId>,
    what: &'a str,
    reason: &'a str,
    /// The last day on which it is accepted.
    until: String,
}

/// One finding.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row<'a> {
    code: &'a str,
    severity: Severity,
    repo: Option<&'a RepoId>,
    tag: Option<&'a str>,
    path: &'a str,
    line: Option<usize>,
    what: &'a str,
    mend: Option<&'a str>,
}

/// Returns the findings for machines.
pub(crate) fn json<'a>(known: Known<'a>, found: &'a [Located<'a>]) -> Check<'a> {
    let row = |it: &'a Located<'a>| Row {
        code: it.finding.code.0,
        severity: it.finding.severity,
        repo: it.finding.repo.as_ref(),
        tag: it.finding.tag.as_deref(),
        path: &it.path,
        line: it.line,
        what: &it.finding.what,
        mend: it.finding.mend.as_deref(),
    };
    let waived = |it: &'a cascade_plan::Waived| Waived {
        code: it.finding.code.0,
        repo: it.finding.repo.as_ref(),
        what: &it.finding.what,
        reason: &it.waiver.reason,
        until: it.waiver.until.to_string(),
    };
    Check {
        schema: "cascade.check/1",
        workspace: known.graph.name(),
        findings: found.iter().map(row).collect(),
        waived: known.waived().map(waived).collect(),
        quality: quality::rows(known),
    }
}
