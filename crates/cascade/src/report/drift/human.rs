//! Drift for people, on a terminal.

use cascade_plan::drift::{Drift, DriftFinding, News};

use super::{age, news, place, unreleased, verdict};
use crate::page::{DIM, Page, STRONG, WARN, count, paint};
use crate::report::findings::severity;
use crate::report::table::{Column, table};
use crate::shown::Shown;
use cascade_plan::Severity;

/// The rule about work that was never released.
const UNRELEASED_CODE: &str = "unreleased";
/// How many places of a rule are shown; of one that is only worth knowing fewer.
const SHOWN: usize = 12;
const CALM: usize = 3;

const UNRELEASED: &[Column] = &[
    Column::kept("UNRELEASED"),
    Column::kept("LEVEL"),
    Column::kept("COMMITS"),
    Column::kept("SINCE"),
    Column::leaves("NEWEST", 1),
];

const ADOPTION: &[Column] = &[
    Column::kept("TAKES UP"),
    Column::kept("PACKAGE"),
    Column::kept("RELEASES"),
    Column::kept("DAYS"),
    Column::kept("P90"),
    Column::leaves("RELEASES LATE", 1),
];

/// Returns the report for a terminal of this width; `None` wraps nothing.
pub(crate) fn human(drift: &Drift, width: Option<usize>) -> String {
    let mut page = Page::default();
    let head = format!("{}: {}", Shown(&drift.workspace), verdict(drift));
    page.line(paint(STRONG, head));
    if let Some(news) = news(drift) {
        page.line(news);
    }
    write_findings(&mut page, drift);
    write_unreleased(&mut page, drift, width);
    write_adoption(&mut page, drift, width);
    write_mend(&mut page, drift);
    page.finish()
}

/// Adds the findings, grouped by rule, the worst group first.
fn write_findings(page: &mut Page, drift: &Drift) {
    // What is not released has a table of its own below.
    let told = drift
        .findings
        .iter()
        .filter(|it| it.code != UNRELEASED_CODE);
    let mut sorted: Vec<&DriftFinding> = told.collect();
    // The findings of one rule stay in their order: the oldest first.
    sorted.sort_by_key(|it| (std::cmp::Reverse(it.severity), &it.code));
    for group in sorted.chunk_by(|a, b| (a.severity, &a.code) == (b.severity, &b.code)) {
        let Some(first) = group.first() else { continue };
        page.gap();
        let (style, word) = severity(first.severity);
        let many = count(group.len(), "place", "places");
        let (code, many) = (paint(STRONG, &first.code), paint(DIM, many));
        page.line(format!("{}  {code}  {many}", paint(style, word)));
        let most = if first.severity == Severity::Info {
            CALM
        } else {
            SHOWN
        };
        let shown = group.len().min(most);
        write_group(page, drift, group.get(..shown).unwrap_or(group));
        if shown < group.len() {
            let more = group.len() - shown;
            let line = format!("  and {more} more: `--out drift.md` has all of them");
            page.line(paint(DIM, line));
        }
    }
}

/// Adds the findings of one rule; those that one command mends share it.
fn write_group(page: &mut Page, drift: &Drift, group: &[&DriftFinding]) {
    let mut at = group.iter().peekable();
    while let Some(finding) = at.next() {
        page.line(format!("  {}", line(drift, finding)));
        let same = at.peek().is_some_and(|next| next.mend == finding.mend);
        if let Some(mend) = finding.mend.as_deref().filter(|_| !same) {
            page.line(format!("    {} {}", paint(DIM, "mend:"), Shown(mend)));
        }
    }
}

/// Returns a finding in a line: where, what, since when, whose.
fn line(drift: &Drift, finding: &DriftFinding) -> String {
    let place = place(finding);
    let place = if place.is_empty() {
        ""
    } else {
        &format!("{place}: ")
    };
    let mut words = format!("{}{}", Shown(place), Shown(&finding.what));
    let mut notes = Vec::new();
    let age = age(drift, finding.since);
    if !age.is_empty() {
        notes.push(age);
    }
    notes.extend(finding.owners.iter().map(|it| Shown(it).to_string()));
    if finding.accepted {
        notes.push("in the baseline".to_owned());
    }
    if !notes.is_empty() {
        words = format!("{words}  {}", paint(DIM, notes.join(", ")));
    }
    if finding.news == News::New && drift.change.is_some() {
        words = format!("{}  {words}", paint(WARN, "new"));
    }
    words
}

/// Adds a row for every repository whose commits ask for a release, the oldest first.
fn write_unreleased(page: &mut Page, drift: &Drift, width: Option<usize>) {
    let rows: Vec<Vec<String>> = unreleased(drift)
        .into_iter()
        .map(|repo| {
            let open = &repo.unreleased;
            let first = open.subjects.first().map_or("", String::as_str);
            vec![
                Shown(&repo.name).to_string(),
                open.level.to_string(),
                open.commits.to_string(),
                age(drift, open.since),
                Shown(first).to_string(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    page.gap();
    page.line(table(UNRELEASED, &rows, width));
    page.line(format!(
        "  {} cascade release --repo REPO",
        paint(DIM, "mend:")
    ));
}

/// Adds how fast releases are taken up, the slowest first.
fn write_adoption(page: &mut Page, drift: &Drift, width: Option<usize>) {
    let mut slow: Vec<_> = drift.adoption.iter().collect();
    slow.sort_by(|a, b| b.days.median.total_cmp(&a.days.median));
    let rows: Vec<Vec<String>> = slow
        .into_iter()
        .map(|it| {
            vec![
                Shown(&it.downstream).to_string(),
                Shown(&it.package).to_string(),
                it.releases.to_string(),
                format!("{:.1}", it.days.median),
                format!("{:.1}", it.days.p90),
                format!("{:.1}", it.behind.median),
            ]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    page.gap();
    page.line(table(ADOPTION, &rows, width));
}

/// Adds what would mend every pin.
fn write_mend(page: &mut Page, drift: &Drift) {
    if drift.mend.is_empty() {
        return;
    }
    let moves: usize = drift.mend.iter().map(|it| it.moves.len()).sum();
    page.gap();
    page.line(format!(
        "{} moves {} in {}; {} shows it",
        paint(STRONG, "cascade bump"),
        count(moves, "pin or lock", "pins and locks"),
        count(drift.mend.len(), "repository", "repositories"),
        paint(STRONG, "cascade bump --dry-run"),
    ));
}
