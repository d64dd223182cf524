//! Findings for people, with how many there are of each severity.

use cascade_plan::{Finding, Severity};

use super::{Located, quality};
use crate::page::{GOOD, Page, paint};
use crate::report::{Known, findings};

/// Returns the findings grouped by rule, the worst first, and what they come to.
pub(crate) fn human(known: Known<'_>, found: &[Located<'_>]) -> String {
    let mut page = Page::default();
    let all: Vec<&Finding> = found.iter().map(|it| it.finding).collect();
    findings::write(&mut page, &all);
    page.gap();
    for line in quality::lines(known) {
        page.line(line);
    }
    let of = |severity| all.iter().filter(|it| it.severity == severity).count();
    let counts = [
        (of(Severity::Block), "block"),
        (of(Severity::Warn), "warn"),
        (of(Severity::Info), "info"),
    ];
    let words = counts.iter().filter(|it| it.0 > 0);
    let words: Vec<String> = words.map(|(many, word)| format!("{many} {word}")).collect();
    let mut told = if words.is_empty() {
        paint(GOOD, "nothing to mend")
    } else {
        format!("{} · more: cascade explain CODE", words.join(" · "))
    };
    let waived = known.waived().count();
    if waived > 0 {
        told = format!("{waived} waived · {told}");
    }
    page.line(format!("{} · {told}", known.size()));
    page.finish()
}
