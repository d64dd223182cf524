//! `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3.

mod discords;
mod document;
mod nice;
mod rewrite;
mod scan;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use super::spec::Spec;
use crate::json::{Json, Node};
use crate::lock::LineCount;
use crate::{
    Bump, Discord, Fallback, Form, Lock, LockFacts, Locked, LockedSource, Move, Names, ReadError,
    Recorded, Stand, Unread,
};

/// The tables in which an entry repeats requirements.
const TABLES: [&str; 4] = [
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "peerDependencies",
];

/// The folder that every copy of a package stands below.
const MODULES: &str = "node_modules/";

/// `package-lock.json`.
pub(super) struct PackageLock;

impl Lock for PackageLock {
    fn file_name(&self) -> &'static str {
        "package-lock.json"
    }

    /// The same lock, which is published with the package.
    fn overruled_by(&self) -> Option<&'static str> {
        Some("npm-shrinkwrap.json")
    }

    fn find(&self, text: &str, names: &Names) -> Result<LockFacts, ReadError> {
        scan::find(text, names).map_or_else(|| parsed(text, names), Ok)
    }

    fn age_gate(&self, name: &str, files: &BTreeMap<String, String>) -> Option<crate::AgeGate> {
        crate::age_gate::npm(name, files)
    }

    /// One command for all: npm brings its lock in step with the manifests, whatever moved.
    fn relock(&self, _stand: &Stand<'_>, _moves: &[Move]) -> Vec<Vec<String>> {
        let argv = [
            "npm",
            "install",
            "--package-lock-only",
            "--ignore-scripts",
            "--prefer-online",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
        ];
        vec![argv.map(str::to_owned).to_vec()]
    }

    fn takes_newest(&self) -> bool {
        true
    }

    /// Addresses stay where they are, and stay away where they are left out.
    fn environment(&self, text: &str) -> Vec<(&'static str, &'static str)> {
        let address = |it: &str| it.trim_start_matches([':', ' ']).starts_with("\"http");
        let omitted = if text.split("\"resolved\"").skip(1).any(address) {
            "false"
        } else if text.contains("\"integrity\"") {
            "true"
        } else {
            // Nothing in it comes from a registry, so it shows neither.
            return Vec::new();
        };
        vec![("npm_config_omit_lockfile_registry_resolved", omitted)]
    }

    /// npm's own settings say where its registries are, and how it lays its tree out.
    fn settings(&self) -> &'static [&'static str] {
        &[".npmrc"]
    }

    fn entries(&self, text: &str) -> Result<Vec<crate::Entry>, ReadError> {
        let json = Json::parse(text)?;
        known_lock(json.root())?;
        let mut entries = Vec::new();
        match json.root().get("packages") {
            Some(packages) => {
                let rows = packages.fields().map(|(key, node)| entry(key, node));
                entries.extend(rows.map(|it| it.whole(json.root())));
            }
            None => first_entries(json.root(), "", &mut entries),
        }
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

/// An entry of `packages`, as far as it concerns cascade.
#[derive(Debug, Default)]
struct Entry<'t> {
    key: &'t str,
    /// The line on which it begins.
    line: usize,
    name: Option<&'t str>,
    version: Option<&'t str>,
    resolved: Option<&'t str>,
    linked: bool,
    requires: Vec<(&'t str, &'t str)>,
}

impl Entry<'_> {
    /// Returns the name of the package: its own, where the folder is called otherwise.
    fn package(&self) -> Option<&str> {
        self.name.or_else(|| folder_name(self.key))
    }

    /// Returns all that is compared of it. The project itself may be named at the top alone.
    fn whole(&self, root: Node<'_>) -> crate::Entry {
        let top = || root.get("name").and_then(Node::str);
        let name = self.package().or_else(top).unwrap_or_default();
        let requires = self.requires.iter().map(|(folder, value)| {
            let name = Spec::of(value).name;
            name.unwrap_or_else(|| (*folder).to_owned())
        });
        let requires: BTreeSet<String> = requires.collect();
        crate::Entry {
            name: name.to_owned(),
            version: self.version.unwrap_or_default().to_owned(),
            place: self.key.to_owned(),
            source: self.resolved.unwrap_or_default().to_owned(),
            requires: requires.into_iter().collect(),
        }
    }

    fn add(&self, names: &Names, facts: &mut LockFacts) {
        if let Some(name) = self.package().filter(|it| names.contains(*it)) {
            facts.entries.push(Locked {
                name: name.to_owned(),
                version: self.version.map(str::to_owned),
                place: self.key.to_owned(),
                source: self.source(),
                line: self.line,
            });
        }
        if is_installed(self.key) {
            return;
        }
        for (name, value) in &self.requires {
            let spec = Spec::of(value);
            let name = spec.name.unwrap_or_else(|| (*name).to_owned());
            if names.contains(&name) {
                facts.recorded.push(Recorded {
                    dependent: self.key.to_owned(),
                    name,
                    requirement: spec.requirement,
                });
            }
        }
    }

    fn source(&self) -> LockedSource {
        if self.linked || !is_installed(self.key) {
            LockedSource::Local
        } else {
            source_of(self.resolved.unwrap_or_default())
        }
    }
}

/// Returns whether the key is of a copy below `node_modules`, not of the project or a folder of it.
fn is_installed(key: &str) -> bool {
    key.starts_with(MODULES) || key.contains("/node_modules/")
}

