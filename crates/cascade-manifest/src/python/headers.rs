//! The tables of a lock by a byte scan: no parser, nothing allocated for what is not asked for.
//!
//! Locks are written by tools: one key a line, table headers at the start of a line. Who scans
//! checks each line that it reads and leaves everything unusual to the full parser.

use memchr::memmem;

/// A table of a lock: its header, and the text up to the next one.
#[derive(Clone, Copy)]
pub(super) struct Table<'t> {
    /// The header without its line end: `[[package]]`.
    pub(super) header: &'t str,
    /// What stands below it.
    pub(super) body: &'t str,
}

/// Returns the tables of the text, in its order.
pub(super) fn tables(text: &str) -> impl Iterator<Item = Table<'_>> {
    let first = text.starts_with('[').then_some(0);
    let others = memmem::find_iter(text.as_bytes(), b"\n[").map(|at| at + 1);
    let mut starts = first.into_iter().chain(others).peekable();
    std::iter::from_fn(move || {
        let start = starts.next()?;
        let end = starts.peek().copied().unwrap_or(text.len());
        let (header, body) = split_line(text.get(start..end)?);
        Some(Table { header, body })
    })
}

/// Returns the first line without its end, and what follows.
pub(super) fn split_line(text: &str) -> (&str, &str) {
    let (line, rest) = match memchr::memchr(b'\n', text.as_bytes()) {
        Some(at) => (
            text.get(..at).unwrap_or_default(),
            text.get(at + 1..).unwrap_or_default(),
        ),
        None => (text, ""),
    };
    (line.strip_suffix('\r').unwrap_or(line), rest)
}

/// Returns the value of the line `key = "value"`; `None` for any other line.
pub(super) fn string<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    let quoted = line.strip_prefix(key)?.strip_prefix(" = \"")?;
    let value = quoted.strip_suffix('"')?;
    is_plain(value).then_some(value)
}

/// Returns whether the text between two quotes is what it means: no escapes, no other quote.
pub(super) fn is_plain(value: &str) -> bool {
    memchr::memchr2(b'"', b'\\', value.as_bytes()).is_none()
}
