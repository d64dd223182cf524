use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;

use super::*;

fn id(name: &str) -> RepoId {
    RepoId::new(name)
}

fn queue(items: &[(&str, &[&str])]) -> Queue<RepoId> {
    Queue::new(
        items
            .iter()
            .map(|(name, on)| (id(name), on.iter().map(|it| id(it)).collect())),
    )
}

fn failed() -> Fate {
    Fate::Failed {
        why: "no".to_owned(),
        help: None,
        out: Vec::new(),
    }
}

const DIAMOND: &[(&str, &[&str])] = &[
    ("root", &[]),
    ("left", &["root"]),
    ("right", &["root"]),
    ("top", &["left", "right"]),
];

#[test]
fn upstream_ends_before_downstream_starts() {
    let mut log = Vec::new();
    let work = |_: &RepoId, teller: &Teller<'_>| {
        teller.started();
        Fate::Nothing
    };
    drive(
        queue(DIAMOND),
        4,
        &AtomicBool::new(false),
        &work,
        &mut |event| {
            log.push(event);
        },
    );
    let at = |repo: &str, ended: bool| {
        let mine = |it: &Event| match it {
            Event::Started { repo: r } => !ended && r.as_str() == repo,
            Event::Ended { repo: r, .. } => ended && r.as_str() == repo,
            _ => false,
        };
        log.iter().position(mine).unwrap()
    };
    for (name, on) in DIAMOND {
        for up in *on {
            assert!(at(up, true) < at(name, false), "{up} before {name}");
        }
    }
}

#[test]
fn leaves_really_overlap() {
    // Each waits for the other: a driver that runs them one by one would never end.
    let barrier = Barrier::new(2);
    let work = |repo: &RepoId, _: &Teller<'_>| {
        if repo.as_str() != "root" {
            barrier.wait();
        }
        Fate::Nothing
    };
    let items: &[(&str, &[&str])] = &[("root", &[]), ("a", &["root"]), ("b", &["root"])];
    let outcome = drive(queue(items), 2, &AtomicBool::new(false), &work, &mut |_| {});
    assert_eq!(outcome.fates.len(), 3);
}

#[test]
fn a_failure_stops_only_what_stands_on_it() {
    let work = |repo: &RepoId, _: &Teller<'_>| match repo.as_str() {
        "left" => failed(),
        _ => Fate::Nothing,
    };
    let outcome = drive(
        queue(DIAMOND),
        2,
        &AtomicBool::new(false),
        &work,
        &mut |_| {},
    );
    let skipped = Fate::Skipped {
        because: id("left"),
    };
    let want: BTreeMap<_, _> = [
        (id("root"), Fate::Nothing),
        (id("left"), failed()),
        (id("right"), Fate::Nothing),
        (id("top"), skipped),
    ]
    .into();
    assert_eq!(outcome.fates, want);
}

#[test]
fn a_panic_is_a_failure_and_siblings_go_on() {
    let work = |repo: &RepoId, _: &Teller<'_>| {
        assert!(repo.as_str() != "left", "planted");
        Fate::Nothing
    };
    let outcome = drive(
        queue(DIAMOND),
        2,
        &AtomicBool::new(false),
        &work,
        &mut |_| {},
    );
    assert!(matches!(outcome.fates[&id("left")], Fate::Failed { .. }));
    assert_eq!(outcome.fates[&id("right")], Fate::Nothing);
    assert!(matches!(outcome.fates[&id("top")], Fate::Skipped { .. }));
}

#[test]
fn an_interrupt_lets_the_running_end_and_starts_nothing() {
    let flag = AtomicBool::new(false);
    let work = |_: &RepoId, _: &Teller<'_>| {
        flag.store(true, Ordering::Relaxed);
        Fate::Nothing
    };
    let outcome = drive(queue(DIAMOND), 1, &flag, &work, &mut |_| {});
    assert_eq!(outcome.fates[&id("root")], Fate::Nothing);
    for name in ["left", "right", "top"] {
        assert_eq!(outcome.fates[&id(name)], Fate::Interrupted);
    }
}

/// One to whom nobody answers the first two times is tried again, behind the others that are ready;
/// what stands on it waits for it.
#[test]
fn no_answer_is_no_failure_until_the_tries_are_over() {
    let log = Mutex::new(Vec::new());
    let work = |repo: &RepoId, _: &Teller<'_>| {
        let mut log = log.lock().unwrap();
        log.push(repo.as_str().to_owned());
        let tries = log.iter().filter(|it| *it == repo.as_str()).count();
        match (repo.as_str(), tries) {
            ("left", 1 | 2) | ("mute", _) => Turn::Again {
                fate: failed(),
                patience: Duration::from_millis(130),
            },
            _ => Turn::Ended(Fate::Nothing),
        }
    };
    let items: &[(&str, &[&str])] = &[
        ("root", &[]),
        ("left", &["root"]),
        ("right", &["root"]),
        ("top", &["left", "right"]),
        ("mute", &[]),
        ("on-mute", &["mute"]),
    ];
    let outcome = drive(queue(items), 1, &AtomicBool::new(false), &work, &mut |_| {});
    let log = log.into_inner().unwrap();
    let at = |repo: &str| log.iter().position(|it| it == repo).unwrap();
    assert_eq!(outcome.fates[&id("top")], Fate::Nothing, "{log:?}");
    assert!(
        at("right") < log.iter().rposition(|it| it == "left").unwrap(),
        "{log:?}"
    );
    assert_eq!(
        log.iter().filter(|it| *it == "mute").count(),
        1 + PAUSES.len()
    );
    assert_eq!(outcome.fates[&id("mute")], failed());
    let because = id("mute");
    assert_eq!(outcome.fates[&id("on-mute")], Fate::Skipped { because });
}

#[test]
fn an_interrupt_ends_what_waits_for_another_try() {
    let flag = AtomicBool::new(false);
    let work = |_: &RepoId, _: &Teller<'_>| {
        flag.store(true, Ordering::Relaxed);
        Turn::Again {
            fate: failed(),
            patience: Duration::from_hours(1),
        }
    };
    let outcome = drive(queue(DIAMOND), 1, &flag, &work, &mut |_| {});
    for (name, _) in DIAMOND {
        assert_eq!(outcome.fates[&id(name)], Fate::Interrupted);
    }
}

/// With one job, five wait at once, and no two work at once.
#[test]
fn who_only_waits_keeps_nobody_from_work() {
    let all: &[(&str, &[&str])] = &[("a", &[]), ("b", &[]), ("c", &[]), ("d", &[]), ("e", &[])];
    let (together, working) = (Barrier::new(all.len()), AtomicUsize::new(0));
    let work = |_: &RepoId, teller: &Teller<'_>| {
        let alone = || {
            assert_eq!(
                working.fetch_add(1, Ordering::SeqCst),
                0,
                "two work at once"
            );
            thread::sleep(Duration::from_millis(5));
            working.fetch_sub(1, Ordering::SeqCst);
        };
        alone();
        teller.resting(|| {
            together.wait();
        });
        alone();
        Fate::Nothing
    };
    let told = drive(queue(all), 1, &AtomicBool::new(false), &work, &mut |_| {});
    assert!(
        told.fates.values().all(|it| *it == Fate::Nothing),
        "{told:?}"
    );
    assert_eq!(told.fates.len(), all.len());
}
