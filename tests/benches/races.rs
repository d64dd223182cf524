//! The races for the lock between machines: the real binary, many at once, one real remote.
//!
//! `cargo bench -p cascade --bench races` starts fifty at once, a hundred times, each with a state
//! folder and a clone of its own, and prints a Markdown table; `-- 12 3` starts twelve, three times.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that can not run should stop, and prints its table"
)]

#[path = "../journeys/machines/field.rs"]
mod field;

use std::time::{Duration, Instant};

use field::{Ended, Field};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cascade");
const RELEASE: &[&str] = &["release", "--repo", "side=patch", "--yes"];

/// What the rounds came to.
#[derive(Default)]
struct Sums {
    /// How often exactly one ran.
    one_winner: usize,
    /// How many that did not run named the process that did.
    named: usize,
    /// How many that did not run said something else.
    other: Vec<String>,
    /// How long the others took until they said so.
    took: Vec<Duration>,
}

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    let words: Vec<String> = std::env::args().collect();
    if !words.iter().any(|it| it == "--bench") {
        return;
    }
    let mut numbers = words.iter().filter_map(|it| it.parse::<usize>().ok());
    let (machines, rounds) = (numbers.next().unwrap_or(50), numbers.next().unwrap_or(100));
    let field = Field::new(PROGRAM, "");
    let mut sums = Sums::default();
    let begin = Instant::now();
    for round in 1..=rounds {
        let ended = field.race(machines, RELEASE);
        sums.add(&ended);
        let tags = field.tags("side").len();
        assert_eq!(tags, 1 + round, "a round released more or less than once");
        assert!(
            field.lock().1.contains("\"state\":\"free\""),
            "it stays held"
        );
    }
    print(&mut sums, (machines, rounds), begin.elapsed());
}

impl Sums {
    fn add(&mut self, ended: &[Ended]) {
        let ran: Vec<&Ended> = ended.iter().filter(|it| it.code == 0).collect();
        self.one_winner += usize::from(ran.len() == 1);
        let who = ran
            .first()
            .map(|it| format!("process {}, since", it.process));
        for it in ended.iter().filter(|it| it.code != 0) {
            let said = &it.said;
            if it.code == 3 && who.as_ref().is_some_and(|who| said.contains(who)) {
                self.named += 1;
            } else {
                self.other
                    .push(format!("{}, exit {}: {said}", it.machine, it.code));
            }
            self.took.push(it.took);
        }
    }
}

fn print(sums: &mut Sums, (machines, rounds): (usize, usize), whole: Duration) {
    sums.took.sort_unstable();
    let at = |part: usize| {
        let last = sums.took.len().saturating_sub(1);
        let it = sums
            .took
            .get(last * part / 100)
            .copied()
            .unwrap_or_default();
        format!("{:.1} s", it.as_secs_f64())
    };
    println!(
        "| at once | rounds | exactly one ran | others that named it | others that said something else |"
    );
    println!("|---|---|---|---|---|");
    println!(
        "| {machines} | {rounds} | {} | {} | {} |",
        sums.one_winner,
        sums.named,
        sums.other.len()
    );
    println!(
        "\nThe others said so after {} (half), {} (99 of 100), {} (the last one); all of it took {:.0} s.",
        at(50),
        at(99),
        at(100),
        whole.as_secs_f64()
    );
    for it in sums.other.iter().take(5) {
        println!("\n{it}");
    }
}
