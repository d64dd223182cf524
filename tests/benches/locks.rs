//! The benchmark of locks: reading, editing, writing and moving, beside what others do, in one run.
//!
//! `cargo bench -p cascade --bench locks` prints Markdown tables; `-- judged edited` only the parts
//! named: `judged`, `edited`, `written`, `tools`. The last takes the ecosystems' tools
//! that are on PATH. Both ways to move a lock are compared byte for byte by the differential
//! program: `cargo run --release -p cascade --example differential`.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a benchmark that can not run should stop, and prints its table"
)]

#[path = "../differential/archive.rs"]
mod archive;
#[path = "locks/bumped.rs"]
mod bumped;
#[path = "locks/edited.rs"]
mod edited;
#[path = "locks/family.rs"]
mod family;
#[path = "locks/texts.rs"]
mod texts;
#[path = "locks/written.rs"]
mod written;

use std::time::{Duration, Instant};

use cascade_manifest::{ALL, Lock};

/// How often everything is done, by turns.
const ROUNDS: usize = 9;
/// How long a sample takes at least; quicker works are repeated.
const SAMPLE: Duration = Duration::from_millis(4);

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    let parts: [(&str, fn()); 4] = [
        ("judged", edited::judged),
        ("edited", edited::edited),
        ("written", written::written),
        ("tools", bumped::bumped),
    ];
    let words: Vec<String> = std::env::args().skip(1).collect();
    let is_named = |name: &str| words.iter().any(|it| it == name);
    let some = parts.iter().any(|(name, _)| is_named(name));
    for (name, part) in parts {
        if !some || is_named(name) {
            part();
        }
    }
}

/// Prints the head of a table of rows.
fn head() {
    println!("\n| what | cascade ms | beside it | ms | ratio |\n|---|---:|---|---:|---:|");
}

/// Returns the median times of two works, done by turns.
fn beside(one: &mut dyn FnMut(), other: &mut dyn FnMut()) -> (Duration, Duration) {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    let often = (often(one), often(other));
    for _ in 0..ROUNDS {
        ones.push(timed(one, often.0));
        others.push(timed(other, often.1));
    }
    (median(ones), median(others))
}

/// Returns how often a work is done in one sample.
fn often(work: &mut dyn FnMut()) -> u32 {
    work();
    let once = timed(work, 1).max(Duration::from_nanos(100));
    u32::try_from(SAMPLE.as_nanos() / once.as_nanos()).map_or(1, |it| it.clamp(1, 10_000))
}

/// Returns how long a work takes, of so many done in a row.
fn timed(work: &mut dyn FnMut(), often: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..often {
        work();
    }
    start.elapsed() / often
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn row(what: &str, other: &str, (own, theirs): (Duration, Duration)) {
    let ms = |it: Duration| it.as_secs_f64() * 1000.0;
    let (own, theirs) = (ms(own), ms(theirs));
    println!(
        "| {what} | {own:.3} | {other} | {theirs:.3} | {:.1} |",
        theirs / own
    );
}

fn lock(name: &str) -> &'static dyn Lock {
    let mut locks = ALL.iter().flat_map(|it| it.locks.iter().copied());
    locks
        .find(|it| it.file_name() == name)
        .expect("a lock format")
}
