//! What a lockfile holds of the family's own packages.

use std::collections::{BTreeMap, BTreeSet};

use crate::ReadError;

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

    /// Returns the names of the files in the lock's folder, beside the manifests, that say how it is
    /// made: `.npmrc`.
    fn settings(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns what the lock holds of the packages named (canonical names).
    ///
    /// # Errors
    /// When the text is not of this format.
    fn find(&self, text: &str, names: &BTreeSet<String>) -> Result<LockFacts, ReadError>;

    /// Returns the ecosystem's own minimal commands (argument lists, first the program, run in the
    /// lock's folder) that bring the lock in step after the moves, and move nothing else.
    fn relock(&self, moves: &[Move]) -> Vec<Vec<String>>;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The package's name as the manifest writes it.
    pub name: String,
    /// The version that the lock holds now.
    pub from: Option<String>,
    /// The version that it shall hold.
    pub to: String,
}
