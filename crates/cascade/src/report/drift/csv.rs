//! Findings as CSV (RFC 4180), a row each, for tables. No cell begins a formula.

use cascade_plan::drift::{Drift, DriftFinding, News};

use super::{day, days};
use crate::report::findings::severity;
use crate::shown::Shown;

/// Returns the findings, a row each, below a row of names.
pub(crate) fn csv(drift: &Drift) -> String {
    const HEAD: [&str; 13] = [
        "id", "code", "severity", "repo", "tag", "path", "line", "what", "since", "days", "owners",
        "news", "mend",
    ];
    let mut text = line(HEAD.map(str::to_owned));
    for finding in &drift.findings {
        text.push_str(&line(cells(drift, finding)));
    }
    text
}

fn cells(drift: &Drift, it: &DriftFinding) -> [String; 13] {
    let (_, word) = severity(it.severity);
    let news = match it.news {
        News::New => "new",
        News::Still => "still",
    };
    [
        it.id.clone(),
        it.code.clone(),
        word.trim_end().to_owned(),
        it.repo.clone().unwrap_or_default(),
        it.tag.clone().unwrap_or_default(),
        it.path.clone().unwrap_or_default(),
        it.line.map(|it| it.to_string()).unwrap_or_default(),
        it.what.clone(),
        it.since.map(day).unwrap_or_default(),
        it.since
            .map(|it| days(drift, it).to_string())
            .unwrap_or_default(),
        it.owners.join(" "),
        news.to_owned(),
        it.mend.clone().unwrap_or_default(),
    ]
}

fn line(cells: [String; 13]) -> String {
    let cells = cells.map(|it| cell(&it));
    format!("{}\r\n", cells.join(","))
}

/// Returns foreign text as one cell: quoted where it has to be, and with an apostrophe before what a
/// spreadsheet would take for a formula (OWASP's list: `= + - @`, tab, return).
pub(super) fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = Shown(text).to_string();
    let text = if formula { format!("'{text}") } else { text };
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}
