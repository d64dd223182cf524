//! Findings as JUnit's XML, which every CI shows: a case for every repository, failed by what should
//! be mended.

use std::fmt::Write as _;

use cascade_plan::Severity;
use cascade_plan::drift::{Drift, DriftFinding};

use super::{age, place};
use crate::shown::Shown;

/// Returns a suite with a case a repository, and one for what is no repository's.
pub(crate) fn junit(drift: &Drift) -> String {
    let names = drift.repos.iter().map(|it| Some(it.name.as_str()));
    let cases: Vec<(Option<&str>, Vec<&DriftFinding>)> = names
        .chain([None])
        .map(|name| {
            let its = |it: &&DriftFinding| it.repo.as_deref() == name && fails(it);
            (name, drift.findings.iter().filter(its).collect())
        })
        .collect();
    let failed = cases.iter().filter(|(_, found)| !found.is_empty()).count();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let name = escape(&drift.workspace);
    let head = format!(
        "name=\"{name}\" tests=\"{}\" failures=\"{failed}\"",
        cases.len()
    );
    let _ = writeln!(text, "<testsuites {head}>\n  <testsuite {head}>");
    for (name, found) in &cases {
        let name = escape(name.unwrap_or("the workspace"));
        let _ = write!(text, "    <testcase classname=\"drift\" name=\"{name}\"");
        if found.is_empty() {
            text.push_str("/>\n");
            continue;
        }
        text.push_str(">\n");
        write_failure(&mut text, drift, found);
        text.push_str("    </testcase>\n");
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// Returns whether a finding fails its repository's case.
fn fails(finding: &DriftFinding) -> bool {
    finding.severity >= Severity::Warn && !finding.accepted
}

fn write_failure(text: &mut String, drift: &Drift, found: &[&DriftFinding]) {
    let Some(first) = found.first() else { return };
    let message = escape(&first.what);
    let _ = writeln!(
        text,
        "      <failure type=\"{}\" message=\"{message}\">",
        escape(&first.code)
    );
    for it in found {
        let mend = it.mend.as_deref().unwrap_or("-");
        let age = age(drift, it.since);
        let line = format!(
            "{} {}: {} ({age}); mend: {mend}",
            it.code,
            place(it),
            it.what
        );
        let _ = writeln!(text, "{}", escape(&line.replace(" ()", "")));
    }
    text.push_str("      </failure>\n");
}

/// Returns foreign text for XML 1.0, which has no control characters.
fn escape(text: &str) -> String {
    let shown = Shown(text).to_string();
    let allowed = |c: &char| !matches!(c, '\u{fffe}' | '\u{ffff}');
    let mut out = String::new();
    for c in shown.chars().filter(allowed) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
