//! What the lock holds of the crates named: a byte scan, and the whole parser behind it.

use std::collections::BTreeSet;

use memchr::memmem;

use super::super::canonical;
use crate::lock::LineCount;
use crate::toml::{Node, Toml};
use crate::{Entry, Locked, LockedSource, Names, ReadError};

use super::blocks::{Blocks, Reference};

/// What opens the entry of a package.
const HEADER: &str = "[[package]]";

/// Returns the entries of the packages named, by their bytes; `None` where the text does not look
/// as Cargo writes it.
pub(super) fn scan(text: &str, names: &Names) -> Option<Vec<Locked>> {
    let bytes = text.as_bytes();
    // In a string over several lines anything could stand at the start of a line.
    let folds = ["\"\"\"", "'''"];
    if folds
        .iter()
        .any(|it| memmem::find(bytes, it.as_bytes()).is_some())
    {
        return None;
    }
    let mut found = Vec::new();
    let mut seen = false;
    let mut lines = LineCount::of(text);
    for at in memmem::find_iter(bytes, HEADER) {
        let starts_line = matches!(bytes.get(..at)?.last(), None | Some(b'\n'));
        if !starts_line {
            return None;
        }
        seen = true;
        found.extend(scan_entry(
            text.get(at + HEADER.len()..)?,
            names,
            &mut lines,
        )?);
    }
    seen.then_some(found)
}

/// Returns the entry whose header ends where `rest` begins, if it is one of those named. The outer
/// `None` is for an entry that does not look as Cargo writes it: of the others only the name is read.
#[expect(
    clippy::option_option,
    reason = "not named and not understood are different answers"
)]
fn scan_entry<'t>(
    rest: &'t str,
    names: &Names,
    lines: &mut LineCount<'t>,
) -> Option<Option<Locked>> {
    let mut behind = rest;
    let mut next = || {
        let end = memchr::memchr(b'\n', behind.as_bytes());
        let line = behind.get(..end.unwrap_or(behind.len()))?;
        behind = behind.get(line.len() + 1..).unwrap_or_default();
        Some(line.strip_suffix('\r').unwrap_or(line))
    };
    if !next()?.is_empty() {
        return None;
    }
    let name = quoted(next()?, "name = ")?;
    if !names.contains(canonical(name).as_ref()) {
        return Some(None);
    }
    let version = quoted(next()?, "version = ")?;
    let line = next().unwrap_or_default();
    let source = if line.starts_with("source") {
        Some(quoted(line, "source = ")?)
    } else {
        None
    };
    let found = locked(name, Some(version), source, lines.part(name));
    let body = || rest.split("\n[").next().unwrap_or_default();
    let elsewhere = source.is_none() && body().contains("source");
    (!elsewhere).then_some(Some(found))
}

/// Returns what stands between the quotes of `key = "..."`, where nothing else stands in the line.
fn quoted<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let content = line
        .strip_prefix(key)?
        .strip_prefix('"')?
        .strip_suffix('"')?;
    let plain = |b: u8| b != b'"' && b != b'\\' && !b.is_ascii_control();
    content.bytes().all(plain).then_some(content)
}

/// Returns the entries of the packages named, by the whole parser.
pub(super) fn parse(text: &str, names: &Names) -> Result<Vec<Locked>, ReadError> {
    let toml = Toml::parse(text)?;
    let mut lines = LineCount::of(text);
    let entries = packages(&toml)?.into_iter().filter_map(|it| {
        let value = |key: &str| it.string_at(key).map(|it| it.value);
        let name = it.string_at("name")?;
        let line = names
            .contains(canonical(name.value).as_ref())
            .then(|| lines.at(name.span.start))?;
        Some(locked(name.value, value("version"), value("source"), line))
    });
    Ok(entries.collect())
}

/// Returns the tables of the packages.
///
/// # Errors
/// When the text is no lock of Cargo's.
fn packages<'d>(toml: &'d Toml<'_>) -> Result<Vec<Node<'d>>, ReadError> {
    let packages = toml.root().get("package");
    if packages.is_some_and(|it| !it.is_array())
        || packages.or(toml.root().get("version")).is_none()
    {
        return Err(ReadError {
            message: "no `[[package]]` and no `version`: this is no Cargo.lock".to_owned(),
            span: None,
        });
    }
    Ok(packages.map(Node::items).unwrap_or_default())
}

/// Returns every package of the lock, sorted.
///
/// # Errors
/// When the text is no lock of Cargo's.
pub(super) fn entries(text: &str) -> Result<Vec<Entry>, ReadError> {
    let mut entries = match Blocks::read(text).ok().as_ref().and_then(blocks_entries) {
        Some(entries) => entries,
        None => parsed_entries(text)?,
    };
    entries.sort();
    Ok(entries)
}

fn blocks_entries(blocks: &Blocks<'_>) -> Option<Vec<Entry>> {
    let entry = |at| {
        let record = blocks.record(at).ok()?;
        let requires = record.requires.iter().map(|it| it.reference.name);
        let source = record.source.map(|it| it.text);
        Some(made(record.name, record.version.text, source, requires))
    };
    (0..blocks.all().len()).map(entry).collect()
}

fn parsed_entries(text: &str) -> Result<Vec<Entry>, ReadError> {
    let toml = Toml::parse(text)?;
    let entries = packages(&toml)?.into_iter().filter_map(|it| {
        let value = |key: &str| it.string_at(key).map(|it| it.value);
        let requires = it.get("dependencies").map(Node::items).unwrap_or_default();
        let requires = requires.into_iter().filter_map(Node::string);
        let requires = requires.map(|it| Reference::of(it.value).name);
        let version = value("version").unwrap_or_default();
        Some(made(value("name")?, version, value("source"), requires))
    });
    Ok(entries.collect())
}

fn made<'t>(
    name: &str,
    version: &str,
    source: Option<&str>,
    requires: impl Iterator<Item = &'t str>,
) -> Entry {
    let requires: BTreeSet<String> = requires.map(|it| canonical(it).into_owned()).collect();
    Entry {
        name: canonical(name).into_owned(),
        version: version.to_owned(),
        place: String::new(),
        source: source.unwrap_or_default().to_owned(),
        requires: requires.into_iter().collect(),
    }
}

fn locked(name: &str, version: Option<&str>, source: Option<&str>, line: usize) -> Locked {
    Locked {
        name: canonical(name).into_owned(),
        version: version.map(str::to_owned),
        place: String::new(),
        source: source.map_or(LockedSource::Local, origin),
        line,
    }
}

/// Returns where a source id points: `registry+...`, `sparse+...`, `git+URL?tag=T#COMMIT`.
fn origin(source: &str) -> LockedSource {
    if let Some(git) = source.strip_prefix("git+") {
        let commit = git.rsplit_once('#').map_or("", |(_, commit)| commit);
        return LockedSource::Git(commit.to_owned());
    }
    if source.starts_with("path+") {
        LockedSource::Local
    } else {
        LockedSource::Registry
    }
}
