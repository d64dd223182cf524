//! Laws of a history, and what goes wrong with files.

mod over_runs;
mod torn;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::Severity;
use crate::drift::{
    Drift, DriftEdge, DriftFinding, DriftPin, DriftRepo, EdgeState, News, Released,
};
use crate::{Oid, PinStatus, ReleaseMode};

/// What a made run sees: findings by number, whether each has a date, and a version each pin names.
#[derive(Debug, Clone)]
struct Run {
    taken: i64,
    findings: BTreeMap<u8, Option<i64>>,
    pins: BTreeMap<u8, u8>,
    latest: u8,
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let run = (
        0_i64..20,
        btree_map(0_u8..6, proptest::option::of(0_i64..5), 0..5),
        btree_map(0_u8..4, 0_u8..9, 0..4),
        0_u8..9,
    );
    let run = run.prop_map(|(taken, findings, pins, latest)| Run {
        taken: taken * DAY,
        findings,
        pins,
        latest,
    });
    vec(run, 0..12)
}

fn finding(number: u8, since: Option<i64>) -> DriftFinding {
    DriftFinding {
        id: format!("{number:016x}"),
        code: "pin-excluded".to_owned(),
        severity: Severity::Warn,
        repo: Some("app".to_owned()),
        tag: None,
        path: None,
        line: None,
        what: "it is".to_owned(),
        mend: None,
        since,
        owners: Vec::new(),
        news: News::New,
        accepted: false,
    }
}

fn pin(file: u8, version: u8) -> DriftPin {
    DriftPin {
        package: "core".to_owned(),
        path: format!("f{file}/pyproject.toml"),
        line: 1,
        requirement: format!("=={version}.0"),
        version: Some(format!("{version}.0")),
        latest: None,
        status: PinStatus::Behind,
        lock: None,
        missed: None,
    }
}

fn repo(name: &str, latest: Vec<Released>) -> DriftRepo {
    DriftRepo {
        name: name.to_owned(),
        path: name.to_owned(),
        wave: 0,
        mode: ReleaseMode::Tag,
        owners: Vec::new(),
        trouble: None,
        branch: None,
        latest,
        unreleased: crate::drift::Unreleased::default(),
        committed: None,
    }
}

fn drift(run: &Run) -> Drift {
    let findings = run.findings.iter().map(|(it, since)| finding(*it, *since));
    let latest = Released {
        package: "core".to_owned(),
        version: format!("{}.0", run.latest),
        tag: format!("v{}.0", run.latest),
        commit: None,
        at: Some(i64::from(run.latest) * DAY / 2),
    };
    Drift {
        schema: crate::drift::SCHEMA.to_owned(),
        workspace: "w".to_owned(),
        taken: run.taken,
        repos: vec![repo("core", vec![latest])],
        edges: vec![DriftEdge {
            upstream: "core".to_owned(),
            downstream: "app".to_owned(),
            declared: true,
            state: EdgeState::Behind,
            pins: run.pins.iter().map(|(file, it)| pin(*file, *it)).collect(),
        }],
        findings: findings.collect(),
        change: None,
        trend: Vec::new(),
        adoption: Vec::new(),
        mend: Vec::new(),
    }
}

/// The lines that runs write, one after the other.
fn written(runs: &[Run]) -> Vec<String> {
    let mut history = History::default();
    let drifts = runs.iter().map(drift);
    drifts
        .filter_map(|it| history.add(&it.observation()))
        .collect()
}

fn read(lines: &[String]) -> History {
    History::read(
        lines
            .iter()
            .flat_map(|it| [it.as_str(), "\n"])
            .collect::<String>()
            .as_bytes(),
    )
}

