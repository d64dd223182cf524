//! `pnpm-lock.yaml`, versions 6.0 and 9.0.

mod asked;
mod git;
mod lockfile;
mod overridden;
mod peers;
mod rewrite;
mod row;
mod step;
mod turn;

use std::collections::{BTreeMap, BTreeSet};

use self::lockfile::{Locator, Lockfile, Package, Row, Want};
use super::overrides::Target;
use super::spec::Spec;
use crate::lock::LineCount;
use crate::{
    AgeGate, Bump, Discord, Entry, Fallback, Lock, LockFacts, Locked, LockedSource, Move, Names,
    ReadError, Recorded, Stand, Unread, age_gate,
};

/// Files that change what pnpm resolves, by running code.
const HOOKS: [&str; 2] = [".pnpmfile.cjs", ".pnpmfile.mjs"];

/// `pnpm-lock.yaml`.
pub(super) struct PnpmLock;

impl Lock for PnpmLock {
    fn file_name(&self) -> &'static str {
        "pnpm-lock.yaml"
    }

    fn settings(&self) -> &'static [&'static str] {
        &[
            ".npmrc",
            "pnpm-workspace.yaml",
            ".pnpmfile.cjs",
            ".pnpmfile.mjs",
        ]
    }

    fn find(&self, text: &str, names: &Names) -> Result<LockFacts, ReadError> {
        let lock = Lockfile::read(text, Want::Named(names))?;
        let mut facts = LockFacts::default();
        let mut lines = LineCount::of(text);
        let packages = lock.packages.iter();
        let packages = packages.filter_map(|it| locked(it, &mut lines));
        facts.entries.extend(packages);
        for row in &lock.rows {
            let spec = Spec::of(&row.specifier);
            let name = spec.name.as_ref().unwrap_or(&row.alias);
            if names.contains(name) {
                facts.entries.extend(linked(row, name, &mut lines));
            }
        }
        facts.recorded = recorded(&lock, names);
        Ok(facts)
    }

    /// From a range pnpm takes the newest, or stays where it is; `pnpm update` would bind what the
    /// manifests ask for alone, and give whoever else depends on it a newer copy.
    fn takes_newest(&self) -> bool {
        true
    }

    fn relock(&self, _stand: &Stand<'_>, _moves: &[Move]) -> Vec<Vec<String>> {
        let command = [
            "pnpm",
            "install",
            "--no-frozen-lockfile",
            "--lockfile-only",
            "--ignore-scripts",
        ];
        vec![command.map(str::to_owned).into()]
    }

    fn entries(&self, text: &str) -> Result<Vec<Entry>, ReadError> {
        let lock = Lockfile::read(text, Want::All)?;
        let packages = lock.packages.iter();
        let packages: BTreeMap<&str, &Package> = packages.map(|it| (it.key.as_str(), it)).collect();
        let mut entries: Vec<Entry> = lock
            .snapshots
            .iter()
            .filter_map(|it| {
                let at = Locator::of_key(&it.key)?;
                let bare = it.key.strip_suffix(at.peers).unwrap_or(&it.key);
                let package = packages.get(bare);
                let requires: BTreeSet<String> = it
                    .requires
                    .iter()
                    .map(|(alias, version)| {
                        let to = Locator::of_version(alias, version);
                        to.map_or(alias.as_str(), |it| it.name).to_owned()
                    })
                    .collect();
                Some(Entry {
                    name: at.name.to_owned(),
                    version: package
                        .and_then(|it| it.version.clone())
                        .unwrap_or_else(|| at.version.to_owned()),
                    place: at.peers.to_owned(),
                    source: package.map(|it| it.source.clone()).unwrap_or_default(),
                    requires: requires.into_iter().collect(),
                })
            })
            .collect();
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
        rewrite::rewrite(text, bump)
    }

    fn age_gate(&self, name: &str, files: &BTreeMap<String, String>) -> Option<AgeGate> {
        age_gate::pnpm(name, files)
    }
}

/// Returns what the lock holds of a package.
fn locked(package: &Package, lines: &mut LineCount<'_>) -> Option<Locked> {
    let at = Locator::of_key(&package.key)?;
    let said = at.is_registry().then(|| at.version.to_owned());
    Some(Locked {
        name: at.name.to_owned(),
        version: package.version.clone().or(said),
        place: String::new(),
        source: package.locked_source(),
        line: lines.at(package.at),
    })
}

/// Returns the folder that a requirement is linked to, at the place where its folder finds it.
fn linked(row: &Row, name: &str, lines: &mut LineCount<'_>) -> Option<Locked> {
    let folder = if row.place == "." { "" } else { &row.place };
    let slash = if folder.is_empty() { "" } else { "/" };
    row.version.starts_with("link:").then(|| Locked {
        name: name.to_owned(),
        version: None,
        place: format!("{folder}{slash}node_modules/{}", row.alias),
        source: LockedSource::Local,
        line: lines.at(row.at),
    })
}

/// Returns the requirements that the lock repeats. Of a name that an override forces, pnpm records
/// the override in place of every requirement, so none is told.
fn recorded(lock: &Lockfile, names: &Names) -> Vec<Recorded> {
    let forced: BTreeSet<&str> = lock
        .overrides
        .iter()
        .map(|(key, _)| Target::pnpm(key).name)
        .collect();
    let rows = lock.rows.iter().map(|it| (it.place.as_str(), it));
    let rows = rows.chain(lock.catalogues.iter().map(|it| (".", it)));
    rows.filter(|(_, row)| !forced.contains(row.alias.as_str()))
        .filter_map(|(place, row)| {
            let spec = Spec::of(&row.specifier);
            let name = spec.name.unwrap_or_else(|| row.alias.clone());
            names.contains(&name).then(|| Recorded {
                dependent: if place == "." { "" } else { place }.to_owned(),
                name,
                requirement: spec.requirement,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
