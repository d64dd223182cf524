//! The lock as npm would write it, where only the records of what moves can change.
//!
//! Nothing is resolved. Each package that moves has one copy in the tree; its new version asks for
//! what the old one asked for; and whoever asks for its folder admits the new version. That npm
//! would write the entry that is there from the old document shows that the new one is known too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use self::moving::Moving;
use super::super::range::NpmGrammar;
use super::super::spec::Spec;
use super::tree::{Place, Tree};
use super::{TABLES, is_installed};
use crate::json::{Json, Node};
use crate::{Bump, Fallback, Form, Grammar, Scheme, Source, Splice, Version, splice};

mod legacy;
mod moving;

/// Returns the lock with the records of what moves rewritten.
///
/// # Errors
/// With the reason, where anything else could change.
pub(super) fn rewrite(text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
    let tree = Tree::read(text)?;
    let manifests = manifests(&tree, bump.files)?;
    let names = bump.moves.iter().chain(bump.own);
    let town = Town {
        names: names.map(|it| it.name.as_str()).collect(),
        moving: moving::all(&tree, bump, &manifests)?,
        own: moving::own(&tree, bump)?,
        tree: &tree,
        manifests,
    };
    town.is_settled()?;
    let mut splices = Vec::new();
    for it in &town.moving {
        splices.push(it.entry(&tree)?);
    }
    splices.extend(town.own_versions()?);
    for place in tree.projects() {
        splices.extend(town.repeated(place)?);
    }
    splices.extend(legacy::splices(&town)?);
    splice(text, &splices).map_err(|it| Fallback::because(it.to_string()))
}

/// The lock, what stands around it, and what moves in it.
struct Town<'t, 'b> {
    tree: &'b Tree<'t>,
    /// The manifests of the project and its folders, by the keys of their entries.
    manifests: BTreeMap<String, Value>,
    /// The names of all that moves.
    names: BTreeSet<&'b str>,
    moving: Vec<Moving>,
    own: Vec<Own>,
}

/// One of the project's own packages that moves.
struct Own {
    key: String,
    name: String,
    to: String,
}

