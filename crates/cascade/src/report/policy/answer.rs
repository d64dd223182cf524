//! The answer to a command line, for people and machines.

use cascade_plan::policy::{Answer, Rule};
use serde::Serialize;

use crate::page::{BAD, DIM, GOOD, Page, WARN, paint};
use crate::shown::Shown;

/// `cascade.policy-answer/1`
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Document<'a> {
    schema: &'static str,
    allowed: bool,
    refusals: Vec<Row<'a>>,
    remarks: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row<'a> {
    command: &'a str,
    rule: Rule,
    what: &'a str,
    from: &'static str,
    file: Option<&'a str>,
    line: Option<usize>,
    next: &'a str,
}

/// Returns the answer for machines.
pub(crate) fn json<'a>(answer: &'a Answer, file: &'a str) -> Document<'a> {
    let row = |(command, it): &'a (String, cascade_plan::policy::Refusal)| Row {
        command,
        rule: it.rule,
        what: &it.what,
        from: it.origin.word(),
        file: it.origin.line().map(|_| file),
        line: it.origin.line(),
        next: &it.help,
    };
    Document {
        schema: "cascade.policy-answer/1",
        allowed: answer.refusals.is_empty(),
        refusals: answer.refusals.iter().map(row).collect(),
        remarks: &answer.remarks,
    }
}

/// Returns the answer for people.
pub(crate) fn human(answer: &Answer, file: &str) -> String {
    let mut page = Page::default();
    for (command, it) in &answer.refusals {
        let told = crate::cli::told(it, file);
        page.line(format!("{}  {}", paint(BAD, "refused"), Shown(command)));
        page.line(format!("  {}", Shown(&told)));
        page.line(format!("  {} {}", paint(DIM, "next:"), Shown(&it.help)));
    }
    if answer.refusals.is_empty() {
        page.line(paint(GOOD, "allowed"));
    }
    for it in &answer.remarks {
        page.line(format!("{} {}", paint(WARN, "note:"), Shown(it)));
    }
    page.finish()
}
