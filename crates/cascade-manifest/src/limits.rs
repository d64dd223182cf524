//! How much of a text that somebody else wrote is read: the one place that says so.
//!
//! What is larger is refused before it is read whole, and again by the parser that is given it.
//! The largest real ones known are far below: `package.json` and `pyproject.toml` a few hundred KB,
//! locks of monorepos 30 MB and more.

use std::fmt;
use std::ops::Range;

use crate::ReadError;

/// How large one kind of text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What the kind is called, with its article.
    kind: &'static str,
    /// The largest one that is read.
    pub bytes: usize,
}

/// The deepest nesting of brackets in JSON.
pub(crate) const JSON_DEPTH: usize = 128;
/// The deepest nesting of sequences and mappings in YAML.
pub(crate) const YAML_DEPTH: usize = 64;
/// The most scalars, sequences and mappings of a YAML text, together.
pub(crate) const YAML_VALUES: usize = 400_000;
/// The most lines of TOML, each a token to the parser at least. Real locks have a million at most.
pub(crate) const TOML_LINES: usize = 2_000_000;
/// The deepest nesting of brackets in TOML: the parser's own bound.
pub(crate) const TOML_DEPTH: usize = 80;
/// The most dots in one key of TOML. Each nests one table deeper, and dropping nested tables takes
/// stack: the parser bounds brackets (80) but not dots.
pub(crate) const TOML_DOTS: usize = 16;
/// The longest key of TOML: one that names a table is told again with every row of it.
pub(crate) const TOML_KEY: usize = 1_000;

impl Limit {
    /// A manifest, or another file of a repository that says a version.
    pub const MANIFEST: Self = Self::of("a manifest", 4 << 20);
    /// A lock.
    pub const LOCK: Self = Self::of("a lock", 64 << 20);
    /// A lock in YAML that is not laid out as its tool writes it.
    pub const YAML: Self = Self::of("a YAML text", 8 << 20);
    /// The declaration of a workspace.
    pub const WORKSPACE: Self = Self::of("a `workspace.toml`", 1 << 20);
    /// A saved plan.
    pub const PLAN: Self = Self::of("a plan", 256 << 20);
    /// The settings of another tool.
    pub const SETTINGS: Self = Self::of("a settings file", 4 << 20);
    /// The history of drift.
    pub const HISTORY: Self = Self::of("a history", 64 << 20);
    /// What a registry answers.
    pub const ANSWER: Self = Self::of("an answer", 64 << 20);

    const fn of(kind: &'static str, bytes: usize) -> Self {
        Self { kind, bytes }
    }

    /// Returns whether so many bytes are within it.
    pub fn takes(self, bytes: u64) -> bool {
        bytes <= self.bytes as u64
    }

    /// Checks a text that was read already.
    ///
    /// # Errors
    /// When it is larger: with its size, the limit and what to do.
    pub fn check(self, text: &str) -> Result<(), ReadError> {
        if text.len() <= self.bytes {
            return Ok(());
        }
        Err(ReadError {
            message: self.refusal(text.len() as u64),
            span: None,
        })
    }

    /// Returns why a text of this size is not read, and what to do, as words behind "it".
    pub fn refusal(self, size: u64) -> String {
        format!(
            "it is {} large, more than the {self} that {} may have: {REMEDY}",
            Size(size),
            self.kind
        )
    }
}

/// What to do about a text that is too large or too deep.
pub(crate) const REMEDY: &str = "make it smaller, or take it out of git";

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Size(self.bytes as u64).fmt(f)
    }
}

/// A size as people say it: one above a limit is never told as the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(
    /// The bytes.
    pub u64,
);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
        let unit = units.into_iter().find(|(_, shift)| bytes >> shift > 0);
        match unit {
            Some((unit, shift)) if bytes.trailing_zeros() >= shift => {
                write!(f, "{} {unit}", bytes >> shift)
            }
            Some((unit, shift)) => {
                let tenths = (bytes.saturating_mul(10) >> shift) + 1;
                write!(f, "{}.{} {unit}", tenths / 10, tenths % 10)
            }
            None => write!(f, "{bytes} bytes"),
        }
    }
}

/// Returns why a text is not read that is nested too deep at these bytes.
pub(crate) fn too_deep(most: usize, at: Range<usize>) -> ReadError {
    ReadError {
        message: format!("it is nested deeper than {most} levels: {REMEDY}"),
        span: Some(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_above_a_limit_is_told_with_the_limit_and_what_to_do() {
        let limit = Limit::MANIFEST;
        assert_eq!(limit.check(&" ".repeat(limit.bytes)), Ok(()));
        let error = limit.check(&" ".repeat(limit.bytes + 1)).unwrap_err();
        assert_eq!(
            error.message,
            "it is 4.1 MiB large, more than the 4 MiB that a manifest may have: make it smaller, \
             or take it out of git"
        );
        assert!(limit.takes(4 << 20) && !limit.takes((4 << 20) + 1));
    }

    #[test]
    fn a_size_is_told_in_its_unit() {
        for (bytes, said) in [
            (12, "12 bytes"),
            (1 << 10, "1 KiB"),
            (50 << 20, "50 MiB"),
            ((1 << 30) + 1, "1.1 GiB"),
        ] {
            assert_eq!(Size(bytes).to_string(), said);
        }
    }
}
