//! What a registry or a repository says of one version, and the entry that npm makes of it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::npm::published::{Witness, fields};
use crate::{Facts, Fallback};

/// The fields of a package that its entry repeats.
const REPEATED: [&str; 16] = [
    "version",
    "dependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "optionalDependencies",
    "bundleDependencies",
    "acceptDependencies",
    "funding",
    "engines",
    "os",
    "cpu",
    "libc",
    "license",
    "bin",
    "deprecated",
    "workspaces",
];

/// The tables by which a package asks for others, once it is installed.
pub(super) const ASKING: [&str; 3] = ["dependencies", "optionalDependencies", "peerDependencies"];

/// Fields that say where a package may be installed, and with what.
const PLACING: [&str; 6] = [
    "peerDependenciesMeta",
    "bundleDependencies",
    "acceptDependencies",
    "os",
    "cpu",
    "libc",
];

/// What an entry says of its place in the tree, which a new version does not change.
const KEPT: [&str; 5] = ["name", "dev", "optional", "devOptional", "peer"];

/// The scripts that run when a package is installed.
const INSTALLING: [&str; 3] = ["install", "preinstall", "postinstall"];

/// The document of one version, as npm puts it right.
#[derive(Debug, Clone)]
pub(super) struct Document {
    name: String,
    version: String,
    fields: Map<String, Value>,
}

/// A requirement that a version newly words otherwise: the folder asked for, and the requirement.
pub(super) type Moved = (String, String);

impl Document {
    /// Returns what is told of the version.
    ///
    /// # Errors
    /// When nothing is, it is of another package or version, or the package brings others along.
    pub(super) fn told(
        facts: &dyn Facts,
        witness: Witness<'_>,
        (name, version): (&str, &str),
    ) -> Result<Self, Fallback> {
        let mut document = Self {
            name: name.to_owned(),
            version: version.to_owned(),
            fields: fields(facts, witness, (name, version))?,
        };
        document.put_right();
        if document.is_truthy("bundleDependencies") || document.is_truthy("_hasShrinkwrap") {
            return Err(Fallback::because(format!(
                "the document of `{name}` {version} brings its dependencies along"
            )));
        }
        Ok(document)
    }

    /// Does what npm does to a document before it looks at it.
    fn put_right(&mut self) {
        let fields = &mut self.fields;
        let misspelled = fields.remove("bundledDependencies");
        if let (Some(it), None) = (misspelled, fields.get("bundleDependencies")) {
            fields.insert("bundleDependencies".to_owned(), it);
        }
        let optional: Vec<String> = table(fields.get("optionalDependencies"))
            .map(|(name, _)| name.to_owned())
            .collect();
        if let Some(Value::Object(all)) = fields.get_mut("dependencies") {
            all.retain(|name, _| !optional.contains(name));
        }
        if let Some(Value::String(url)) = repeated(fields.get("funding")).as_ref() {
            let funding = serde_json::json!({ "url": url });
            fields.insert("funding".to_owned(), funding);
        }
        if let Some(bin) = fields.remove("bin") {
            let bin = commands(&self.name, bin);
            fields.insert("bin".to_owned(), Value::Object(bin));
        }
    }

    fn is_truthy(&self, field: &str) -> bool {
        repeated(self.fields.get(field)).is_some()
    }

    /// Returns the address of the tarball.
    pub(super) fn tarball(&self) -> Option<&str> {
        self.fields.get("dist")?.get("tarball")?.as_str()
    }

