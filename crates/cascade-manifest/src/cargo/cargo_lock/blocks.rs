//! The lock as its records stand in the text: found by their headers, read one by one.
//!
//! Only Cargo's own layout is read here. What stands otherwise is no error of the lock: it is for
//! the whole parser, or for Cargo.

use std::ops::Range;

use memchr::memmem;

use crate::{Fallback, Splice};

/// What opens the record of a package.
const HEADER: &str = "[[package]]";

/// The records of a lock in Cargo's own layout.
pub(super) struct Blocks<'t> {
    text: &'t str,
    /// The version of the format: 3, 4.
    pub(super) format: u32,
    all: Vec<Block<'t>>,
}

/// One record: where it stands, and the name in it.
#[derive(Debug, Clone)]
pub(super) struct Block<'t> {
    /// Its bytes, from the header to the next one.
    pub(super) span: Range<usize>,
    /// The name, as written.
    pub(super) name: &'t str,
}

/// One record in full.
#[derive(Debug, Clone)]
pub(super) struct Record<'t> {
    pub(super) name: &'t str,
    pub(super) version: Field<'t>,
    /// The source id; `None` for the workspace's own and for folders.
    pub(super) source: Option<Field<'t>>,
    pub(super) checksum: Option<Field<'t>>,
    pub(super) requires: Vec<Requires<'t>>,
}

/// A text between quotes.
#[derive(Debug, Clone)]
pub(super) struct Field<'t> {
    pub(super) text: &'t str,
    pub(super) span: Range<usize>,
}

/// A line of the list of dependencies.
#[derive(Debug, Clone)]
pub(super) struct Requires<'t> {
    pub(super) reference: Reference<'t>,
    /// What stands between the quotes.
    pub(super) field: Field<'t>,
}

/// How one record names another: `NAME`, `NAME VERSION` or `NAME VERSION (SOURCE)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference<'t> {
    pub(super) name: &'t str,
    pub(super) version: Option<&'t str>,
    pub(super) source: Option<&'t str>,
}

impl<'t> Reference<'t> {
    /// Returns what the text names.
    pub(super) fn of(text: &'t str) -> Self {
        let mut words = text.splitn(3, ' ');
        Self {
            name: words.next().unwrap_or_default(),
            version: words.next(),
            source: words.next(),
        }
    }
}

impl Field<'_> {
    /// Returns the edit that puts this text in its place.
    pub(super) fn put(&self, to: &str) -> Splice {
        Splice {
            span: self.span.clone(),
            to: to.to_owned(),
        }
    }
}

impl<'t> Blocks<'t> {
    /// Returns the records of the text.
    ///
    /// # Errors
    /// When the text is not laid out as Cargo does it.
    pub(super) fn read(text: &'t str) -> Result<Self, Fallback> {
        let odd = || Fallback::because("the lock is not laid out as Cargo writes it");
        let bytes = text.as_bytes();
        let literal = memchr::memchr(b'\'', bytes).is_some();
        if literal || memmem::find(bytes, b"\"\"\"").is_some() {
            return Err(odd());
        }
        let starts: Vec<usize> = memmem::find_iter(bytes, "\n[").map(|it| it + 1).collect();
        let head = text.get(..starts.first().copied().unwrap_or(text.len()));
        let format = format_of(head.ok_or_else(odd)?).ok_or_else(odd)?;
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let all = starts.iter().copied().zip(ends).map(|(start, end)| {
            let body = text.get(start..end)?;
            let name = body.strip_prefix(HEADER)?.trim_start_matches('\r');
            let name = name.strip_prefix("\nname = \"")?.split_once('"')?.0;
            Some(Block {
                span: start..end,
                name,
            })
        });
        let all = all.collect::<Option<_>>().ok_or_else(odd)?;
        Ok(Self { text, format, all })
    }

    /// Returns every record, in the order of the text.
    pub(super) fn all(&self) -> &[Block<'t>] {
        &self.all
    }

