//! `package-lock.json`, versions 1 to 3.

mod scan;

use std::collections::{BTreeMap, BTreeSet};

use super::spec::Spec;
use crate::json::{Json, Node};
use crate::{
    Bump, Discord, Fallback, Form, Lock, LockFacts, Locked, LockedSource, Move, ReadError, Recorded,
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

    fn find(&self, text: &str, names: &BTreeSet<String>) -> Result<LockFacts, ReadError> {
        scan::find(text, names).map_or_else(|| parsed(text, names), Ok)
    }

    /// One command for all: npm brings its lock in step with the manifests, whatever moved.
    fn relock(&self, _moves: &[Move]) -> Vec<Vec<String>> {
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

    fn entries(&self, _text: &str) -> Result<Vec<crate::Entry>, ReadError> {
        Ok(Vec::new())
    }

    fn discords(
        &self,
        _text: &str,
        _files: &BTreeMap<String, String>,
    ) -> Result<Vec<Discord>, ReadError> {
        Ok(Vec::new())
    }

    fn rewrite(&self, _text: &str, _bump: &Bump<'_>) -> Result<String, Fallback> {
        Err(Fallback::because("not built yet"))
    }
}

/// An entry of `packages`, as far as it concerns cascade.
#[derive(Debug, Default)]
struct Entry<'t> {
    key: &'t str,
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

    fn add(&self, names: &BTreeSet<String>, facts: &mut LockFacts) {
        if let Some(name) = self.package().filter(|it| names.contains(*it)) {
            facts.entries.push(Locked {
                name: name.to_owned(),
                version: self.version.map(str::to_owned),
                place: self.key.to_owned(),
                source: self.source(),
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
fn parsed(text: &str, names: &BTreeSet<String>) -> Result<LockFacts, ReadError> {
    let json = Json::parse(text)?;
    let root = json.root();
    let version = root.get("lockfileVersion");
    let known = matches!(
        version.map(Node::number),
        None | Some(Some("1" | "2" | "3"))
    );
    if !root.is_object() || !known {
        return Err(ReadError {
            message: "expected an npm lock of version 1, 2 or 3".to_owned(),
            span: Some(version.unwrap_or(root).span()),
        });
    }
    let mut facts = LockFacts::default();
    match root.get("packages") {
        Some(packages) => {
            for (key, node) in packages.fields() {
                entry(key, node).add(names, &mut facts);
            }
        }
        None => first_version(root, "", names, &mut facts),
    }
    Ok(facts)
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
        name: str("name"),
        version: str("version"),
        resolved: str("resolved"),
        linked: node.get("link").is_some_and(Node::is_truthy),
        requires,
    }
}

/// Adds the entries of the tree of a version 1 lock. Its depth is the parser's.
fn first_version(node: Node<'_>, place: &str, names: &BTreeSet<String>, facts: &mut LockFacts) {
    let Some(dependencies) = node.get("dependencies") else {
        return;
    };
    for (folder, it) in dependencies.fields().filter(|(_, it)| it.is_object()) {
        let place = format!("{place}{MODULES}{folder}");
        let version = it.get("version").and_then(Node::str).unwrap_or_default();
        let spec = Spec::of(version);
        let name = spec.name.as_deref().unwrap_or(folder);
        if names.contains(name) {
            facts.entries.push(Locked {
                name: name.to_owned(),
                version: (spec.form == Form::Range).then_some(spec.requirement),
                place: place.clone(),
                source: source_of(version),
            });
        }
        first_version(it, &(place + "/"), names, facts);
    }
}

#[cfg(test)]
mod tests;
