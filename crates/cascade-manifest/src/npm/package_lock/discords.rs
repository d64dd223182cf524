//! Whether the lock is in step with the manifests: the requirements and versions that it repeats,
//! and whether what is installed satisfies them.

use std::collections::{BTreeMap, HashMap};

use super::super::package_json::members;
use super::super::range::NpmGrammar;
use super::super::spec::Spec;
use super::{TABLES, folder_name, is_installed, known_lock};
use crate::json::{Json, Node};
use crate::{Discord, Form, Grammar, Scheme, Unread, Version};

/// Returns where the lock and the manifests disagree.
///
/// # Errors
/// When the lock or a manifest of it is not of its format.
pub(super) fn discords(
    text: &str,
    files: &BTreeMap<String, String>,
) -> Result<Vec<Discord>, Unread> {
    let json = Json::parse(text)?;
    let root = json.root();
    known_lock(root)?;
    let packages = root.get("packages");
    let rows = packages.or_else(|| root.get("dependencies"));
    let rows = rows.into_iter().flat_map(Node::fields);
    let held = Held {
        root,
        tree: packages.is_some(),
        rows: rows.collect(),
    };
    let mut found = Vec::new();
    let projects = held.rows.keys().filter(|it| held.tree && !is_installed(it));
    // The first version of the lock has no row of the project, and another one must.
    let root = !held.tree || !held.rows.contains_key("");
    let keys = projects.copied().chain(root.then_some(""));
    for key in keys {
        let path = match key {
            "" => "package.json".to_owned(),
            key => format!("{key}/package.json"),
        };
        if let Some(text) = files.get(&path) {
            let manifest = Json::parse(text).map_err(|it| it.beside(&path))?;
            let project = Project {
                held: &held,
                key,
                path: &path,
                manifest: manifest.root(),
                entry: held.rows.get(key).copied().filter(|_| held.tree),
            };
            project.judge(&mut found);
        }
    }
    found.extend(newcomers(&held, files)?);
    found.sort();
    found.dedup();
    Ok(found)
}

/// Returns the folders of the workspace that the lock does not know.
fn newcomers(held: &Held<'_>, files: &BTreeMap<String, String>) -> Result<Vec<Discord>, Unread> {
    let Some(text) = files.get("package.json").filter(|_| held.tree) else {
        return Ok(Vec::new());
    };
    let root = Json::parse(text).map_err(|it| it.beside("package.json"))?;
    let members = members(root.root());
    let mut found = Vec::new();
    for (path, text) in files {
        let Some(folder) = path.strip_suffix("/package.json") else {
            continue;
        };
        if held.rows.contains_key(folder) || !members.name(folder) {
            continue;
        }
        let json = Json::parse(text).map_err(|it| it.beside(path))?;
        let said = |key: &str| json.root().get(key).and_then(Node::str);
        let name = said("name").or_else(|| folder_name(folder));
        found.push(Discord {
            subject: name.unwrap_or_default().to_owned(),
            manifest: path.clone(),
            wanted: said("version").unwrap_or_default().to_owned(),
            held: None,
        });
    }
    Ok(found)
}

/// What the lock holds.
struct Held<'d> {
    root: Node<'d>,
    /// Whether the rows are those of `packages`, by their folders from the root.
    tree: bool,
    rows: HashMap<&'d str, Node<'d>>,
}

impl<'d> Held<'d> {
    /// Returns what a project loads when it asks for a folder, through links.
    fn loads(&self, key: &str, folder: &str) -> Option<Node<'d>> {
        if !self.tree {
            return self.rows.get(folder).copied();
        }
        let mut from = key;
        loop {
            let separator = if from.is_empty() { "" } else { "/" };
            let wanted = format!("{from}{separator}node_modules/{folder}");
            if let Some(found) = self.rows.get(wanted.as_str()) {
                return Some(self.target(*found));
            }
            if from.is_empty() {
                return None;
            }
            from = from.rsplit_once('/').map_or("", |(it, _)| it);
        }
    }

    fn target(&self, row: Node<'d>) -> Node<'d> {
        let links = row.get("link").is_some_and(Node::is_truthy);
        let target = row.get("resolved").and_then(Node::str).filter(|_| links);
        let target = target.and_then(|it| self.rows.get(it).copied());
        target.unwrap_or(row)
    }
}

