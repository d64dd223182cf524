//! The byte scan: only npm's own layout, only the entries that concern the family.
//!
//! JSON strings hold no line ends, so the indentation of a line says where it stands. Whatever is
//! not exactly as npm writes it ends the scan, and the full parser takes over.

use std::borrow::Cow;
use std::collections::BTreeSet;

use memchr::{memchr_iter, memmem};

use super::tree::Place;
use super::{Entry, TABLES, folder_name, is_installed};
use crate::lock::LineCount;
use crate::{LockFacts, Names};

/// The lines below an entry's key, one level in.
const FIELD: &str = "      ";
/// The lines below a table of an entry.
const ROW: &str = "        ";

/// Returns the facts, or `None` where the text is not in npm's own layout.
pub(super) fn find(text: &str, names: &Names) -> Option<LockFacts> {
    let mut rest = packages(text)?;
    let mut facts = LockFacts::default();
    let mut seen = BTreeSet::new();
    let mut lines = LineCount::of(text);
    loop {
        let (key, block, behind) = opened(rest)?;
        if is_wanted(key, block, names) {
            if !seen.insert(key) {
                return None;
            }
            let mut entry = entry(key, block)?;
            entry.line = lines.part(key);
            entry.add(names, &mut facts);
        }
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None => return behind.starts_with("\n  }").then_some(facts),
        }
    }
}

/// Returns where every entry stands, with what is before `packages` and behind its last entry;
/// `None` where the text is not in npm's own layout.
pub(super) fn places(text: &str) -> Option<(Vec<Place<'_>>, &str, &str)> {
    let mut rest = packages(text)?;
    let head = text.get(..text.len() - rest.len() - "\n  \"packages\": {".len())?;
    let mut places = Vec::new();
    loop {
        let (key, _, behind) = opened(rest)?;
        let start = text.len() - rest.len() + "\n    \"\": ".len() + key.len();
        places.push(Place {
            key: Cow::Borrowed(key),
            span: start..text.len() - behind.len(),
        });
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None => {
                return behind
                    .starts_with("\n  }")
                    .then_some((places, head, behind));
            }
        }
    }
}

/// Returns what stands behind the brace of `packages`.
fn packages(text: &str) -> Option<&str> {
    let (before, behind) = ("\n  \"packages\": {", "\n    \"");
    let open = memmem::find(text.as_bytes(), format!("{before}{behind}").as_bytes())?;
    let head = text.get(..open)?;
    let known = [2, 3].into_iter().any(|it| {
        let line = format!("\n  \"lockfileVersion\": {it},");
        memmem::find(head.as_bytes(), line.as_bytes()).is_some()
    });
    let whole = head.starts_with("{\n  \"") && text.trim_end().ends_with("\n}");
    (known && whole).then(|| text.get(open + before.len()..))?
}

/// Splits the first entry into its key and its block, and what stands behind it. Every line of the
/// block stands deeper than the key, so no other entry can hide in it.
fn opened(text: &str) -> Option<(&str, &str, &str)> {
    let (key, rest) = text.strip_prefix("\n    \"")?.split_once('"')?;
    if key.contains('\\') {
        return None;
    }
    if let Some(behind) = rest.strip_prefix(": {}") {
        return Some((key, "", behind));
    }
    let body = rest.strip_prefix(": {").filter(|it| it.starts_with('\n'))?;
    let is_deeper = |at: usize| body.get(at + 1..).is_some_and(|it| it.starts_with(FIELD));
    let end = memchr_iter(b'\n', body.as_bytes()).find(|&at| !is_deeper(at))?;
    let (block, behind) = body.split_at_checked(end)?;
    Some((key, block, behind.strip_prefix("\n    }")?))
}

/// Returns whether the entry is the project's, a folder's, or of a package of the family.
fn is_wanted(key: &str, block: &str, names: &Names) -> bool {
    !is_installed(key) || folder_name(key).is_some_and(|it| names.contains(it)) || says_name(block)
}

/// Returns whether the entry is called otherwise than its folder: then its name stands first.
fn says_name(block: &str) -> bool {
    let first = block.strip_prefix("\n      ").unwrap_or(block);
    first.trim_start().starts_with("\"name\"")
}

/// Returns the entry, or `None` where a line of it is not as npm writes it.
fn entry<'t>(key: &'t str, block: &'t str) -> Option<Entry<'t>> {
    let mut entry = Entry {
        key,
        ..Entry::default()
    };
    let mut seen = BTreeSet::new();
    let mut lines = block.split('\n').skip(1).peekable();
    while let Some(line) = lines.next() {
        let (field, value) = field_of(line, FIELD)?;
        if !seen.insert(field) {
            return None;
        }
        match (field, value) {
            ("name", _) => entry.name = Some(string(value)?),
            ("version", _) => entry.version = Some(string(value)?),
            ("resolved", _) => entry.resolved = Some(string(value)?),
            ("link", "true" | "false") => entry.linked = value == "true",
            (_, "{") if TABLES.contains(&field) => table(&mut lines, &mut entry.requires)?,
            (_, "{" | "[") => skip(&mut lines)?,
            _ => alone(value)?,
        }
    }
    Some(entry)
}

/// Reads the rows of a table up to its closing line.
fn table<'t>(
    lines: &mut impl Iterator<Item = &'t str>,
    rows: &mut Vec<(&'t str, &'t str)>,
) -> Option<()> {
    let first = rows.len();
    loop {
        let line = lines.next()?;
        if matches!(line, "      }" | "      },") {
            break;
        }
        let (name, value) = field_of(line, ROW)?;
        rows.push((name, string(value)?));
    }
    let mut names: Vec<&str> = rows.get(first..)?.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names
        .windows(2)
        .all(|it| it.first() != it.last())
        .then_some(())
}

/// Moves behind the closing line of an object or array that concerns nobody.
fn skip<'t>(lines: &mut impl Iterator<Item = &'t str>) -> Option<()> {
    let mut depth = 1;
    while depth > 0 {
        let line = lines.next()?;
        let inner = line.trim_start_matches(' ');
        let closes = matches!(inner, "}" | "}," | "]" | "],");
        depth -= usize::from(closes);
        let indent = FIELD.len() + 2 * depth;
        if line.len() - inner.len() != indent {
            return None;
        }
        depth += usize::from(inner.ends_with(['{', '[']));
    }
    Some(())
}

/// Checks that the value is one and whole, and that no other field follows it on its line.
fn alone(value: &str) -> Option<()> {
    let word = |it: &str| {
        it.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    };
    (matches!(value, "{}" | "[]") || word(value) || string(value).is_some()).then_some(())
}

/// Splits `"KEY": VALUE,` at exactly this indentation.
fn field_of<'t>(line: &'t str, indent: &str) -> Option<(&'t str, &'t str)> {
    let rest = line.strip_prefix(indent)?.strip_prefix('"')?;
    let (key, value) = rest.split_once("\": ")?;
    let value = value.strip_suffix(',').unwrap_or(value);
    (!key.contains(['"', '\\'])).then_some((key, value))
}

/// Returns what a string without escapes says.
fn string(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains(['"', '\\'])).then_some(inner)
}
