use cascade_plan::Severity;
use cascade_plan::drift::Change;

use super::*;
use crate::report::sample;

/// Returns the drift of the sample town, with hostile text where text is foreign.
fn drift() -> Drift {
    let town = sample::town();
    let mut drift = Drift::of(&town.graph, &town.snapshot, &town.survey);
    let mut finding = drift.findings.first().cloned().expect("a finding");
    finding.id = "0123456789abcdef".to_owned();
    finding.severity = Severity::Block;
    finding.what = "=cmd|'/C calc'!A0, \"<img onerror=x>\" \u{1b}[31m | @team ]]>".to_owned();
    finding.path = Some("-app/a,b \u{202e}.toml".to_owned());
    finding.owners = vec!["@acme/core".to_owned()];
    finding.since = Some(drift.taken - 3 * 86_400 - 5);
    finding.mend = Some("+SUM(A1)".to_owned());
    drift.findings.insert(0, finding);
    drift.change = Some(Change {
        against: drift.taken - 7 * 86_400,
        new: vec!["0123456789abcdef".to_owned()],
        gone: Vec::new(),
        still: 0,
    });
    drift
}

#[test]
fn hostile_text_stays_text_in_every_format() {
    let drift = drift();
    let told = human::human(&drift, None);
    assert!(
        !told.contains("\u{1b}[31m |") && !told.contains('\u{202e}'),
        "{told}"
    );
    let rows = csv::csv(&drift);
    insta::assert_snapshot!(rows.lines().nth(1).unwrap(), @r##"0123456789abcdef,pin-excluded,block,app,,"'-app/a,b \u{202e}.toml",7,"'=cmd|'/C calc'!A0, ""<img onerror=x>"" \u{1b}[31m | @team ]]>",2023-11-13,3,'@acme/core,new,'+SUM(A1)"##);
    let table = markdown::markdown(&drift);
    let row = table.lines().find(|it| it.starts_with("| block")).unwrap();
    insta::assert_snapshot!(row, @r##"| block (new) | `pin-excluded` | -app/a,b \\u{202e}.toml:7 | =cmd\|'/C calc'\!A0, "&lt;img onerror=x&gt;" \\u{1b}\[31m \| &#64;team \]\]&gt; | 3 days | &#64;acme/core | `+SUM(A1)` |"##);
    let xml = junit::junit(&drift);
    assert!(
        !xml.contains("<img") && xml.contains("&lt;img onerror=x&gt;"),
        "{xml}"
    );
}

#[test]
fn no_cell_of_a_table_begins_a_formula() {
    for text in ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1"] {
        let cell = csv::cell(text);
        let inner = cell.trim_start_matches('"');
        assert!(inner.starts_with('\''), "{text:?} is {cell:?}");
    }
    assert_eq!(csv::cell("a\"b"), "\"a\"\"b\"");
}

#[test]
fn what_the_baseline_has_is_told_and_fails_nothing() {
    let mut drift = drift();
    let before = drift.clone();
    drift.accept(&before);
    assert!(drift.findings.iter().all(|it| it.accepted));
    assert!(human::human(&drift, None).contains("in the baseline"));
    assert!(junit::junit(&drift).contains("failures=\"0\""));
    assert_eq!(sarif::rows(&drift).count(), 0);
    let all = drift.findings.len();
    let told = format!("nothing new, {all} known from the baseline");
    assert!(verdict(&drift).starts_with(&told), "{}", verdict(&drift));
}

#[test]
fn a_repository_alone_brings_its_edges_and_findings() {
    let mut drift = drift();
    drift.only(&std::collections::BTreeSet::from(["urn".to_owned()]));
    assert_eq!(drift.repos.len(), 1);
    assert!(drift.edges.iter().any(|it| it.downstream == "app"));
    assert!(
        drift
            .findings
            .iter()
            .all(|it| it.repo.as_deref() != Some("app"))
    );
}

#[test]
fn ages_are_whole_days() {
    let drift = drift();
    let ago = |seconds: i64| age(&drift, Some(drift.taken - seconds));
    assert_eq!(ago(0), "today");
    assert_eq!(ago(DAY - 1), "today");
    assert_eq!(ago(DAY), "1 day");
    assert_eq!(ago(400 * DAY), "400 days");
    assert_eq!(ago(-DAY), "today");
    assert_eq!(age(&drift, None), "");
}
