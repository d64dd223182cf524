//! Every rule of `cascade check`, with a real repository that breaks it and one that keeps it.

use std::fs;
use std::path::Path;

use cascade_tests::Town;

use crate::family::cascade;

mod artifacts;
mod drift;
mod family;
mod policy;
mod quality;
mod readiness;
mod release;
mod source;
mod tags;

/// A rule, a workspace that breaks it, and one that keeps it.
pub(crate) struct Case {
    pub(crate) code: &'static str,
    /// What is said to `cascade check` beside the code.
    pub(crate) args: &'static [&'static str],
    pub(crate) breaks: fn() -> Town,
    pub(crate) keeps: fn() -> Town,
}

/// A rule without a case is one of which nobody saw that it finds anything. Each is named in a file of
/// this folder.
#[test]
fn every_rule_has_a_case() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/journeys/rules");
    let files = fs::read_dir(here).unwrap();
    let texts = files.map(|it| fs::read_to_string(it.unwrap().path()).unwrap());
    let told = texts.collect::<String>();
    let rules = cascade_plan::checks::all().map(|it| it.code);
    let without: Vec<_> = rules
        .filter(|it| !told.contains(&format!("\"{it}\"")))
        .collect();
    assert!(without.is_empty(), "no case breaks {without:?}");
}

/// Requires of each case that the rule finds something in the one, and nothing in the other.
#[track_caller]
pub(crate) fn hold(cases: &[Case]) {
    for case in cases {
        let broken = found(case, &(case.breaks)());
        assert!(!broken.is_empty(), "{}: nothing is found", case.code);
        for finding in &broken {
            assert!(finding["mend"].is_string(), "no way out: {finding}");
        }
        let kept = found(case, &(case.keeps)());
        assert!(kept.is_empty(), "{}: {kept:#?}", case.code);
    }
}

fn found(case: &Case, town: &Town) -> Vec<serde_json::Value> {
    let mut args = vec!["check", "--format", "json", "--fail-on", "info"];
    args.extend(["--select", case.code]);
    args.extend(case.args);
    let said = cascade(town, &args);
    assert!([0, 1].contains(&said.code), "{}: {}", case.code, said.err);
    let findings = said.json()["findings"].take();
    let findings = findings.as_array().cloned().unwrap_or_default();
    assert_eq!(said.code == 1, !findings.is_empty(), "{}", said.out);
    findings
}
