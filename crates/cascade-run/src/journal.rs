//! The memory of runs: the plans that were begun, and what happened to each.
//!
//! A run has a folder in the workspace's state folder, with its plan and its journal. The journal
//! tells people the story and lets a run be taken up; what is done is always asked of the world, so
//! to lose it costs nothing but time.

mod line;
mod open;
mod runs;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cascade_plan::{Event, Oid, Plan, RepoId, Steering, Word};
use serde::{Deserialize, Serialize};

use crate::courier::Reception;
use crate::remote::{Lease, Wanted};
use crate::state::State;
use crate::write::{Overwrite, save, sync_folder};

pub use runs::{End, Runs, Story, UnknownRun};

/// The name of the journal in a run's folder.
const JOURNAL: &str = "journal";
/// The name of the plan in a run's folder.
const PLAN: &str = "plan.json";

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written, in milliseconds since 1970 by this machine's clock: only to be shown.
    pub at: i64,
    /// What it says.
    pub what: Told,
}

/// What a line of a journal says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "entry",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Told {
    /// A process took the run up.
    Began {
        /// The process.
        pid: u32,
        /// The version of cascade.
        cascade: String,
    },
    /// Something happened.
    Happened {
        /// What.
        event: Event,
    },
    /// A push is about to be made: what can not be taken back begins here.
    Pushes {
        /// The repository.
        repo: RepoId,
        /// The refs that its remote is asked to take.
        refs: Vec<RefMove>,
    },
    /// A message that asks another system to promote is about to be sent.
    Dispatches {
        /// The repository that it is for.
        repo: RepoId,
        /// The key that its receiver knows it by.
        key: String,
        /// When, in milliseconds since 1970 by this machine's clock.
        sent: i64,
    },
    /// It was sent.
    Dispatched {
        /// The repository that it is for.
        repo: RepoId,
        /// What came of it.
        reception: Reception,
    },
    /// A command of a repository that follows its release has run.
    Followed {
        /// The repository.
        repo: RepoId,
        /// Which of its commands, counted from 0.
        nth: usize,
    },
    /// Files of a checkout are about to be written.
    Writes {
        /// The repository.
        repo: RepoId,
        /// What is written.
        what: Writing,
    },
    /// Tags of a commit of the run were made in its checkout.
    Tagged {
        /// The repository.
        repo: RepoId,
        /// The tags, with their objects.
        tags: BTreeMap<String, Oid>,
    },
    /// Something that the run did was taken back.
    Undone {
        /// The repository.
        repo: RepoId,
        /// What, in words.
        what: String,
    },
    /// A person said something of a repository, and it was heard.
    Steered {
        /// What, who and when.
        word: Word,
    },
    /// The process came to the end of what it could do.
    Ended,
}

/// What is written in a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Writing {
    /// The commit that is checked out.
    pub base: Oid,
    /// The branch that is checked out, before one was made for it.
    pub before: Option<String>,
    /// The branch that was made for it.
    pub made: Option<String>,
    /// The files, each with the SHA-256 of what it becomes.
    pub files: BTreeMap<String, String>,
}

/// A ref that a remote is asked to take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefMove {
    /// Its full name.
    pub name: String,
    /// Where it has to be before; `None` where it must not exist.
    pub from: Option<Oid>,
    /// What it shall be.
    pub to: Oid,
}

impl From<&Wanted> for RefMove {
    fn from(it: &Wanted) -> Self {
        Self {
            name: it.name.clone(),
            from: match &it.lease {
                Lease::At(oid) => Some(oid.clone()),
                Lease::Absent | Lease::Below => None,
            },
            to: it.to.clone(),
        }
    }
}

/// Why a journal can not be written.
#[derive(Debug, thiserror::Error)]
#[error("the journal of the run can not be written: `{}`: {source}", .path.display())]
pub struct JournalError {
    path: PathBuf,
    source: io::Error,
}

/// The open journal of a run.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    pen: Mutex<Pen>,
    memory: Mutex<Memory>,
}

