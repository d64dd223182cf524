//! The head of the page, and its numbers.

use cascade_manifest::Level;
use cascade_plan::drift::{Drift, EdgeState};
use cascade_plan::{PinStatus, Severity};

use super::words::{day, long};
use super::{change, trend};
use crate::page::{Page, count};
use crate::report::graph::Picture;
use crate::report::markup::Text;

/// Adds the head: whose it is, when it was looked, and how things stand in a sentence.
pub(super) fn header(page: &mut Page, drift: &Drift) {
    let (name, at) = (Text(&drift.workspace), drift.taken);
    page.line(format!(
        "<header><p class=\"kicker\">Drift</p><h1>{name}</h1><p class=\"verdict\">{}</p><p \
         class=\"dim\"><time datetime=\"{}\">{}</time> · {} · {}</p></header>",
        verdict(drift),
        day(at),
        long(at),
        count(drift.repos.len(), "repository", "repositories"),
        count(drift.edges.len(), "edge", "edges"),
    ));
}

/// Returns how things stand, in a sentence.
fn verdict(drift: &Drift) -> String {
    let of = |severity| found(drift, severity);
    let (block, warn, info) = (of(Severity::Block), of(Severity::Warn), of(Severity::Info));
    let known = drift.findings.iter().filter(|it| it.accepted).count();
    let findings = |n| count(n, "finding", "findings");
    let keep = |n| if n == 1 { "keeps" } else { "keep" };
    let lost = drift.repos.iter().filter(|it| it.trouble.is_some()).count();
    let lost = match lost {
        0 => String::new(),
        n => format!(
            " {} could not be read.",
            count(n, "repository", "repositories")
        ),
    };
    let told = match (block, warn, info) {
        (0, 0, 0) if known > 0 => format!(
            "Nothing new has drifted; {} known from the baseline.",
            count(known, "finding is", "findings are")
        ),
        (0, 0, 0) => "Nothing has drifted.".to_owned(),
        (0, 0, n) => format!(
            "Nothing has to be mended; {} worth knowing.",
            count(n, "thing is", "things are")
        ),
        (0, n, _) => format!(
            "{} should be mended; nothing keeps a release back.",
            findings(n)
        ),
        (n, 0, _) => format!("{} {} a release back.", findings(n), keep(n)),
        (n, more, _) => format!(
            "{} {} a release back, and {more} more should be mended.",
            findings(n),
            keep(n)
        ),
    };
    told + &lost
}

/// Returns how many findings of a severity nobody accepted.
fn found(drift: &Drift, severity: Severity) -> usize {
    let open = drift.findings.iter().filter(|it| !it.accepted);
    open.filter(|it| it.severity == severity).count()
}

/// Adds the numbers, the trend, and what changed.
pub(super) fn write(page: &mut Page, drift: &Drift, _: &Picture) {
    let pins = |status| {
        let pins = drift.edges.iter().flat_map(|it| &it.pins);
        pins.filter(|it| it.status == status).count()
    };
    let edges = |state| drift.edges.iter().filter(|it| it.state == state).count();
    let repos = drift.repos.iter();
    let asking = repos.filter(|it| it.unreleased.level > Level::None).count();
    let accepted = drift.findings.iter().filter(|it| it.accepted).count();
    let numbers = [
        (found(drift, Severity::Block), "blocking findings", "block"),
        (found(drift, Severity::Warn), "findings to mend", "warn"),
        (
            found(drift, Severity::Info),
            "findings worth knowing",
            "info",
        ),
        (
            pins(PinStatus::Excluded),
            "pins excluding the latest",
            "excluded",
        ),
        (pins(PinStatus::Behind), "pins behind", "behind"),
        (pins(PinStatus::Ahead), "pins ahead of every tag", "ahead"),
        (
            edges(EdgeState::LockContradicts),
            "edges with a contradicting lock",
            "lock-contradicts",
        ),
        (asking, "repositories with work to release", ""),
        (accepted, "accepted by the baseline", ""),
    ];
    page.line("<dl class=\"numbers\">");
    for (number, what, class) in numbers {
        let always = matches!(class, "block" | "warn" | "info");
        if number > 0 || always {
            let class = if number > 0 { class } else { "none" };
            page.line(format!(
                "<div class=\"{class}\"><dt>{what}</dt><dd>{number}</dd></div>"
            ));
        }
    }
    page.line("</dl>\n<div class=\"beside\">");
    trend::write(page, drift);
    change::write(page, drift);
    page.line("</div>");
}