/// Returns the manifests of all projects of the lock that are among the files.
fn manifests(
    tree: &Tree<'_>,
    files: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>, Fallback> {
    let mut manifests = BTreeMap::new();
    for place in tree.projects() {
        let path = place.manifest();
        let Some(text) = files.get(&path) else {
            continue;
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value = serde_json::from_str(text)
            .map_err(|_| Fallback::because(format!("`{path}` can not be read")))?;
        manifests.insert(place.key.clone().into_owned(), value);
    }
    Ok(manifests)
}

/// Reads the object of an entry.
fn object(tree: &Tree<'_>, place: &Place<'_>) -> Result<Map<String, Value>, Fallback> {
    serde_json::from_str(tree.block(place)).map_err(|_| {
        Fallback::because(format!("the entry `{}` is not as npm writes it", place.key))
    })
}

impl Town<'_, '_> {
    /// Checks that whoever asks for the folder of what moves gets the new version.
    fn is_settled(&self) -> Result<(), Fallback> {
        self.is_not_overridden()?;
        for it in &self.moving {
            self.is_admitted((&it.folder, &it.key), &it.to)?;
            self.still_admits(it)?;
        }
        for it in &self.own {
            self.is_admitted((&it.name, &it.key), &it.to)?;
        }
        Ok(())
    }

    /// Checks every entry that may ask for the folder.
    fn is_admitted(&self, (folder, key): (&str, &str), to: &str) -> Result<(), Fallback> {
        let needle = format!("\"{folder}\"");
        let finder = memchr::memmem::Finder::new(&needle);
        for place in &self.tree.entries {
            let block = self.tree.block(place).as_bytes();
            if !is_installed(&place.key) || finder.find(block).is_some() {
                self.admits(place, (folder, key), to)?;
            }
        }
        Ok(())
    }

    /// Checks that the project's overrides say nothing of what moves.
    fn is_not_overridden(&self) -> Result<(), Fallback> {
        let root = self.manifests.get("");
        let overrides = root
            .and_then(|it| it.get("overrides"))
            .map(Value::to_string);
        let named = |name: &&&str| {
            let mentions = |end: &str| format!("\"{name}{end}");
            let said = overrides.as_deref().unwrap_or_default();
            said.contains(&mentions("\"")) || said.contains(&mentions("@"))
        };
        match self.names.iter().find(named) {
            None => Ok(()),
            Some(name) => Err(Fallback::because(format!(
                "`overrides` of the project speak of `{name}`"
            ))),
        }
    }

    /// Checks that the package of this entry, where it asks for the folder, admits the version.
    fn admits(
        &self,
        place: &Place<'_>,
        (folder, key): (&str, &str),
        to: &str,
    ) -> Result<(), Fallback> {
        let values = self.asking(place, folder)?;
        let loaded = self.tree.loads(&place.key, folder);
        let gets_it = |it: &Place<'_>| it.key == key || self.links(it, key);
        if values.is_empty() || !loaded.is_some_and(gets_it) {
            return Ok(());
        }
        let owner = if place.key.is_empty() {
            "the project"
        } else {
            &place.key
        };
        for value in values {
            if !self.fits(&value, folder, to)? {
                return Err(Fallback::because(format!(
                    "`{owner}` needs `{folder}` {value}"
                )));
            }
        }
        Ok(())
    }

    fn links(&self, place: &Place<'_>, key: &str) -> bool {
        let entry = object(self.tree, place).unwrap_or_default();
        entry.contains_key("link") && entry.get("resolved").and_then(Value::as_str) == Some(key)
    }

    /// Returns the values with which an entry asks for a folder: of a project as its manifest says
    /// it now, of what moves as its new version does.
    fn asking(&self, place: &Place<'_>, folder: &str) -> Result<Vec<String>, Fallback> {
        let moving = self.moving.iter().find(|it| it.key == place.key);
        if let Some(document) = moving.and_then(|it| it.new.as_ref()) {
            return Ok(document.asking(folder).map(str::to_owned).collect());
        }
        let entry = match self.manifests.get(place.key.as_ref()) {
            Some(manifest) => manifest.as_object().cloned().unwrap_or_default(),
            None => object(self.tree, place)?,
        };
        let values = TABLES.iter().filter_map(|it| entry.get(*it)?.get(folder));
        let values = values.filter_map(Value::as_str).map(str::to_owned);
        Ok(values.collect())
    }

    /// Returns whether the value admits what the folder holds after the move.
    fn fits(&self, value: &str, folder: &str, to: &str) -> Result<bool, Fallback> {
        let spec = Spec::of(value);
        let moving = self.moving.iter().find(|it| it.folder == folder);
        if let Some((_, wanted)) = moving.and_then(|it| it.specs.as_ref())
            && spec.source.is_some()
        {
            return Ok(value == wanted);
        }
        let name = moving.map_or(folder, |it| it.name.as_str());
        let is_other = spec.name.as_deref().is_some_and(|it| it != name);
        match (&spec.source, spec.form) {
            (None | Some(Source::Workspace), Form::Range) if !is_other => {
                admits(&spec.requirement, to)
            }
            (None, Form::Unversioned) => Ok(true),
            (Some(Source::Path(_)), _) if moving.is_none() => Ok(true),
            _ => Ok(false),
        }
    }

    /// Checks the requirements that a new version words otherwise against what is locked.
    fn still_admits(&self, it: &Moving) -> Result<(), Fallback> {
        for (folder, value) in &it.reworded {
            let because = |held: &str| {
                Fallback::because(format!(
                    "`{}` now needs `{folder}` {value}, and {held} is locked",
                    it.name
                ))
            };
            let place = self
                .tree
                .loads(&it.key, folder)
                .ok_or_else(|| because("none"))?;
            let moving = self.moving.iter().find(|at| at.key == place.key);
            let entry = object(self.tree, place)?;
            let version = match moving {
                Some(it) => Some(it.to.as_str()),
                None => entry.get("version").and_then(Value::as_str),
            };
            let spec = Spec::of(value);
            let plain = spec.form == Form::Range && spec.source.is_none() && spec.name.is_none();
            let version = version.ok_or_else(|| because("none"))?;
            if !plain || entry.contains_key("name") || !admits(&spec.requirement, version)? {
                return Err(because(version));
            }
        }
        Ok(())
    }

    /// Returns the edits of the versions of the project's own packages.
    fn own_versions(&self) -> Result<Vec<Splice>, Fallback> {
        let mut splices = Vec::new();
        for it in &self.own {
            let put = |span| Splice {
                span,
                to: it.to.clone(),
            };
            let Some(place) = self.tree.at(&it.key) else {
                continue;
            };
            let top = self.tree.version.clone().filter(|_| it.key.is_empty());
            splices.extend(top.map(put));
            let json = read(self.tree, place)?;
            let version = json.root().get("version").and_then(Node::text);
            let span = version.and_then(|it| it.span);
            splices
                .extend(span.map(|at| put(place.span.start + at.start..place.span.start + at.end)));
        }
        Ok(splices)
    }

    /// Returns the edits of the requirements on what moves that the entry of a project repeats.
    fn repeated(&self, place: &Place<'_>) -> Result<Vec<Splice>, Fallback> {
        let json = read(self.tree, place)?;
        let mut splices = Vec::new();
        for table in TABLES {
            let Some(rows) = json.root().get(table) else {
                continue;
            };
            for (folder, value) in rows.fields() {
                let Some(text) = value.text().filter(|it| self.is_named(folder, it.value)) else {
                    continue;
                };
                let wanted = self.wanted(place, table, folder)?;
                let Some(span) = text.span else {
                    return Err(Fallback::because(format!(
                        "the requirement on `{folder}` is not as npm writes it"
                    )));
                };
                splices.push(Splice {
                    span: place.span.start + span.start..place.span.start + span.end,
                    to: wanted,
                });
            }
        }
        Ok(splices)
    }

    /// Returns whether a row of a table is about a package that moves.
    fn is_named(&self, folder: &str, value: &str) -> bool {
        let name = Spec::of(value).name;
        self.names.contains(name.as_deref().unwrap_or(folder))
    }

    /// Returns what the manifest of a project says at this row, as JSON writes it between quotes.
    fn wanted(&self, place: &Place<'_>, table: &str, folder: &str) -> Result<String, Fallback> {
        let path = place.manifest();
        let Some(manifest) = self.manifests.get(place.key.as_ref()) else {
            return Err(Fallback::because(format!("`{path}` is not at hand")));
        };
        let wanted = manifest.get(table).and_then(|it| it.get(folder));
        wanted.and_then(Value::as_str).map(inner).ok_or_else(|| {
            Fallback::because(format!("`{path}` does not require `{folder}` in `{table}`"))
        })
    }
}

/// Returns the text as JSON writes it between quotes.
fn inner(text: &str) -> String {
    let written = Value::from(text).to_string();
    let inner = written
        .strip_prefix('"')
        .and_then(|it| it.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

fn read<'t>(tree: &Tree<'t>, place: &Place<'_>) -> Result<Json<'t>, Fallback> {
    Json::parse(tree.block(place)).map_err(|_| {
        Fallback::because(format!("the entry `{}` is not as npm writes it", place.key))
    })
}

/// Returns whether the range admits the version.
fn admits(requirement: &str, version: &str) -> Result<bool, Fallback> {
    let unknown = || Fallback::because(format!("the range `{requirement}` is not known"));
    let version = Version::parse(Scheme::Semver, version).ok_or_else(unknown)?;
    NpmGrammar
        .admits(requirement, &version)
        .map_err(|_| unknown())
}

#[cfg(test)]
mod tests;
