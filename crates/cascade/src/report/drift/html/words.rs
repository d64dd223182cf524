//! Moments, ages and sentences, as the page writes them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cascade_plan::Severity;
use cascade_plan::drift::Drift;

use crate::report::age;
use crate::report::markup::{Slug, Text};

/// Returns a day: `2026-03-02`; `?` where it is none of this calendar.
pub(super) fn day(seconds: i64) -> String {
    moment(seconds, "%Y-%m-%d")
}

/// Returns a moment for people: `2 March 2026, 06:00 UTC`.
pub(super) fn long(seconds: i64) -> String {
    moment(seconds, "%-d %B %Y, %H:%M UTC")
}

fn moment(seconds: i64, form: &str) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(at) => at.strftime(form).to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// Returns an age since a moment, with its day for those who look closer.
pub(super) fn since(at: Option<i64>, now: i64) -> String {
    let Some(at) = at else {
        return "<span class=\"dim\">unknown</span>".to_owned();
    };
    let (day, age) = (day(at), age(now.saturating_sub(at)));
    format!("<time datetime=\"{day}\" title=\"since {day}\">{age}</time>")
}

/// Returns the word of a severity as a badge.
pub(super) fn severity(severity: Severity) -> String {
    let word = severity_word(severity);
    format!("<b class=\"sev {word}\">{word}</b>")
}

/// Returns the word of a severity.
pub(super) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Block => "block",
        Severity::Warn => "warn",
        Severity::Info => "info",
    }
}

/// Returns the names of the repositories of a report.
pub(super) fn names(drift: &Drift) -> BTreeSet<&str> {
    drift.repos.iter().map(|it| it.name.as_str()).collect()
}

/// Returns the name of a repository that may be gone: as a link where it is one of these.
pub(super) fn repo_of(names: &BTreeSet<&str>, name: &str) -> String {
    if names.contains(name) {
        return repo(name);
    }
    Text(name).to_string()
}

/// Returns a repository's name as a link to all that is known of it.
pub(super) fn repo(name: &str) -> String {
    format!("<a href=\"#repo={}\">{}</a>", Slug(name), Text(name))
}

/// Returns a sentence whose parts between backticks are code.
pub(super) fn prose(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split('`').peekable();
    let mut is_code = false;
    while let Some(part) = parts.next() {
        // A backtick that is never closed is one.
        match (is_code, parts.peek().is_some()) {
            (true, true) => drop(write!(out, "<code>{}</code>", Text(part))),
            (true, false) => drop(write!(out, "`{}", Text(part))),
            (false, _) => drop(write!(out, "{}", Text(part))),
        }
        is_code = !is_code;
    }
    out
}

/// Returns what mends something: a command as one to copy, all else as a sentence.
pub(super) fn mend(text: &str) -> String {
    if text.starts_with("cascade ") || text.starts_with("git ") {
        return format!("<code class=\"cmd\">{}</code>", Text(text));
    }
    prose(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stands_between_backticks_and_nothing_is_lost() {
        assert_eq!(
            prose("`a<b` of `c` ` d"),
            "<code>a&lt;b</code> of <code>c</code> ` d"
        );
        assert_eq!(prose(""), "");
        assert_eq!(prose("`"), "`");
    }

    #[test]
    fn moments_of_no_calendar_are_said_to_be_none() {
        assert_eq!(day(1_700_100_000), "2023-11-16");
        assert_eq!(long(1_700_100_000), "16 November 2023, 02:00 UTC");
        assert_eq!(day(i64::MAX), "?");
        assert!(since(Some(i64::MIN), i64::MAX).contains(" y<"));
    }
}
