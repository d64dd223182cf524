//! What nobody should write: no reader takes over a second of CPU for 10 MB of it.
//!
//! `cargo bench -p cascade-run --bench hostile` prints a Markdown table of the slowest text for
//! each reader; words after `--` choose readers and shapes that contain one of them. A text grows
//! by steps until a reader is too slow for it, so that what is quadratic is told early.
//! `CASCADE_HOSTILE_MB` sets another size.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a benchmark that can not run should stop, and prints its table"
)]

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use readers::Reader;

#[path = "hostile/grown.rs"]
mod grown;
#[path = "hostile/readers.rs"]
mod readers;
#[path = "hostile/shapes.rs"]
mod shapes;

/// How long a reader may take.
const LONGEST: Duration = Duration::from_secs(1);
/// Twice the text may take this much longer, where it takes long enough to tell.
const STEEPEST: f64 = 2.6;

/// What a reader took for a text.
#[derive(Debug, Clone)]
struct Taken {
    shape: String,
    size: usize,
    time: Duration,
    /// How much longer than for half of it.
    ratio: Option<f64>,
}

impl Taken {
    fn is_bad(&self) -> bool {
        self.time > LONGEST || self.ratio.is_some_and(|it| it > STEEPEST)
    }
}

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    if !words.iter().any(|it| it == "--bench") {
        return;
    }
    words.retain(|it| !it.starts_with("--"));
    let size = std::env::var("CASCADE_HOSTILE_MB").ok();
    let size = size.map_or(10.0, |it| it.parse::<f64>().expect("a number"));
    let size = (size * f64::from(1 << 20)) as usize;
    let is_wanted =
        |what: &str| words.is_empty() || words.iter().any(|it| what.contains(it.as_str()));
    let mut worst: BTreeMap<String, Taken> = BTreeMap::new();
    let mut told = |reader: &Reader, taken: Taken| {
        if taken.is_bad() {
            println!("bad: {}: {}", reader.name, row(&taken));
        }
        let known = worst
            .entry(reader.name.clone())
            .or_insert_with(|| taken.clone());
        let key = |it: &Taken| (it.is_bad(), it.time.as_secs_f64() / it.size as f64);
        if key(&taken) > key(known) {
            *known = taken;
        }
    };
    let mut readers = readers::readers();
    readers.extend(grown::replaced());
    for shape in shapes::SHAPES {
        for reader in &readers {
            if is_wanted(&format!("{} {}", reader.name, shape.0)) {
                told(
                    reader,
                    taken(reader, shape.0, &|size| shape.text(size), size),
                );
            }
        }
    }
    for part in grown::grown() {
        for reader in part.readers() {
            if is_wanted(&format!("{} {}", reader.name, part.name)) {
                told(
                    &reader,
                    taken(&reader, &part.name, &|size| part.text(size), size),
                );
            }
        }
    }
    println!("| reader | slowest text | MB | CPU s | twice the text |\n|---|---|---:|---:|---:|");
    for (reader, taken) in &worst {
        println!("| {reader} | {} |", row(taken));
    }
    let bad = worst.values().filter(|it| it.is_bad()).count();
    println!("\n{} readers, {bad} too slow.", worst.len());
}

fn row(it: &Taken) -> String {
    let ratio = it.ratio.map_or(String::new(), |it| format!("{it:.1}"));
    format!(
        "{} | {:.1} | {:.3} | {ratio}",
        it.shape
            .chars()
            .take(100)
            .collect::<String>()
            .escape_debug(),
        it.size as f64 / f64::from(1 << 20),
        it.time.as_secs_f64(),
    )
}

/// Gives a reader larger and larger texts of one shape.
fn taken(reader: &Reader, shape: &str, text: &dyn Fn(usize) -> String, size: usize) -> Taken {
    let mut last: Option<Taken> = None;
    for part in [32, 8, 2, 1] {
        let text = text(size / part);
        if std::env::var_os("CASCADE_HOSTILE_LOUD").is_some() {
            eprintln!("{}: {shape}: {}", reader.name, text.len());
        }
        let time = cpu(|| (reader.read)(&text));
        let steps = |it: &Taken| (text.len() as f64 / it.size as f64).log2();
        let ratio = last
            .as_ref()
            .filter(|it| it.time > Duration::from_millis(100))
            .map(|it| (time.as_secs_f64() / it.time.as_secs_f64()).powf(1.0 / steps(it)));
        let taken = Taken {
            shape: shape.to_owned(),
            size: text.len(),
            time,
            ratio,
        };
        let is_bad = taken.time > LONGEST;
        last = Some(taken);
        if is_bad {
            break;
        }
    }
    last.expect("a step")
}

/// Returns the CPU time of this thread that the work took.
fn cpu(work: impl FnOnce()) -> Duration {
    let spent = || {
        let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
        let nanoseconds = text.split_whitespace().next().expect("a number");
        Duration::from_nanos(nanoseconds.parse().expect("a number"))
    };
    let before = spent();
    work();
    spent().saturating_sub(before)
}
