//! What a lockfile holds of the family's own packages.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::{AgeGate, ReadError};

pub(crate) use lines::{LineCount, offset};
pub(crate) use native::is_commit_id;
pub use native::{Ask, BareCommit, Bump, Discord, Entry, Facts, Fallback, Unread};

mod lines;
mod native;

/// Canonical names of packages, to be looked up once for every record of a lock.
pub type Names = HashSet<String>;

/// Returns the commands for a lock of this name and text, as a run would find it.
#[cfg(test)]
pub(crate) fn commands(
    format: &dyn Lock,
    (file_name, text): (&str, &str),
    files: &BTreeMap<String, String>,
    moves: &[Move],
) -> Vec<String> {
    let names = moves.iter().map(|it| it.name.clone()).collect();
    let facts = &format.find(text, &names).unwrap_or_default();
    let stand = Stand {
        file_name,
        facts,
        files,
    };
    let commands = format.relock(&stand, moves);
    commands.iter().map(|it| it.join(" ")).collect()
}

/// Returns the facts without the lines, which every spelling of a lock has others of.
#[cfg(test)]
pub(crate) fn unplaced(mut facts: LockFacts) -> LockFacts {
    for it in &mut facts.entries {
        it.line = 0;
    }
    facts
}

/// One lock format. Reading is a byte scan for the named packages; where their neighbourhood is
/// not as expected, the full parser.
pub trait Lock: Sync {
    /// Returns the name of the file: `uv.lock`. A format of several names returns the commonest.
    fn file_name(&self) -> &'static str;

    /// Returns whether files of this name (the last component of a path) are of this format.
    fn reads(&self, file_name: &str) -> bool {
        file_name == self.file_name() || self.overruled_by() == Some(file_name)
    }

