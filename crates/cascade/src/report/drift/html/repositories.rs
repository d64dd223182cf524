//! Everything about every repository, folded up.

use std::collections::BTreeMap;

use cascade_plan::drift::{Drift, DriftEdge, DriftPin, DriftRepo, EdgeState};

use super::words::{repo, since};
use crate::page::{Page, count};
use crate::report::graph::{Picture, class};
use crate::report::markup::{Slug, Text};
use crate::report::mode_word;

/// Adds every repository, upstream first, with the pins on what it stands on.
pub(super) fn write(page: &mut Page, drift: &Drift, _: &Picture) {
    let mut edges: BTreeMap<&str, Vec<&DriftEdge>> = BTreeMap::new();
    for edge in &drift.edges {
        edges.entry(&edge.downstream).or_default().push(edge);
    }
    page.line("<div class=\"repos\">");
    for it in &drift.repos {
        let on = edges.get(it.name.as_str()).map(Vec::as_slice);
        one(page, it, on.unwrap_or_default(), drift.taken);
    }
    page.line("</div>");
}

fn one(page: &mut Page, it: &DriftRepo, edges: &[&DriftEdge], now: i64) {
    let worst = edges.iter().map(|it| it.state).max();
    let state = match (&it.trouble, worst) {
        (Some(_), _) => " <b class=\"st trouble\">not read</b>".to_owned(),
        (None, Some(worst)) if worst > EdgeState::Open => format!(" {}", word(worst)),
        (None, _) => String::new(),
    };
    let tag = it.latest.first().map_or("", |it| it.tag.as_str());
    page.line(format!(
        "<details id=\"repo={}\"><summary><span class=\"name\">{}</span> <span \
         class=\"dim\">{}</span>{state}</summary>",
        Slug(&it.name),
        Text(&it.name),
        Text(tag),
    ));
    facts(page, it, now);
    if !edges.is_empty() {
        page.line("<p class=\"on\">Stands on</p><ul class=\"edges\">");
        for edge in edges {
            write_edge(page, edge, now);
        }
        page.line("</ul>");
    }
    page.line("</details>");
}

/// Adds what is known of a repository, in a line or two.
fn facts(page: &mut Page, it: &DriftRepo, now: i64) {
    let branch = it.branch.as_deref();
    let branch = branch.map(|it| format!(" on {}", Text(it)));
    let mut facts = vec![
        format!("in {}{}", Text(&it.path), branch.unwrap_or_default()),
        format!("released by {}, wave {}", mode_word(it.mode), it.wave + 1),
    ];
    if let Some(trouble) = &it.trouble {
        facts.insert(0, format!("not read: {}", Text(trouble)));
    }
    if !it.owners.is_empty() {
        let owners = it.owners.iter().map(|it| Text(it).to_string());
        let owners = owners.collect::<Vec<_>>().join(", ");
        facts.push(format!("owned by {owners}"));
    }
    for release in &it.latest {
        let (package, version) = (Text(&release.package), Text(&release.version));
        let (tag, tagged) = (Text(&release.tag), since(release.at, now));
        facts.push(format!("{package} {version} tagged {tag}, {tagged}"));
    }
    if it.unreleased.commits > 0 {
        let commits = count(it.unreleased.commits, "commit", "commits");
        let level = it.unreleased.level.word();
        facts.push(format!("{commits} not released, {level}"));
    }
    if it.committed.is_some() {
        facts.push(format!("newest commit {}", since(it.committed, now)));
    }
    page.line(format!("<p class=\"facts\">{}</p>", facts.join(" · ")));
}

/// Returns the word of a state, in its colour.
fn word(state: EdgeState) -> String {
    format!("<b class=\"st {}\">{}</b>", class(state), state.word())
}

fn write_edge(page: &mut Page, edge: &DriftEdge, now: i64) {
    let undeclared = if edge.declared {
        ""
    } else {
        " <span class=\"dim\">not declared</span>"
    };
    page.line(format!(
        "<li id=\"repo={}&amp;on={}\">{} {}{undeclared}",
        Slug(&edge.downstream),
        Slug(&edge.upstream),
        repo(&edge.upstream),
        word(edge.state)
    ));
    if edge.pins.is_empty() {
        return;
    }
    page.line("<ul class=\"pins\">");
    for pin in &edge.pins {
        page.line(write_pin(pin, now));
    }
    page.line("</ul>");
}

fn write_pin(pin: &DriftPin, now: i64) -> String {
    let place = format!("{}:{}", Text(&pin.path), pin.line);
    let latest = pin.latest.as_deref();
    let latest = latest.map(|it| format!(", latest {}", Text(it)));
    let missed = pin.missed.as_ref().map(|it| {
        let releases = count(it.releases, "release", "releases");
        let (tag, since) = (Text(&it.tag), since(it.at, now));
        format!(", missed {releases} since {tag} ({since})")
    });
    let lock = pin.lock.as_ref().map(|it| {
        let version = it.version.as_deref().unwrap_or("no version");
        let (path, version, state) = (Text(&it.path), Text(version), it.state.word());
        format!("; <span class=\"path\">{path}</span> holds {version}, {state}")
    });
    format!(
        "<li><span class=\"path\">{place}</span> <code>{} {}</code> {}{}{}{}",
        Text(&pin.package),
        Text(&pin.requirement),
        pin.status.word(),
        latest.unwrap_or_default(),
        missed.unwrap_or_default(),
        lock.unwrap_or_default(),
    )
}
