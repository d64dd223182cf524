//! `yarn.lock`, of Yarn 2 and newer and of the classic one.

mod archive;
mod blocks;
mod kept;
mod rewrite;
mod step;
mod turn;

use std::collections::{BTreeMap, BTreeSet};

use self::blocks::{Block, Flavour};
use super::spec::{Spec, is_name, name_and_range};
use crate::lock::LineCount;
use crate::{
    AgeGate, Bump, Discord, Entry, Fallback, Lock, LockFacts, Locked, LockedSource, Move, Names,
    ReadError, Recorded, Stand, Unread, Vendored, age_gate,
};

/// How the lock of the classic Yarn says what made it.
const CLASSIC: &str = "yarn lockfile v1";

/// `yarn.lock`.
pub(super) struct YarnLock;

impl Lock for YarnLock {
    fn file_name(&self) -> &'static str {
        "yarn.lock"
    }

    fn settings(&self) -> &'static [&'static str] {
        &[".yarnrc.yml", ".yarnrc", ".npmrc"]
    }

    fn find(&self, text: &str, names: &Names) -> Result<LockFacts, ReadError> {
        let (flavour, blocks) = blocks::read(text, Some(names))?;
        let mut facts = LockFacts {
            made_with: (flavour == Flavour::Classic).then(|| CLASSIC.to_owned()),
            ..LockFacts::default()
        };
        let mut lines = LineCount::of(text);
        for block in &blocks {
            if names.contains(block.name()) {
                let line = lines.at(block.at);
                facts.entries.push(locked(block, flavour, line));
                facts.requests.extend(block.descriptors.iter().cloned());
            }
            if let Some(folder) = block.folder() {
                facts.recorded.extend(recorded(block, folder, names));
            }
        }
        facts.recorded.extend(inherited(&blocks, names));
        Ok(facts)
    }

    /// Between the first command and the last every range is bound to the version that moves: from a
    /// range Yarn takes the newest, or stays where it is. The classic Yarn knows one command only.
    fn relock(&self, stand: &Stand<'_>, moves: &[Move]) -> Vec<Vec<String>> {
        let words = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        if stand.facts.made_with.as_deref() == Some(CLASSIC) {
            let quiet = ["--ignore-scripts", "--non-interactive"];
            return vec![
                words(&["yarn", "install"])
                    .into_iter()
                    .chain(quiet.map(str::to_owned))
                    .collect(),
            ];
        }
        let mut commands = vec![words(&["yarn", "install", "--mode=update-lockfile"])];
        let bindings = step::ranges(&stand.facts.requests, stand.files, moves);
        commands.extend(bindings.into_iter().map(bind));
        if !moves.is_empty() {
            let mut dedupe = words(&["yarn", "dedupe", "--mode=update-lockfile"]);
            dedupe.extend(moves.iter().map(|it| it.name.clone()));
            commands.push(dedupe);
        }
        commands
    }

    fn keep(&self, (before, after): (&str, &str), moves: &[Move]) -> Vec<Vec<String>> {
        if blocks::flavour(before) != Some(Flavour::Berry) {
            return Vec::new();
        }
        let bindings = kept::bindings((before, after), moves).unwrap_or_default();
        bindings.into_iter().map(bind).collect()
    }

    /// Returns what an installation without a network is made from, where it is kept in git.
    fn vendored(
        &self,
        _files: &BTreeMap<String, String>,
        is_there: &dyn Fn(&str) -> bool,
        commands: &[Vec<String>],
    ) -> Option<Vendored> {
        let kept = [".yarn/cache", ".pnp.cjs"]
            .into_iter()
            .find(|it| is_there(it));
        kept.map(|it| Vendored::after(it, commands, &["yarn", "install"]))
    }

    fn entries(&self, text: &str) -> Result<Vec<Entry>, ReadError> {
        let (flavour, blocks) = blocks::read(text, None)?;
        let mut entries: Vec<Entry> = blocks.iter().map(|it| entry(it, flavour)).collect();
        entries.sort();
        Ok(entries)
    }

    fn discords(
        &self,
        text: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<Vec<Discord>, Unread> {
        step::discords(text, files)
    }

    fn rewrite(&self, text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
        match blocks::flavour(text) {
            Some(Flavour::Classic) => Err(Fallback::because(
                "yarn classic's lock is not rewritten natively",
            )),
            _ => rewrite::rewrite(text, bump),
        }
    }

    fn age_gate(&self, name: &str, files: &BTreeMap<String, String>) -> Option<AgeGate> {
        age_gate::yarn(name, files)
    }
}

