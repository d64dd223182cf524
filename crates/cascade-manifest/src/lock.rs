//! What a lockfile holds of the family's own packages.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{AgeGate, ReadError};

pub use native::{Ask, Bump, Discord, Entry, Facts, Fallback};

mod native;

/// One lock format. Reading is a byte scan for the named packages; where their neighbourhood is
/// not as expected, the full parser.
pub trait Lock: Sync {
    /// Returns the name of the file: `uv.lock`. A format of several names returns the commonest.
    fn file_name(&self) -> &'static str;

    /// Returns whether files of this name (the last component of a path) are of this format.
    fn reads(&self, file_name: &str) -> bool {
        file_name == self.file_name()
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

    /// Returns the names of the manifests beside the lock that its tool edits as well when it
    /// follows a move: what it does there belongs to the lock, and only its own rows may change (pins
    /// of the kind `indirect`, and what is no pin).
    fn tool_edits(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns what the tool changed in one of [`Lock::tool_edits`], by what was changed: `v1.0.0 ->
    /// v1.1.0` of `example.org/x`.
    ///
    /// # Errors
    /// With what it changed there that is not its own.
    fn own_edits(&self, _before: &str, _after: &str) -> Result<BTreeMap<String, String>, Fallback> {
        Err(Fallback::because("nothing in it is the tool's own"))
    }

    /// Returns whether the commands take the newest version that a range admits, or stay where they
    /// are, whatever the moves say: only an exact requirement binds them to one.
    fn takes_newest(&self) -> bool {
        false
    }

    /// Returns the environment in which the tool writes a lock the way this one is written, whatever
    /// a person's own settings say.
    fn habits(&self, _text: &str) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    /// Returns what the lock holds of the packages named (canonical names).
    ///
    /// # Errors
    /// When the text is not of this format.
    fn find(&self, text: &str, names: &BTreeSet<String>) -> Result<LockFacts, ReadError>;

    /// Returns the ecosystem's own minimal commands (argument lists, first the program, run in the
    /// lock's folder) that bring the lock in step after the moves, and move nothing else.
    fn relock(&self, moves: &[Move]) -> Vec<Vec<String>>;

    /// Does what [`Lock::relock`] does, for this lock and these manifests and settings (path from the
    /// lock's folder, and text, after the edit): where the command needs to know them.
    fn relock_in(
        &self,
        _text: &str,
        _files: &BTreeMap<String, String>,
        moves: &[Move],
    ) -> Vec<Vec<String>> {
        self.relock(moves)
    }

    /// Returns the same for a lock whose text says how it is made. `file_name` is the last component
    /// of its path.
    fn relock_of(&self, _file_name: &str, _text: &str, moves: &[Move]) -> Vec<Vec<String>> {
        self.relock(moves)
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
    /// When a text is not of its format.
    fn discords(
        &self,
        text: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<Vec<Discord>, ReadError>;

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

/// What a lock holds of the named packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockFacts {
    /// The entries, in the order of the text.
    pub entries: Vec<Locked>,
    /// The requirements that the lock repeats from the manifests.
    pub recorded: Vec<Recorded>,
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
