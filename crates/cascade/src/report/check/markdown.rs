//! Findings as a Markdown table.

use super::{Located, quality};
use crate::page::{Page, count};
use crate::report::markdown::{cell, code, row, rule};
use crate::report::{Known, findings};

/// Returns the findings as a table.
pub(crate) fn markdown(known: Known<'_>, found: &[Located<'_>]) -> String {
    let mut page = Page::default();
    page.line(format!(
        "# {}: {}",
        cell(known.graph.name()),
        count(found.len(), "finding", "findings")
    ));
    for line in quality::lines(known) {
        page.gap();
        page.line(cell(&line));
    }
    if found.is_empty() {
        return page.finish();
    }
    page.gap();
    let head = ["severity", "rule", "where", "what", "mend"];
    page.line(row(head.map(str::to_owned)));
    page.line(rule(head.len()));
    for it in found {
        let (_, word) = findings::severity(it.finding.severity);
        let line = it.line.map(|line| format!(":{line}"));
        let place = format!("{}{}", it.path, line.unwrap_or_default());
        page.line(row([
            word.trim_end().to_owned(),
            code(it.finding.code.0),
            cell(&place),
            cell(&it.finding.what),
            it.finding.mend.as_deref().map(code).unwrap_or_default(),
        ]));
    }
    page.finish()
}
