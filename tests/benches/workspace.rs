//! The benchmark: cascade beside what people type today, on 100 and 1,000 repositories.
//!
//! `cargo bench -p cascade` prints a Markdown table; `CASCADE_BENCH_SIZES=100` makes it short, and
//! `CASCADE_BENCH_WORKSPACE=DIR` takes a folder with a `workspace.toml` and a `repos.txt` (one clone a
//! line) instead of generating one.
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
use std::path::{Path, PathBuf};

use measure::{Cost, Subject};

/// How often every command is measured, by turns.
const ROUNDS: usize = 7;

/// `describe; status; rev-list`: what many have as an alias.
const LOOP3: &str = "cd \"$1\" && t=$(git describe --tags --abbrev=0); git describe --tags; \
    git status --porcelain; git rev-list --count \"$t\"..HEAD; true";
/// The same with branch, messages and manifest: nearest to what `cascade status` tells.
const LOOP_FULL: &str = "cd \"$1\" && git status --porcelain=v2 --branch; \
    t=$(git describe --tags --abbrev=0); git describe --tags; git tag --merged HEAD --sort=-v:refname; \
    git rev-list --count \"$t\"..HEAD; git log --format=%B \"$t\"..HEAD; \
    grep -hE '^ *\"?version' pyproject.toml package.json Cargo.toml; \
    grep -h -A1 acme uv.lock package-lock.json Cargo.lock; true";
const STATUS: &str = "cd \"$1\" && git status -sb";

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    let given = variable("CASCADE_BENCH_WORKSPACE").map(PathBuf::from);
    let scratch = tempfile::tempdir().expect("scratch folder");
    if let Some(folder) = given {
        let repos = fs::read_to_string(folder.join("repos.txt")).expect("repos.txt");
        report(&folder, repos.lines().count());
        return;
    }
    let sizes = variable("CASCADE_BENCH_SIZES").unwrap_or_else(|| "100,1000".to_owned());
    for size in sizes
        .split(',')
        .map(|it| it.trim().parse().expect("a number"))
    {
        let folder = scratch.path().join(format!("ws{size}"));
        generator::generate(&folder, size);
        let names: Vec<_> = (0..size).map(|it| format!("acme-{it:04}\n")).collect();
        let written = fs::File::create(folder.join("repos.txt"))
            .and_then(|mut it| std::io::Write::write_all(&mut it, names.concat().as_bytes()));
        written.expect("repos.txt");
        report(&folder, size);
        fs::remove_dir_all(&folder).expect("scratch folder goes");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark is told by its environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Returns the first repository of a workspace: much stands on it.
fn first_repo(folder: &Path) -> String {
    let repos = fs::read_to_string(folder.join("repos.txt")).expect("repos.txt");
    let first = repos.lines().next().expect("a repository");
    first.rsplit('/').next().unwrap_or(first).to_owned()
}

fn subjects(repo: &str) -> Vec<Subject> {
    let cascade = |name, words: &str| Subject {
        name,
        argv: std::iter::once(env!("CARGO_BIN_EXE_cascade"))
            .chain(words.split(' '))
            .map(str::to_owned)
            .collect(),
    };
    let shell = |name, script: &str| Subject {
        name,
        argv: [
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
        ]
        .map(str::to_owned)
        .to_vec(),
    };
    vec![
        cascade("`cascade status`", "status --format json"),
        cascade("`cascade plan`", "plan --format json"),
        cascade("`cascade graph`", "graph --format json"),
        cascade("`cascade drift`", "drift --format json --fail-on never"),
        cascade(
            "plan of one bump",
            &format!("plan --for bump --repo {repo} --format json"),
        ),
        shell("describe, status, rev-list", LOOP3),
        shell("the full loop", LOOP_FULL),
        shell("`git status -sb`", STATUS),
    ]
}

fn report(folder: &Path, size: usize) {
    let subjects = subjects(&first_repo(folder));
    let mut costs = vec![Vec::new(); subjects.len()];
    for _ in 0..ROUNDS {
        for (subject, costs) in subjects.iter().zip(&mut costs) {
            // What another command left in the caches shall not count for or against this one.
            subject.run(folder);
            costs.push(subject.run(folder));
        }
    }
    let medians: Vec<_> = costs.iter().map(|it| median(it)).collect();
    let first = medians[0];
    println!("\n### {size} repositories\n");
    println!(
        "| command | wall s | CPU ms/repo | wall : status | CPU : status | calls/repo | children/repo | peak MB |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for (subject, cost) in subjects.iter().zip(&medians) {
        let (calls, children) = match subject.traced(folder) {
            Some(it) => (per(it.calls, size), per(it.children, size)),
            None => ("no strace".to_owned(), "no strace".to_owned()),
        };
        println!(
            "| {} | {:.3} | {:.2} | {:.2} | {:.2} | {calls} | {children} | {:.1} |",
            subject.name,
            cost.wall,
            cost.cpu * 1000.0 / size as f64,
            cost.wall / first.wall,
            cost.cpu / first.cpu,
            subject.peak(folder),
        );
    }
    println!("\n{}", bump(folder));
}

/// Carries one bump out, in clean checkouts and with no tool but git, and says what it took.
fn bump(folder: &Path) -> String {
    let script = "while read -r r; do git -C \"$r\" reset -q --hard; git -C \"$r\" clean -qfd; done < repos.txt; \
        mkdir -p only-git && ln -sf \"$(command -v git)\" only-git/git";
    let prepare = Subject {
        name: "preparation",
        argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
    };
    prepare.run(folder);
    let repo = first_repo(folder);
    let words = format!("env PATH=BIN CASCADE bump --repo {repo} --yes --no-commit");
    let bin = folder.join("only-git");
    let words = words.replace("CASCADE", env!("CARGO_BIN_EXE_cascade"));
    let words = words.replace("BIN", bin.to_str().expect("a path of UTF-8"));
    let subject = Subject {
        name: "one bump",
        argv: words.split(' ').map(str::to_owned).collect(),
    };
    let cost = subject.run(folder);
    format!(
        "One `cascade bump`: {:.3} s, {:.3} s of CPU.",
        cost.wall, cost.cpu
    )
}

fn per(count: u64, size: usize) -> String {
    format!("{:.1}", count as f64 / size as f64)
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
