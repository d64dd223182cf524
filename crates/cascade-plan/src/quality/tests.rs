use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::{Graph, RepoId, Severity, declare};

const NOW: i64 = 1_700_000_000; // 2023-11-14

/// A repository with these lines in its only quality gate.
fn home(lines: &str) -> RepoDeclaration {
    let text = format!(
        "[workspace]\nname = \"t\"\n[repo.r]\n[[repo.r.quality]]\nname = \"g\"\nrun = [\"x\", \"y\"]\n{lines}"
    );
    let declared = declare(&text).unwrap_or_else(|it| panic!("{text}: {:?}", it.errors()));
    let graph = Graph::build(declared).unwrap();
    graph.repo(&RepoId::new("r")).unwrap().clone()
}

fn ended(code: i32, answer: &str) -> Measurement {
    Measurement {
        gate: "g".to_owned(),
        took: Duration::from_secs(1),
        end: CommandEnd::Exit(code),
        answer: Ok(Arc::from(answer)),
        said: "first\nthe end\n\n".to_owned(),
    }
}

/// The codes and severities of what is found.
fn found(lines: &str, measured: &[Measurement]) -> Vec<(&'static str, Severity)> {
    let found = findings(&RepoId::new("r"), &home(lines), measured, NOW);
    assert!(found.iter().all(|it| it.mend.is_some()), "{found:?}");
    found.iter().map(|it| (it.code.0, it.severity)).collect()
}

#[test]
fn an_exit_code_passes_or_fails_and_only_what_is_critical_blocks() {
    assert_eq!(found("", &[ended(0, "")]), []);
    assert_eq!(
        found("", &[ended(1, "")]),
        [("quality-failed", Severity::Block)]
    );
    let calm = found("critical = false", &[ended(1, "")]);
    assert_eq!(calm, [("quality-failed", Severity::Warn)]);
    assert_eq!(found("exit = [0, 5]", &[ended(5, "")]), []);
    let told = findings(&RepoId::new("r"), &home(""), &[ended(3, "")], NOW);
    assert_eq!(told[0].what, "`g`: it ended with 3: the end");
    assert_eq!(told[0].mend.as_deref(), Some("cd r && x y"));
}

#[test]
fn what_can_not_be_told_is_a_failure() {
    let number = "value = { json = \"/a\", min = 1 }";
    let failed = [("quality-failed", Severity::Block)];
    assert_eq!(found("", &[]), failed);
    assert_eq!(found(number, &[ended(0, "")]), failed);
    assert_eq!(found(number, &[ended(0, "{\"a\": null}")]), failed);
    assert_eq!(found(number, &[ended(1, "{\"a\": 9}")]), failed);
    assert_eq!(found("audit = \"npm\"", &[ended(0, "{}")]), failed);
    let lost = Measurement {
        answer: Err("there is no `report.json`".to_owned()),
        ..ended(0, "")
    };
    assert_eq!(found(number, &[lost]), failed);
    let late = Measurement {
        end: CommandEnd::Unable("it took longer than 1s".to_owned()),
        ..ended(0, "{\"a\": 9}")
    };
    assert_eq!(found(number, &[late]), failed);
}

#[test]
fn a_number_is_held_to_both_bounds() {
    let lines = "value = { regex = '(\\d+)%', min = 10, max = 20 }";
    let of = |answer| found(lines, &[ended(0, answer)]);
    let missed = [("quality-missed", Severity::Block)];
    assert_eq!(of("10%"), []);
    assert_eq!(of("20%"), []);
    assert_eq!(of("9%"), missed);
    assert_eq!(of("21%"), missed);
}

const AUDIT: &str = r#"{"dependencies": [{"name": "p", "version": "1", "vulns": [
    {"id": "PYSEC-1", "aliases": ["CVE-1"], "description": "d"}]}]}"#;

fn waived(until: &str) -> String {
    let waiver = "{ advisory = \"cve-1\", reason = \"no way in\", until = DAY }";
    format!(
        "audit = \"pip-audit\"\nwaive = [{}]",
        waiver.replace("DAY", until)
    )
}

#[test]
fn a_waiver_holds_through_its_last_day_and_is_told_of_after_it() {
    let of = |lines: &str| found(lines, &[ended(1, AUDIT)]);
    let advisory = ("advisory", Severity::Block);
    assert_eq!(of("audit = \"pip-audit\""), [advisory]);
    assert_eq!(of(&waived("2023-11-14")), []);
    let ended = ("advisory-waiver-expired", Severity::Warn);
    assert_eq!(of(&waived("2023-11-13")), [advisory, ended]);
}

#[test]
fn medium_advisories_warn_low_ones_are_ignored_and_neither_fails_the_gate() {
    let audit = |severity: &str| {
        format!(
            r#"{{"vulnerabilities": {{"a": {{"via": [{{"source": 1, "name": "a", "severity": "{severity}"}}]}}}}}}"#
        )
    };
    let of = |severity: &str| found("audit = \"npm\"", &[ended(1, &audit(severity))]);
    assert_eq!(of("low"), []);
    assert_eq!(of("moderate"), [("advisory", Severity::Warn)]);
    for word in ["high", "critical", "", "odd"] {
        assert_eq!(of(word), [("advisory", Severity::Block)], "{word}");
    }
    let home = home("audit = \"npm\"");
    let score = |it: &str| Score::of(&verdicts(&home, &[ended(1, &audit(it))], NOW)).to_string();
    assert_eq!(score("moderate"), "1 of 1 passed, 1 of 1 critical");
    assert_eq!(score("high"), "0 of 1 passed, 0 of 1 critical");
}

proptest! {
    #[test]
    fn no_gate_passes_without_a_good_end(code in 1..255_i32, answer in ".*", pick in 0..3_usize) {
        let lines = ["", "value = { regex = '(.)', min = 0 }", "value = { json = \"\", max = 9 }"];
        let home = home(lines[pick]);
        let verdicts = verdicts(&home, &[ended(code, &answer)], NOW);
        prop_assert!(!verdicts[0].passed());
    }
}
