//! Requirements: what one names, what it admits, what it becomes.

use std::fmt;

use crate::Version;

/// How an ecosystem reads and rewrites requirements.
pub trait Grammar: Sync {
    /// Returns the version that the requirement names (`== === ~= >= >`, caret, tilde, bare;
    /// missing parts are 0), the highest where alternatives name several; `None` where it names
    /// none (`<2`, `!=1`, `*`, nothing).
    ///
    /// # Errors
    /// When the text is of no shape this grammar knows.
    fn named(&self, requirement: &str) -> Result<Option<Version>, UnknownShape>;

    /// Returns whether the requirement admits the version, by the ecosystem's own matcher.
    ///
    /// # Errors
    /// When the text is of no shape this grammar knows.
    fn admits(&self, requirement: &str, version: &Version) -> Result<bool, UnknownShape>;

    /// Returns what becomes of the requirement when its upstream is at `to`. An updated text
    /// admits `to`, has the same shape and precision, and differs from the old one.
    fn rewrite(&self, requirement: &str, to: &Version, style: Style) -> Rewrite;

    /// Returns whether two requirements say the same (order of clauses, spaces, spelling).
    fn same(&self, a: &str, b: &str) -> bool;

    /// Returns whether the requirement names what stands for a version until there is one: a whole
    /// `0.0.0` (`>=0` names 0 as well, and is none).
    fn is_placeholder(&self, requirement: &str) -> bool {
        let named = self.named(requirement).ok().flatten();
        requirement.contains("0.0.0") && named.is_some_and(|it| it.numbers() == [0; 3])
    }
}

/// How eagerly a requirement moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Exact forms always move, a range only when it does not admit the version.
    Auto,
    /// Becomes the ecosystem's exact form of the version (`==2.1.0`, `2.1.0` for npm, `=2.1.0`).
    Exact,
    /// As `Auto`, and a floor or caret that admits the version is raised to it.
    Floor,
    /// As `Auto`, but a range that excludes the version is widened (`^1 || ^2`): npm peers.
    Widen,
}

/// What becomes of a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewrite {
    /// The new text.
    Updated(String),
    /// The text stays.
    Kept(Keep),
    /// The text can not be rewritten safely.
    Refused(Refusal),
}

/// Why a requirement keeps its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// It says the version already.
    InStep,
    /// The range admits the version.
    Admits,
    /// It names no version.
    Unbounded,
}

/// Why a requirement can not be rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A `!=` clause excludes exactly this version.
    Excluded,
    /// The ceiling was not the old floor's next major, minor or patch.
    Ceiling,
    /// It has an upper bound only.
    UpperBoundOnly,
    /// No shape that this grammar knows.
    UnknownShape,
    /// The rewritten text would not admit the version.
    NotAdmitted,
    /// The version's major part belongs to another import path (`/v2`).
    Major,
}

/// A requirement of no shape this grammar knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a requirement this grammar knows")]
pub struct UnknownShape(pub String);

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InStep => "says it already",
            Self::Admits => "the range admits it",
            Self::Unbounded => "names no version",
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Excluded => "a `!=` excludes exactly this version",
            Self::Ceiling => "its ceiling is not the floor's next major, minor or patch",
            Self::UpperBoundOnly => "it has an upper bound only",
            Self::UnknownShape => "its shape is not known",
            Self::NotAdmitted => "no text of the same shape admits the version",
            Self::Major => {
                "its path is that of another major version: only one that ends `/v2` takes a `v2.1.0`"
            }
        })
    }
}
