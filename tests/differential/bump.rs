//! One bump, made both ways by the real program, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use cascade_manifest::{Entry, Lock, ecosystem};

use crate::archive::Files;
use crate::family::{APP, Family, Mode, asked, identity, put};
use crate::subjects::{At, Subject, rows};
use crate::tools::Tools;
use crate::world::Case;
use crate::{program, record};

/// What came of a bump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Both ways wrote the same bytes.
    Equal,
    /// The native way gave up, for this reason, and the tool did it.
    FellBack(String),
    /// Neither way did it.
    Refused(String),
    /// The tool moved more than it was asked to, or refuses, and leaves the native lock as it is.
    Churned(String),
    /// The two ways differ, in this.
    Different(String),
}

/// A bump that was tried.
pub(crate) struct Tried {
    pub(crate) what: String,
    pub(crate) outcome: Outcome,
    pub(crate) native: Duration,
    pub(crate) tool: Duration,
}

/// A project with its first lock, and the repositories of what it pins.
pub(crate) struct Project<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) cases: &'a [Case],
    pub(crate) base: &'a str,
    pub(crate) tools: &'a Tools,
    pub(crate) scratch: &'a Path,
    pub(crate) family: Family<'a>,
    /// The manifests and settings as they are committed.
    pub(crate) files: BTreeMap<String, String>,
    /// The lock as it is committed.
    pub(crate) lock: String,
}

/// What cascade made of a bump.
pub(crate) struct Made {
    /// Which way the lock was moved, or why it was not.
    way: Result<Way, String>,
    /// The lock, and the manifests and settings beside it.
    pub(crate) lock: String,
    pub(crate) files: BTreeMap<String, String>,
    /// Whether `cascade lock --verify` finds it in step.
    in_step: bool,
    time: Duration,
}

/// Which way cascade says that it moved a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    Natively,
    Tool(String),
}

