//! The memory of quality gates that passed: a release that was begun goes on without running them again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::PathBuf;

use cascade_plan::{Oid, RepoId};
use serde::{Deserialize, Serialize};

use crate::state::State;
use crate::write::{Overwrite, save};

/// The name of the file in the state folder.
const FILE: &str = "gates-passed.json";
/// The largest one that is read.
const LARGEST: u64 = 16 << 20;

/// Of which repositories every critical quality gate passed, and where. What can not be read counts as
/// not passed.
#[derive(Debug)]
pub struct PassedGates {
    file: PathBuf,
    known: BTreeMap<RepoId, Passed>,
}

/// Where the gates of a repository passed last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Passed {
    /// The commit.
    commit: Oid,
    /// The gates, as they were declared.
    gates: String,
}

impl PassedGates {
    /// Returns what the state folder of a workspace remembers.
    pub fn of(state: &State) -> Self {
        let file = state.folder().join(FILE);
        let read = || {
            let mut text = String::new();
            let open = fs::File::open(&file).ok()?;
            open.take(LARGEST).read_to_string(&mut text).ok()?;
            serde_json::from_str(&text).ok()
        };
        let known = read().unwrap_or_default();
        Self { file, known }
    }

    /// Returns whether these gates of a repository passed at this commit.
    pub fn holds(&self, repo: &RepoId, commit: &Oid, gates: &str) -> bool {
        let passed = self.known.get(repo);
        passed.is_some_and(|it| it.commit == *commit && it.gates == gates)
    }

    /// Remembers that these gates of repositories passed.
    ///
    /// # Errors
    /// When the file can not be written.
    pub fn note<'a>(
        &mut self,
        passed: impl IntoIterator<Item = (&'a RepoId, &'a Oid, String)>,
    ) -> io::Result<()> {
        for (repo, commit, gates) in passed {
            let commit = commit.clone();
            self.known.insert(repo.clone(), Passed { commit, gates });
        }
        let text = serde_json::to_string_pretty(&self.known)?;
        save(&self.file, &format!("{text}\n"), Overwrite::Replace)
    }
}
