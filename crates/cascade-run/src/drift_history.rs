//! Where the history of drift is kept: a file that grows, in a folder or on a ref of a remote.
//!
//! Invariant: lines are added behind what is there, whole or not at all; nothing that somebody else
//! added meanwhile is lost, and nothing is added twice.

mod folder;
mod remote;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use cascade_plan::drift::history::{History, Notification, Observation, too_large};

use crate::approval::Already;
use crate::git::{Git, GitError};
use crate::mirror::{Mirror, MirrorError};
use crate::state::State;
use remote::Remote;

/// The ref of the workspace's remote that holds the history.
pub const HISTORY_REF: &str = "refs/cascade/drift";
/// The name of the file, in a folder and in the ref's tree.
pub const HISTORY_FILE: &str = "drift.jsonl";

/// The place of a history.
#[derive(Debug)]
pub struct HistoryPlace(Place);

#[derive(Debug)]
enum Place {
    Folder(PathBuf),
    Remote(Box<Remote>),
}

/// What became of lines that were added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Where they are: a ref of a remote, or a file.
    pub place: String,
    /// Whether they all were there already.
    pub already: Already,
    /// How many were added.
    pub lines: usize,
}

/// Why a history can not be read, or not be added to.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The workspace's file is in no repository with a remote.
    #[error("the workspace's repository has no remote to keep the history on")]
    NoRemote,
    /// git does not start, or the remote does not answer.
    #[error("the history on `{remote}` can not be read: {why}")]
    Silent {
        /// The remote, safe to show.
        remote: String,
        /// Why.
        why: String,
    },
    /// The remote does not take it.
    #[error("`{remote}` did not take the observation: {why}")]
    Refused {
        /// The remote, safe to show.
        remote: String,
        /// Why, in its words.
        why: String,
    },
    /// The remote did not say whether it took it.
    #[error("`{remote}` did not say whether it took the observation: {why}")]
    Unknown {
        /// The remote, safe to show.
        remote: String,
        /// Why.
        why: String,
    },
    /// Others were always faster.
    #[error("others add to `{place}` all the time")]
    Contended {
        /// The place, safe to show.
        place: String,
    },
    /// The ref is nothing that holds a history, or one that is too large.
    #[error("`{place}` holds no history: {why}")]
    Foreign {
        /// The place, safe to show.
        place: String,
        /// Why.
        why: String,
    },
    /// The scratch repository can not be used.
    #[error("the history: {0}")]
    Scratch(String),
    /// A file can not be read or written.
    #[error("`{}`: {why}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A person interrupted.
    #[error("interrupted")]
    Interrupted,
}

impl From<MirrorError> for HistoryError {
    fn from(error: MirrorError) -> Self {
        match error {
            MirrorError::Git(GitError::Interrupted) => Self::Interrupted,
            other => Self::Scratch(other.to_string()),
        }
    }
}

impl HistoryPlace {
    /// Returns the history in a folder.
    pub fn folder(folder: &Path) -> Self {
        Self(Place::Folder(folder.join(HISTORY_FILE)))
    }

    /// Returns the history on the remote of the repository that tracks the workspace's file.
    ///
    /// # Errors
    /// When there is no such remote, or its scratch repository can not be used.
    pub fn of_workspace(git: &Git, state: &State) -> Result<Self, HistoryError> {
        let remote = Remote::of(git, state)?;
        Ok(Self(Place::Remote(Box::new(remote))))
    }

    /// Returns the history as it was last seen on the remote, without asking anybody; an empty one
    /// where it never was.
    pub fn last_seen(state: &State) -> History {
        let bytes = Mirror::kept_file(&remote::scratch(state), HISTORY_REF, HISTORY_FILE);
        History::read(&bytes.unwrap_or_default())
    }

    /// Returns the history as it is now; an empty one where there is none yet.
    ///
    /// # Errors
    /// When the remote does not answer, or the file can not be read.
    pub fn read(&self) -> Result<History, HistoryError> {
        let bytes = match &self.0 {
            Place::Folder(file) => folder::read(file)?,
            Place::Remote(remote) => remote.read()?,
        };
        Ok(History::read(&bytes))
    }

    /// Adds what a run saw. When this returns, it is on the disk or the remote.
    ///
    /// # Errors
    /// When it can not be.
    pub fn record(&self, observation: &Observation) -> Result<Recorded, HistoryError> {
        self.record_all(std::slice::from_ref(observation))
    }

    /// Adds what several runs saw, all or nothing.
    ///
    /// # Errors
    /// When they can not be added.
    pub fn record_all(&self, observations: &[Observation]) -> Result<Recorded, HistoryError> {
        self.add(&mut |history| {
            observations
                .iter()
                .filter_map(|it| history.add(it))
                .collect()
        })
    }

    /// Adds that somebody was told how the workspace stands.
    ///
    /// # Errors
    /// When it can not be added.
    pub fn tell(&self, told: &Notification) -> Result<Recorded, HistoryError> {
        self.add(&mut |history| {
            if history.has_told(told) {
                return Vec::new();
            }
            vec![told.line()]
        })
    }

    fn add(&self, lines: &mut Lines<'_>) -> Result<Recorded, HistoryError> {
        match &self.0 {
            Place::Folder(file) => folder::add(file, lines),
            Place::Remote(remote) => remote.add(lines),
        }
    }
}

/// Returns the lines that a history lacks; it is asked anew where that has moved.
type Lines<'a> = dyn FnMut(&mut History) -> Vec<String> + 'a;

/// Returns a file with lines behind what it holds. A torn line stays one of its own.
fn joined(mut bytes: Vec<u8>, lines: &[String]) -> Vec<u8> {
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    for line in lines {
        bytes.extend(line.as_bytes());
        bytes.push(b'\n');
    }
    bytes
}

/// Returns when a history may become so large.
fn fits(bytes: &[u8], place: &str) -> Result<(), HistoryError> {
    too_large(bytes.len()).map_or(Ok(()), |why| {
        let place = place.to_owned();
        Err(HistoryError::Foreign { place, why })
    })
}
