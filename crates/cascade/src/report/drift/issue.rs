//! The report as the text of an issue: within a forge's limits, and quiet about everybody it names.
//!
//! Invariant: it says nothing of the moment it was made in, so that it changes only with what drifts.

#[cfg(test)]
pub(super) mod tests;

use std::fmt::Write as _;

use cascade_plan::Severity;
use cascade_plan::drift::{Drift, DriftFinding, IssueText, counted, marker};

use super::{day, place};
use crate::page::count;
use crate::report::findings;
use crate::report::markdown::{code, row, rule};
use crate::shown::Shown;

/// How long the text of an issue may be: GitHub takes 65,536 characters, and who counts bytes has room.
const LONGEST: usize = 65_000;
/// How long one cell may be.
const LONGEST_CELL: usize = 400;

/// Returns what the issue of a workspace says; `None` where nothing is as bad as this.
pub(crate) fn issue(drift: &Drift, least: Severity, page: Option<&str>) -> Option<IssueText> {
    let bad: Vec<&DriftFinding> = counted(drift, least).collect();
    if bad.is_empty() {
        return None;
    }
    let below = drift.findings.iter().filter(|it| it.severity < least);
    let below: Vec<&DriftFinding> = below.collect();
    let tail = tail(drift);
    let mut body = head(drift, &bad, below.len(), page);
    let mut left = table(&mut body, &bad, LONGEST.saturating_sub(tail.len()));
    if !below.is_empty() && left == 0 {
        body.push_str("\nWorth knowing:\n\n");
        left += table(&mut body, &below, LONGEST.saturating_sub(tail.len()));
    }
    if left > 0 {
        let _ = write!(
            body,
            "\n{} more: `cascade drift` tells them all.\n",
            count(left, "finding", "findings")
        );
    }
    body.push_str(&tail);
    Some(IssueText {
        title: format!("Drift in {}", title(&drift.workspace)),
        body,
    })
}

/// Returns a name for a title: one line, and not long.
fn title(name: &str) -> String {
    Shown(name).to_string().chars().take(120).collect()
}

fn head(drift: &Drift, bad: &[&DriftFinding], below: usize, page: Option<&str>) -> String {
    let of = |severity| bad.iter().filter(|it| it.severity == severity).count();
    let mut words = Vec::new();
    for (number, one, many) in [
        (of(Severity::Block), "blocks a release", "block a release"),
        (of(Severity::Warn), "to mend", "to mend"),
        (of(Severity::Info) + below, "worth knowing", "worth knowing"),
    ] {
        if number > 0 {
            words.push(count(number, one, many));
        }
    }
    let known = drift.findings.iter().filter(|it| it.accepted).count();
    if known > 0 {
        words.push(format!("{known} of them known"));
    }
    let repos = count(drift.repos.len(), "repository", "repositories");
    let page = page.filter(|it| it.starts_with("https://") || it.starts_with("http://"));
    let page = page
        .map(|it| format!(" The whole report: <{}>", address(it)))
        .unwrap_or_default();
    format!(
        "{}\n\n**{}** in {repos}.{page}\n\n",
        marker(&drift.workspace),
        words.join(", ")
    )
}

/// Returns an address in which nothing ends it early.
fn address(text: &str) -> String {
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>');
    text.chars().filter(|it| !odd(*it)).collect()
}

/// Adds the findings that fit below this length; returns how many were left out.
fn table(body: &mut String, all: &[&DriftFinding], most: usize) -> usize {
    // So much is kept for saying what was left out.
    let most = most.saturating_sub(200);
    let names = [
        "severity", "rule", "where", "what", "mend", "since", "owner",
    ];
    let head = format!("{}\n{}\n", row(names.map(str::to_owned)), rule(names.len()));
    if body.len() + head.len() > most {
        return all.len();
    }
    body.push_str(&head);
    for (at, finding) in all.iter().enumerate() {
        let line = line(finding);
        if body.len() + line.len() > most {
            return all.len() - at;
        }
        body.push_str(&line);
    }
    0
}

fn line(finding: &DriftFinding) -> String {
    let place = match (place(finding), &finding.repo) {
        (place, Some(repo)) if place.is_empty() => repo.clone(),
        (place, _) => place,
    };
    let short = |text: &str| -> String {
        let mut cut: String = text.chars().take(LONGEST_CELL).collect();
        if cut.len() < text.len() {
            cut.push('\u{2026}');
        }
        cut
    };
    let span = |text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            code(&short(text))
        }
    };
    // Who is named between backticks is not called.
    let owners: Vec<String> = finding.owners.iter().take(5).map(|it| span(it)).collect();
    let severity = findings::severity(finding.severity).1.trim_end();
    let known = if finding.accepted { ", known" } else { "" };
    let cells = [
        format!("{severity}{known}"),
        span(&finding.code),
        span(&place),
        prose(&short(&finding.what)),
        finding.mend.as_deref().map(span).unwrap_or_default(),
        finding.since.map(day).unwrap_or_default(),
        owners.join(" "),
    ];
    format!("{}\n", row(cells))
}

/// Returns what mends it, and who wrote this.
fn tail(drift: &Drift) -> String {
    const MOST: usize = 40;
    const LONGEST_COMMAND: usize = 200;
    let mut text = String::new();
    if !drift.mend.is_empty() {
        text.push_str("\nWhat mends the pins, upstream first:\n\n");
        for step in drift.mend.iter().take(MOST) {
            let command: String = step.command.chars().take(LONGEST_COMMAND).collect();
            let _ = writeln!(text, "1. {}", code(&command));
        }
        if drift.mend.len() > MOST {
            let _ = writeln!(text, "\nand {} more.", drift.mend.len() - MOST);
        }
    }
    text.push_str(
        "\nKept by `cascade drift notify`: what is written here is replaced when it changes, and the issue \
         is closed when nothing drifts.\n",
    );
    text
}

/// Returns a foreign sentence for a cell: what stands between backticks stays so, and nothing in it
/// calls anybody, refers to anything, closes anything or leads anywhere.
fn prose(text: &str) -> String {
    let text = Shown(text).to_string();
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return quiet(&text);
    }
    let words = parts.iter().enumerate().map(|(at, part)| match at % 2 {
        0 => quiet(part),
        _ if part.is_empty() => String::new(),
        _ => code(part),
    });
    words.collect()
}

/// Returns foreign text without markup, mentions, references and links.
fn quiet(text: &str) -> String {
    // Nothing that forges look for goes on behind it, and nobody sees it.
    const GAP: &str = "&#8203;";
    let mut out = String::new();
    let mut last = [' ', ' '];
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' => {
                out.push('\\');
                out.push(c);
            }
            '#' | '!' | '~' => {
                out.push('\\');
                out.push(c);
                out.push_str(GAP);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => {
                out.push_str("&amp;");
                out.push_str(GAP);
            }
            '@' | '$' | '%' | '^' | ':' => {
                out.push(c);
                out.push_str(GAP);
            }
            '-' if last.map(|it| it.to_ascii_lowercase()) == ['g', 'h'] => {
                out.push(c);
                out.push_str(GAP);
            }
            '.' if last.map(|it| it.to_ascii_lowercase()) == ['w', 'w'] => {
                out.push_str(GAP);
                out.push(c);
            }
            c => out.push(c),
        }
        last = [last[1], c];
    }
    out
}
