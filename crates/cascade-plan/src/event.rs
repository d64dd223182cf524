//! What is told while a plan is carried out, and what it comes to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Oid, RepoId, Until};

/// Something that happened while a plan was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "event",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Event {
    /// Work on the repository began.
    Started {
        /// The repository.
        repo: RepoId,
    },
    /// It is at this point now, in words: `committed 1a2b3c4`, `waiting for v1.2.0`.
    Progress {
        /// The repository.
        repo: RepoId,
        /// What it does.
        what: String,
    },
    /// Something stays as it is that a person should know of: a lock left stale, a skipped file.
    Noted {
        /// The repository.
        repo: RepoId,
        /// What, and the command that mends it.
        what: String,
    },
    /// A lock was brought in step.
    Relocked {
        /// The repository.
        repo: RepoId,
        /// The path of the lock, from the repository's root.
        file: String,
        /// Which way.
        way: Way,
    },
    /// Tags of it are on the remote, whatever becomes of the rest.
    Out {
        /// The repository.
        repo: RepoId,
        /// The tags.
        tags: Vec<String>,
    },
    /// The repository came to its end.
    Ended {
        /// The repository.
        repo: RepoId,
        /// How.
        fate: Fate,
    },
}

impl Event {
    /// Returns the repository that it happened to.
    pub fn repo(&self) -> &RepoId {
        match self {
            Self::Started { repo }
            | Self::Progress { repo, .. }
            | Self::Noted { repo, .. }
            | Self::Relocked { repo, .. }
            | Self::Out { repo, .. }
            | Self::Ended { repo, .. } => repo,
        }
    }
}

/// Which way a lock was brought in step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "way",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Way {
    /// By cascade itself.
    Natively,
    /// By its ecosystem's own tool.
    Tool {
        /// The program.
        program: String,
        /// Why not natively; `None` where the tool was wanted.
        because: Option<String>,
    },
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Natively => f.write_str("natively"),
            Self::Tool {
                program,
                because: None,
            } => write!(f, "by {program}"),
            Self::Tool {
                program,
                because: Some(why),
            } => write!(f, "by {program} ({why})"),
        }
    }
}

/// A lock that was brought in step, and which way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Relocked {
    /// The repository.
    pub repo: RepoId,
    /// The path of the lock, from the repository's root.
    pub file: String,
    /// Which way.
    pub way: Way,
}

/// How a repository's part of a plan ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "fate",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Fate {
    /// Everything the plan says is so; `out` tags are on the remote (none for a `bump`).
    Done {
        /// The commit that holds the edits, or the one that was there already.
        commit: Option<Oid>,
        /// The tags that are out.
        out: Vec<String>,
    },
    /// There was nothing to do: the world shows the plan's end already.
    Nothing,
    /// It failed; nothing of it is out, unless `out` says so.
    Failed {
        /// Why.
        why: String,
        /// The next command to type.
        help: Option<String>,
        /// The tags that are out all the same.
        out: Vec<String>,
    },
    /// It waits for something outside; the same command continues.
    Waiting {
        /// For what.
        what: String,
        /// The command that mends it.
        help: Option<String>,
    },
    /// The world moved since the plan was made.
    Drifted {
        /// What moved.
        what: String,
    },
    /// It never began, because what it stands on did not end well.
    Skipped {
        /// The repository at fault.
        because: RepoId,
    },
    /// A person left it out of the run: its version stays.
    LeftOut {
        /// Who, and why.
        why: String,
    },
    /// It went as far as was wanted, and the rest is for later.
    Stopped {
        /// How far.
        after: Until,
    },
    /// A person interrupted.
    Interrupted,
}

/// What a run came to: the last fate of every repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The fates, by repository.
    pub fates: BTreeMap<RepoId, Fate>,
    /// The notes, in the order they came.
    pub notes: Vec<(RepoId, String)>,
    /// The locks that were brought in step, in the order they were.
    pub locks: Vec<Relocked>,
    /// The tags that are on the remotes, by repository, however it ended.
    #[serde(default)]
    pub out: BTreeMap<RepoId, BTreeSet<String>>,
}

impl Outcome {
    fn add_out(&mut self, repo: &RepoId, tags: &[String]) {
        if !tags.is_empty() {
            let all = self.out.entry(repo.clone()).or_default();
            all.extend(tags.iter().cloned());
        }
    }

    /// Returns whether tags of a repository are on its remote.
    pub fn is_out(&self, repo: &RepoId) -> bool {
        let by_fate = match self.fates.get(repo) {
            Some(Fate::Done { out, .. } | Fate::Failed { out, .. }) => !out.is_empty(),
            _ => false,
        };
        by_fate || self.out.contains_key(repo)
    }
}

impl<'a> FromIterator<&'a Event> for Outcome {
    fn from_iter<I: IntoIterator<Item = &'a Event>>(events: I) -> Self {
        let mut outcome = Self::default();
        for event in events {
            match event {
                Event::Out { repo, tags } => outcome.add_out(repo, tags),
                Event::Ended { repo, fate } => {
                    if let Fate::Done { out, .. } | Fate::Failed { out, .. } = fate {
                        outcome.add_out(repo, out);
                    }
                    outcome.fates.insert(repo.clone(), fate.clone());
                }
                Event::Noted { repo, what } => outcome.notes.push((repo.clone(), what.clone())),
                Event::Relocked { repo, file, way } => outcome.locks.push(Relocked {
                    repo: repo.clone(),
                    file: file.clone(),
                    way: way.clone(),
                }),
                Event::Started { .. } | Event::Progress { .. } => {}
            }
        }
        outcome
    }
}
