//! What is new and what is gone since the observation before.

use std::collections::BTreeSet;

use cascade_plan::drift::{Change, Drift, DriftFinding, Gone};

use super::words::{day, names, prose, repo_of, severity};
use crate::page::{Page, count};
use crate::report::age;
use crate::report::markup::{Slug, Text};

/// How many stand open; the rest can be unfolded.
const OPEN: usize = 8;

/// Adds what changed.
pub(super) fn write(page: &mut Page, drift: &Drift) {
    page.line("<div class=\"change\"><h3>Since last time</h3>");
    let Some(change) = &drift.change else {
        page.line("<p class=\"dim\">There is no earlier observation to compare with.</p></div>");
        return;
    };
    page.line(format!(
        "<p>Compared with {}: {} new, {} gone, {} as before.</p>",
        day(change.against),
        change.new.len(),
        change.gone.len(),
        change.still
    ));
    let ids: BTreeSet<&str> = change.new.iter().map(String::as_str).collect();
    let new = drift.findings.iter();
    let new: Vec<String> = new
        .filter(|it| ids.contains(it.id.as_str()))
        .map(appeared)
        .collect();
    list(page, "New", &new);
    let names = names(drift);
    let gone: Vec<String> = change
        .gone
        .iter()
        .map(|it| left(it, change, &names))
        .collect();
    list(page, "Gone", &gone);
    page.line("</div>");
}

/// Returns a finding that is new, as a link to its row.
fn appeared(finding: &DriftFinding) -> String {
    let repo = finding.repo.as_deref().map(|it| format!("{} ", Text(it)));
    format!(
        "{} <a href=\"#finding-{}\">{}{}</a>",
        severity(finding.severity),
        Slug(&finding.id),
        repo.unwrap_or_default(),
        Text(&finding.code),
    ) + &format!(": {}", prose(&finding.what))
}

/// Returns a finding that is no more, with how long it was there.
fn left(gone: &Gone, change: &Change, names: &BTreeSet<&str>) -> String {
    let name = gone
        .repo
        .as_deref()
        .map(|it| format!("{} ", repo_of(names, it)));
    let stood = gone.since.map(|it| change.against.saturating_sub(it));
    let stood = stood.map(|it| format!(", after {}", age(it)));
    format!(
        "{} {}<code>{}</code>{}",
        severity(gone.severity),
        name.unwrap_or_default(),
        Text(&gone.code),
        stood.unwrap_or_default()
    )
}

/// Adds a list of which the first few stand open.
fn list(page: &mut Page, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    page.line(format!("<h4>{title}</h4>"));
    let (open, rest) = items.split_at(items.len().min(OPEN));
    bullets(page, open);
    if !rest.is_empty() {
        let more = count(rest.len(), "more", "more");
        page.line(format!("<details><summary>{more}</summary>"));
        bullets(page, rest);
        page.line("</details>");
    }
}

fn bullets(page: &mut Page, items: &[String]) {
    page.line("<ul class=\"list\">");
    for item in items {
        page.line(format!("<li>{item}"));
    }
    page.line("</ul>");
}
