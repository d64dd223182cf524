use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::ChartLock;
use crate::{Ask, Bump, Facts, Fallback, Lock, LockedSource, Move, Names};

const CHART: &str = r#"apiVersion: v2
name: app
version: 0.1.0
dependencies:
- name: manifest
  version: "1.1.0" # exact
  repository: https://charts.example/stable
  condition: manifest.enabled
- name: runtime
  version: ">=1.0.0 <2"
  repository: oci://charts.example/a&b
  alias: rt
  tags:
  - back-end
  - é
  enabled: true
  import-values:
  - data
  - parent: p
    child: c
- name: local
  repository: file://../local
  version: v0.1.0
"#;

const LOCK: &str = r#"dependencies:
- name: manifest
  repository: https://charts.example/stable
  version: 1.0.0
- name: runtime
  repository: oci://charts.example/a&b
  version: 1.4.2
- name: local
  repository: file://../local
  version: 0.1.0
digest: sha256:631cc242e36fa92f357b71a941c111a8edcebc7bf47347ec07c80f4a026292ca
generated: "2026-01-01T00:00:00.0Z"
"#;

const BEFORE: &str = "sha256:631cc242e36fa92f357b71a941c111a8edcebc7bf47347ec07c80f4a026292ca";
const AFTER: &str = "sha256:2d10775771d2936fa932f6500ae666220b79cd6e3b909cd0599af87f2d46e52b";

/// Nothing needs to be asked.
struct Nobody;

impl Facts for Nobody {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        Err(Fallback::because(format!("{question:?}")))
    }
}

fn files(chart: &str) -> BTreeMap<String, String> {
    [("Chart.yaml".to_owned(), chart.to_owned())].into()
}

fn rewritten(text: &str, chart: &str, moves: &[(&str, &str, &str)]) -> Result<String, Fallback> {
    let moves: Vec<_> = moves
        .iter()
        .map(|(name, from, to)| Move {
            name: (*name).to_owned(),
            from: Some((*from).to_owned()),
            to: (*to).to_owned(),
        })
        .collect();
    let bump = Bump {
        moves: &moves,
        own: &[],
        files: &files(chart),
        facts: &Nobody,
    };
    ChartLock.rewrite(text, &bump)
}

const MOVE: &[(&str, &str, &str)] = &[("manifest", "1.0.0", "1.1.0")];

#[test]
fn the_version_and_the_digest_change_and_nothing_else() {
    let expected = LOCK
        .replace("version: 1.0.0", "version: 1.1.0")
        .replace(BEFORE, AFTER);
    assert_eq!(rewritten(LOCK, CHART, MOVE).unwrap(), expected);
    assert_eq!(rewritten(&expected, CHART, MOVE).unwrap(), expected);
    assert_eq!(rewritten(LOCK, CHART, &[]).unwrap(), LOCK);
    let crlf = |it: &str| it.replace('\n', "\r\n");
    assert_eq!(
        rewritten(&crlf(LOCK), &crlf(CHART), MOVE).unwrap(),
        crlf(&expected)
    );
}

#[test]
fn what_is_out_of_step_is_told() {
    let found = |lock: &str, chart: &str| -> Vec<(String, Option<String>)> {
        let found = ChartLock.discords(lock, &files(chart)).unwrap();
        found.into_iter().map(|it| (it.subject, it.held)).collect()
    };
    let held = |it: &str| Some(it.to_owned());
    assert_eq!(found(LOCK, &CHART.replace("1.1.0", "1.0.0")), []);
    assert_eq!(
        found(LOCK, CHART),
        [
            ("digest".to_owned(), held(BEFORE)),
            ("manifest".to_owned(), held("1.0.0"))
        ]
    );
    // The digest alone does not see that a version is not the one required.
    let forged = rewritten(LOCK, CHART, MOVE).unwrap();
    assert_eq!(found(&forged, CHART), []);
    let absent = CHART.replace("name: local", "name: other");
    assert!(found(&forged, &absent).contains(&("other".to_owned(), None)));
    assert_eq!(ChartLock.discords(LOCK, &BTreeMap::new()).unwrap(), []);
}

#[test]
fn what_the_chart_excludes_is_not_locked() {
    let reason = |lock: &str, chart: &str, moves| rewritten(lock, chart, moves).unwrap_err().0;
    assert_eq!(
        reason(LOCK, CHART, &[("runtime", "1.4.2", "2.0.0")]),
        "`runtime` is pinned to another version"
    );
    assert_eq!(
        reason(LOCK, CHART, &[("manifest", "0.9.0", "1.1.0")]),
        "`manifest` is locked at 1.0.0"
    );
    assert_eq!(
        reason(LOCK, CHART, &[("none", "1.0.0", "1.1.0")]),
        "`none` is not in the lock"
    );
    assert_eq!(
        reason(LOCK, CHART, &[("manifest", "1.0.0", "next")]),
        "`manifest` goes to no version"
    );
    assert_eq!(
        reason(LOCK, &CHART.replace("- data", "- 1"), MOVE),
        "a dependency has a field of another type"
    );
    assert_eq!(
        reason(LOCK, &CHART.replace("name: local", "name: other"), MOVE),
        "the lock and the chart list other dependencies"
    );
    assert!(ChartLock.entries("name: x\n").is_err());
    let range = rewritten(
        LOCK,
        &CHART.replace("1.1.0", "1.0.0"),
        &[("runtime", "1.4.2", "1.5.0")],
    );
    assert!(range.unwrap().contains("version: 1.5.0"));
}

#[test]
fn every_dependency_is_an_entry() {
    let entries = ChartLock.entries(LOCK).unwrap();
    let rows: Vec<_> = entries
        .iter()
        .map(|it| format!("{} {}", it.name, it.version))
        .collect();
    assert_eq!(rows, ["local 0.1.0", "manifest 1.0.0", "runtime 1.4.2"]);
    let names = Names::from(["local".to_owned(), "manifest".to_owned()]);
    let facts = ChartLock.find(LOCK, &names).unwrap();
    let sources: Vec<_> = facts.entries.iter().map(|it| &it.source).collect();
    assert_eq!(sources, [&LockedSource::Registry, &LockedSource::Local]);
}

mod locked;

proptest! {
    #[test]
    fn a_spoilt_lock_is_refused_or_only_two_lines_change(
        cut in 0..LOCK.len(), length in 0_usize..9, put in "[{}:\"\n ,=a1.-]{0,6}"
    ) {
        let mut text = LOCK.to_owned();
        text.replace_range(cut..(cut + length).min(LOCK.len()), &put);
        if let Ok(new) = rewritten(&text, CHART, MOVE) {
            let changed = text.lines().zip(new.lines()).filter(|(a, b)| a != b).count();
            prop_assert_eq!(text.lines().count(), new.lines().count());
            prop_assert!(changed <= 2, "{text}\n{new}");
            prop_assert_eq!(rewritten(&new, CHART, MOVE).unwrap(), new);
        }
        let _: Option<_> = ChartLock.discords(&text, &files(CHART)).ok();
    }
}
