//! `uv.lock`.

use std::collections::BTreeMap;

use self::book::{Block, Book};
use self::row::Row;
use super::canonical;
use super::headers::{self, Table, tables};
use crate::lock::LineCount;
use crate::toml::{Node, Toml};
use crate::{
    Bump, Discord, Entry, Fallback, Lock, LockFacts, Locked, LockedSource, Move, Names, ReadError,
    Recorded, Stand, Unread,
};

mod book;
mod discords;
mod git;
mod options;
mod pairs;
mod project;
mod record;
mod rewrite;
mod row;

/// `uv.lock`.
pub(super) struct UvLock;

impl Lock for UvLock {
    fn file_name(&self) -> &'static str {
        "uv.lock"
    }

    fn settings(&self) -> &'static [&'static str] {
        &["uv.toml"]
    }

    fn find(&self, text: &str, names: &Names) -> Result<LockFacts, ReadError> {
        match scan(text, names) {
            Some(facts) => Ok(facts),
            None => parse(text, names),
        }
    }

    fn age_gate(&self, name: &str, files: &BTreeMap<String, String>) -> Option<crate::AgeGate> {
        crate::age_gate::uv(name, files)
    }

    /// One resolution moves them all; `-P` also asks the index anew for what was just released.
    fn relock(&self, _stand: &Stand<'_>, moves: &[Move]) -> Vec<Vec<String>> {
        let mut command = vec!["uv".to_owned(), "lock".to_owned()];
        for it in moves {
            command.extend(["-P".to_owned(), format!("{}=={}", it.name, it.to)]);
        }
        vec![command]
    }

    fn entries(&self, text: &str) -> Result<Vec<Entry>, ReadError> {
        let mut entries = match Book::read(text).as_ref().and_then(scan_entries) {
            Some(entries) => entries,
            None => parse_entries(text)?,
        };
        entries.sort();
        Ok(entries)
    }

    fn discords(
        &self,
        text: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<Vec<Discord>, Unread> {
        discords::discords(text, files)
    }

    fn rewrite(&self, text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
        rewrite::rewrite(text, bump)
    }
}

fn scan_entries(book: &Book<'_>) -> Option<Vec<Entry>> {
    let entry = |block: &Block<'_>| {
        let mut requires = Vec::new();
        for table in block.edges() {
            let rows = book::rows(table.body)?;
            let names = rows.iter().filter_map(|it| it.row.get("name"));
            requires.extend(names.map(ToOwned::to_owned));
        }
        Some(listed(block.name, block.version, block.origin, requires))
    };
    book.blocks.iter().map(entry).collect()
}

fn listed(name: &str, version: Option<&str>, source: &str, mut requires: Vec<String>) -> Entry {
    requires.sort();
    requires.dedup();
    Entry {
        name: name.to_owned(),
        version: version.unwrap_or_default().to_owned(),
        place: String::new(),
        source: source.to_owned(),
        requires,
    }
}

fn parse_entries(text: &str) -> Result<Vec<Entry>, ReadError> {
    let toml = Toml::parse(text)?;
    let packages = toml.root().get("package").map(Node::items);
    let entry = |package: Node<'_>| {
        let name = canonical(package.string_at("name")?.value).into_owned();
        let lists = ["optional-dependencies", "dev-dependencies"];
        let lists = lists.iter().filter_map(|it| package.get(it));
        let lists = lists.flat_map(|it| it.entries().into_iter().map(|(_, list)| list));
        let lists = lists.chain(package.get("dependencies"));
        let names = lists
            .flat_map(Node::items)
            .filter_map(|it| it.string_at("name"));
        let source = package.get("source").map(Node::entries).unwrap_or_default();
        let source = source.iter().filter_map(|(key, value)| {
            Some(format!("{} = \"{}\"", key.name, value.string()?.value))
        });
        let source: Vec<_> = source.collect();
        let requires = names.map(|it| canonical(it.value).into_owned()).collect();
        let version = package.string_at("version").map(|it| it.value);
        Some(listed(&name, version, &source.join(", "), requires))
    };
    Ok(packages
        .unwrap_or_default()
        .into_iter()
        .filter_map(entry)
        .collect())
}

/// Returns what the lock holds, by a byte scan; `None` where a line is not as uv writes it.
fn scan(text: &str, names: &Names) -> Option<LockFacts> {
    let mut facts = LockFacts::default();
    let mut dependent = None;
    let mut lines = LineCount::of(text);
    for table in tables(text) {
        match table.header {
            "[[package]]" => {
                let (name, rest) = headers::split_line(table.body);
                let name = headers::string(name, "name")?;
                if names.contains(name) {
                    facts
                        .entries
                        .push(scan_entry(name, rest, lines.part(name))?);
                }
                dependent = Some(name);
            }
            "[package.metadata]" | "[package.metadata.requires-dev]" => {
                scan_recorded(table, dependent?, names, &mut facts)?;
            }
            other if unusual(other) => return None,
            _ => {}
        }
    }
    dependent.is_some().then_some(facts)
}

