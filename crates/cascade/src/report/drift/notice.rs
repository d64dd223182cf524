//! A change of state for a webhook: as it is, or in the form that a template says.

#[cfg(test)]
mod tests;

use cascade_plan::drift::{DriftFinding, Gone, Notice, Standing};
use serde::Serialize;
use thiserror::Error;

use super::{day, place};
use crate::page::count;
use crate::shown::Shown;

/// The name of its form.
const SCHEMA: &str = "cascade.drift-notice/1";
/// How many findings are listed.
const LISTED: usize = 50;
/// How many lines the text has for what is new, and for what is gone.
const LINES: usize = 10;
/// How large a template may be, and what it becomes.
const LARGEST: usize = 256 << 10;

/// The words that a template may hold between `{{` and `}}`.
const WORDS: &[&str] = &[
    "workspace",
    "state",
    "before",
    "new",
    "gone",
    "block",
    "warn",
    "info",
    "link",
    "text",
    "slack",
];

/// Why a template says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum TemplateError {
    /// It holds a word that there is not.
    #[error("it holds `{{{{{0}}}}}`; there are {list}", list = WORDS.join(", "))]
    Word(String),
    /// A word of it does not end.
    #[error("a `{{{{` of it has no `}}}}`")]
    Open,
    /// It is no JSON once it is filled.
    #[error("it is no JSON when it is filled: {0}")]
    Json(String),
    /// It is too large.
    #[error("it is larger than {} KiB", LARGEST >> 10)]
    Large,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Told<'a> {
    schema: &'static str,
    workspace: &'a str,
    state: &'static str,
    before: Option<&'static str>,
    text: String,
    counts: Counts,
    new_count: usize,
    new: Vec<Row<'a>>,
    gone_count: usize,
    gone: Vec<Lost<'a>>,
    link: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Counts {
    block: usize,
    warn: usize,
    info: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row<'a> {
    id: &'a str,
    code: &'a str,
    severity: cascade_plan::Severity,
    repo: Option<&'a str>,
    place: String,
    what: &'a str,
    mend: Option<&'a str>,
    since: Option<String>,
    owners: &'a [String],
    accepted: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Lost<'a> {
    id: &'a str,
    code: &'a str,
    severity: cascade_plan::Severity,
    repo: Option<&'a str>,
    since: Option<String>,
}

/// Returns the change as `cascade.drift-notice/1`.
pub(crate) fn generic(notice: &Notice<'_>, link: Option<&str>) -> String {
    let [block, warn, info] = notice.counts;
    let told = Told {
        schema: SCHEMA,
        workspace: notice.workspace,
        state: notice.state.word(),
        before: notice.before.map(Standing::word),
        text: text(notice, link),
        counts: Counts { block, warn, info },
        new_count: notice.new.len(),
        new: notice
            .new
            .iter()
            .take(LISTED)
            .map(|it| told_of(it))
            .collect(),
        gone_count: notice.gone.len(),
        gone: notice.gone.iter().take(LISTED).map(lost).collect(),
        link,
    };
    serde_json::to_string(&told).unwrap_or_default()
}

fn told_of(finding: &DriftFinding) -> Row<'_> {
    Row {
        id: &finding.id,
        code: &finding.code,
        severity: finding.severity,
        repo: finding.repo.as_deref(),
        place: place(finding),
        what: &finding.what,
        mend: finding.mend.as_deref(),
        since: finding.since.map(day),
        owners: &finding.owners,
        accepted: finding.accepted,
    }
}

fn lost(gone: &Gone) -> Lost<'_> {
    Lost {
        id: &gone.id,
        code: &gone.code,
        severity: gone.severity,
        repo: gone.repo.as_deref(),
        since: gone.since.map(day),
    }
}

/// Returns the change in the form of a template: JSON whose `{{words}}` are replaced, each made fit for
/// the inside of a string.
///
/// # Errors
/// When it holds another word, or is no JSON in the end.
pub(crate) fn filled(
    template: &str,
    notice: &Notice<'_>,
    link: Option<&str>,
) -> Result<String, TemplateError> {
    if template.len() > LARGEST {
        return Err(TemplateError::Large);
    }
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (word, behind) = after.split_once("}}").ok_or(TemplateError::Open)?;
        let value = value(word.trim(), notice, link);
        let value = value.ok_or_else(|| TemplateError::Word(word.trim().to_owned()))?;
        out.push_str(before);
        out.push_str(&inside(&value));
        rest = behind;
        if out.len() > LARGEST {
            return Err(TemplateError::Large);
        }
    }
    out.push_str(rest);
    let read: Result<serde::de::IgnoredAny, _> = serde_json::from_str(&out);
    read.map_err(|it| TemplateError::Json(it.to_string()))?;
    Ok(out)
}

fn value(word: &str, notice: &Notice<'_>, link: Option<&str>) -> Option<String> {
    let [block, warn, info] = notice.counts;
    Some(match word {
        "workspace" => notice.workspace.to_owned(),
        "state" => notice.state.word().to_owned(),
        "before" => notice
            .before
            .map(Standing::word)
            .unwrap_or_default()
            .to_owned(),
        "new" => notice.new.len().to_string(),
        "gone" => notice.gone.len().to_string(),
        "block" => block.to_string(),
        "warn" => warn.to_string(),
        "info" => info.to_string(),
        "link" => link.unwrap_or_default().to_owned(),
        "text" => text(notice, link),
        // Slack reads `<!channel>` and `<@U1>` as calls, and knows these three escapes.
        "slack" => text(notice, link)
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;"),
        _ => return None,
    })
}

/// Returns a text as it stands inside a string of JSON.
fn inside(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

/// Returns the change in words, a line each; the first says it all.
pub(crate) fn text(notice: &Notice<'_>, link: Option<&str>) -> String {
    let mut lines = vec![summary(notice)];
    let new = notice.new.iter().map(|it| {
        let repo = it.repo.as_deref().unwrap_or("workspace");
        let known = if it.accepted { " (known)" } else { "" };
        format!("+ {repo} {}: {}{known}", it.code, it.what)
    });
    listed(&mut lines, new, notice.new.len(), "new");
    let gone = notice.gone.iter().map(|it| {
        let repo = it.repo.as_deref().unwrap_or("workspace");
        format!("- {repo} {}", it.code)
    });
    listed(&mut lines, gone, notice.gone.len(), "gone");
    let mut lines: Vec<String> = lines.iter().map(|it| Shown(it).to_string()).collect();
    lines.extend(link.map(|it| Shown(it).to_string()));
    lines.join("\n")
}

fn listed(lines: &mut Vec<String>, all: impl Iterator<Item = String>, total: usize, word: &str) {
    lines.extend(all.take(LINES));
    if total > LINES {
        lines.push(format!("  and {} more {word}", total - LINES));
    }
}

fn summary(notice: &Notice<'_>) -> String {
    let name = notice.workspace;
    let [block, warn, _] = notice.counts;
    let mut words = Vec::new();
    if block > 0 {
        words.push(count(block, "blocks a release", "block a release"));
    }
    if warn > 0 {
        words.push(format!("{warn} to mend"));
    }
    if !notice.new.is_empty() {
        words.push(format!("{} new", notice.new.len()));
    }
    if !notice.gone.is_empty() {
        words.push(format!("{} gone", notice.gone.len()));
    }
    let what = match notice.state {
        Standing::Drifted => "has drifted",
        Standing::Clean => "is in step again",
    };
    if words.is_empty() {
        format!("{name} {what}")
    } else {
        format!("{name} {what}: {}", words.join(", "))
    }
}
