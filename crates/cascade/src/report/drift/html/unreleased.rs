//! Work that is not released, the most important and oldest first.

use cascade_manifest::Level;
use cascade_plan::drift::{Drift, DriftRepo};

use super::words::{prose, repo, since};
use crate::page::{Page, count};
use crate::report::graph::Picture;

/// How many subjects stand open below a repository; the rest can be unfolded.
const OPEN: usize = 3;

/// Adds every repository that has commits behind its latest release.
pub(super) fn write(page: &mut Page, drift: &Drift, _: &Picture) {
    let has_some = |it: &&DriftRepo| it.unreleased.commits > 0;
    let mut repos: Vec<&DriftRepo> = drift.repos.iter().filter(has_some).collect();
    repos.sort_by_key(|it| {
        let level = std::cmp::Reverse(it.unreleased.level);
        (level, it.unreleased.since.unwrap_or(i64::MAX))
    });
    page.line(format!(
        "<p>{} with commits behind the latest release.</p>",
        count(repos.len(), "repository", "repositories")
    ));
    page.line("<ul class=\"work\">");
    for it in repos {
        one(page, it, drift.taken);
    }
    page.line("</ul>");
}

fn one(page: &mut Page, it: &DriftRepo, now: i64) {
    let work = &it.unreleased;
    page.line(format!(
        "<li><p class=\"line\">{} {} <span class=\"dim\">{}, oldest {}</span></p>",
        repo(&it.name),
        level(work.level),
        count(work.commits, "commit", "commits"),
        since(work.since, now),
    ));
    let (open, rest) = work.subjects.split_at(work.subjects.len().min(OPEN));
    subjects(page, open);
    let kept = work.subjects.len();
    if !rest.is_empty() {
        let more = count(rest.len(), "subject more", "subjects more");
        page.line(format!("<details><summary>{more}</summary>"));
        subjects(page, rest);
        if work.commits > kept {
            let older = count(work.commits - kept, "older commit", "older commits");
            page.line(format!("<p class=\"dim\">and {older}</p>"));
        }
        page.line("</details>");
    }
}

/// Returns a level as a badge.
fn level(level: Level) -> String {
    let word = level.word();
    match level {
        Level::None => "<b class=\"level none\">no release</b>".to_owned(),
        _ => format!("<b class=\"level {word}\">{word}</b>"),
    }
}

fn subjects(page: &mut Page, subjects: &[String]) {
    page.line("<ul>");
    for it in subjects {
        page.line(format!("<li>{}", prose(it)));
    }
    page.line("</ul>");
}
