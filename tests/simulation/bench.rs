//! The simulation of runs, over many more seeds than the tests take.
//!
//! `cargo bench -p cascade-plan --bench simulation` prints Markdown; `CASCADE_SIMULATION_SEEDS=7..8`
//! runs these only, and says how the smallest form of each that fails looks.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark that can not run should stop, and prints its table"
)]

mod family;
mod machine;
mod mutants;
mod seeds;
mod town;
mod world;

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;

use mutants::Mutant;
use seeds::{caught_by, setting, smallest, verdict};

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    let given = std::env::var("CASCADE_SIMULATION_SEEDS").ok();
    let seeds = given.map_or(0..100_000, |it| range(&it));
    let (failed, faults) = all(seeds.clone());
    println!(
        "{} seeds, {} broken\n\n| fault | times |\n|---|---|",
        seeds.end - seeds.start,
        failed.len()
    );
    for fault in town::KINDS {
        let times = faults.get(fault).copied().unwrap_or_default();
        println!("| {fault} | {times} |");
    }
    for seed in &failed {
        let words = smallest(*seed, Mutant::Original).expect("it failed before");
        println!("\n{words}");
    }
    println!("\n| done wrong on purpose | first seed | what breaks |\n|---|---|---|");
    for mutant in Mutant::ALL {
        let (seed, why) = caught_by(*mutant, seeds.clone()).map_or_else(
            || ("-".to_owned(), String::new()),
            |(seed, why)| (seed.to_string(), why),
        );
        println!("| {} | {seed} | {why} |", mutant.words());
    }
    assert!(failed.is_empty(), "{} seeds are broken", failed.len());
}

fn range(text: &str) -> Range<u64> {
    let (from, to) = text.split_once("..").expect("seeds as 0..1000");
    from.parse().expect("a number")..to.parse().expect("a number")
}

/// Returns the seeds that break, and how often each fault was injected.
fn all(seeds: Range<u64>) -> (Vec<u64>, BTreeMap<&'static str, u64>) {
    let threads = thread::available_parallelism().map_or(1, |it| it.get() as u64);
    let (mut failed, mut faults) = (Vec::new(), BTreeMap::new());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|at| {
                let mine = seeds.clone().filter(move |it| it % threads == at);
                scope.spawn(move || mine.map(|it| (it, one(it))).collect::<Vec<_>>())
            })
            .collect();
        for worker in workers {
            for (seed, (broken, injected)) in worker.join().expect("a simulation ends") {
                if broken {
                    failed.push(seed);
                }
                for (fault, times) in injected {
                    *faults.entry(fault).or_default() += times;
                }
            }
        }
    });
    failed.sort_unstable();
    (failed, faults)
}

fn one(seed: u64) -> (bool, BTreeMap<&'static str, u64>) {
    let (broken, report) = verdict(setting(seed, Mutant::Original));
    (broken.is_some(), report.faults)
}
