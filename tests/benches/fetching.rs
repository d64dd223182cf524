//! What a fetch of many remotes costs: `cascade fetch` of checkouts and of clones for reports, beside the
//! loop that people type.
//!
//! `cargo bench -p cascade --bench fetching` makes 100 repositories with bare remotes on this disk and
//! prints two Markdown tables: nothing new, and one new commit in each. `CASCADE_BENCH_SIZES` says how many
//! repositories, `CASCADE_BENCH_ROUNDS` how often each command is measured, by turns (7).
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark that can not run should stop, and prints its table"
)]

mod generator;
mod measure;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use measure::{Cost, Subject};

/// Makes the bare remotes from what was generated; they know filters.
const SERVE: &str = "git clone -q --bare \"seed/$1\" \"origins/$1.git\" && \
    git -C \"origins/$1.git\" config uploadpack.allowFilter true";
/// Adds a commit that changes one file to a remote.
const COMMIT: &str = "printf 'commit refs/heads/main\\ncommitter a <a@example.invalid> %s +0000\\n\
    data 7\\nfix: it\\nfrom refs/heads/main^0\\nM 100644 inline src1/file1.txt\\ndata %s\\n%s\\n' \
    \"$(date +%s)\" \"${#2}\" \"$2\" | git -C \"origins/$1.git\" fast-import --quiet";

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    let size = number("CASCADE_BENCH_SIZES", 100);
    let rounds = number("CASCADE_BENCH_ROUNDS", 7);
    let scratch = tempfile::tempdir().expect("scratch folder");
    let bench = Bench::made(scratch.path(), size);
    println!(
        "{size} remotes on this disk; medians of {rounds} rounds, by turns\n\n\
         | nothing new | wall s | wall : loop | CPU : loop | calls/repo | children/repo | peak MB |\n\
         |---|---:|---:|---:|---:|---:|---:|"
    );
    let costs = bench.measured(rounds, || ());
    for ((folder, subject), cost) in bench.subjects.iter().zip(&costs) {
        let per = |count: u64| format!("{:.1}", count as f64 / size as f64);
        let traced = subject.traced(folder);
        let (calls, children) = traced.map_or(("no strace".into(), "no strace".into()), |it| {
            (per(it.calls), per(it.children))
        });
        let peak = subject.peak(folder);
        println!(
            "{} {calls} | {children} | {peak:.1} |",
            row(subject.name, *cost, costs[0])
        );
    }
    println!(
        "\n| one new commit in each | wall s | wall : loop | CPU : loop |\n|---|---:|---:|---:|"
    );
    let mut round = 0;
    let costs = bench.measured(rounds, || {
        round += 1;
        bench.each(COMMIT, &format!("round {round}"));
    });
    for ((_, subject), cost) in bench.subjects.iter().zip(&costs) {
        println!("{}", row(subject.name, *cost, costs[0]));
    }
}

/// Returns the cells that both tables have.
fn row(name: &str, cost: Cost, first: Cost) -> String {
    format!(
        "| {name} | {:.3} | {:.2} | {:.2} |",
        cost.wall,
        cost.wall / first.wall,
        cost.cpu / first.cpu
    )
}

/// Returns the number that a variable says.
fn number(name: &str, usual: usize) -> usize {
    #[expect(
        clippy::disallowed_methods,
        reason = "a benchmark is told by its environment"
    )]
    let said = std::env::var(name).ok();
    said.map_or(usual, |it| it.trim().parse().expect("a number"))
}

/// Remotes, and a folder of clones of them for each command.
struct Bench {
    root: PathBuf,
    subjects: Vec<(PathBuf, Subject)>,
}

impl Bench {
    fn made(root: &Path, size: usize) -> Self {
        generator::generate(&root.join("seed"), size);
        let names: Vec<String> = (0..size).map(|it| format!("acme-{it:04}")).collect();
        let lines = names.join("\n") + "\n";
        let declared = fs::read_to_string(root.join("seed/workspace.toml")).expect("declared");
        let declared = names.iter().fold(declared, |text, name| {
            let table = format!("[repo.{name}]\n");
            let remote = root.join(format!("origins/{name}.git"));
            let with = format!("{table}remote = \"{}\"\n", remote.display());
            text.replace(&table, &with)
        });
        put(&root.join("repos.txt"), &lines);
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let typed = "-I{} git -C {} fetch --quiet --tags --prune";
        let typed = format!("xargs -P{cores} -a repos.txt {typed}");
        let commands = [
            ("`git fetch` in a loop", "checkouts-by-git", typed),
            ("`cascade fetch`", "checkouts", cascade("fetch")),
            (
                "`cascade fetch --mode report`",
                "reports",
                cascade("fetch --mode report"),
            ),
        ];
        let subjects = commands.map(|(name, folder, words)| {
            let folder = root.join(folder);
            fs::create_dir_all(&folder).expect("folder");
            put(&folder.join("repos.txt"), &lines);
            put(&folder.join("workspace.toml"), &declared);
            let argv = words.split(' ').map(str::to_owned).collect();
            (folder, Subject { name, argv })
        });
        let bench = Self {
            root: root.to_owned(),
            subjects: subjects.into(),
        };
        fs::create_dir_all(root.join("origins")).expect("folder");
        bench.each(SERVE, "");
        bench.each(
            "git clone -q \"origins/$1.git\" \"checkouts-by-git/$1\"",
            "",
        );
        bench
    }

    /// Runs a script for every repository, which is its first word.
    fn each(&self, script: &str, word: &str) {
        let words = [
            "xargs",
            "-P2",
            "-a",
            "repos.txt",
            "-I{}",
            "sh",
            "-c",
            script,
            "sh",
            "{}",
            word,
        ];
        let subject = Subject {
            name: "preparation",
            argv: words.map(str::to_owned).to_vec(),
        };
        subject.run(&self.root);
    }

    /// Returns the medians of the commands, each behind what comes before a round.
    fn measured(&self, rounds: usize, mut before: impl FnMut()) -> Vec<Cost> {
        let mut costs = vec![Vec::new(); self.subjects.len()];
        // The first round is not counted: it clones.
        for round in 0..=rounds {
            before();
            for ((folder, subject), costs) in self.subjects.iter().zip(&mut costs) {
                let cost = subject.run(folder);
                if round > 0 {
                    costs.push(cost);
                }
            }
        }
        costs.iter().map(|it| median(it)).collect()
    }
}

fn cascade(words: &str) -> String {
    format!("{} {words}", env!("CARGO_BIN_EXE_cascade"))
}

fn median(costs: &[Cost]) -> Cost {
    let of = |take: fn(&Cost) -> f64| {
        let mut values: Vec<_> = costs.iter().map(take).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost {
        wall: of(|it| it.wall),
        cpu: of(|it| it.cpu),
    }
}

fn put(path: &Path, text: &str) {
    let file = fs::File::create(path).and_then(|mut it| it.write_all(text.as_bytes()));
    file.expect("scratch file");
}
