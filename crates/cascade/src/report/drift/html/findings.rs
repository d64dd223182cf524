//! The table of findings; a script lets it be sorted and filtered.

use std::collections::{BTreeMap, BTreeSet};

use cascade_plan::drift::{Drift, DriftFinding, News};

use super::words::{mend, prose, repo, severity, severity_word, since};
use crate::page::{Page, count};
use crate::report::graph::Picture;
use crate::report::markup::{Slug, Text};

/// The columns: their keys for sorting, and their titles.
const COLUMNS: [(&str, &str); 5] = [
    ("severity", "Severity"),
    ("code", "Finding"),
    ("repo", "Where"),
    ("age", "Age"),
    ("owner", "Owner"),
];

/// Adds every finding, the worst and oldest first.
pub(super) fn write(page: &mut Page, drift: &Drift, _: &Picture) {
    if drift.findings.is_empty() {
        page.line("<p>Nothing is out of order.</p>");
        return;
    }
    page.line("<form id=\"filters\" class=\"scripted\" role=\"search\" aria-label=\"Filter the findings\"></form>");
    page.line(format!(
        "<p id=\"shown\" role=\"status\" class=\"dim\">{}</p>",
        count(drift.findings.len(), "finding", "findings")
    ));
    page.line(
        "<table class=\"cards\" role=\"table\" aria-labelledby=\"findings-title\"><thead \
         role=\"rowgroup\"><tr role=\"row\">",
    );
    for (key, title) in COLUMNS {
        page.line(format!(
            "<th role=\"columnheader\" scope=\"col\" data-k=\"{key}\">{title}</th>"
        ));
    }
    page.line("</tr></thead><tbody role=\"rowgroup\" id=\"rows\">");
    let places = Places::of(drift);
    for finding in &drift.findings {
        let is_new = finding.news == News::New && drift.change.is_some();
        let news = if is_new { News::New } else { News::Still };
        page.line(row(finding, &places, news, drift.taken));
    }
    page.line("</tbody></table>");
}

/// Which upstreams the pins and locks at a place are about.
struct Places<'a>(BTreeMap<(&'a str, String, Option<usize>), BTreeSet<&'a str>>);

impl<'a> Places<'a> {
    fn of(drift: &'a Drift) -> Self {
        let repos = drift.repos.iter();
        let folders: BTreeMap<&str, &str> = repos.map(|it| (&*it.name, &*it.path)).collect();
        let mut places: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for edge in &drift.edges {
            let repo = edge.downstream.as_str();
            let folder = folders.get(repo).copied().unwrap_or_default();
            let at = |path: &str| match folder {
                "" | "." => path.to_owned(),
                folder => format!("{folder}/{path}"),
            };
            for pin in &edge.pins {
                let lock = pin.lock.as_ref().map(|it| (at(&it.path), it.line));
                let pin = (at(&pin.path), Some(pin.line));
                for (path, line) in lock.into_iter().chain([pin]) {
                    let about = places.entry((repo, path, line)).or_default();
                    about.insert(edge.upstream.as_str());
                }
            }
        }
        Self(places)
    }

    /// Returns the upstreams that a finding is about, as one word each.
    fn about(&self, finding: &'a DriftFinding) -> String {
        let (Some(repo), Some(path)) = (&finding.repo, &finding.path) else {
            return String::new();
        };
        let at = |line| (repo.as_str(), path.clone(), line);
        let found = self
            .0
            .get(&at(finding.line))
            .or_else(|| self.0.get(&at(None)));
        let slugs = found.into_iter().flatten().map(|it| Slug(it).to_string());
        slugs.collect::<Vec<_>>().join(" ")
    }
}

/// Returns a finding as a row.
fn row(finding: &DriftFinding, places: &Places<'_>, news: News, now: i64) -> String {
    let id = Slug(&finding.id);
    let news = match news {
        News::New => (" data-n", " <b class=\"new\">new</b>"),
        News::Still => ("", ""),
    };
    let accepted = if finding.accepted {
        " <span class=\"dim\">accepted</span>"
    } else {
        ""
    };
    let mends = finding.mend.as_deref().map(|it| {
        let mends = mend(it);
        format!("<p class=\"mend\">mend: {mends}</p>")
    });
    format!(
        "<tr role=\"row\" id=\"finding-{id}\"{}{}>\
         <td role=\"cell\">{}{}{accepted}</td>\
         <td role=\"cell\"><code class=\"code\">{}</code> {}{}</td>\
         <td role=\"cell\">{}</td>\
         <td role=\"cell\">{}</td>\
         <td role=\"cell\">{}</td></tr>",
        data(finding, places),
        news.0,
        severity(finding.severity),
        news.1,
        Text(&finding.code),
        prose(&finding.what),
        mends.unwrap_or_default(),
        place(finding),
        since(finding.since, now),
        owners(finding),
    )
}

/// Returns what a script sorts and filters by.
fn data(finding: &DriftFinding, places: &Places<'_>) -> String {
    let repo = Slug(finding.repo.as_deref().unwrap_or_default());
    let on = match places.about(finding) {
        it if it.is_empty() => it,
        it => format!(" data-on=\"{it}\""),
    };
    let at = finding.since.map(|it| format!(" data-t=\"{it}\""));
    format!(
        " data-s=\"{}\" data-r=\"{repo}\"{on}{}",
        severity_word(finding.severity),
        at.unwrap_or_default()
    )
}

/// Returns where a finding is.
fn place(finding: &DriftFinding) -> String {
    let name = finding.repo.as_deref().map(repo).unwrap_or_default();
    let tag = finding.tag.as_deref().map(|it| format!(" {}", Text(it)));
    let line = finding.line.map(|it| format!(":{it}")).unwrap_or_default();
    let path = finding.path.as_deref();
    let path = path.map(|it| format!(" <span class=\"path\">{}{line}</span>", Text(it)));
    let told = [Some(name), tag, path].into_iter().flatten();
    told.collect()
}

/// Returns who owns what a finding is about.
fn owners(finding: &DriftFinding) -> String {
    if finding.owners.is_empty() {
        return "<span class=\"dim\">nobody</span>".to_owned();
    }
    let owners = finding.owners.iter();
    let owners = owners.map(|it| format!("<span class=\"own\">{}</span>", Text(it)));
    owners.collect::<Vec<_>>().join(" ")
}
