//! `Cargo.lock`: what it holds of the family's own crates, whether it is in step, and how it moves.

use std::collections::BTreeMap;

use crate::toml::{Node, Toml};
use crate::{
    Bump, Discord, Entry, Fallback, Lock, LockFacts, Move, Names, ReadError, Scheme, Stand, Unread,
    Vendored, Version,
};

mod blocks;
mod discords;
mod git;
mod index;
mod members;
mod rewrite;
mod scan;

/// Cargo's own settings.
const SETTINGS: [&str; 2] = [".cargo/config.toml", ".cargo/config"];

/// `Cargo.lock`.
pub(super) struct CargoLock;

impl Lock for CargoLock {
    fn file_name(&self) -> &'static str {
        "Cargo.lock"
    }

    fn find(&self, text: &str, names: &Names) -> Result<LockFacts, ReadError> {
        let entries = match scan::scan(text, names) {
            Some(entries) => entries,
            None => scan::parse(text, names)?,
        };
        Ok(LockFacts {
            entries,
            ..LockFacts::default()
        })
    }

    /// Returns the commands that move exactly these crates.
    ///
    /// - No moves: only the workspace's own versions changed; that needs no registry. An own version
    ///   given as a move is named as any other crate, which serves too.
    /// - A crate named by the range that Cargo takes for compatible (`name@1`, `name@0.6`): a lock
    ///   holds one version of each such range, and the name fits before and after the move. With
    ///   the old version in full the second of two commands fails where the first moved both.
    /// - A move out of that range, or from a version unknown, follows from the edited requirement:
    ///   `cargo update --workspace` makes it and goes first. That serves pins on git tags as well,
    ///   for which `--precise` would name a revision: give them without `from`.
    fn relock(&self, _stand: &Stand<'_>, moves: &[Move]) -> Vec<Vec<String>> {
        if moves.is_empty() {
            return vec![argv(&["update", "--workspace", "--offline"])];
        }
        let mut commands = Vec::new();
        if moves.iter().any(|it| !is_compatible(it)) {
            commands.push(argv(&["update", "--workspace"]));
        }
        let precise = moves.iter().filter_map(|it| {
            it.from.as_ref()?;
            let spec = format!("{}@{}", it.name, compatible(&it.to)?);
            Some(argv(&["update", "-p", &spec, "--precise", &it.to]))
        });
        commands.extend(precise);
        commands
    }

    /// `--precise` holds only where the requirement admits what is locked; else the newest comes.
    fn takes_newest(&self) -> bool {
        true
    }

    /// Cargo's own settings say where its registries are, and may patch any of their crates.
    fn settings(&self) -> &'static [&'static str] {
        &SETTINGS
    }

    /// Returns the folder that the settings put in a registry's place. `cargo vendor` moves the lock
    /// as well, and asks the registry itself.
    fn vendored(
        &self,
        files: &BTreeMap<String, String>,
        _is_there: &dyn Fn(&str) -> bool,
        _commands: &[Vec<String>],
    ) -> Option<Vendored> {
        let mut texts = SETTINGS.iter().filter_map(|it| files.get(*it));
        let folder = texts.find_map(|it| vendor_folder(it))?;
        Some(Vendored::after(&folder, &[], &["cargo", "vendor", &folder]))
    }

    fn entries(&self, text: &str) -> Result<Vec<Entry>, ReadError> {
        scan::entries(text)
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

/// Returns the folder that settings put in the place of a registry.
fn vendor_folder(text: &str) -> Option<String> {
    let toml = Toml::parse(text).ok()?;
    let sources = toml.root().get("source").map(Node::entries)?;
    let mut sources = sources.into_iter();
    sources.find_map(|(_, it)| Some(it.string_at("directory")?.value.to_owned()))
}

fn argv(arguments: &[&str]) -> Vec<String> {
    let all = std::iter::once(&"cargo").chain(arguments);
    all.map(|it| (*it).to_owned()).collect()
}

/// Returns whether the move stays in the range that Cargo takes for compatible.
fn is_compatible(it: &Move) -> bool {
    let from = it.from.as_deref().and_then(compatible);
    from.is_some() && from == compatible(&it.to)
}

/// Returns the compatible range of a final version, as a package id spells it: `1`, `0.6`,
/// `0.0.3`.
fn compatible(version: &str) -> Option<String> {
    let version = Version::parse(Scheme::Semver, version).filter(Version::is_final)?;
    Some(match version.numbers() {
        [0, 0, patch] => format!("0.0.{patch}"),
        [0, minor, _] => format!("0.{minor}"),
        [major, ..] => major.to_string(),
    })
}

#[cfg(test)]
mod tests;
