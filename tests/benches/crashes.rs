//! The sweep: a release is killed before and after every line of its journal, and several times in a
//! row, and is taken up again.
//!
//! `cargo bench -p cascade --bench crashes` prints a Markdown table; `CASCADE_CRASH_ROUNDS` says how
//! many releases are killed several times (40). Needs strace and python3.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark that can not run should stop, and prints its table"
)]

#[path = "../journeys/crashes/scene.rs"]
mod scene;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use scene::{Kill, Line, Moment, Round, Scene};

/// How many releases are killed at once: each waits most of the time.
const AT_ONCE: usize = 6;

/// What a row of the table counts.
#[derive(Debug, Default)]
struct Row {
    before: usize,
    after: usize,
    dispatched: usize,
    bad: usize,
}

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    println!("| killed at | before | after | published again by hand | not as without |");
    println!("|---|---:|---:|---:|---:|");
    let mut all = Row::default();
    for (kind, row) in sweep() {
        print(&kind, &row);
        all.before += row.before;
        all.after += row.after;
        all.dispatched += row.dispatched;
        all.bad += row.bad;
    }
    print("all", &all);
    let rounds = rounds();
    let in_a_row = in_a_row(rounds);
    let kills = in_a_row.iter().map(|it| it.kinds.len()).sum::<usize>();
    let dispatched = in_a_row.iter().map(|it| it.dispatched).sum::<usize>();
    let bad = in_a_row.iter().filter(|it| !it.bad.is_empty()).count();
    println!(
        "\n{rounds} releases killed {kills} times in all: {dispatched} published again by hand, {bad} not as without."
    );
    assert!(all.bad + bad == 0, "a killed release ended otherwise");
}

fn print(kind: &str, row: &Row) {
    println!(
        "| {kind} | {} | {} | {} | {} |",
        row.before, row.after, row.dispatched, row.bad
    );
}

/// Kills a release before and after each line, from the first to the last, and counts by kind.
fn sweep() -> BTreeMap<String, Row> {
    let rows = Mutex::new(BTreeMap::<String, Row>::new());
    for moment in [Moment::Before, Moment::After] {
        let (next, ended) = (AtomicUsize::new(1), AtomicBool::new(false));
        side_by_side(|scene| {
            while !ended.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let round = scene.round(&[(moment, Line::Number(number))]);
                let Some(kind) = round.kinds.first() else {
                    return ended.store(true, Ordering::Relaxed);
                };
                let mut rows = rows.lock().unwrap();
                let row = rows.entry(kind.clone()).or_default();
                match moment {
                    Moment::Before => row.before += 1,
                    Moment::After => row.after += 1,
                }
                row.dispatched += round.dispatched;
                row.bad += usize::from(told(&format!("{moment:?} {number}"), &round));
            }
        });
    }
    rows.into_inner().unwrap()
}

/// Kills releases two to six times each, at lines that are drawn.
fn in_a_row(rounds: usize) -> Vec<Round> {
    let done = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    side_by_side(|scene| {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= rounds {
                return;
            }
            let kills = drawn(seed);
            let round = scene.round(&kills);
            told(&format!("{kills:?}"), &round);
            done.lock().unwrap().push(round);
        }
    });
    done.into_inner().unwrap()
}

/// Returns the kills of a seed: the first anywhere, the later ones soon after the run is taken up.
fn drawn(seed: usize) -> Vec<Kill> {
    let mut state = seed as u64 + 1;
    let mut draw = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let times = 2 + draw(5);
    (0..times)
        .map(|it| {
            let lines = if it == 0 { 31 } else { 8 };
            let number = usize::try_from(draw(lines)).expect("a small number") + 1;
            let moment = if draw(2) == 0 {
                Moment::Before
            } else {
                Moment::After
            };
            // Every third later one comes at the next push.
            let line = match it {
                1.. if number % 3 == 0 => Line::Kind("pushes".to_owned(), 1),
                _ => Line::Number(number),
            };
            (moment, line)
        })
        .collect()
}

fn side_by_side(work: impl Fn(&Scene) + Sync) {
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| work(&Scene::found("0.3").expect("what it needs")));
        }
    });
}

/// Says what was not as it should be; returns whether anything was.
fn told(of: &str, round: &Round) -> bool {
    if !round.bad.is_empty() {
        println!("{of}: {round:#?}");
    }
    !round.bad.is_empty()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark is told by its environment"
)]
fn rounds() -> usize {
    let said = std::env::var("CASCADE_CRASH_ROUNDS");
    said.map_or(40, |it| it.parse().expect("a number"))
}
