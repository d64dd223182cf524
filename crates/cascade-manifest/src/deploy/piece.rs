//! A piece of a text, with its bytes.

use std::ops::Range;

use crate::yaml::{Node, Style};

/// The longest text that refers to anything. One text may be referred to from every line.
pub(super) const LONGEST: usize = 2 << 10;

/// How the bytes of a piece are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// As they are.
    Bare,
    /// As part of a scalar of YAML.
    Scalar {
        /// The bytes of the scalar, without quotes.
        content: Range<usize>,
        /// Where the scalar begins, its quote included.
        at: usize,
        /// Whether it stands without quotes.
        plain: bool,
    },
    /// With escapes, or over several lines: no byte stands for itself.
    Spread,
}

/// A piece of a text.
#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    /// What it says.
    pub(super) text: &'a str,
    /// Where it begins in the whole text.
    pub(super) at: usize,
    pub(super) host: Host,
}

impl<'a> Piece<'a> {
    /// Returns a piece that stands as it is at this byte.
    pub(super) fn bare(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            host: Host::Bare,
        }
    }

    /// Returns what a scalar says, or the one that an alias stands for; `None` for what is no scalar,
    /// or a longer one than any reference is.
    pub(super) fn of(node: Node<'a>) -> Option<Self> {
        let node = node.followed();
        let scalar = node.scalar().filter(|it| it.value.len() <= LONGEST)?;
        let start = node.span().start;
        let (at, host) = match scalar.content() {
            Some(content) => {
                let plain = scalar.style == Style::Plain;
                let begin = content.start;
                let host = Host::Scalar {
                    content,
                    at: start,
                    plain,
                };
                (begin, host)
            }
            None => (start, Host::Spread),
        };
        Some(Self {
            text: scalar.value,
            at,
            host,
        })
    }

    /// Returns the field of a mapping, if it is a scalar.
    pub(super) fn field(node: Node<'a>, key: &str) -> Option<Self> {
        Self::of(node.followed().get(key)?)
    }

    /// Returns the field of a mapping, if it is a scalar, also one that a merge brings in.
    pub(super) fn merged(node: Node<'a>, key: &str) -> Option<Self> {
        Self::of(node.followed().merged(key)?)
    }

    /// Returns a part of it.
    pub(super) fn part(&self, range: Range<usize>) -> Option<Self> {
        Some(Self {
            at: self.at + range.start,
            text: self.text.get(range)?,
            host: self.host.clone(),
        })
    }

    /// Returns what stands before and behind the first of these, which is in neither.
    pub(super) fn split_once(&self, mark: &str) -> Option<(Self, Self)> {
        let at = self.text.find(mark)?;
        Some((
            self.part(0..at)?,
            self.part(at + mark.len()..self.text.len())?,
        ))
    }

    /// Returns what stands between these.
    pub(super) fn split(&self, mark: char) -> impl Iterator<Item = Self> {
        let mut at = 0;
        self.text.split(mark).filter_map(move |it| {
            let start = at;
            at += it.len() + mark.len_utf8();
            self.part(start..start + it.len())
        })
    }

    /// Returns it without these words before it.
    pub(super) fn without(&self, prefix: &str) -> Option<Self> {
        let rest = self.text.strip_prefix(prefix)?;
        self.part(self.text.len() - rest.len()..self.text.len())
    }

    /// Returns its bytes; `None` where it has none of its own.
    pub(super) fn span(&self) -> Option<Range<usize>> {
        let is_own = self.host != Host::Spread && !self.text.is_empty();
        is_own.then(|| self.at..self.at + self.text.len())
    }
}
