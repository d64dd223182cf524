use proptest::prelude::*;

use super::*;
use crate::drift::history::{Facts, History, Known, Notification, Observation};
use crate::drift::{Change, Mark, News, SCHEMA};

/// A report with these findings; those in capital letters were not there at the observation before,
/// which also had `gone`.
fn drift(ids: &str, gone: &str) -> Drift {
    let finding = |id: char| DriftFinding {
        id: id.to_ascii_lowercase().to_string(),
        code: "pin-excluded".to_owned(),
        severity: if id.eq_ignore_ascii_case(&'i') {
            Severity::Info
        } else {
            Severity::Warn
        },
        repo: Some("lib".to_owned()),
        tag: None,
        path: None,
        line: None,
        what: "it".to_owned(),
        mend: None,
        since: None,
        owners: Vec::new(),
        news: News::Still,
        accepted: id == 'x',
    };
    let new = ids.chars().filter(char::is_ascii_uppercase);
    Drift {
        schema: SCHEMA.to_owned(),
        workspace: "town".to_owned(),
        taken: 2_000,
        repos: Vec::new(),
        edges: Vec::new(),
        findings: ids.chars().map(finding).collect(),
        change: Some(Change {
            against: 1_000,
            new: new.map(|it| it.to_ascii_lowercase().to_string()).collect(),
            gone: gone.chars().map(|it| was(it.to_string())).collect(),
            still: 0,
        }),
        trend: Vec::new(),
        adoption: Vec::new(),
        mend: Vec::new(),
    }
}

fn was(id: String) -> Gone {
    Gone {
        id,
        code: "pin-excluded".to_owned(),
        severity: Severity::Warn,
        repo: None,
        since: None,
    }
}

fn heard(ids: &[&str], findings: Option<&[&str]>) -> Heard {
    Heard {
        state: state_of(ids.iter().copied()),
        taken: 500,
        findings: findings.map(|it| it.iter().map(|id| was((*id).to_owned())).collect()),
    }
}

fn told(drift: &Drift, heard: Option<&Heard>) -> Option<(Standing, Vec<String>, Vec<String>)> {
    let it = notice(drift, Severity::Warn, ("t", heard))?;
    let new = it.new.iter().map(|it| it.id.clone()).collect();
    let gone = it.gone.iter().map(|it| it.id.clone()).collect();
    Some((it.state, new, gone))
}

fn ids(all: &str) -> Vec<String> {
    all.chars().map(|it| it.to_string()).collect()
}

#[test]
fn who_never_heard_is_told_what_drifts_and_nothing_of_a_clean_workspace() {
    assert_eq!(told(&drift("", ""), None), None);
    assert_eq!(told(&drift("i", "c"), None), None);
    // What a baseline accepts still stands.
    let known = Some((Standing::Drifted, ids("x"), ids("")));
    assert_eq!(told(&drift("ix", "c"), None), known);
    let all = Some((Standing::Drifted, ids("ab"), ids("")));
    assert_eq!(told(&drift("aBi", "c"), None), all);
}

#[test]
fn who_heard_is_told_what_changed_since_then() {
    let now = drift("abC", "d");
    assert_eq!(told(&now, Some(&heard(&["a", "b", "c"], None))), None);
    let by_latest = Some((Standing::Drifted, ids("c"), ids("d")));
    assert_eq!(told(&now, Some(&heard(&["a", "b", "d"], None))), by_latest);
    // What was told is older than the latest observation.
    let known = heard(&["a", "e"], Some(&["a", "e"]));
    assert_eq!(
        told(&now, Some(&known)),
        Some((Standing::Drifted, ids("bc"), ids("e")))
    );
    let clean = Some((Standing::Clean, ids(""), ids("d")));
    assert_eq!(told(&drift("", "d"), Some(&heard(&["d"], None))), clean);
    assert_eq!(
        told(&now, Some(&heard(&[], None))),
        Some((Standing::Drifted, ids("abc"), ids("")))
    );
}