    /// Returns the one hash by which npm knows the tarball.
    fn integrity(&self) -> Option<String> {
        let dist = self.fields.get("dist")?;
        let of = |key: &str| dist.get(key).and_then(Value::as_str);
        let is_hash = |it: &&str| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"+/=-".contains(&b);
            it.contains('-') && it.bytes().all(plain)
        };
        match of("integrity") {
            Some(it) => Some(it).filter(is_hash).map(str::to_owned),
            None => Some(format!("sha1-{}", STANDARD.encode(unhexed(of("shasum")?)?))),
        }
    }

    /// Returns the entry of this version in the place of another one.
    ///
    /// # Errors
    /// When the document says nothing of its tarball.
    pub(super) fn entry(&self, held: &Map<String, Value>) -> Result<Map<String, Value>, Fallback> {
        let because = |what: &str| {
            Fallback::because(format!(
                "the registry gives `{}` {} no {what}",
                self.name, self.version
            ))
        };
        let mut entry = Map::new();
        for key in REPEATED {
            if let Some(value) = repeated(self.fields.get(key)) {
                entry.insert(key.to_owned(), value);
            }
        }
        if let Some(Value::Object(license)) = entry.get("license")
            && let Some(kind) = repeated(license.get("type"))
        {
            entry.insert("license".to_owned(), kind);
        }
        if self.runs_when_installed() {
            entry.insert("hasInstallScript".to_owned(), Value::Bool(true));
        }
        let integrity = self.integrity().ok_or_else(|| because("hash"))?;
        entry.insert("integrity".to_owned(), Value::String(integrity));
        if held.contains_key("resolved") {
            let tarball = self.tarball().ok_or_else(|| because("tarball"))?;
            entry.insert("resolved".to_owned(), Value::String(tarball.to_owned()));
        }
        for key in KEPT {
            if let Some(value) = held.get(key) {
                entry.insert(key.to_owned(), value.clone());
            }
        }
        Ok(entry)
    }

    fn runs_when_installed(&self) -> bool {
        let script = |name: &&str| {
            let script = self.fields.get("scripts").and_then(|it| it.get(name));
            script
                .and_then(Value::as_str)
                .is_some_and(|it| !it.is_empty())
        };
        self.is_truthy("hasInstallScript") || INSTALLING.iter().any(script)
    }

    /// Returns the values with which this version asks for the package in a folder.
    pub(super) fn asking<'d>(&'d self, folder: &'d str) -> impl Iterator<Item = &'d str> {
        let tables = ASKING.into_iter().map(|it| table(self.fields.get(it)));
        tables
            .flatten()
            .filter(move |(name, _)| *name == folder)
            .map(|(_, value)| value)
    }

    /// Checks that `new` asks for nothing else, and returns the requirements that it alone words
    /// otherwise.
    ///
    /// # Errors
    /// With what differs.
    pub(super) fn same_as(&self, new: &Self) -> Result<Vec<Moved>, Fallback> {
        for key in PLACING {
            if repeated(self.fields.get(key)) != repeated(new.fields.get(key)) {
                return Err(Fallback::because(format!(
                    "`{key}` of `{}` changed",
                    self.name
                )));
            }
        }
        let mut moved = Vec::new();
        for key in ASKING {
            let (before, after) = (self.table(key), new.table(key));
            let dropped = before.keys().find(|it| !after.contains_key(*it));
            let added = after.keys().find(|it| !before.contains_key(*it));
            let what = dropped
                .map(|it| (it, "dropped"))
                .or(added.map(|it| (it, "added")));
            if let Some((which, what)) = what {
                return Err(Fallback::because(format!(
                    "the {key} of `{}` changed: `{which}` was {what}",
                    self.name
                )));
            }
            let differs = after
                .into_iter()
                .filter(|(name, it)| before.get(name) != Some(it));
            moved.extend(differs.map(|(name, it)| (name.to_owned(), it.to_owned())));
        }
        Ok(moved)
    }

    /// Checks that the entry of `new` differs in its version alone.
    ///
    /// # Errors
    /// With what differs.
    pub(super) fn same_entry_as(&self, new: &Self) -> Result<(), Fallback> {
        let mut seen = REPEATED.iter().filter(|it| **it != "version");
        let differs =
            seen.find(|it| repeated(self.fields.get(**it)) != repeated(new.fields.get(**it)));
        let scripts = self.runs_when_installed() != new.runs_when_installed();
        match differs.copied().or(scripts.then_some("scripts")) {
            None => Ok(()),
            Some(key) => Err(Fallback::because(format!(
                "`{key}` of `{}` changed",
                self.name
            ))),
        }
    }

    fn table(&self, key: &str) -> BTreeMap<&str, &str> {
        table(self.fields.get(key)).collect()
    }
}

/// Returns the rows of a table whose values are texts.
pub(super) fn table(value: Option<&Value>) -> impl Iterator<Item = (&str, &str)> {
    let rows = value.and_then(Value::as_object).into_iter().flatten();
    rows.filter_map(|(name, it)| Some((name.as_str(), it.as_str()?)))
}

/// Returns the value that an entry repeats: none that JavaScript takes for false, none that is
/// empty.
fn repeated(value: Option<&Value>) -> Option<Value> {
    let value = value?;
    let is_empty = match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(it) => it.as_f64() == Some(0.0),
        Value::String(it) => it.is_empty(),
        Value::Array(it) => it.is_empty(),
        Value::Object(it) => it.is_empty(),
    };
    (!is_empty).then(|| value.clone())
}

/// Returns the commands of a package, by their plain names, as paths from its root.
fn commands(name: &str, bin: Value) -> Map<String, Value> {
    let given: Vec<(String, Value)> = match bin {
        Value::String(_) => vec![(name.to_owned(), bin)],
        Value::Array(all) => {
            let named = |it: Value| (last(it.as_str().unwrap_or_default()).to_owned(), it);
            all.into_iter().map(named).collect()
        }
        Value::Object(all) => all.into_iter().collect(),
        _ => Vec::new(),
    };
    let clean = given.into_iter().filter_map(|(key, target)| {
        let path = inside(&key);
        let key = last(&path);
        let target = inside(target.as_str()?);
        let named = !key.is_empty() && !target.is_empty();
        named.then(|| (key.to_owned(), Value::String(target)))
    });
    clean.collect()
}

/// Returns the last part of a path, a slash at its end aside.
fn last(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or_default()
}

/// Returns the path from the root of the package, and never out of it.
fn inside(path: &str) -> String {
    let path = path.replace(['\\', ':'], "/");
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let folder = path.ends_with('/') && !parts.is_empty();
    parts.join("/") + if folder { "/" } else { "" }
}

fn unhexed(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|it| it.to_digit(16).and_then(|it| u8::try_from(it).ok()))
        .collect();
    let pairs = digits.filter(|it| it.len() == 40)?;
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    };
    pairs.chunks(2).map(byte).collect()
}
