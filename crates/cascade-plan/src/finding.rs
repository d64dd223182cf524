//! Findings: what is not as it should be, as data.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RepoId;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// Which kind of thing.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// The repository, where it is one's.
    pub repo: Option<RepoId>,
    /// The tag, where it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The package of the family that it is about, where it is about a pin or a lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Where in it.
    pub place: Option<Place>,
    /// What, in a sentence without a full stop.
    pub what: String,
    /// The command that mends it, or what to do.
    pub mend: Option<String>,
    /// What `cascade check --fix` does about it.
    #[serde(skip)]
    pub fix: Option<Fix>,
}

/// What is safe to do about a finding without asking.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fix {
    /// Files that become others; one that is no longer what it was is left alone.
    Write(Vec<Rewrite>),
    /// The locks of the repository are brought in step.
    Relock,
}

/// A file that becomes another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rewrite {
    /// The path from the repository's root, with `/`.
    pub path: String,
    /// The whole text that was judged; `None` for a file that there is not.
    pub before: Option<Arc<str>>,
    /// The whole text that it becomes.
    pub after: String,
}

/// A stable name of a kind of finding, as in `docs/checks.md`: `pin-excluded`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Code(pub &'static str);

/// How bad a finding is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be mended.
    Warn,
    /// Keeps the repository from being released.
    Block,
}

/// A place in a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Place {
    /// The path from the repository's root, with `/`.
    pub path: String,
    /// The 1-based line.
    pub line: Option<usize>,
}
