//! Findings as SARIF 2.1.0, the format of code scanning (OASIS).

use std::fmt::Write as _;

use cascade_plan::{Severity, checks};
use serde_json::{Value, json};

use super::Located;
use crate::cli::explained;
use crate::shown::Shown;

/// Returns a log with one run: every rule, and a result a finding.
pub(crate) fn sarif(found: &[Located<'_>]) -> Value {
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
            "results": found.iter().map(result).collect::<Vec<_>>(),
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

fn result(it: &Located<'_>) -> Value {
    let finding = it.finding;
    let mend = finding.mend.as_deref();
    let mend = mend.map(|it| format!(". To mend it: {it}"));
    let text = format!("{}{}", finding.what, mend.unwrap_or_default());
    let file = json!({ "uri": uri(&it.path) });
    let place = match it.line {
        Some(line) => json!({ "artifactLocation": file, "region": { "startLine": line } }),
        None => json!({ "artifactLocation": file }),
    };
    json!({
        "ruleId": finding.code.0,
        "level": level(finding.severity),
        "message": { "text": Shown(&text).to_string() },
        "locations": [{ "physicalLocation": place }],
    })
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