/// Returns the command that binds a request.
fn bind((descriptor, to): (String, String)) -> Vec<String> {
    let command = ["yarn", "set", "resolution"].map(str::to_owned);
    command.into_iter().chain([descriptor, to]).collect()
}

fn locked(block: &Block, flavour: Flavour, line: usize) -> Locked {
    let source = source_of(block, flavour);
    let version = (source != LockedSource::Local).then(|| block.version.clone());
    Locked {
        name: block.name().to_owned(),
        version: version.filter(|it| !it.is_empty()),
        place: String::new(),
        source,
        line,
    }
}

fn source_of(block: &Block, flavour: Flavour) -> LockedSource {
    let resolution = block.resolution.as_str();
    let address = match flavour {
        Flavour::Classic => resolution,
        Flavour::Berry => name_and_range(resolution)
            .and_then(|(_, it)| it)
            .unwrap_or_default(),
    };
    let local = ["workspace:", "file:", "link:", "portal:"];
    let (_, commit) = address.split_once('#').unwrap_or((address, ""));
    let commit = commit.strip_prefix("commit=").unwrap_or(commit);
    if local.iter().any(|it| address.starts_with(it)) {
        LockedSource::Local
    } else if address.contains(".git") && !commit.is_empty() {
        LockedSource::Git(commit.to_owned())
    } else {
        LockedSource::Registry
    }
}

/// Returns the requirements that the block of a member repeats.
fn recorded<'b>(
    block: &'b Block,
    folder: &'b str,
    names: &'b Names,
) -> impl Iterator<Item = Recorded> + 'b {
    let rows = block.dependencies.iter().chain(&block.peers);
    rows.filter_map(move |(alias, range)| {
        let spec = Spec::of(plain(range));
        let name = spec.name.unwrap_or_else(|| alias.clone());
        names.contains(&name).then(|| Recorded {
            dependent: folder.to_owned(),
            name,
            requirement: spec.requirement,
        })
    })
}

/// Returns what the catalogues may have said of the packages that members take from them: of the
/// row itself the lock holds the request only.
fn inherited<'b>(blocks: &'b [Block], names: &'b Names) -> impl Iterator<Item = Recorded> + 'b {
    let rows = blocks.iter().flat_map(|it| &it.dependencies);
    let taken = rows.filter(|(_, range)| range.starts_with("catalog:"));
    let taken: BTreeSet<&str> = taken.map(|(alias, _)| alias.as_str()).collect();
    let requests = blocks.iter().flat_map(|it| &it.descriptors);
    requests.filter_map(move |it| {
        let (alias, range) = name_and_range(it)?;
        let spec = Spec::of(plain(range?));
        let name = spec.name.unwrap_or_else(|| alias.to_owned());
        (taken.contains(alias) && names.contains(&name)).then(|| Recorded {
            dependent: String::new(),
            name,
            requirement: spec.requirement,
        })
    })
}

/// Returns a range without the protocol that Yarn writes before those of the registry.
fn plain(range: &str) -> &str {
    match range.strip_prefix("npm:") {
        Some(rest) if !is_alias(rest) => rest,
        _ => range,
    }
}

/// Returns whether behind `npm:` stands another package's name and range.
fn is_alias(rest: &str) -> bool {
    name_and_range(rest).is_some_and(|(name, _)| is_name(name))
}

fn entry(block: &Block, flavour: Flavour) -> Entry {
    let requires: BTreeSet<String> = block
        .dependencies
        .iter()
        .map(|(alias, range)| {
            let spec = Spec::of(plain(range));
            spec.name.unwrap_or_else(|| alias.clone())
        })
        .collect();
    let registry = flavour == Flavour::Berry && source_of(block, flavour) == LockedSource::Registry;
    let name = block.name().to_owned();
    let said = block.resolution.strip_prefix(&format!("{name}@"));
    Entry {
        version: if block.folder().is_some() {
            String::new()
        } else {
            block.version.clone()
        },
        place: String::new(),
        source: if registry {
            String::new()
        } else {
            said.unwrap_or(&block.resolution).to_owned()
        },
        requires: requires.into_iter().collect(),
        name,
    }
}

#[cfg(test)]
mod tests;
