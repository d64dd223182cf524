//! Where tools are run on artefacts: a folder of its own, a clean environment, a deadline.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cascade_plan::{Fate, Trial, TrialEnd, Tried};
use tempfile::TempDir;

use super::Tools;
use crate::apply::errand::Errand;
use crate::drive::Teller;
use crate::exec::End;
use crate::exhibit::Exhibit;
use crate::git::{Git, said};

/// How long a build, an installation or a rehearsal of publishing may take.
pub(super) const LONG: Duration = Duration::from_mins(30);
/// How long a program that only answers may take.
pub(super) const SHORT: Duration = Duration::from_mins(1);
/// How many characters of a complaint are told.
const LINE: usize = 300;

/// Where tools are run on the artefacts of one repository.
pub(super) struct Bench<'a> {
    pub(super) git: &'a Git,
    pub(super) teller: &'a Teller<'a>,
    pub(super) tools: Tools,
    pub(super) exhibit: Exhibit<'a>,
    dir: TempDir,
}

/// A command, and where it runs.
pub(super) struct Job<'a> {
    pub(super) argv: Vec<String>,
    pub(super) folder: &'a Path,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) programs: Vec<PathBuf>,
    pub(super) limit: Duration,
}

impl<'a> Job<'a> {
    /// Returns a command that may take long.
    pub(super) fn new(argv: &[&str], folder: &'a Path) -> Self {
        Self {
            argv: argv.iter().map(|it| (*it).to_owned()).collect(),
            folder,
            facts: Vec::new(),
            programs: Vec::new(),
            limit: LONG,
        }
    }
}

impl<'a> Bench<'a> {
    /// Returns a bench with an empty folder.
    ///
    /// # Errors
    /// Where the disk says no.
    pub(super) fn new(
        git: &'a Git,
        teller: &'a Teller<'a>,
        tools: Tools,
        exhibit: Exhibit<'a>,
    ) -> Result<Self, String> {
        let place = git.environment().scratch();
        let dir = tempfile::Builder::new()
            .prefix("cascade-")
            .tempdir_in(place);
        Ok(Self {
            git,
            teller,
            tools,
            exhibit,
            dir: dir.map_err(|it| format!("the temporary folder: {it}"))?,
        })
    }

    /// Returns a new empty folder.
    ///
    /// # Errors
    /// Where the disk says no.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf, String> {
        let mut at = self.dir.path().join(name);
        let mut count = 1;
        while at.exists() {
            at = self.dir.path().join(format!("{name}-{count}"));
            count += 1;
        }
        fs::create_dir(&at).map_err(|it| it.to_string())?;
        Ok(at)
    }

    /// Returns whether a program is on `PATH`.
    pub(super) fn has(&self, program: &str) -> bool {
        self.git.environment().program(program).is_some()
    }

    /// Runs a command, and returns what it came to.
    pub(super) fn run(&self, job: Job<'_>) -> TrialEnd {
        let mut facts = job.facts;
        facts.push(("CASCADE_REPO", self.exhibit.repo.to_string()));
        facts.push(("UV_NO_PROGRESS", "1".to_owned()));
        facts.push(("NO_COLOR", "1".to_owned()));
        facts.push(("CARGO_TERM_COLOR", "never".to_owned()));
        let errand = Errand {
            git: self.git,
            step: None,
            folder: job.folder,
            scripts: job.folder,
            facts,
            programs: job.programs,
            limit: job.limit,
        };
        match errand.hear(&job.argv) {
            Ok(heard) if heard.end == End::Exit(0) => {
                TrialEnd::Well(String::from_utf8_lossy(&heard.answer).into_owned())
            }
            Ok(heard) if heard.end == End::Interrupted => {
                TrialEnd::Untried("interrupted".to_owned())
            }
            Ok(heard) => TrialEnd::Badly(gist(&said(&heard, self.git.environment()))),
            Err(Fate::Failed { why, .. }) => TrialEnd::Untried(why),
            Err(_) => TrialEnd::Untried("interrupted".to_owned()),
        }
    }
}

/// Returns what was tried.
pub(super) fn trial(what: Tried, subject: &str, end: TrialEnd) -> Trial {
    Trial {
        what,
        subject: subject.to_owned(),
        end,
    }
}

/// Returns what matters of a long complaint, on one line.
fn gist(said: &str) -> String {
    let lines = || said.lines().map(str::trim).filter(|it| !it.is_empty());
    let is = |line: &str| {
        let line = line.to_ascii_lowercase();
        let words = ["error", "npm error", "× ", "failed"];
        words.iter().any(|it| line.starts_with(it)) || line.contains("error:")
    };
    let telling = lines().find(|it| is(it)).or_else(|| lines().next_back());
    let telling = telling.unwrap_or_default();
    let causes = ["caused by", "cause", "╰─▶", "├─▶"];
    let cause = |it: &&str| {
        causes
            .iter()
            .any(|word| it.to_lowercase().starts_with(word))
    };
    let cause = lines().rfind(cause).filter(|it| *it != telling);
    let whole = match cause {
        Some(cause) => format!("{telling}; {cause}"),
        None => telling.to_owned(),
    };
    whole.chars().take(LINE).collect()
}
