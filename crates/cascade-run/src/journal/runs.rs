//! The runs of a workspace, as their journals tell them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cascade_plan::{Event, Fate, Oid, Outcome, Plan, RepoId, RunId, Steering, Word};

use super::{
    Entry, JOURNAL, Journal, JournalError, PLAN, RefMove, Told, Until, Writing, line, words,
};
use crate::mirror::Mirror;
use crate::state::{Guard, State};

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
    /// What people said of it that no process heard yet.
    pub unheard: Vec<Word>,
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
    /// It was taken back, as far as that can be.
    Undone,
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

    /// Returns the folder of all runs.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
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

    /// Says a word of a run, which whoever carries it out hears before the repository is begun. When
    /// this returns, it is on the disk.
    ///
    /// # Errors
    /// When it can not be written.
    pub fn say(&self, run: &RunId, word: &Word) -> Result<(), JournalError> {
        let folder = self.folder_of(run);
        words::say(&folder, word).map_err(|source| JournalError {
            path: folder.join(words::WORDS),
            source,
        })
    }

    /// Writes down in a run's journal what was said of it, by the right to run in the workspace.
    ///
    /// # Errors
    /// When it can not be written.
    pub fn hear(&self, _alone: &Guard, run: &RunId) -> Result<Steering, JournalError> {
        let path = self.folder_of(run).join(JOURNAL);
        let journal = Journal::open(&path).map_err(|source| JournalError { path, source })?;
        journal.hear()
    }

    /// Writes down that something a run did was taken back.
    ///
    /// # Errors
    /// When it can not be written.
    pub fn undone(
        &self,
        _alone: &Guard,
        run: &RunId,
        (repo, what): (&RepoId, &str),
    ) -> Result<(), JournalError> {
        let told = Told::Undone {
            repo: repo.clone(),
            what: what.to_owned(),
        };
        self.add(run, &told)
    }

    /// Writes down that tags were made on a commit in a checkout, in the run that made the commit.
    ///
    /// # Errors
    /// When the runs can not be read, or the journal can not be written.
    pub fn tagged(
        &self,
        _alone: &Guard,
        repo: &RepoId,
        (commit, tags): (&Oid, &BTreeMap<String, Oid>),
    ) -> Result<(), JournalError> {
        let folder = self.folder.clone();
        let all = self.all();
        let all = all.map_err(|source| JournalError {
            path: folder,
            source,
        })?;
        let made = |it: &&Story| it.committed(repo).as_ref() == Some(commit);
        let Some(story) = all.iter().find(made) else {
            return Ok(());
        };
        let told = Told::Tagged {
            repo: repo.clone(),
            tags: tags.clone(),
        };
        self.add(&story.run, &told)
    }

    fn add(&self, run: &RunId, told: &Told) -> Result<(), JournalError> {
        let path = self.folder_of(run).join(JOURNAL);
        let journal = Journal::open(&path).map_err(|source| JournalError { path, source })?;
        journal.write(told, Until::Disk)
    }

    /// Lets what was said of a run hold for another one too, before that is begun.
    ///
    /// # Errors
    /// When it can not be written.
    pub fn pass_on(&self, story: &Story, to: &RunId) -> Result<(), JournalError> {
        let folder = self.folder_of(to);
        let fault = |source| JournalError {
            path: folder.clone(),
            source,
        };
        if story.run == *to || story.words().next().is_none() {
            return Ok(());
        }
        fs::create_dir_all(&folder).map_err(fault)?;
        let known = words::said(&folder).map_err(fault)?;
        let mut new = story.words().filter(|it| !known.contains(it));
        new.try_for_each(|it| words::say(&folder, it))
            .map_err(fault)
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

    /// Returns everything that people said of it, in order.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        let heard = self.entries.iter().filter_map(|it| match &it.what {
            Told::Steered { word } => Some(word),
            _ => None,
        });
        heard.chain(&self.unheard)
    }

    /// Returns what holds after all that was said of it.
    pub fn steering(&self) -> Steering {
        self.words().collect()
    }

    /// Returns the commit that the run made in the checkout of a repository.
    pub fn committed(&self, repo: &RepoId) -> Option<Oid> {
        self.written(repo)?;
        match self.outcome().fates.remove(repo)? {
            Fate::Done { commit, .. } => commit,
            _ => None,
        }
    }

    /// Returns what the run wrote in the checkout of a repository, unless that was taken back.
    pub fn written(&self, repo: &RepoId) -> Option<&Writing> {
        let mut entries = self.entries.iter().rev();
        entries.find_map(|it| match &it.what {
            Told::Writes { repo: own, what } if own == repo => Some(Some(what)),
            Told::Undone { repo: own, .. } if own == repo => Some(None),
            _ => None,
        })?
    }

    /// Returns the tags that were made on the run's commit in the checkout of a repository.
    pub fn tagged(&self, repo: &RepoId) -> BTreeMap<&str, &Oid> {
        let tagged = self.entries.iter().filter_map(|it| match &it.what {
            Told::Tagged { repo: own, tags } if own == repo => Some(tags),
            _ => None,
        });
        let tags = tagged.flatten();
        tags.map(|(name, id)| (name.as_str(), id)).collect()
    }

    /// Returns the refs of a repository that its remote was asked to take.
    pub fn pushed(&self, repo: &RepoId) -> impl Iterator<Item = &RefMove> {
        let pushes = self.entries.iter().filter_map(move |it| match &it.what {
            Told::Pushes { repo: own, refs } if own == repo => Some(refs),
            _ => None,
        });
        pushes.flatten()
    }

    /// Returns whether anything was taken back since it was taken up last.
    fn is_undone(&self) -> bool {
        let mut entries = self.entries.iter().rev().map(|it| &it.what);
        let last = entries.find(|it| matches!(it, Told::Began { .. } | Told::Undone { .. }));
        matches!(last, Some(Told::Undone { .. }))
    }

    /// Returns how it ended.
    pub fn end(&self) -> End {
        if self.is_undone() {
            return End::Undone;
        }
        // What is said or tagged after the end begins nothing.
        let mut last = self.entries.iter().rev().map(|it| &it.what);
        let last = last.find(|it| !matches!(it, Told::Steered { .. } | Told::Tagged { .. }));
        if last != Some(&Told::Ended) {
            return End::Broken;
        }
        let fates = self.outcome().fates;
        let well =
            |it: &Fate| matches!(it, Fate::Done { .. } | Fate::Nothing | Fate::LeftOut { .. });
        let steps = self.plan.as_ref().map(|it| it.steps.as_slice());
        let mut steps = steps.unwrap_or_default().iter();
        if self.plan.is_some() && steps.all(|it| fates.get(&it.repo).is_some_and(well)) {
            End::Finished
        } else {
            End::Unfinished
        }
    }
}

pub(super) fn story(folder: &Path) -> io::Result<Story> {
    let whole = line::read::<Entry>(&folder.join(JOURNAL))?;
    let heard = whole.entries.iter();
    let heard = heard.filter(|it| matches!(it.what, Told::Steered { .. }));
    let unheard = words::said(folder)?
        .into_iter()
        .skip(heard.count())
        .collect();
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(Story {
        run: RunId(name.into_owned()),
        plan: plan(&folder.join(PLAN)),
        entries: whole.entries,
        unheard,
        torn: whole.torn,
    })
}

/// Returns a plan that was kept; `None` where it is gone or was written by another cascade.
fn plan(path: &Path) -> Option<Plan> {
    let about = path.metadata().ok()?;
    let text = (about.len() <= LARGEST).then(|| fs::read_to_string(path))?;
    Plan::parse(&text.ok()?).ok()
}
