//! Requirements files that are locks: compiled by a tool out of others, or with hashes.

use std::collections::{BTreeMap, BTreeSet};

use self::book::Book;
use super::canonical;
use crate::lock::LineCount;
use crate::{
    BareCommit, Bump, Discord, Entry, Fallback, Lock, LockFacts, Locked, LockedSource, Move, Names,
    ReadError, Stand, Unread,
};

mod book;
mod command;
mod git;
mod rewrite;
mod sources;

/// Requirements files that a tool made, or that name the files of each version by their hashes.
pub(super) struct Compiled;

/// Returns whether the text of a requirements file is a lock.
pub(super) fn is_lock(text: &str) -> bool {
    is_made(text) || text.contains("--hash=")
}

/// Returns whether a tool made the text out of other files.
pub(super) fn is_made(text: &str) -> bool {
    command::command(text).is_some()
}

/// Returns whether files of this name may be requirements or constraints.
pub(super) fn is_requirements(stem: &str) -> bool {
    stem.contains("requirements") || stem.contains("constraints")
}

impl Lock for Compiled {
    fn file_name(&self) -> &'static str {
        "requirements.txt"
    }

    fn reads(&self, file_name: &str) -> bool {
        file_name.strip_suffix(".txt").is_some_and(is_requirements)
    }

    fn is_lock(&self, text: &str) -> bool {
        is_lock(text)
    }

    fn find(&self, text: &str, names: &Names) -> Result<LockFacts, ReadError> {
        let mut facts = LockFacts::default();
        if !is_lock(text) {
            return Ok(facts);
        }
        facts.made_with = command::line(text).map(str::to_owned);
        let rows = Book::read(text).rows;
        let mut lines = LineCount::of(text);
        for row in rows.into_iter().filter(|it| names.contains(&it.name)) {
            facts.entries.push(Locked {
                version: row.version.clone().map(|it| it.text),
                place: String::new(),
                source: match &row.address {
                    Some(_) => row
                        .commit()
                        .map_or(LockedSource::Local, |it| LockedSource::Git(it.to_owned())),
                    None => LockedSource::Registry,
                },
                line: lines.at(row.at),
                name: row.name,
            });
        }
        Ok(facts)
    }

    /// Returns the command in its head, again; nothing where none stands there.
    fn relock(&self, stand: &Stand<'_>, moves: &[Move]) -> Vec<Vec<String>> {
        let command = stand.facts.made_with.as_deref().and_then(command::read);
        let again = command.and_then(|it| {
            // pip-compile takes an address from the sources, and no version beside it.
            let by_address = |name: &str| {
                let mut entries = stand.facts.entries.iter();
                entries.any(|it| it.name == name && it.source != LockedSource::Registry)
            };
            let is_told = |one: &&Move| it.is_uv() || !by_address(&canonical(&one.name));
            let told: Vec<Move> = moves.iter().filter(is_told).cloned().collect();
            it.again(stand.file_name, &told)
        });
        again.into_iter().collect()
    }

    fn entries(&self, text: &str) -> Result<Vec<Entry>, ReadError> {
        if !is_lock(text) {
            return Ok(Vec::new());
        }
        let book = Book::read(text);
        // What the comments below a row say requires it, the other way round.
        let mut requires: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in &book.rows {
            for via in &row.via {
                requires.entry(via).or_default().insert(&row.name);
            }
        }
        let below = |name: &str| {
            let names = requires.get(name).into_iter().flatten();
            names.map(|it| (*it).to_owned()).collect()
        };
        let entry = |row: &book::Row| Entry {
            name: row.name.clone(),
            version: row.version.clone().map(|it| it.text).unwrap_or_default(),
            place: String::new(),
            source: row.address.clone().unwrap_or_default(),
            requires: below(&row.name),
        };
        let mut entries: Vec<Entry> = book.rows.iter().map(entry).collect();
        entries.sort();
        Ok(entries)
    }

    fn discords(
        &self,
        text: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<Vec<Discord>, Unread> {
        let Some(command) = command::command(text) else {
            return Ok(Vec::new());
        };
        let book = Book::read(text);
        let mut found = Vec::new();
        let mut named: BTreeMap<&str, Vec<&book::Row>> = BTreeMap::new();
        for row in &book.rows {
            named.entry(&row.name).or_default().push(row);
        }
        sources::readable(&command, files)?;
        for wanted in sources::wanted(&command, files) {
            let rows = named.get(wanted.name.as_str());
            let rows = rows.map(Vec::as_slice).unwrap_or_default();
            if !wanted.may_be_absent(rows) && !rows.iter().any(|it| wanted.admits(it)) {
                found.push(Discord {
                    subject: wanted.name.clone(),
                    manifest: wanted.file.clone(),
                    wanted: wanted.text(),
                    held: rows.first().map(|it| it.held()),
                });
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Returns the commits that uv keeps of tags.
    fn bare_commits(&self, text: &str, files: &BTreeMap<String, String>) -> Vec<BareCommit> {
        let Some(command) = command::command(text).filter(command::Command::is_uv) else {
            return Vec::new();
        };
        let book = Book::read(text);
        let wanted = sources::wanted(&command, files);
        let commits = wanted.iter().filter_map(|it| git::bare_commit(&book, it));
        commits.collect()
    }

    fn rewrite(&self, text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
        rewrite::rewrite(text, bump)
    }
}

/// Returns the canonical name at the start of a text.
fn name_in(text: &str) -> Option<String> {
    let parts = super::pep508::split(text)?;
    Some(canonical(text.get(parts.name)?).into_owned())
}

#[cfg(test)]
mod tests;
