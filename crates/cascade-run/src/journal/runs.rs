//! The runs of a workspace, as their journals tell them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cascade_plan::{Event, Fate, Outcome, Plan, RunId};

use super::{Entry, JOURNAL, PLAN, Told, line};
use crate::mirror::Mirror;
use crate::state::State;

/// The largest plan that is read, in bytes.
const LARGEST: u64 = cascade_manifest::Limit::PLAN.bytes as u64;

/// The runs that a workspace remembers.
#[derive(Debug, Clone)]
pub struct Runs {
    folder: PathBuf,
    mirrors: PathBuf,
}

/// What happened in one run, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// The run.
    pub run: RunId,
    /// Its plan, where it can still be read.
    pub plan: Option<Plan>,
    /// The lines of its journal.
    pub entries: Vec<Entry>,
    /// Whether the end of the journal was torn off or changed: what stood there is not known.
    pub torn: bool,
}

/// How a run ended, as far as its journal knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Everything that the plan says is so.
    Finished,
    /// It stopped in order, and something is left.
    Unfinished,
    /// The process that carried it out is gone without a word.
    Broken,
}

/// No run of this workspace goes by this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no run of this workspace begins with `{0}`")]
pub struct UnknownRun(pub String);

impl Runs {
    /// Returns the runs that a workspace's state folder holds.
    pub fn of(state: &State) -> Self {
        Self {
            folder: state.folder().join("runs"),
            mirrors: state.folder().join("mirrors"),
        }
    }

    /// Returns the folder of a run.
    pub(super) fn folder_of(&self, run: &RunId) -> PathBuf {
        let harmless = |it: &char| it.is_ascii_hexdigit();
        let name: String = run.0.chars().filter(harmless).collect();
        self.folder.join(if name.is_empty() { "0" } else { &name })
    }

    /// Returns every run, the one that was taken up last first.
    ///
    /// # Errors
    /// When the folder is there and can not be read.
    pub fn all(&self) -> io::Result<Vec<Story>> {
        let listing = match fs::read_dir(&self.folder) {
            Ok(listing) => listing,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut stories = Vec::new();
        for entry in listing {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                stories.push(story(&entry.path())?);
            }
        }
        stories.sort_by_key(|it| std::cmp::Reverse((it.begun(), it.run.0.clone())));
        Ok(stories)
    }

    /// Returns the run whose id begins so.
    ///
    /// # Errors
    /// When there is none, or several.
    pub fn find<'a>(stories: &'a [Story], id: &str) -> Result<&'a Story, UnknownRun> {
        let mut found = stories.iter().filter(|it| it.run.0.starts_with(id));
        match (found.next(), found.next()) {
            (Some(only), None) if !id.is_empty() => Ok(only),
            _ => Err(UnknownRun(id.to_owned())),
        }
    }

    /// Forgets a run, and lets go of what the mirrors kept for it.
    ///
    /// # Errors
    /// When its folder can not be removed.
    pub fn forget(&self, run: &RunId) -> io::Result<()> {
        for mirror in fs::read_dir(&self.mirrors).into_iter().flatten() {
            // What can not be let go of is only kept for longer.
            let _ = mirror.map(|it| Mirror::unpin(&it.path(), run));
        }
        fs::remove_dir_all(self.folder_of(run))
    }
}

impl Story {
    /// Returns when the run was taken up last, in milliseconds since 1970.
    pub fn begun(&self) -> Option<i64> {
        let begun = |it: &&Entry| matches!(it.what, Told::Began { .. });
        self.entries.iter().rev().find(begun).map(|it| it.at)
    }

    /// Returns what it came to so far.
    pub fn outcome(&self) -> Outcome {
        self.events().collect()
    }

    /// Returns everything that happened, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.entries.iter().filter_map(|it| match &it.what {
            Told::Happened { event } => Some(event),
            _ => None,
        })
    }

    /// Returns how it ended.
    pub fn end(&self) -> End {
        if self.entries.last().is_none_or(|it| it.what != Told::Ended) {
            return End::Broken;
        }
        let fates = self.outcome().fates;
        let well = |it: &Fate| matches!(it, Fate::Done { .. } | Fate::Nothing);
        let steps = self.plan.as_ref().map(|it| it.steps.as_slice());
        let mut steps = steps.unwrap_or_default().iter();
        if self.plan.is_some() && steps.all(|it| fates.get(&it.repo).is_some_and(well)) {
            End::Finished
        } else {
            End::Unfinished
        }
    }
}

fn story(folder: &Path) -> io::Result<Story> {
    let whole = line::read(&folder.join(JOURNAL))?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(Story {
        run: RunId(name.into_owned()),
        plan: plan(&folder.join(PLAN)),
        entries: whole.entries,
        torn: whole.torn,
    })
}

/// Returns a plan that was kept; `None` where it is gone or was written by another cascade.
fn plan(path: &Path) -> Option<Plan> {
    let about = path.metadata().ok()?;
    let text = (about.len() <= LARGEST).then(|| fs::read_to_string(path))?;
    Plan::parse(&text.ok()?).ok()
}