/// The project, or a folder of it.
struct Project<'d> {
    held: &'d Held<'d>,
    key: &'d str,
    path: &'d str,
    manifest: Node<'d>,
    /// Its entry; none in the first version of the lock.
    entry: Option<Node<'d>>,
}

impl Project<'_> {
    fn judge(&self, found: &mut Vec<Discord>) {
        let name = self.manifest.get("name").and_then(Node::str);
        let name = name.or_else(|| folder_name(self.key)).unwrap_or_default();
        if let Some(wanted) = self.manifest.get("version").and_then(Node::str) {
            let top = self.key.is_empty().then_some(self.held.root);
            for it in top.into_iter().chain(self.entry) {
                let held = it.get("version").and_then(Node::str);
                if held != Some(wanted) {
                    found.push(self.discord(name, wanted, held));
                }
            }
        }
        for table in TABLES {
            let wanted = self.rows(table);
            if let Some(entry) = self.entry {
                self.compare(&wanted, entry.get(table), found);
            }
            for (folder, value) in wanted {
                found.extend(self.answer(table, folder, value));
            }
        }
    }

    /// Returns the rows of a table as npm counts them: what is optional is that alone.
    fn rows(&self, table: &str) -> BTreeMap<&str, &str> {
        let texts = |it: &str| {
            let rows = self.manifest.get(it).into_iter().flat_map(Node::fields);
            rows.filter_map(|(folder, value)| Some((folder, value.str()?)))
        };
        let optional: BTreeMap<_, _> = texts("optionalDependencies").collect();
        let twice = |folder: &str| table == "dependencies" && optional.contains_key(folder);
        texts(table).filter(|(folder, _)| !twice(folder)).collect()
    }

    fn compare(
        &self,
        wanted: &BTreeMap<&str, &str>,
        held: Option<Node<'_>>,
        found: &mut Vec<Discord>,
    ) {
        let rows = held.into_iter().flat_map(Node::fields);
        let held: BTreeMap<_, _> = rows.filter_map(|(at, it)| Some((at, it.str()?))).collect();
        for (folder, value) in wanted {
            let repeated = held.get(folder).copied();
            if repeated != Some(value) {
                found.push(self.discord(folder, value, repeated));
            }
        }
        for (folder, repeated) in held.iter().filter(|(it, _)| !wanted.contains_key(*it)) {
            found.push(self.discord(folder, "", Some(repeated)));
        }
    }

    /// Returns how what is locked fails to answer a requirement; `None` where it does answer it.
    fn answer(&self, table: &str, folder: &str, value: &str) -> Option<Discord> {
        let spec = Spec::of(value);
        let Some(row) = self.held.loads(self.key, folder) else {
            let due = matches!(table, "dependencies" | "devDependencies");
            return due.then(|| self.discord(folder, value, None));
        };
        if spec.form != Form::Range || self.is_overridden(folder) {
            return None;
        }
        let text = row.get("version").and_then(Node::str)?;
        let alias = Spec::of(text);
        let version = if self.held.tree {
            text
        } else {
            alias.requirement.as_str()
        };
        let version_read = Version::parse(Scheme::Semver, version)?;
        let admits = NpmGrammar.admits(&spec.requirement, &version_read);
        (admits == Ok(false)).then(|| self.discord(folder, value, Some(version)))
    }

    fn is_overridden(&self, folder: &str) -> bool {
        let overrides = self.manifest.get("overrides");
        let mut keys = overrides.into_iter().flat_map(Node::fields);
        keys.any(|(key, _)| {
            let rest = key.strip_prefix(folder);
            rest.is_some_and(|it| it.is_empty() || it.starts_with('@'))
        })
    }

    fn discord(&self, subject: &str, wanted: &str, held: Option<&str>) -> Discord {
        Discord {
            subject: subject.to_owned(),
            manifest: self.path.to_owned(),
            wanted: wanted.to_owned(),
            held: held.map(str::to_owned),
        }
    }
}