/// What the journal of a run says that matters to whoever carries it out.
#[derive(Debug, Default)]
struct Memory {
    /// The words that were heard.
    words: Vec<Word>,
    /// The repositories of which a push was begun: they may be out.
    pushed: BTreeSet<RepoId>,
    /// The commands that have run after a release.
    followed: BTreeSet<(RepoId, usize)>,
    /// The messages that were sent last.
    sent: BTreeMap<RepoId, Sending>,
}

/// A message that was sent, or perhaps was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sending {
    /// When, in milliseconds since 1970 by this machine's clock.
    at: i64,
    /// What came of it; `None` where nobody wrote that down.
    pub(crate) reception: Option<Reception>,
}

impl Sending {
    /// Returns how long ago it was, by this machine's clock.
    pub(crate) fn age(&self) -> Duration {
        let age = now().saturating_sub(self.at);
        Duration::from_millis(u64::try_from(age).unwrap_or(0))
    }
}

impl Memory {
    fn add(&mut self, told: Told) {
        match told {
            Told::Steered { word } => self.words.push(word),
            Told::Pushes { repo, .. } => drop(self.pushed.insert(repo)),
            Told::Followed { repo, nth } => drop(self.followed.insert((repo, nth))),
            Told::Dispatches { repo, sent, .. } => {
                let sending = Sending {
                    at: sent,
                    reception: None,
                };
                self.sent.insert(repo, sending);
            }
            Told::Dispatched { repo, reception } => {
                if let Some(sending) = self.sent.get_mut(&repo) {
                    sending.reception = Some(reception);
                }
            }
            _ => {}
        }
    }
}

#[derive(Debug)]
struct Pen {
    file: File,
    /// Where the last whole line ends.
    end: u64,
    /// The checksum that the next line continues.
    chain: u32,
}

impl Journal {
    /// Opens the journal of a plan's run, behind what it says already, and keeps the plan beside it.
    /// When this returns, both are on the disk.
    ///
    /// # Errors
    /// When they can not be written.
    pub(crate) fn begin(state: &State, plan: &Plan) -> Result<Self, JournalError> {
        let folder = Runs::of(state).folder_of(&plan.run);
        let fault = |source| JournalError {
            path: folder.clone(),
            source,
        };
        fs::create_dir_all(&folder).map_err(fault)?;
        let text = serde_json::to_string(plan).map_err(|it| fault(it.into()))?;
        save(&folder.join(PLAN), &text, Overwrite::Replace).map_err(fault)?;
        sync_folder(&folder);
        let journal = Self::open(&folder.join(JOURNAL)).map_err(fault)?;
        journal.write(
            &Told::Began {
                pid: std::process::id(),
                cascade: env!("CARGO_PKG_VERSION").to_owned(),
            },
            Until::Disk,
        )?;
        Ok(journal)
    }