/// Returns what stands behind `node_modules/` where no other folder does: nearly always.
fn outermost(key: &str) -> Option<&str> {
    let last = key.strip_prefix(MODULES)?;
    memchr::memchr(b'/', last.as_bytes())
        .is_none()
        .then_some(last)
}

/// Returns the name that npm gives to a package in this folder.
fn folder_name(key: &str) -> Option<&str> {
    if let Some(last) = outermost(key) {
        return Some(last);
    }
    if is_installed(key) {
        return key.rsplit(MODULES).next();
    }
    let (parent, last) = key.rsplit_once('/').unwrap_or(("", key));
    let scope = parent.rsplit('/').next().unwrap_or_default();
    let length = if scope.starts_with('@') {
        scope.len() + 1 + last.len()
    } else {
        last.len()
    };
    key.get(key.len() - length..).filter(|it| !it.is_empty())
}

/// Returns the source by the address that an entry was taken from.
fn source_of(resolved: &str) -> LockedSource {
    let (address, commit) = resolved.split_once('#').unwrap_or((resolved, ""));
    if address.starts_with("file:") || address.starts_with("link:") {
        LockedSource::Local
    } else if address.starts_with("git") && !commit.is_empty() {
        LockedSource::Git(commit.to_owned())
    } else {
        LockedSource::Registry
    }
}

/// Returns the facts by the full parser, whatever the layout.
fn parsed(text: &str, names: &Names) -> Result<LockFacts, ReadError> {
    let json = Json::parse(text)?;
    let root = json.root();
    known_lock(root)?;
    let mut facts = LockFacts::default();
    let mut lines = LineCount::of(text);
    match root.get("packages") {
        Some(packages) => {
            for (key, node) in packages.fields() {
                let mut entry = entry(key, node);
                entry.line = lines.at(node.span().start);
                entry.add(names, &mut facts);
            }
        }
        None => first_version(
            root,
            "",
            names,
            &mut Told {
                facts: &mut facts,
                lines,
            },
        ),
    }
    Ok(facts)
}

/// Checks that this is a lock of a version that is known.
fn known_lock(root: Node<'_>) -> Result<(), ReadError> {
    let version = root.get("lockfileVersion");
    let known = matches!(
        version.map(Node::number),
        None | Some(Some("1" | "2" | "3"))
    );
    if root.is_object() && known {
        return Ok(());
    }
    Err(ReadError {
        message: "expected an npm lock of version 1, 2 or 3".to_owned(),
        span: Some(version.unwrap_or(root).span()),
    })
}

fn entry<'t>(key: &'t str, node: Node<'t>) -> Entry<'t> {
    let str = |field: &str| node.get(field).and_then(Node::str);
    let mut requires = Vec::new();
    for table in TABLES.iter().filter_map(|it| node.get(it)) {
        let rows = table
            .fields()
            .filter_map(|(name, value)| Some((name, value.str()?)));
        requires.extend(rows);
    }
    Entry {
        key,
        line: 0,
        name: str("name"),
        version: str("version"),
        resolved: str("resolved"),
        linked: node.get("link").is_some_and(Node::is_truthy),
        requires,
    }
}

/// What is told of a lock, as its text is read.
struct Told<'f, 't> {
    facts: &'f mut LockFacts,
    lines: LineCount<'t>,
}

/// Adds the entries of the tree of a version 1 lock. Its depth is the parser's.
fn first_version(node: Node<'_>, place: &str, names: &Names, told: &mut Told<'_, '_>) {
    let Some(dependencies) = node.get("dependencies") else {
        return;
    };
    for (folder, it) in dependencies.fields().filter(|(_, it)| it.is_object()) {
        let place = format!("{place}{MODULES}{folder}");
        let version = it.get("version").and_then(Node::str).unwrap_or_default();
        let spec = Spec::of(version);
        let name = spec.name.as_deref().unwrap_or(folder);
        if names.contains(name) {
            told.facts.entries.push(Locked {
                name: name.to_owned(),
                version: (spec.form == Form::Range).then_some(spec.requirement),
                place: place.clone(),
                source: source_of(version),
                line: told.lines.at(it.span().start),
            });
        }
        first_version(it, &(place + "/"), names, told);
    }
}

/// Adds every entry of the tree of a version 1 lock.
fn first_entries(node: Node<'_>, place: &str, entries: &mut Vec<crate::Entry>) {
    let Some(dependencies) = node.get("dependencies") else {
        return;
    };
    for (folder, it) in dependencies.fields().filter(|(_, it)| it.is_object()) {
        let place = format!("{place}{MODULES}{folder}");
        let text = |field: &str| it.get(field).and_then(Node::str).unwrap_or_default();
        let spec = Spec::of(text("version"));
        let requires = it.get("requires").into_iter().flat_map(Node::fields);
        let requires: BTreeSet<String> = requires.map(|(name, _)| name.to_owned()).collect();
        entries.push(crate::Entry {
            name: spec.name.unwrap_or_else(|| folder.to_owned()),
            version: spec.requirement,
            place: place.clone(),
            source: text("resolved").to_owned(),
            requires: requires.into_iter().collect(),
        });
        first_entries(it, &(place + "/"), entries);
    }
}

#[cfg(test)]
mod tests;