#[test]
fn without_a_memory_the_latest_observation_is_what_was_heard() {
    let by = |now: &Drift| told(now, heard_by_nobody(now, Severity::Warn).as_ref());
    assert_eq!(by(&drift("ab", "")), None);
    assert_eq!(
        by(&drift("abIx", "")),
        None,
        "what is only worth knowing, or accepted, is no news"
    );
    assert_eq!(
        by(&drift("aB", "")),
        Some((Standing::Drifted, ids("b"), ids("")))
    );
    assert_eq!(
        by(&drift("", "c")),
        Some((Standing::Clean, ids(""), ids("c")))
    );
    let first = Drift {
        change: None,
        ..drift("a", "")
    };
    assert_eq!(by(&first), Some((Standing::Drifted, ids("a"), ids(""))));
}

#[test]
fn a_change_has_one_name_and_no_other_has_it() {
    let key = |now: &Drift, target, heard: &Heard| {
        notice(now, Severity::Warn, (target, Some(heard)))
            .unwrap()
            .key
    };
    let (now, before) = (drift("aB", ""), heard(&["a"], None));
    let one = key(&now, "t", &before);
    assert_eq!(one.len(), 32);
    assert_eq!(
        one,
        key(
            &Drift {
                taken: 9_000,
                ..now.clone()
            },
            "t",
            &before
        )
    );
    assert_ne!(one, key(&now, "u", &before));
    assert_ne!(one, key(&drift("aC", ""), "t", &before));
    // To and fro: the second time is another change.
    assert_ne!(
        one,
        key(
            &now,
            "t",
            &Heard {
                taken: 501,
                ..before
            }
        )
    );
}

#[test]
fn what_was_told_is_found_in_the_history() {
    let mark = Mark {
        taken: 0,
        block: 0,
        warn: 0,
        info: 0,
        pins: 0,
        behind: 0,
        excluded: 0,
        ahead: 0,
    };
    let known = Known {
        code: "pin-excluded".to_owned(),
        severity: Severity::Warn,
        repo: None,
        since: None,
    };
    let facts = |all: &str| Facts {
        findings: ids(all).into_iter().map(|it| (it, known.clone())).collect(),
        ..Facts::default()
    };
    let mut seen = History::default();
    let mut lines: Vec<String> = [(100, "ae"), (200, "ab")]
        .into_iter()
        .filter_map(|(taken, all)| {
            seen.add(&Observation::new(taken, None, mark.clone(), facts(all)))
        })
        .collect();
    let told_then = Notification {
        target: "t".to_owned(),
        state: state_of(["a", "e"]),
        taken: 150,
    };
    lines.push(told_then.line());
    let history = History::read((lines.join("\n") + "\n").as_bytes());
    assert_eq!(super::heard(&history, "other", Severity::Warn), None);
    let heard = super::heard(&history, "t", Severity::Warn).unwrap();
    assert_eq!(
        (heard.taken, heard.findings.as_ref().map(Vec::len)),
        (150, Some(2))
    );
    let news = Some((Standing::Drifted, ids("bc"), ids("e")));
    assert_eq!(told(&drift("abC", "d"), Some(&heard)), news);
}

proptest! {
    #[test]
    fn what_was_told_is_told_once(before in "[a-e]{0,5}", now in "[a-e]{0,5}") {
        let report = drift(&now, "");
        let earlier: Vec<String> = ids(&before);
        let earlier: Vec<&str> = earlier.iter().map(String::as_str).collect();
        let first = heard(&earlier, Some(&earlier));
        if let Some(it) = notice(&report, Severity::Warn, ("t", Some(&first))) {
            prop_assert!(!it.new.is_empty() || !it.gone.is_empty());
            let again = Heard { state: it.digest, taken: 2_000, findings: None };
            prop_assert_eq!(notice(&report, Severity::Warn, ("t", Some(&again))), None);
        } else {
            let same = |text: &str| text.chars().collect::<BTreeSet<_>>();
            prop_assert_eq!(same(&before), same(&now));
        }
    }
}
