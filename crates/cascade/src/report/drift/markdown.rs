//! Drift as Markdown: for an issue, a page or a message.

use cascade_plan::drift::{Drift, DriftFinding, News};

use super::{age, day, news, place, unreleased, verdict};
use crate::page::{Page, count};
use crate::report::findings::severity;
use crate::report::graph::{Picture, mermaid};
use crate::report::markdown::{cell, code, row, rule};

/// How many edges are drawn at most.
const EDGES: usize = 120;

/// Returns the report as Markdown.
pub(crate) fn markdown(drift: &Drift) -> String {
    let mut page = Page::default();
    page.line(format!("# {}: {}", cell(&drift.workspace), verdict(drift)));
    page.gap();
    let day = day(drift.taken);
    page.line(match news(drift) {
        Some(news) => format!("As of {day}; {news}."),
        None => format!("As of {day}."),
    });
    write_findings(&mut page, drift);
    write_unreleased(&mut page, drift);
    write_adoption(&mut page, drift);
    write_mend(&mut page, drift);
    write_picture(&mut page, drift);
    page.finish()
}

/// Adds the picture as Mermaid, which forges draw, unless it would be too big to be read.
fn write_picture(page: &mut Page, drift: &Drift) {
    if drift.edges.is_empty() || drift.edges.len() > EDGES {
        return;
    }
    page.gap();
    page.line("## Who stands on whom");
    page.gap();
    let picture = mermaid(&Picture::of_drift(drift));
    page.line(format!("```mermaid\n{picture}```"));
}

fn write_findings(page: &mut Page, drift: &Drift) {
    if drift.findings.is_empty() {
        return;
    }
    page.gap();
    page.line("## What has drifted");
    page.gap();
    let head = [
        "severity", "rule", "where", "what", "since", "owner", "mend",
    ];
    page.line(row(head.map(str::to_owned)));
    page.line(rule(head.len()));
    for finding in &drift.findings {
        page.line(row(cells(drift, finding)));
    }
}

fn cells(drift: &Drift, finding: &DriftFinding) -> [String; 7] {
    let (_, word) = severity(finding.severity);
    let new = finding.news == News::New && drift.change.is_some();
    let mark = if new { " (new)" } else { "" };
    let owners: Vec<String> = finding.owners.iter().map(|it| cell(it)).collect();
    [
        format!("{}{mark}", word.trim_end()),
        code(&finding.code),
        cell(&place(finding)),
        cell(&finding.what),
        age(drift, finding.since),
        owners.join(" "),
        finding.mend.as_deref().map(code).unwrap_or_default(),
    ]
}

fn write_unreleased(page: &mut Page, drift: &Drift) {
    let repos = unreleased(drift);
    if repos.is_empty() {
        return;
    }
    page.gap();
    page.line("## Unreleased");
    page.gap();
    let head = ["repository", "level", "commits", "since", "newest"];
    page.line(row(head.map(str::to_owned)));
    page.line(rule(head.len()));
    for repo in repos {
        let open = &repo.unreleased;
        page.line(row([
            cell(&repo.name),
            open.level.to_string(),
            open.commits.to_string(),
            age(drift, open.since),
            cell(open.subjects.first().map_or("", String::as_str)),
        ]));
    }
}

fn write_adoption(page: &mut Page, drift: &Drift) {
    if drift.adoption.is_empty() {
        return;
    }
    page.gap();
    page.line("## How fast releases are taken up");
    page.gap();
    let head = [
        "repository",
        "package",
        "releases",
        "days, median",
        "days, 90 %",
    ];
    page.line(row(head.map(str::to_owned)));
    page.line(rule(head.len()));
    for it in &drift.adoption {
        page.line(row([
            cell(&it.downstream),
            cell(&it.package),
            it.releases.to_string(),
            format!("{:.1}", it.days.median),
            format!("{:.1}", it.days.p90),
        ]));
    }
}

fn write_mend(page: &mut Page, drift: &Drift) {
    if drift.mend.is_empty() {
        return;
    }
    page.gap();
    page.line("## What mends the pins");
    page.gap();
    let many = count(drift.mend.len(), "repository", "repositories");
    page.line(format!("`cascade bump` changes {many}, upstream first:"));
    page.gap();
    for step in &drift.mend {
        let moves: Vec<String> = step.moves.iter().map(|it| code(it)).collect();
        page.line(format!("- {}: {}", cell(&step.repo), moves.join(", ")));
    }
}
