//! Findings for people: grouped by kind, the worst first, each with what mends it.

use cascade_plan::{Finding, Severity};

use super::Known;
use crate::page::{BAD, DIM, Page, STRONG, WARN, count, paint};
use crate::shown::Shown;

/// How many places of a group that is only worth knowing are shown.
const CALM: usize = 3;

/// Returns every finding of what is meant, repositories in release order, the workspace's own last.
pub(crate) fn all(known: Known<'_>) -> Vec<&Finding> {
    let survey = known.survey;
    let of = |id| survey.repos.get(id).map_or(&[][..], |it| &it.findings);
    let repos = known.order().flat_map(of);
    repos.chain(known.findings()).collect()
}

/// Returns whether a check fails for these findings: one of them should be mended.
pub(crate) fn fails(findings: &[&Finding]) -> bool {
    findings.iter().any(|it| it.severity >= Severity::Warn)
}

/// Adds findings to a page, grouped by code, the worst group first; of what is only worth knowing the
/// first few, where there is anything else.
pub(crate) fn write(page: &mut Page, findings: &[&Finding]) {
    let groups = groups(findings);
    let calm = if groups.len() == 1 { usize::MAX } else { CALM };
    for group in groups {
        let Some(first) = group.first() else { continue };
        page.gap();
        let (style, word) = severity(first.severity);
        page.line(format!(
            "{}  {}  {}",
            paint(style, word),
            paint(STRONG, first.code.0),
            paint(DIM, count(group.len(), "place", "places"))
        ));
        write_group(page, &group, calm);
    }
}

/// Adds the lines of one group; findings that one command mends share it.
fn write_group(page: &mut Page, group: &[&Finding], calm: usize) {
    let is_calm = group.iter().all(|it| it.severity == Severity::Info);
    let shown = if is_calm {
        group.len().min(calm)
    } else {
        group.len()
    };
    let mut at = group.iter().take(shown).peekable();
    while let Some(finding) = at.next() {
        page.line(format!("  {}", sentence(finding)));
        let same = at.peek().is_some_and(|next| next.mend == finding.mend);
        if let Some(mend) = finding.mend.as_deref().filter(|_| !same) {
            page.line(format!("    {} {}", paint(DIM, "mend:"), Shown(mend)));
        }
    }
    let more = group.len().saturating_sub(shown);
    if more > 0 {
        let code = group.first().map_or("CODE", |it| it.code.0);
        let line = format!("  and {more} more: `cascade check --select {code}` shows them");
        page.line(paint(DIM, line));
    }
}

/// Returns a finding as one line: repository, place, what.
pub(crate) fn sentence(finding: &Finding) -> String {
    let repo = finding.repo.as_ref().map_or("", |it| it.as_str());
    let place = finding.place.as_ref().map(|it| match it.line {
        Some(line) => format!("{}:{line}", it.path),
        None => it.path.clone(),
    });
    let place = place.unwrap_or_default();
    let head: Vec<&str> = [repo, place.as_str()]
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect();
    if head.is_empty() {
        return Shown(&finding.what).to_string();
    }
    format!("{}: {}", Shown(&head.join(" ")), Shown(&finding.what))
}

/// Returns the style and the word of a severity.
pub(crate) fn severity(severity: Severity) -> (anstyle::Style, &'static str) {
    match severity {
        Severity::Block => (BAD, "block"),
        Severity::Warn => (WARN, "warn "),
        Severity::Info => (DIM, "info "),
    }
}

/// Returns the findings by code, the worst first, codes in order.
fn groups<'a>(findings: &[&'a Finding]) -> Vec<Vec<&'a Finding>> {
    let mut sorted: Vec<&Finding> = findings.to_vec();
    sorted.sort_by_key(|it| (std::cmp::Reverse(it.severity), it.code));
    sorted
        .chunk_by(|a, b| (a.severity, a.code) == (b.severity, b.code))
        .map(<[_]>::to_vec)
        .collect()
}