    /// Returns the other name of a lock of this format that the tool reads alone, where both lie in
    /// one folder: `npm-shrinkwrap.json`.
    fn overruled_by(&self) -> Option<&'static str> {
        None
    }

    /// Returns whether this text of a file of that name is a lock: `requirements.txt` is one where
    /// a tool made it or hashes stand in it, and else only a manifest.
    fn is_lock(&self, _text: &str) -> bool {
        true
    }

    /// Returns the names of the files in the lock's folder, beside the manifests, that say how it is
    /// made: `.npmrc`.
    fn settings(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns whether the lock also governs manifests in folders below its own.
    fn reaches_below(&self) -> bool {
        true
    }

    /// Returns which rows of its own the tool changed in a manifest beside the lock, by what they are
    /// about: `v1.0.0 -> v1.1.0` of `example.org/x`. They are taken over with the lock (pins of the
    /// kind `indirect`, and what is no pin); where there are none, the manifest stays as it was.
    ///
    /// # Errors
    /// With what would have to change there as well and is not the tool's own.
    fn own_edits(
        &self,
        _manifest: &str,
        _before: &str,
        _after: &str,
    ) -> Result<BTreeMap<String, String>, Fallback> {
        Ok(BTreeMap::new())
    }

    /// Returns the manifests beside the lock in which rows of the tool's own follow the moves, as it
    /// would leave them: path from the lock's folder, and text. A native rewrite is made beside
    /// these, and they are taken over with it; where there are none, manifests stay as they are.
    fn followed(
        &self,
        _files: &BTreeMap<String, String>,
        _moves: &[Move],
    ) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// Returns whether the commands take the newest version that a range admits, or stay where they
    /// are, whatever the moves say: only an exact requirement binds them to one.
    fn takes_newest(&self) -> bool {
        false
    }

    /// Returns what beside the lock holds copies of what is locked, and so does not fit it after a
    /// move; `None` where nothing does. It is given the manifests and settings (path from the lock's
    /// folder, and text), what tells whether a path in that folder is there, and the commands that
    /// move the lock.
    fn vendored(
        &self,
        _files: &BTreeMap<String, String>,
        _is_there: &dyn Fn(&str) -> bool,
        _commands: &[Vec<String>],
    ) -> Option<Vendored> {
        None
    }

    /// Returns the variables, name and value, with which the tool writes the lock the way this text is
    /// written, whatever a person's own settings say.
    fn environment(&self, _text: &str) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    /// Returns what the lock holds of the packages named (canonical names).
    ///
    /// # Errors
    /// When the text is not of this format.
    fn find(&self, text: &str, names: &Names) -> Result<LockFacts, ReadError>;

    /// Returns the ecosystem's own minimal commands (argument lists, first the program, run one after
    /// the other in the lock's folder) that bring the lock in step after the moves and move nothing
    /// else; nothing where there is no such command. A plan shows them, and a run runs them, as they
    /// are.
    fn relock(&self, stand: &Stand<'_>, moves: &[Move]) -> Vec<Vec<String>>;

    /// Returns the commands that take back what the others moved without having to, given the lock
    /// before and after them; nothing where the tool keeps what is locked by itself. They run after
    /// [`Lock::relock`]'s, and once more as long as there are any.
    fn keep(&self, _locks: (&str, &str), _moves: &[Move]) -> Vec<Vec<String>> {
        Vec::new()
    }

    /// Returns every package that the lock holds, sorted.
    ///
    /// # Errors
    /// When the text is not of this format.
    fn entries(&self, text: &str) -> Result<Vec<Entry>, ReadError>;

    /// Returns where the lock and the manifests (path from the lock's folder, and text) disagree,
    /// in text or in meaning; nothing where they are in step.
    ///
    /// # Errors
    /// When the lock is not of its format, or a file that it has to be held against is not; which
    /// one, the error says.
    fn discords(
        &self,
        text: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<Vec<Discord>, Unread>;

    /// Returns the commits that the lock keeps in the place of tags: which tag a commit is of stands
    /// in no text, so [`Lock::discords`] is silent about them.
    fn bare_commits(&self, _text: &str, _files: &BTreeMap<String, String>) -> Vec<BareCommit> {
        Vec::new()
    }

    /// Returns the lock as its ecosystem's tool would write it, where nothing but the records of
    /// what moves can change.
    ///
    /// # Errors
    /// When that can not be proven, or the facts are not to be had.
    fn rewrite(&self, text: &str, bump: &Bump<'_>) -> Result<String, Fallback>;

    /// Returns the gate that a new version of the package (canonical name) has to wait at before
    /// the tool takes it, by the manifests and settings (path from the lock's folder, and text);
    /// `None` where there is none or the package is exempt. To exempt several packages, ask for
    /// each with the text that the last exemption left.
    fn age_gate(&self, _name: &str, _files: &BTreeMap<String, String>) -> Option<AgeGate> {
        None
    }
}

/// How a lock stands: what its commands depend on, beside what moves.
#[derive(Debug, Clone, Copy)]
pub struct Stand<'a> {
    /// The last component of its path.
    pub file_name: &'a str,
    /// What [`Lock::find`] returns of it, for what moves at least.
    pub facts: &'a LockFacts,
    /// The manifests and settings below its folder, after the edit: path from that folder, and text.
    pub files: &'a BTreeMap<String, String>,
}

/// Copies of what is locked, kept beside the lock: `vendor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendored {
    /// Their path from the lock's folder.
    pub path: String,
    /// The commands, run in the lock's folder, that bring the lock and the copies in step.
    pub commands: Vec<Vec<String>>,
}

impl Vendored {
    /// Returns the copies at a path that one more command makes anew.
    pub(crate) fn after(path: &str, commands: &[Vec<String>], anew: &[&str]) -> Self {
        let anew = anew.iter().map(|it| (*it).to_owned()).collect();
        Self {
            path: path.to_owned(),
            commands: commands.iter().cloned().chain([anew]).collect(),
        }
    }
}

/// What a lock holds of the named packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockFacts {
    /// The entries, in the order of the text.
    pub entries: Vec<Locked>,
    /// The requirements that the lock repeats from the manifests.
    pub recorded: Vec<Recorded>,
    /// What the head of the lock says it was made with, where the commands depend on it:
    /// `uv pip compile requirements.in`.
    pub made_with: Option<String>,
    /// The requests that the entries answer, as the lock writes them, where the commands name them:
    /// `core@npm:^1.0.0`.
    pub requests: Vec<String>,
}

/// One entry of a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// The canonical package name.
    pub name: String,
    /// The version as written; `None` where the entry has none (a dynamic root).
    pub version: Option<String>,
    /// The folder of the entry in a tree-shaped lock (`node_modules/a/node_modules/b`), else empty.
    pub place: String,
    /// Where the entry says it comes from.
    pub source: LockedSource,
    /// The 1-based line on which its record begins: where it names the package.
    pub line: usize,
}

/// Where a lock's entry comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockedSource {
    /// A registry.
    Registry,
    /// Git, at this commit.
    Git(String),
    /// The workspace itself or a folder beside it.
    Local,
}

/// A requirement as the lock repeats it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The canonical name of the package, or the folder (`""` is the lock's own), that requires.
    pub dependent: String,
    /// The canonical name of the package required.
    pub name: String,
    /// The requirement as the lock writes it; empty for none.
    pub requirement: String,
}

/// One package that moves in a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Move {
    /// The package's name as the manifest writes it.
    pub name: String,
    /// The version that the lock holds now.
    pub from: Option<String>,
    /// The version that it shall hold.
    pub to: String,
}