    /// Returns the places of the records of this name, as written.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = usize> {
        let all = self.all.iter().enumerate();
        all.filter_map(move |(at, it)| (it.name == name).then_some(at))
    }

    /// Returns the text of the record, without the lines that part it from the next.
    pub(super) fn body(&self, at: usize) -> Option<(Range<usize>, &'t str)> {
        let span = self.all.get(at)?.span.clone();
        let body = self.text.get(span.clone())?.trim_end();
        Some((span.start..span.start + body.len(), body))
    }

    /// Returns the record at this place.
    ///
    /// # Errors
    /// When it is not written as Cargo does it.
    pub(super) fn record(&self, at: usize) -> Result<Record<'t>, Fallback> {
        let odd = || {
            let name = self.all.get(at).map_or("", |it| it.name);
            Fallback::because(format!("the record of `{name}` is not as Cargo writes it"))
        };
        let (span, _) = self.body(at).ok_or_else(odd)?;
        let lines = Lines {
            text: self.text,
            at: span.start,
            end: span.end,
        };
        lines.record().ok_or_else(odd)
    }

    /// Returns the places of the records that may name this package among their dependencies.
    pub(super) fn naming(&self, name: &str) -> Vec<usize> {
        let needle = format!("\n \"{name}");
        let hits = memmem::find_iter(self.text.as_bytes(), &needle).filter(|at| {
            let behind = self.text.as_bytes().get(at + needle.len());
            matches!(behind, Some(b'"' | b' '))
        });
        let mut places: Vec<usize> = hits
            .filter_map(|hit| {
                let before = self.all.partition_point(|it| it.span.start <= hit);
                before.checked_sub(1)
            })
            .collect();
        places.dedup();
        places
    }
}

/// Returns the version of the format that the lines above the first record tell.
fn format_of(head: &str) -> Option<u32> {
    let mut format = None;
    for line in head.trim_start_matches('\u{feff}').lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if format.is_some() {
            return None;
        }
        format = Some(line.strip_prefix("version = ")?.parse().ok()?);
    }
    // The first formats say none.
    Some(format.unwrap_or(1))
}

/// The lines of one record, taken one after the other.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    end: usize,
}

impl<'t> Lines<'t> {
    fn record(mut self) -> Option<Record<'t>> {
        self.line(HEADER)?;
        let record = Record {
            name: self.field("name = \"")?.text,
            version: self.field("version = \"")?,
            source: self.field("source = \""),
            checksum: self.field("checksum = \""),
            requires: self.requires()?,
        };
        (self.at >= self.end).then_some(record)
    }

    /// Returns the line that begins here and where the next one does.
    fn peek(&self) -> Option<(&'t str, usize)> {
        let rest = self.text.get(self.at..self.end)?;
        let length = memchr::memchr(b'\n', rest.as_bytes());
        let line = rest.get(..length.unwrap_or(rest.len()))?;
        let next = self.at + length.map_or(rest.len(), |it| it + 1);
        Some((line.strip_suffix('\r').unwrap_or(line), next))
    }

    fn line(&mut self, expected: &str) -> Option<()> {
        let (line, next) = self.peek()?;
        (line == expected).then(|| self.at = next)
    }

    /// Takes a line of this key, where it is the next.
    fn field(&mut self, key: &str) -> Option<Field<'t>> {
        self.quoted(key, "\"")
    }

    fn quoted(&mut self, before: &str, behind: &str) -> Option<Field<'t>> {
        let (line, next) = self.peek()?;
        let text = line.strip_prefix(before)?.strip_suffix(behind)?;
        let plain = |b: u8| b != b'"' && b != b'\\' && !b.is_ascii_control();
        if !text.bytes().all(plain) {
            return None;
        }
        let start = self.at + before.len();
        self.at = next;
        Some(Field {
            text,
            span: start..start + text.len(),
        })
    }

    fn requires(&mut self) -> Option<Vec<Requires<'t>>> {
        let mut requires = Vec::new();
        if self.at >= self.end {
            return Some(requires);
        }
        self.line("dependencies = [")?;
        while self.line("]").is_none() {
            let field = self.quoted(" \"", "\",")?;
            requires.push(Requires {
                reference: Reference::of(field.text),
                field,
            });
        }
        Some(requires)
    }
}
