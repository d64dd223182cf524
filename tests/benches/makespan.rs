//! How long a cascade takes, over the length of its longest chain: drawn publish delays, the queue and
//! the pace of readings that a release has, and a clock that is only counted.
//!
//! `cargo bench -p cascade-plan --bench makespan` prints a Markdown table.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark that can not run should stop, and prints its table"
)]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use cascade_plan::{Pace, Queue, Sight, Turn, Watch};
use fastrand::Rng;

/// A moment or a span, in milliseconds.
type Time = u64;

/// Draws what a repository of this number stands on.
type Shape = fn(&mut Rng, usize) -> Vec<usize>;

/// How many draws of each kind.
const DRAWS: u64 = 50;
/// More jobs than there are repositories.
const ENOUGH: usize = 10_000;

/// One repository: what it stands on, how long it is worked on, how long its package takes then.
struct Node {
    on: Vec<usize>,
    work: Time,
    publishes: Time,
}

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    println!(
        "| family | repositories | jobs | run / longest chain, median (most) | level by level, median (most) |\n|---|---|---|---|---|"
    );
    let shapes: [(&str, Shape); 4] = [
        ("chain", |_, at| at.checked_sub(1).into_iter().collect()),
        ("diamonds", |_, at| diamond(at)),
        ("wide", |_, at| (at > 0).then_some(0).into_iter().collect()),
        ("random", |rng, at| {
            let few = rng.usize(..4);
            (0..few)
                .filter(|_| at > 0)
                .map(|_| rng.usize(..at))
                .collect()
        }),
    ];
    for (name, shape) in shapes {
        for size in [10, 100, 1_000] {
            for jobs in [4, ENOUGH] {
                row(name, shape, size, jobs);
            }
        }
    }
}

/// Returns what stands on what in a line of diamonds: one, two beside each other, one again.
fn diamond(at: usize) -> Vec<usize> {
    match (at, at % 3) {
        (0, _) => Vec::new(),
        (_, 0) => vec![at - 2, at - 1],
        (_, 1) => vec![at - 1],
        _ => vec![at - 2],
    }
}

fn row(name: &str, shape: Shape, size: usize, jobs: usize) {
    let (mut ours, mut levels) = (Vec::new(), Vec::new());
    for seed in 0..DRAWS {
        let mut rng = Rng::with_seed(seed);
        let nodes: Vec<Node> = (0..size)
            .map(|at| Node {
                on: shape(&mut rng, at),
                work: rng.u64(2_000..60_000),
                publishes: delay(&mut rng),
            })
            .collect();
        let least = longest(&nodes) as f64;
        ours.push(run(&nodes, jobs, &mut rng.clone()) as f64 / least);
        levels.push(level_by_level(&nodes, jobs, &mut rng) as f64 / least);
    }
    let jobs = if jobs == ENOUGH {
        "enough".to_owned()
    } else {
        jobs.to_string()
    };
    println!(
        "| {name} | {size} | {jobs} | {} | {} |",
        shown(ours),
        shown(levels)
    );
}

fn shown(mut ratios: Vec<f64>) -> String {
    ratios.sort_by(f64::total_cmp);
    let most = ratios.last().expect("draws");
    format!("{:.3} ({most:.3})", ratios[ratios.len() / 2])
}

/// Draws how long a publisher takes: minutes mostly, a quarter of an hour at times.
fn delay(rng: &mut Rng) -> Time {
    let steps: f64 = (0..4).map(|_| rng.f64()).sum::<f64>() - 2.0;
    (240_000.0 * (steps * 1.5).exp()).clamp(20_000.0, 1_500_000.0) as Time
}

/// Returns the length of the longest chain, were every release seen the moment it is out.
fn longest(nodes: &[Node]) -> Time {
    let mut ends: Vec<Time> = Vec::new();
    for node in nodes {
        let begin = node.on.iter().map(|it| ends[*it]).max().unwrap_or(0);
        ends.push(begin + node.work + node.publishes);
    }
    ends.into_iter().max().unwrap_or(0)
}

/// Returns how long it takes until a release is seen to be visible, readings and all.
fn seen_after(publishes: Time, rng: &mut Rng) -> Time {
    let (mut watch, pace, mut spent) = (Watch::default(), Pace::default(), 0);
    loop {
        let sight = if spent < publishes {
            Sight::Absent { latest: None }
        } else {
            let file = ("a.whl".to_owned(), "sha256:00".to_owned());
            Sight::Complete {
                files: [file].into(),
            }
        };
        let Turn::Again { wait } = watch.hear(sight) else {
            return spent;
        };
        let pause = watch.pause(&pace, rng.u64(..), wait);
        spent += u64::try_from(pause.max(Duration::from_millis(1)).as_millis()).expect("short");
    }
}

/// Returns how long a run takes: whoever is ready starts, and to wait takes no job.
fn run(nodes: &[Node], jobs: usize, rng: &mut Rng) -> Time {
    let items = nodes.iter().enumerate();
    let mut queue = Queue::new(items.map(|(at, it)| (at, it.on.clone())));
    let mut line: BinaryHeap<Reverse<(Time, bool, usize)>> = BinaryHeap::new();
    let (mut now, mut free) = (0, jobs);
    loop {
        while free > 0 {
            let Some(at) = queue.next() else { break };
            free -= 1;
            line.push(Reverse((now + nodes[at].work, false, at)));
        }
        let Some(Reverse((time, visible, at))) = line.pop() else {
            return now;
        };
        now = time;
        if visible {
            queue.done(&at);
        } else {
            free += 1;
            let seen = seen_after(nodes[at].publishes, rng);
            line.push(Reverse((now + seen, true, at)));
        }
    }
}

/// Returns how long it takes where a level begins once the one before it is visible, all of it.
fn level_by_level(nodes: &[Node], jobs: usize, rng: &mut Rng) -> Time {
    let mut level = vec![0; nodes.len()];
    let mut levels: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        level[at] = node.on.iter().map(|it| level[*it] + 1).max().unwrap_or(0);
        levels.entry(level[at]).or_default().push(at);
    }
    let mut now = 0;
    for members in levels.values() {
        let mut jobs: BinaryHeap<Reverse<Time>> =
            (0..jobs.min(members.len())).map(|_| Reverse(now)).collect();
        let mut end = now;
        for at in members {
            let Reverse(free) = jobs.pop().expect("a job");
            let pushed = free + nodes[*at].work;
            jobs.push(Reverse(pushed));
            end = end.max(pushed + seen_after(nodes[*at].publishes, rng));
        }
        now = end;
    }
    now
}