fn remembered(history: &History, run: &Run) -> Drift {
    let mut drift = drift(run);
    drift.remember(history);
    drift
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn order_and_repetition_of_lines_change_nothing(
        runs in runs(), last in runs(), seed in any::<u64>(), twice in any::<usize>(),
    ) {
        let lines = written(&runs);
        let mut other = lines.clone();
        if let Some(line) = lines.get(twice % lines.len().max(1)) {
            other.push(line.clone());
        }
        fastrand::Rng::with_seed(seed).shuffle(&mut other);
        for run in runs.iter().chain(&last) {
            prop_assert_eq!(
                remembered(&read(&lines), run),
                remembered(&read(&other), run)
            );
        }
    }

    #[test]
    fn what_is_written_is_what_was_seen(runs in runs()) {
        let history = read(&written(&runs));
        let mut wanted: Vec<Observation> = runs.iter().map(|it| drift(it).observation()).collect();
        wanted.sort_by(|a, b| (a.taken, &a.id).cmp(&(b.taken, &b.id)));
        wanted.dedup();
        let mut found = Vec::new();
        history.walk(i64::MAX, |step| found.push((step.taken, step.mark.clone(), step.facts.clone())));
        let wanted: Vec<_> = wanted.into_iter().map(|it| (it.taken, it.mark, it.facts)).collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn the_same_observation_twice_changes_nothing(runs in runs()) {
        let mut history = read(&written(&runs));
        let count = history.observations();
        for run in &runs {
            let before = remembered(&history, run);
            prop_assert_eq!(history.add(&drift(run).observation()), None);
            prop_assert_eq!(remembered(&history, run), before);
        }
        prop_assert_eq!(history.observations(), count);
    }

    #[test]
    fn new_and_still_are_now_and_gone_and_still_are_before(runs in runs(), last in runs()) {
        let history = read(&written(&runs));
        for run in &last {
            let drift = remembered(&history, run);
            let before = runs.iter().map(|it| it.taken).filter(|it| *it < run.taken).max();
            let Some(change) = &drift.change else {
                prop_assert_eq!(before, None);
                prop_assert!(drift.findings.iter().all(|it| it.news == News::New));
                continue;
            };
            prop_assert_eq!(Some(change.against), before);
            prop_assert_eq!(change.new.len() + change.still, run.findings.len());
            let fresh = drift.findings.iter().filter(|it| it.news == News::New);
            prop_assert_eq!(fresh.count(), change.new.len());
            let (_, facts) = history.latest(run.taken).unwrap();
            prop_assert_eq!(change.gone.len() + change.still, facts.findings.len());
            prop_assert_eq!(drift.trend.last(), Some(&drift.mark()));
            for it in &drift.findings {
                prop_assert!(it.since.is_some_and(|it| it <= run.taken));
            }
        }
    }

    #[test]
    fn the_median_is_not_above_the_tail(runs in runs(), last in runs()) {
        let history = read(&written(&runs));
        for run in &last {
            for it in remembered(&history, run).adoption {
                prop_assert!(it.releases > 0);
                prop_assert!(it.days.median <= it.days.p90 && it.days.median >= 0.0);
                prop_assert!(it.behind.median <= it.behind.p90);
            }
        }
    }

    #[test]
    fn any_bytes_are_read(bytes in vec(any::<u8>(), 0..300), runs in runs()) {
        let mut file = written(&runs).join("\n").into_bytes();
        file.push(b'\n');
        file.extend(bytes);
        let history = History::read(&file);
        prop_assert!(history.observations() >= History::read(written(&runs).join("\n").as_bytes()).observations());
        for run in &runs {
            remembered(&history, run);
        }
    }
}

fn run(day: i64, findings: &[u8], pin: u8, latest: u8) -> Run {
    Run {
        taken: day * DAY,
        findings: findings.iter().map(|it| (*it, None)).collect(),
        pins: BTreeMap::from([(0, pin)]),
        latest,
    }
}

#[test]
fn a_finding_is_there_since_it_came_back() {
    let before = [
        run(0, &[1, 2], 1, 1),
        run(7, &[1], 1, 1),
        run(14, &[1, 2], 1, 1),
    ];
    let history = read(&written(&before));
    let drift = remembered(&history, &run(21, &[1, 2, 3], 1, 1));
    let since: Vec<_> = drift
        .findings
        .iter()
        .map(|it| it.since.unwrap() / DAY)
        .collect();
    assert_eq!(since, [0, 14, 21]);
    let change = drift.change.unwrap();
    assert_eq!(
        (change.new.len(), change.still, change.gone.len()),
        (1, 2, 0)
    );
    let gone = remembered(&history, &run(21, &[1], 1, 1))
        .change
        .unwrap()
        .gone;
    assert_eq!(
        gone.iter().map(|it| it.since).collect::<Vec<_>>(),
        [Some(14 * DAY)]
    );
}

#[test]
fn adoption_is_counted_from_the_tag_to_the_run_that_saw_it() {
    // 1 is named from the start; 4 (out on day 2) is passed over and 6 (day 3) taken up on day 14; 8
    // is not taken up.
    let before = [run(0, &[], 1, 1), run(7, &[], 1, 4), run(8, &[], 1, 6)];
    let drift = remembered(&read(&written(&before)), &run(14, &[], 6, 8));
    let [adoption] = &drift.adoption[..] else {
        panic!("{:?}", drift.adoption)
    };
    assert_eq!(adoption.releases, 2);
    assert!((adoption.days.median - 11.0).abs() < 1e-9, "{adoption:?}");
    assert!((adoption.days.p90 - 12.0).abs() < 1e-9, "{adoption:?}");
    // 6 and 8 were newer than 4, and 8 newer than 6.
    assert!((adoption.behind.median - 1.0).abs() < 1e-9, "{adoption:?}");
    assert!((adoption.behind.p90 - 2.0).abs() < 1e-9, "{adoption:?}");
}

#[test]
fn an_edge_has_taken_up_what_its_last_file_names() {
    let mut half = run(7, &[], 4, 4);
    half.pins.insert(1, 1);
    let history = read(&written(&[run(0, &[], 1, 1), half]));
    let mut whole = run(14, &[], 4, 4);
    whole.pins.insert(1, 4);
    let drift = remembered(&history, &whole);
    assert!(
        (drift.adoption[0].days.median - 12.0).abs() < 1e-9,
        "{:?}",
        drift.adoption
    );
}

#[test]
fn a_silence_is_told_by_what_is_declared_or_usual() {
    let weekly: Vec<Run> = (0..4).map(|it| run(it * 7, &[], 1, 1)).collect();
    let history = read(&written(&weekly));
    let watched = history.watched(40 * DAY, None).unwrap();
    assert_eq!((watched.last / DAY, watched.expected / DAY), (21, 14));
    let day = Some(Duration::from_hours(24));
    assert_eq!(history.watched(40 * DAY, day).unwrap().expected, DAY);
    assert_eq!(read(&written(&weekly[..2])).watched(40 * DAY, None), None);
    assert!(
        read(&written(&weekly[..1]))
            .watched(40 * DAY, day)
            .is_some()
    );
    assert_eq!(History::default().watched(DAY, day), None);
    // Runs by hand, minutes apart, do not make a day without one a silence.
    let hurried: Vec<Run> = (0..5)
        .map(|it| Run {
            taken: it * 60,
            ..run(0, &[], 1, 1)
        })
        .collect();
    let watched = read(&written(&hurried)).watched(DAY, None).unwrap();
    assert_eq!(watched.expected, 2 * DAY);
}

#[test]
fn a_file_without_bounds_is_not_read() {
    let history = History::read(&vec![b'\n'; Limit::HISTORY.bytes + 1]);
    assert!(
        history.remarks(0)[0].contains("more than the 64 MiB"),
        "{:?}",
        history.remarks(0)
    );
}
