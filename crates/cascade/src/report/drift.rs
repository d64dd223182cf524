//! What has drifted, one file per format.

pub(crate) mod csv;
pub(crate) mod html;
pub(crate) mod human;
pub(crate) mod issue;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod notice;
pub(crate) mod replay;
pub(crate) mod sarif;
pub(crate) mod schedule;
#[cfg(test)]
mod tests;

use cascade_plan::drift::{Drift, DriftFinding, DriftRepo};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::page::count;

/// How many seconds a day has.
const DAY: i64 = 86_400;

/// Returns how long ago something was, in whole days: `today`, `1 day`, `34 days`; nothing where it is
/// not known.
pub(super) fn age(drift: &Drift, since: Option<i64>) -> String {
    let Some(since) = since else {
        return String::new();
    };
    match days(drift, since) {
        0 => "today".to_owned(),
        days => count(days, "day", "days"),
    }
}

/// Returns how many whole days ago something was.
pub(super) fn days(drift: &Drift, since: i64) -> usize {
    let days = drift.taken.saturating_sub(since).max(0) / DAY;
    usize::try_from(days).unwrap_or_default()
}

/// Returns the day of a moment (seconds since 1970, UTC) as `2026-11-21`.
pub(super) fn day(moment: i64) -> String {
    let moment = Timestamp::from_second(moment).unwrap_or_default();
    moment.to_zoned(TimeZone::UTC).date().to_string()
}

/// Returns the place of a finding: `app/pyproject.toml:12`.
pub(super) fn place(finding: &DriftFinding) -> String {
    match (&finding.path, finding.line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (Some(path), None) => path.clone(),
        (None, _) => String::new(),
    }
}

/// Returns the repositories with work that asks for a release, the oldest first.
pub(super) fn unreleased(drift: &Drift) -> Vec<&DriftRepo> {
    let asks = |it: &&DriftRepo| it.unreleased.level > cascade_manifest::Level::None;
    let mut repos: Vec<&DriftRepo> = drift.repos.iter().filter(asks).collect();
    repos.sort_by_key(|it| it.unreleased.since.unwrap_or(i64::MAX));
    repos
}

/// Returns in a sentence how the workspace stands: `2 to mend, 4 worth knowing in 9 repositories`.
pub(crate) fn verdict(drift: &Drift) -> String {
    let size = count(drift.repos.len(), "repository", "repositories");
    let open = drift.findings.iter().filter(|it| !it.accepted);
    let (mut block, mut warn, mut info) = (0, 0, 0);
    for finding in open {
        match finding.severity {
            cascade_plan::Severity::Block => block += 1,
            cascade_plan::Severity::Warn => warn += 1,
            cascade_plan::Severity::Info => info += 1,
        }
    }
    let mut words = Vec::new();
    if block > 0 {
        words.push(count(block, "blocks a release", "block a release"));
    }
    if warn > 0 {
        words.push(format!("{warn} to mend"));
    }
    if info > 0 {
        words.push(format!("{info} worth knowing"));
    }
    let known = drift.findings.iter().filter(|it| it.accepted).count();
    if words.is_empty() && known == 0 {
        return format!("nothing has drifted in {size}");
    }
    if words.is_empty() {
        words.push("nothing new".to_owned());
    }
    if known > 0 {
        words.push(format!("{known} known from the baseline"));
    }
    format!("{} in {size}", words.join(", "))
}

/// Returns what changed since the observation before: `since 2026-11-16: 1 new, 2 gone`.
pub(super) fn news(drift: &Drift) -> Option<String> {
    let change = drift.change.as_ref()?;
    let (new, gone) = (change.new.len(), change.gone.len());
    let day = day(change.against);
    if new + gone == 0 {
        return Some(format!("nothing changed since {day}"));
    }
    Some(format!("since {day}: {new} new, {gone} gone"))
}

/// Holds a text against the one that is kept in `tests/golden/drift`; `CASCADE_BLESS=1` writes it anew.
#[cfg(test)]
pub(super) fn golden(name: &str, text: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/drift");
    let at = std::path::Path::new(folder).join(name);
    #[expect(
        clippy::disallowed_methods,
        reason = "blessing is asked for by the environment"
    )]
    if std::env::var("CASCADE_BLESS").is_ok() {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(&at, text).unwrap();
    }
    let kept = std::fs::read_to_string(&at).unwrap_or_default();
    assert_eq!(
        text, kept,
        "bless it: CASCADE_BLESS=1 cargo test -p cascade drift"
    );
}
