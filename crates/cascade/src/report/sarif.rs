//! Findings as SARIF 2.1.0, the format of code scanning (OASIS).

use std::fmt::Write as _;

use cascade_plan::{Severity, checks};
use serde_json::{Value, json};

use crate::cli::explained;
use crate::shown::Shown;

/// A finding as a result of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    /// The code of its rule.
    pub(crate) code: &'a str,
    /// How bad.
    pub(crate) severity: Severity,
    /// The path of its file or folder, from the workspace's root.
    pub(crate) path: &'a str,
    /// The 1-based line.
    pub(crate) line: Option<usize>,
    /// What.
    pub(crate) what: &'a str,
    /// What mends it.
    pub(crate) mend: Option<&'a str>,
    /// What it is recognised by in the next log, where that is known.
    pub(crate) id: Option<&'a str>,
}

/// Returns a log with one run: every rule, and a result a finding.
pub(crate) fn sarif<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> Value {
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cascade",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": checks::all().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": rows.into_iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn rule(check: &checks::Check) -> Value {
    let page = explained(check.code).unwrap_or(check.title);
    json!({
        "id": check.code,
        "shortDescription": { "text": check.title },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(check.severity) },
    })
}

fn result(row: Row<'_>) -> Value {
    let mend = row.mend.map(|it| format!(". To mend it: {it}"));
    let text = format!("{}{}", row.what, mend.unwrap_or_default());
    let file = json!({ "uri": uri(row.path) });
    let place = match row.line {
        Some(line) => json!({ "artifactLocation": file, "region": { "startLine": line } }),
        None => json!({ "artifactLocation": file }),
    };
    let mut result = json!({
        "ruleId": row.code,
        "level": level(row.severity),
        "message": { "text": Shown(&text).to_string() },
        "locations": [{ "physicalLocation": place }],
    });
    if let (Some(id), Some(result)) = (row.id, result.as_object_mut()) {
        let known = json!({ "cascade/1": id });
        result.insert("partialFingerprints".to_owned(), known);
    }
    result
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Block => "error",
        Severity::Warn => "warning",
        Severity::Info => "note",
    }
}

/// Returns a relative path as a reference of RFC 3986.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}