/// Returns whether a header that is not uv's spelling may still be about packages.
fn unusual(header: &str) -> bool {
    header.starts_with("[[package") || header.starts_with("[package.metadata")
}

/// Returns the entry, named on this line, whose lines behind that are `rest`.
fn scan_entry(name: &str, rest: &str, line: usize) -> Option<Locked> {
    let (first, after) = headers::split_line(rest);
    let version = headers::string(first, "version");
    let source = match version {
        Some(_) => headers::split_line(after).0,
        None => first,
    };
    let (row, end) = Row::read(source.strip_prefix("source = ")?)?;
    if !end.is_empty() {
        return None;
    }
    let (key, value) = row.first;
    let source = source_of(key, value)?;
    Some(Locked {
        name: name.to_owned(),
        version: version.map(ToOwned::to_owned),
        place: String::new(),
        source,
        line,
    })
}

/// Returns where an entry comes from, by the first key of its source.
fn source_of(key: &str, value: &str) -> Option<LockedSource> {
    Some(match key {
        "registry" | "url" => LockedSource::Registry,
        "git" => LockedSource::Git(value.rsplit_once('#')?.1.to_owned()),
        "editable" | "virtual" | "directory" | "path" => LockedSource::Local,
        _ => return None,
    })
}

/// Adds the requirements on named packages that a table of metadata repeats.
fn scan_recorded(
    table: Table<'_>,
    dependent: &str,
    names: &Names,
    facts: &mut LockFacts,
) -> Option<()> {
    const START: &str = "{ name = \"";
    for at in memchr::memchr_iter(b'{', table.body.as_bytes()) {
        let rest = table.body.get(at..)?;
        let name = rest.strip_prefix(START)?.split('"').next()?;
        if names.contains(name) {
            let (row, _) = Row::read(rest)?;
            facts.recorded.extend(recorded(dependent, name, &row));
        }
    }
    Some(())
}

/// Keys of a row whose package comes from elsewhere: uv repeats no specifier for it.
const ELSEWHERE: &[&str] = &["git", "url", "path", "directory", "editable", "virtual"];

fn recorded(dependent: &str, name: &str, row: &Row<'_>) -> Option<Recorded> {
    if ELSEWHERE.iter().any(|key| row.has(key)) {
        return None;
    }
    Some(Recorded {
        dependent: dependent.to_owned(),
        name: name.to_owned(),
        requirement: row.get("specifier").unwrap_or_default().to_owned(),
    })
}

/// Returns what the lock holds, by the full parser.
fn parse(text: &str, names: &Names) -> Result<LockFacts, ReadError> {
    let toml = Toml::parse(text)?;
    let mut lines = LineCount::of(text);
    let mut facts = LockFacts::default();
    let packages = toml.root().get("package").map(Node::items);
    for package in packages.unwrap_or_default() {
        let Some(written) = package.string_at("name") else {
            continue;
        };
        let name = canonical(written.value);
        if names.contains(&*name) {
            let line = lines.at(written.span.start);
            facts.entries.push(parsed_entry(&name, package, line));
        }
        let Some(metadata) = package.get("metadata") else {
            continue;
        };
        let groups = metadata.get("requires-dev").map(Node::entries);
        let groups = groups.unwrap_or_default().into_iter().map(|(_, it)| it);
        let lists = metadata.get("requires-dist").into_iter().chain(groups);
        for row in lists.flat_map(Node::items) {
            facts.recorded.extend(parsed_recorded(&name, row, names));
        }
    }
    Ok(facts)
}

fn parsed_entry(name: &str, package: Node<'_>, line: usize) -> Locked {
    let source = package.get("source").map(Node::entries).unwrap_or_default();
    let source = source.into_iter().find_map(|(key, value)| {
        let value = value.string()?;
        source_of(key.name, value.value)
    });
    Locked {
        name: name.to_owned(),
        version: package.string_at("version").map(|it| it.value.to_owned()),
        place: String::new(),
        source: source.unwrap_or(LockedSource::Registry),
        line,
    }
}

fn parsed_recorded(dependent: &str, row: Node<'_>, names: &Names) -> Option<Recorded> {
    let name = canonical(row.string_at("name")?.value).into_owned();
    if !names.contains(&name) || ELSEWHERE.iter().any(|key| row.get(key).is_some()) {
        return None;
    }
    let requirement = row.string_at("specifier").map(|it| it.value.to_owned());
    Some(Recorded {
        dependent: dependent.to_owned(),
        name,
        requirement: requirement.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
