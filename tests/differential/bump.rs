//! One bump, made both ways, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cascade_manifest::{Bump, Entry, Fallback, Lock, Move, Stand, ecosystem};

use crate::facts::Recorder;
use crate::shelf::{go_module, python_version};
use crate::subjects::{Subject, rows};
use crate::tools::Tools;
use crate::world::Case;

/// What came of a bump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Both ways wrote the same bytes.
    Equal,
    /// The native way gave up, for this reason, and the tool did it.
    FellBack(String),
    /// Neither way did it.
    Refused(String),
    /// The tool moved more than it was asked to, this, and leaves the native lock as it is.
    Churned(String),
    /// The two ways differ, in this.
    Different(String),
}

/// A bump that was tried.
pub(crate) struct Tried {
    pub(crate) what: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) native: Duration,
    pub(crate) tool: Duration,
    /// Everything that was given and answered, for the record.
    pub(crate) record: String,
}

/// A project with its first lock.
pub(crate) struct Project<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) cases: &'a [Case],
    pub(crate) base: &'a str,
    pub(crate) tools: &'a Tools,
    pub(crate) scratch: &'a Path,
    pub(crate) lock: String,
}

impl<'a> Project<'a> {
    /// Lays a project out and makes its first lock.
    pub(crate) fn found(
        (subject, cases): (&'a Subject, &'a [Case]),
        (base, tools, scratch): (&'a str, &'a Tools, &'a Path),
    ) -> Result<Self, String> {
        let mut it = Self {
            subject,
            cases,
            base,
            tools,
            scratch,
            lock: String::new(),
        };
        let folder = it.laid_out(&(subject.files)(&rows(cases, None), base), None);
        it.run(folder.path(), &owned(subject.first))?;
        it.lock = read(folder.path(), subject.lock)?;
        Ok(it)
    }

    /// Bumps the package of one case both ways.
    pub(crate) fn bump(&self, nth: usize) -> Tried {
        let case = &self.cases[nth];
        let files = (self.subject.files)(&rows(self.cases, Some(nth)), self.base);
        let moves = moves(self.subject.ecosystem, case);
        let format = format_of(self.subject);
        let facts = Recorder::new(self.base);
        let bump = Bump {
            moves: &moves,
            own: &[],
            files: &files,
            facts: &facts,
        };
        let start = Instant::now();
        let native = format.rewrite(&self.lock, &bump);
        let native_time = start.elapsed();
        let folder = self.laid_out(&files, Some(&self.lock));
        let start = Instant::now();
        let tool = self
            .run(
                folder.path(),
                &commands(format, (self.subject.lock, &self.lock), &bump),
            )
            .and_then(|()| read(folder.path(), self.subject.lock));
        let tool_time = start.elapsed();
        let outcome = match (&native, &tool) {
            (Ok(native), Ok(tool)) if native == tool => {
                let broken = broken(format, (&self.lock, native), &bump);
                broken.map_or(Outcome::Equal, Outcome::Different)
            }
            (Ok(native), Ok(tool)) => self.judged((native, tool), &bump),
            (Ok(_), Err(why)) => Outcome::Different(format!("the tool refuses: {why}")),
            (Err(Fallback(why)), Ok(_)) => Outcome::FellBack(why.clone()),
            (Err(Fallback(why)), Err(_)) => Outcome::Refused(why.clone()),
        };
        // A tool that churns leaves the native lock as it is: that is the better record.
        let settled = match &outcome {
            Outcome::Churned(_) => native.ok(),
            _ => tool.ok(),
        };
        let record = self.record(&bump, &facts.answers.borrow(), settled.as_deref());
        Tried {
            what: case.what,
            outcome,
            native: native_time,
            tool: tool_time,
            record,
        }
    }

    /// Returns what it means that the two ways differ.
    fn judged(&self, (native, tool): (&str, &str), bump: &Bump<'_>) -> Outcome {
        let format = format_of(self.subject);
        let different = Outcome::Different(first_difference(native, tool));
        let Some(more) = churn(format, (&self.lock, tool), bump) else {
            return different;
        };
        let folder = self.laid_out(bump.files, Some(native));
        let again = self.run(folder.path(), &owned(self.subject.again));
        let settled = again.and_then(|()| read(folder.path(), self.subject.lock));
        match broken(format, (&self.lock, native), bump) {
            Some(law) => Outcome::Different(law),
            None if settled.as_deref() == Ok(native) => Outcome::Churned(more),
            None => different,
        }
    }

    fn laid_out(&self, files: &BTreeMap<String, String>, lock: Option<&str>) -> tempfile::TempDir {
        let folder = tempfile::tempdir_in(self.scratch).expect("a scratch folder");
        let lock = lock.map(|it| (self.subject.lock, it));
        let files = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        for (path, text) in files.chain(lock) {
            let at = folder.path().join(path);
            fs::create_dir_all(at.parent().expect("a folder above it")).expect("a folder");
            #[expect(clippy::disallowed_methods, reason = "a scratch folder")]
            fs::write(at, text).expect("a file");
        }
        folder
    }

    fn run(&self, folder: &Path, commands: &[Vec<String>]) -> Result<(), String> {
        let vars = (self.subject.vars)(self.base);
        for argv in commands {
            let argv: Vec<_> = argv.iter().map(String::as_str).collect();
            let said = self.tools.run(folder, &argv, &vars);
            if !said.done {
                return Err(told(&said.text));
            }
        }
        Ok(())
    }

    /// Returns the bump as the laws replay it, with a made-up address for the registry.
    fn record(
        &self,
        bump: &Bump<'_>,
        answers: &BTreeMap<String, Arc<[u8]>>,
        after: Option<&str>,
    ) -> String {
        let mut text = format!("\u{1e}lock {}\n{}", self.subject.lock, self.lock);
        for it in bump.moves {
            let from = it.from.as_deref().unwrap_or("-");
            text += &format!("\u{1e}move {} {from} {}\n", it.name, it.to);
        }
        for (path, file) in bump.files {
            text += &format!("\u{1e}file {path}\n{file}");
        }
        for (question, answer) in answers {
            match std::str::from_utf8(answer) {
                Ok(answer) => text += &format!("\u{1e}fact {question}\n{answer}"),
                Err(_) => text += &format!("\u{1e}fact64 {question}\n{}\n", base64(answer)),
            }
        }
        if let Some(after) = after {
            text += &format!("\u{1e}after\n{after}");
        }
        // Poetry's lock has a digest of the address in the manifest.
        if self.subject.tool == "poetry" {
            return text;
        }
        text.replace(self.base, "https://registry.example")
    }
}

fn owned(commands: &[&[&str]]) -> Vec<Vec<String>> {
    let argv = |it: &&[&str]| it.iter().map(|it| (*it).to_owned()).collect();
    commands.iter().map(argv).collect()
}

/// Returns an entry that a tool moved without being asked to.
fn churn(format: &dyn Lock, (before, after): (&str, &str), bump: &Bump<'_>) -> Option<String> {
    let named: BTreeSet<_> = bump.moves.iter().map(|it| it.name.as_str()).collect();
    let after = format.entries(after).ok()?;
    let held = |it: &Entry| {
        after
            .iter()
            .any(|b| (&b.name, &b.version) == (&it.name, &it.version))
    };
    let mut stayed = format.entries(before).ok()?.into_iter();
    let moved = stayed.find(|it| !named.contains(it.name.as_str()) && !held(it))?;
    Some(format!("the tool moved `{}` as well", moved.name))
}

/// Returns the lines of a failed command that tell why.
fn told(text: &str) -> String {
    let lines = || text.lines().map(str::trim).filter(|it| !it.is_empty());
    let error = lines().find(|it| it.to_lowercase().contains("error"));
    let last = lines().next_back();
    let mut told: Vec<_> = error.into_iter().chain(last).collect();
    told.dedup();
    told.join(" / ").chars().take(300).collect()
}

/// Returns the tool's own commands for a lock and its manifests.
fn commands(format: &dyn Lock, (name, text): (&str, &str), bump: &Bump<'_>) -> Vec<Vec<String>> {
    let names = bump.moves.iter().map(|it| it.name.clone()).collect();
    let stand = Stand {
        file_name: name,
        facts: &format.find(text, &names).unwrap_or_default(),
        files: bump.files,
    };
    format.relock(&stand, bump.moves)
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn moves(ecosystem: &str, case: &Case) -> Vec<Move> {
    let spelled = |version: &str| match ecosystem {
        "python" => python_version(version),
        _ => version.to_owned(),
    };
    let names = std::iter::once(&case.name).chain(&case.siblings);
    names
        .map(|name| Move {
            name: if ecosystem == "go" {
                go_module(name)
            } else {
                name.clone()
            },
            from: Some(spelled(case.from)),
            to: spelled(case.to),
        })
        .collect()
}

/// Returns the format of a subject's lock.
pub(crate) fn format_of(subject: &Subject) -> &'static dyn Lock {
    let known = ecosystem(subject.ecosystem).and_then(|it| it.lock(subject.lock));
    known.expect("a registered lock")
}

/// Returns the law that a rewritten lock breaks.
fn broken(format: &dyn Lock, (before, after): (&str, &str), bump: &Bump<'_>) -> Option<String> {
    let twice = format.rewrite(after, bump);
    if twice.as_deref() != Ok(after) {
        return Some(
            format!("twice is not once: {twice:?}")
                .chars()
                .take(200)
                .collect(),
        );
    }
    let moved: BTreeSet<_> = bump.moves.iter().map(|it| it.name.as_str()).collect();
    match format.discords(after, bump.files) {
        Ok(it) => {
            if let Some(it) = it.iter().find(|it| moved.contains(it.subject.as_str())) {
                return Some(format!("out of step: {it:?}"));
            }
        }
        Err(error) => return Some(format!("its state can not be told: {error}")),
    }
    let (Ok(a), Ok(b)) = (format.entries(before), format.entries(after)) else {
        return Some("its entries can not be read".to_owned());
    };
    let rest = |all: Vec<Entry>| -> Vec<Entry> {
        all.into_iter()
            .filter(|it| !moved.contains(it.name.as_str()))
            .collect()
    };
    (rest(a) != rest(b)).then(|| "another entry moved".to_owned())
}

fn first_difference(native: &str, tool: &str) -> String {
    let mut lines = native.lines().zip(tool.lines()).enumerate();
    let found = lines.find(|(_, (a, b))| a != b);
    found.map_or_else(
        || format!("{} bytes, and {} by the tool", native.len(), tool.len()),
        |(nth, (a, b))| format!("line {}: `{a}`, and `{b}` by the tool", nth + 1),
    )
}

fn read(folder: &Path, path: &str) -> Result<String, String> {
    fs::read_to_string(folder.join(path)).map_err(|_| "it wrote no lock".to_owned())
}