    /// Opens a journal; what a crash left of a last line is cut off.
    fn open(path: &Path) -> io::Result<Self> {
        let whole = line::read::<Entry>(path)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path)?;
        file.set_len(whole.end)?;
        file.seek(SeekFrom::Start(whole.end))?;
        sync_folder(path);
        let pen = Pen {
            file,
            end: whole.end,
            chain: whole.chain,
        };
        let mut memory = Memory::default();
        for entry in whole.entries {
            memory.add(entry.what);
        }
        Ok(Self {
            path: path.to_path_buf(),
            pen: Mutex::new(pen),
            memory: Mutex::new(memory),
        })
    }

    /// Writes down what happened. It may be lost without harm, and so may be the disk's answer.
    pub(crate) fn tell(&self, event: &Event) {
        let event = event.clone();
        let _ = self.write(&Told::Happened { event }, Until::System);
    }

    /// Writes down what is about to be pushed. When this returns, it is on the disk.
    ///
    /// # Errors
    /// When it can not be written: then nothing may be pushed.
    pub(crate) fn pushes(&self, repo: &RepoId, wanted: &[Wanted]) -> Result<(), JournalError> {
        let told = Told::Pushes {
            repo: repo.clone(),
            refs: wanted.iter().map(RefMove::from).collect(),
        };
        self.write(&told, Until::Disk)?;
        self.memory().add(told);
        Ok(())
    }

    /// Returns whether a command that follows the release of a repository has run.
    pub(crate) fn has_followed(&self, repo: &RepoId, nth: usize) -> bool {
        self.memory().followed.contains(&(repo.clone(), nth))
    }

    /// Writes down that a command that follows the release of a repository has run. Where it can not
    /// be, the command may run once more.
    pub(crate) fn followed(&self, repo: &RepoId, nth: usize) {
        let told = Told::Followed {
            repo: repo.clone(),
            nth,
        };
        let _ = self.write(&told, Until::Disk);
        self.memory().add(told);
    }

    /// Writes down that a message is about to be sent. When this returns, it is on the disk.
    ///
    /// # Errors
    /// When it can not be written: then nothing may be sent.
    pub(crate) fn dispatches(&self, repo: &RepoId, key: &str) -> Result<(), JournalError> {
        let told = Told::Dispatches {
            repo: repo.clone(),
            key: key.to_owned(),
            sent: now(),
        };
        self.write(&told, Until::Disk)?;
        self.memory().add(told);
        Ok(())
    }

    /// Writes down what came of a message. Where it can not be, it counts as perhaps sent.
    pub(crate) fn dispatched(&self, repo: &RepoId, reception: Reception) {
        let told = Told::Dispatched {
            repo: repo.clone(),
            reception,
        };
        let _ = self.write(&told, Until::Disk);
        self.memory().add(told);
    }

    /// Returns the message of a repository that was sent last, in this process or in one before.
    pub(crate) fn sent(&self, repo: &RepoId) -> Option<Sending> {
        self.memory().sent.get(repo).cloned()
    }

    /// Writes down what is about to be written in a checkout. Only the machine's own end loses it.
    ///
    /// # Errors
    /// When it can not be written: then nothing may be.
    pub(crate) fn writes(&self, repo: &RepoId, what: Writing) -> Result<(), JournalError> {
        let repo = repo.clone();
        self.write(&Told::Writes { repo, what }, Until::System)
    }

    /// Returns whether a push of a repository was begun, in this process or in one before.
    pub(crate) fn was_pushed(&self, repo: &RepoId) -> bool {
        self.memory().pushed.contains(repo)
    }

    /// Writes down what people said of the run meanwhile, and returns what holds now. When this
    /// returns, it is on the disk.
    ///
    /// # Errors
    /// When it can not be read or written.
    pub(crate) fn hear(&self) -> Result<Steering, JournalError> {
        let mut memory = self.memory();
        let folder = self.path.parent().unwrap_or(&self.path);
        let said = words::said(folder).map_err(|source| JournalError {
            path: folder.join(words::WORDS),
            source,
        })?;
        for word in said.into_iter().skip(memory.words.len()) {
            let told = Told::Steered { word };
            self.write(&told, Until::Disk)?;
            memory.add(told);
        }
        Ok(memory.words.iter().collect())
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down that the process came to its end.
    pub(crate) fn end(&self) {
        let _ = self.write(&Told::Ended, Until::Disk);
    }

    fn write(&self, told: &Told, until: Until) -> Result<(), JournalError> {
        let mut pen = self.pen.lock().unwrap_or_else(PoisonError::into_inner);
        pen.write(told, until).map_err(|source| JournalError {
            path: self.path.clone(),
            source,
        })
    }
}

/// How far a line goes before its writer goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// To the operating system: it survives the process.
    System,
    /// To the disk: it survives the machine.
    Disk,
}

impl Pen {
    fn write(&mut self, told: &Told, until: Until) -> io::Result<()> {
        let entry = Entry {
            at: now(),
            what: told.clone(),
        };
        let (text, chain) = line::written(&entry, self.chain)?;
        let done = self.file.write_all(text.as_bytes());
        let done = done.and_then(|()| match until {
            Until::System => Ok(()),
            Until::Disk => self.file.sync_data(),
        });
        if done.is_err() {
            // Half a line would hide all that come after it.
            let cut = self.file.set_len(self.end);
            let _ = cut.and_then(|()| self.file.seek(SeekFrom::Start(self.end)));
            return done;
        }
        self.end += text.len() as u64;
        self.chain = chain;
        Ok(())
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