impl<'a> Project<'a> {
    /// Lays a project out and makes its first lock.
    pub(crate) fn found(
        (subject, cases): (&'a Subject, &'a [Case]),
        (base, tools, scratch): (&'a str, &'a Tools, &'a Path),
    ) -> Result<Self, String> {
        let family = Family::new(scratch, tools);
        for it in cases {
            family.upstream(subject.ecosystem, it);
        }
        let mut it = Self {
            subject,
            cases,
            base,
            tools,
            scratch,
            family,
            files: BTreeMap::new(),
            lock: String::new(),
        };
        it.files = it.manifests(None);
        it.family.found_app(&listed(&it.files));
        it.run(&it.family.app(), subject.first)?;
        it.lock = read(&it.family.app(), subject.lock)?;
        it.files = it.read_files();
        let mut all = listed(&it.files);
        all.push((subject.lock.to_owned(), it.lock.clone()));
        it.family.settle(&all);
        it.family.put_back();
        Ok(it)
    }

    /// Returns the manifests and settings of the project, the case of this place at its new version.
    fn manifests(&self, moved: Option<usize>) -> BTreeMap<String, String> {
        let address = |case: &Case| self.family.address(case);
        let all = self.cases.iter().enumerate();
        let rows: Vec<_> = all
            .flat_map(|(nth, case)| {
                let at = if moved == Some(nth) { At::To } else { At::From };
                rows(std::slice::from_ref(case), at, &address)
            })
            .collect();
        (self.subject.files)(&rows, self.base)
    }

    fn read_files(&self) -> BTreeMap<String, String> {
        let app = self.family.app();
        let names = self.files.keys();
        names
            .filter_map(|it| Some((it.clone(), read(&app, it).ok()?)))
            .collect()
    }

    /// Bumps the package of one case both ways.
    pub(crate) fn bump(&self, nth: usize, records: Option<&Path>) -> Tried {
        let case = &self.cases[nth];
        let auto = self.moved(nth, Mode::Auto);
        let mut tool = Duration::ZERO;
        let outcome = match &auto.way {
            Err(why) => Outcome::Refused(why.clone()),
            Ok(Way::Tool(why)) => Outcome::FellBack(why.clone()),
            Ok(Way::Natively) => {
                let other = self.moved(nth, Mode::Tool);
                tool = other.time;
                self.judged(&auto, &other)
            }
        };
        if let Some(folder) = records {
            record::keep(self, case, (&auto, &outcome), folder);
        }
        Tried {
            what: case.what.to_owned(),
            outcome,
            native: auto.time,
            tool,
        }
    }

    /// Lets cascade move one case in the project, reads what it made, and puts the project back.
    fn moved(&self, nth: usize, mode: Mode) -> Made {
        let case = &self.cases[nth];
        let declared = self.family.declare(case, mode);
        let app = self.family.app();
        // No pin follows a pre-release by itself: there a person edits, and the lock follows.
        let edited = case.to.contains('-');
        let words = if edited {
            put(&app, &listed(&self.manifests(Some(nth))));
            vec!["lock", "--repo", APP, "--mode", mode.word()]
        } else {
            let mut words = asked(case);
            words.extend(["--no-commit", "--yes"]);
            words
        };
        let start = Instant::now();
        let (_, said) = self.cascade(&declared, &words);
        let time = start.elapsed();
        let verify = ["lock", "--verify", "--repo", APP];
        let seen = Made {
            way: way(self.subject.lock, &said),
            lock: read(&app, self.subject.lock).unwrap_or_default(),
            files: self.read_files(),
            in_step: self.cascade(&declared, &verify).0,
            time,
        };
        self.family.put_back();
        seen
    }

    /// Runs cascade in a workspace; returns whether it was content, and what it said.
    pub(crate) fn cascade(&self, declared: &Path, words: &[&str]) -> (bool, String) {
        let program = program::cascade().to_str().expect("a path of UTF-8");
        let mut argv = vec![program, "--color", "never"];
        argv.extend(words);
        let said = self.tools.run(declared, &argv, &self.vars());
        (said.done, said.text)
    }

    fn vars(&self) -> Vec<(&'static str, String)> {
        let mut vars = identity();
        vars.extend((self.subject.vars)(self.base));
        vars
    }

    /// Returns what it means how the two ways differ, if they do.
    fn judged(&self, native: &Made, tool: &Made) -> Outcome {
        if !native.in_step {
            return Outcome::Different("`cascade lock --verify` finds it out of step".to_owned());
        }
        let (difference, told) = match &tool.way {
            Ok(_) if (&native.lock, &native.files) == (&tool.lock, &tool.files) => {
                return Outcome::Equal;
            }
            Ok(_) => (first_difference(&native.lock, &tool.lock), self.churn(tool)),
            Err(why) => (format!("the tool refuses: {why}"), Some(why.clone())),
        };
        match told {
            Some(told) if self.is_settled(native) => Outcome::Churned(told),
            _ => Outcome::Different(difference),
        }
    }

    /// Returns whether the tool leaves a lock as it is.
    fn is_settled(&self, made: &Made) -> bool {
        let folder = tempfile::tempdir_in(self.scratch).expect("a scratch folder");
        let mut files = listed(&made.files);
        files.push((self.subject.lock.to_owned(), made.lock.clone()));
        put(folder.path(), &files);
        let again = self.run(folder.path(), self.subject.again);
        let settled = again.and_then(|()| read(folder.path(), self.subject.lock));
        settled.as_deref() == Ok(&made.lock)
    }

    /// Returns an entry that a tool moved without being asked to.
    fn churn(&self, made: &Made) -> Option<String> {
        let format = format_of(self.subject);
        let named: BTreeSet<_> = self.cases.iter().map(|it| it.name.as_str()).collect();
        let after = format.entries(&made.lock).ok()?;
        let held = |it: &Entry| {
            let mut all = after.iter();
            all.any(|b| (&b.name, &b.version) == (&it.name, &it.version))
        };
        let mut stayed = format.entries(&self.lock).ok()?.into_iter();
        let moved = stayed.find(|it| !named.contains(it.name.as_str()) && !held(it))?;
        Some(format!("the tool moved `{}` as well", moved.name))
    }

    fn run(&self, folder: &Path, commands: &[&[&str]]) -> Result<(), String> {
        for argv in commands {
            let said = self
                .tools
                .run(folder, argv, &(self.subject.vars)(self.base));
            if !said.done {
                return Err(told(&said.text));
            }
        }
        Ok(())
    }
}

/// Returns files in the order of their paths.
fn listed(files: &BTreeMap<String, String>) -> Files {
    let files = files.iter();
    files.map(|(a, b)| (a.clone(), b.clone())).collect()
}

/// Returns which way a lock went, by what cascade said.
fn way(lock: &str, said: &str) -> Result<Way, String> {
    let of_lock = said.lines().filter(|it| it.starts_with(APP));
    // The report tells what became of it; what goes on before and the notes name reasons alone.
    let is_outcome = |it: &&str| it.contains(lock) && !it.contains("  note  ");
    let told_at_last = |it: &&str| !it.starts_with(&format!("{APP}: "));
    for line in of_lock.filter(is_outcome).filter(told_at_last) {
        if line.ends_with(" natively") {
            return Ok(Way::Natively);
        }
        if let Some((_, by)) = line.split_once(" by ") {
            let why = by.split_once(" (").map_or("", |(_, why)| why);
            return Ok(Way::Tool(why.trim_end_matches(')').to_owned()));
        }
    }
    Err(told(said))
}

/// Returns the lines of a failed command that tell why.
fn told(text: &str) -> String {
    let lines = || text.lines().map(str::trim).filter(|it| !it.is_empty());
    let note = lines().find_map(|it| it.split_once("  note  ").map(|(_, why)| why));
    let error = lines().find(|it| it.to_lowercase().contains("error"));
    let mut told: Vec<_> = match note {
        Some(note) => vec![note],
        None => error.into_iter().chain(lines().next_back()).collect(),
    };
    told.dedup();
    told.join(" / ").chars().take(500).collect()
}

/// Returns the format of a subject's lock.
pub(crate) fn format_of(subject: &Subject) -> &'static dyn Lock {
    let known = ecosystem(subject.ecosystem).and_then(|it| it.lock(subject.lock));
    known.expect("a registered lock")
}

pub(crate) fn first_difference(native: &str, tool: &str) -> String {
    let mut lines = native.lines().zip(tool.lines()).enumerate();
    let found = lines.find(|(_, (a, b))| a != b);
    found.map_or_else(
        || format!("{} bytes, and {} by the tool", native.len(), tool.len()),
        |(nth, (a, b))| format!("line {}: `{a}`, and `{b}` by the tool", nth + 1),
    )
}

fn read(folder: &Path, path: &str) -> Result<String, String> {
    fs::read_to_string(folder.join(path)).map_err(|_| format!("there is no `{path}`"))
}
