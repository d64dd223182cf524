//! What a native rewrite is given, what it may ask, and why it gives up.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Move;
use crate::ReadError;

/// The packages that move in a lock, together.
pub struct Bump<'a> {
    /// The packages whose records move; several of one upstream are one set.
    pub moves: &'a [Move],
    /// The repository's own packages, whose version stands in the lock too.
    pub own: &'a [Move],
    /// The manifests and settings below the lock's folder, after the edit: path from that folder,
    /// and text.
    pub files: &'a BTreeMap<String, String>,
    /// What may be asked of the world.
    pub facts: &'a dyn Facts,
}

/// Answers what a native rewrite needs to know of the world.
pub trait Facts {
    /// Returns the answer, the same for the same question as long as the rewrite lasts.
    ///
    /// # Errors
    /// When there is none, or none within reach.
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback>;
}

/// Returns whether a text is the whole id of a commit, by SHA-1 or SHA-256.
pub(crate) fn is_commit_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|it| it.is_ascii_hexdigit())
}

impl dyn Facts + '_ {
    /// Returns the commit that a tag names, peeled: 40 or 64 hexadecimal digits in lower case.
    ///
    /// # Errors
    /// When there is no such tag, or the answer is no commit.
    pub(crate) fn commit(&self, url: &str, tag: &str) -> Result<String, Fallback> {
        let answer = self.ask(&Ask::GitTag {
            url: url.to_owned(),
            tag: tag.to_owned(),
        })?;
        let commit = std::str::from_utf8(&answer).map(str::trim);
        let commit = commit.unwrap_or_default();
        if is_commit_id(commit) {
            Ok(commit.to_ascii_lowercase())
        } else {
            Err(Fallback::because(format!(
                "the tag `{tag}` names no commit"
            )))
        }
    }
}

/// One question to a registry or a git repository. Its answer is the document as served.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ask {
    /// The page of a project in a Python index (PEP 691 JSON; an HTML page is answered as JSON).
    PythonProject {
        /// The index as the lock writes it; `None` for the one that is configured.
        index: Option<String>,
        /// The canonical name.
        name: String,
    },
    /// The core metadata of a distribution (PEP 658, or read out of the wheel).
    PythonMetadata {
        /// The address of the distribution.
        url: String,
    },
    /// The document of one version of an npm package.
    NpmVersion {
        /// The address of the tarball that is locked now, which names the registry; `None` for the
        /// one that is configured for the name.
        beside: Option<String>,
        /// The name, with its scope.
        name: String,
        /// The version.
        version: String,
    },
    /// The bytes of a tarball.
    Tarball {
        /// Its address.
        url: String,
    },
    /// The lines of a crate in a Cargo index, one JSON document a line.
    CargoIndex {
        /// The source id as the lock writes it (`registry+...`, `sparse+...`).
        source: String,
        /// The name as the lock writes it.
        name: String,
    },
    /// The `go.mod` of a module's version.
    GoMod {
        /// The module's path.
        module: String,
        /// The version, with its `v`.
        version: String,
    },
    /// The zip of a module's version.
    GoZip {
        /// The module's path.
        module: String,
        /// The version, with its `v`.
        version: String,
    },
    /// The commit that a tag names, peeled: 40 or 64 hexadecimal digits.
    GitTag {
        /// The address of the repository, without `git+`.
        url: String,
        /// The tag.
        tag: String,
    },
    /// A file of a git repository at a tag.
    GitFile {
        /// The address of the repository, without `git+`.
        url: String,
        /// The tag.
        tag: String,
        /// The file's path from the root.
        path: String,
    },
    /// A file of a git repository at a commit.
    GitFileAt {
        /// The address of the repository, without `git+`.
        url: String,
        /// The commit: 40 or 64 hexadecimal digits.
        commit: String,
        /// The file's path from the root.
        path: String,
    },
}

/// Why a lock is not rewritten natively: its ecosystem's own tool has to do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fallback(
    /// The reason, lowercase, no full stop.
    pub String,
);

impl Fallback {
    /// Returns a fallback for this reason.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A commit that a lock keeps in the place of the tag that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BareCommit {
    /// The canonical name of the package.
    pub subject: String,
    /// The manifest, by its path from the lock's folder.
    pub manifest: String,
    /// The tag that the manifest names.
    pub tag: String,
    /// The commit that the lock keeps.
    pub commit: String,
}

/// A lock, or a file that it is held against, that is not of its format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Unread {
    /// The file beside the lock, by its path from the lock's folder; `None` for the lock itself.
    pub beside: Option<String>,
    /// What is wrong with it.
    pub error: ReadError,
}

impl From<ReadError> for Unread {
    fn from(error: ReadError) -> Self {
        Self {
            beside: None,
            error,
        }
    }
}

impl ReadError {
    /// Returns what is wrong as that of a file beside a lock.
    pub(crate) fn beside(self, path: &str) -> Unread {
        Unread {
            beside: Some(path.to_owned()),
            error: self,
        }
    }
}

/// One package that a lock holds, in full: what the churn guard compares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The canonical name.
    pub name: String,
    /// The version as written, empty where there is none.
    pub version: String,
    /// The folder of the entry in a tree-shaped lock (`node_modules/a/node_modules/b`), else empty.
    pub place: String,
    /// Where it comes from, as the lock says it; empty where it does not.
    pub source: String,
    /// What it requires, as canonical names, sorted, each once.
    pub requires: Vec<String>,
}

/// Where a lock and the manifests beside it disagree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Discord {
    /// The canonical name of the package concerned, or the lock's field (`content-hash`).
    pub subject: String,
    /// The manifest, by its path from the lock's folder.
    pub manifest: String,
    /// What the manifest says.
    pub wanted: String,
    /// What the lock holds; `None` where it holds nothing.
    pub held: Option<String>,
}
