//! The copies that move, and what becomes of their entries.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::super::spec::Spec;
use super::super::document::{Document, Moved};
use super::super::tree::{Place, Tree};
use super::super::{TABLES, is_installed};
use super::{Own, object};
use crate::npm::published::Witness;
use crate::{Bump, Fallback, Form, Splice};

/// How deep an entry stands in the lock.
const DEPTH: usize = 2;

/// The one copy of a package that moves.
pub(super) struct Moving {
    /// Its folder, from the root.
    pub(super) key: String,
    /// Its folder's own name, by which others ask for it.
    pub(super) folder: String,
    /// The package's own name.
    pub(super) name: String,
    pub(super) from: String,
    pub(super) to: String,
    /// Its entry before and after.
    pub(super) old_entry: Map<String, Value>,
    pub(super) new_entry: Map<String, Value>,
    /// What the registry says of the new version; `None` where it comes from git.
    pub(super) new: Option<Document>,
    /// The requirements that the new version words otherwise.
    pub(super) reworded: Vec<Moved>,
    /// How the projects ask for it before and after, where it comes from git.
    pub(super) specs: Option<(String, String)>,
}

/// Returns the copies that are not yet at their new version.
pub(super) fn all(
    tree: &Tree<'_>,
    bump: &Bump<'_>,
    manifests: &BTreeMap<String, Value>,
) -> Result<Vec<Moving>, Fallback> {
    let mut all = Vec::new();
    for it in bump.moves {
        let place = only_copy(tree, &it.name)?;
        let entry = object(tree, place)?;
        let version = entry.get("version").and_then(Value::as_str);
        let version = version.unwrap_or_default().to_owned();
        if version == it.to {
            continue;
        }
        if let Some(from) = it.from.as_deref().filter(|from| **from != version) {
            return Err(Fallback::because(format!(
                "the lock holds `{}` at {version}, not at {from}",
                it.name
            )));
        }
        let copy = Copy {
            tree,
            place,
            name: &it.name,
            versions: (&version, &it.to),
            entry,
        };
        let resolved = copy.text("resolved").unwrap_or_default();
        all.push(match resolved {
            it if it.starts_with("git") => copy.git_moved(bump, manifests)?,
            it if it.is_empty() || it.starts_with("http") => copy.release_moved(bump)?,
            _ => return Err(copy.because("is locked from a file")),
        });
    }
    Ok(all)
}

/// Returns the project's own packages that move, as far as the lock holds them.
pub(super) fn own(tree: &Tree<'_>, bump: &Bump<'_>) -> Result<Vec<Own>, Fallback> {
    let mut own = Vec::new();
    for place in tree.projects() {
        let entry = object(tree, place)?;
        let name = entry.get("name").and_then(Value::as_str);
        let top = tree.name.as_deref().filter(|_| place.key.is_empty());
        let Some(name) = name.or(top).or(place.folder()) else {
            continue;
        };
        let moves = bump.own.iter().filter(|it| it.name == name);
        own.extend(moves.map(|it| Own {
            key: place.key.clone().into_owned(),
            name: name.to_owned(),
            to: it.to.clone(),
        }));
    }
    Ok(own)
}

/// Returns the only copy of a package.
fn only_copy<'b, 't>(tree: &'b Tree<'t>, name: &str) -> Result<&'b Place<'t>, Fallback> {
    let alias = format!("\"name\": \"{name}\"");
    let installed = || tree.entries.iter().filter(|it| is_installed(&it.key));
    let called = |it: &&Place<'_>| {
        let block = tree.block(it).as_bytes();
        it.folder() == Some(name) || memchr::memmem::find(block, alias.as_bytes()).is_some()
    };
    let copies: Vec<_> = installed().filter(called).collect();
    let [one] = copies.as_slice() else {
        let keys: Vec<_> = copies.iter().map(|it| format!("`{}`", it.key)).collect();
        return Err(Fallback::because(match keys.len() {
            0 => format!("`{name}` is not in the lock"),
            _ => format!("the lock holds several copies: {}", keys.join(", ")),
        }));
    };
    let folder = one.folder();
    if installed().filter(|it| it.folder() == folder).count() > 1 {
        return Err(Fallback::because(format!(
            "the lock holds several folders called `{}`",
            folder.unwrap_or_default()
        )));
    }
    Ok(one)
}

/// A copy that is to move.
struct Copy<'b, 't> {
    tree: &'b Tree<'t>,
    place: &'b Place<'t>,
    name: &'b str,
    versions: (&'b str, &'b str),
    entry: Map<String, Value>,
}

impl Copy<'_, '_> {
    fn text(&self, field: &str) -> Option<&str> {
        self.entry.get(field)?.as_str()
    }

    fn because(&self, why: &str) -> Fallback {
        Fallback::because(format!("`{}` {why}", self.name))
    }

    /// Returns whether the entry is what npm writes of this object.
    fn is_written_as(&self, entry: Map<String, Value>) -> bool {
        let written = self.tree.layout.written(&Value::Object(entry), DEPTH);
        written.as_deref() == Some(self.tree.block(self.place))
    }

    fn moving(self, new_entry: Map<String, Value>) -> Moving {
        Moving {
            key: self.place.key.clone().into_owned(),
            folder: self.place.folder().unwrap_or_default().to_owned(),
            name: self.name.to_owned(),
            from: self.versions.0.to_owned(),
            to: self.versions.1.to_owned(),
            old_entry: self.entry,
            new_entry,
            new: None,
            reworded: Vec::new(),
            specs: None,
        }
    }

    fn release_moved(self, bump: &Bump<'_>) -> Result<Moving, Fallback> {
        let (from, to) = self.versions;
        if self.entry.contains_key("link") {
            return Err(self.because("is linked from a folder"));
        }
        if semver::Version::parse(to).is_ok_and(|it| !it.pre.is_empty()) {
            return Err(Fallback::because(format!("{to} is a pre-release")));
        }
        let registry = Witness::Registry(self.text("resolved"));
        let old = Document::told(bump.facts, registry, (self.name, from))?;
        let new = Document::told(bump.facts, registry, (self.name, to))?;
        let reworded = old.same_as(&new)?;
        self.is_of(&old)?;
        let entry = new.entry(&self.entry)?;
        Ok(Moving {
            new: Some(new),
            reworded,
            ..self.moving(entry)
        })
    }

    /// Checks that the entry is the one that npm makes of the document. A deprecation may have come
    /// since.
    fn is_of(&self, document: &Document) -> Result<(), Fallback> {
        let mut made = document.entry(&self.entry)?;
        match self.entry.get("deprecated") {
            Some(it) => made.insert("deprecated".to_owned(), it.clone()),
            None => made.remove("deprecated"),
        };
        let differs = ["resolved", "integrity"]
            .into_iter()
            .find(|key| made.get(*key) != self.entry.get(*key));
        if self.is_written_as(made) {
            return Ok(());
        }
        Err(self.because(match differs {
            Some("resolved") => "is locked from another address than the registry gives",
            Some(_) => "is locked with another hash than the registry gives",
            None => "has an entry that npm would now write otherwise",
        }))
    }

    fn git_moved(
        self,
        bump: &Bump<'_>,
        manifests: &BTreeMap<String, Value>,
    ) -> Result<Moving, Fallback> {
        if self.entry.contains_key("integrity") || !self.is_written_as(self.entry.clone()) {
            return Err(self.because("has an entry that npm would now write otherwise"));
        }
        let resolved = self.text("resolved").unwrap_or_default();
        let (address, _) = resolved.split_once('#').unwrap_or((resolved, ""));
        let url = address.strip_prefix("git+").unwrap_or(address);
        let specs = self.specs(manifests)?;
        let (old_tag, tag) = (self.tag(&specs.0)?, self.tag(&specs.1)?);
        let (from, to) = self.versions;
        let old = Document::told(bump.facts, Witness::Tag(url, &old_tag), (self.name, from))?;
        let new = Document::told(bump.facts, Witness::Tag(url, &tag), (self.name, to))?;
        old.same_entry_as(&new)?;
        let commit = bump.facts.commit(url, &tag)?;
        let mut entry = self.entry.clone();
        entry.insert("version".to_owned(), Value::String(to.to_owned()));
        entry.insert(
            "resolved".to_owned(),
            Value::String(format!("{address}#{commit}")),
        );
        Ok(Moving {
            specs: Some(specs),
            ..self.moving(entry)
        })
    }

    /// Returns how the projects ask for the package: as the lock repeats it, and as their manifests
    /// say it now.
    fn specs(&self, manifests: &BTreeMap<String, Value>) -> Result<(String, String), Fallback> {
        let folder = self.place.folder().unwrap_or_default();
        let said = |it: &Map<String, Value>| -> Vec<String> {
            let values = TABLES.iter();
            let values = values.filter_map(|at| it.get(*at)?.get(folder)?.as_str());
            values.map(str::to_owned).collect()
        };
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for place in self.tree.projects() {
            before.extend(said(&object(self.tree, place)?));
            let manifest = manifests.get(place.key.as_ref()).and_then(Value::as_object);
            after.extend(manifest.map(said).unwrap_or_default());
        }
        for all in [&mut before, &mut after] {
            all.sort();
            all.dedup();
        }
        match (before.as_slice(), after.as_slice()) {
            ([before], [after]) => Ok((before.clone(), after.clone())),
            _ => Err(self.because("comes from git, and is not asked for in one way")),
        }
    }

    /// Returns the tag that a requirement on git names.
    fn tag(&self, spec: &str) -> Result<String, Fallback> {
        let read = Spec::of(spec);
        match read.form {
            Form::GitTag => Ok(read.requirement),
            _ => Err(self.because("comes from git, and not from a tag")),
        }
    }
}

impl Moving {
    /// Returns the edit of its entry.
    pub(super) fn entry(&self, tree: &Tree<'_>) -> Result<Splice, Fallback> {
        let unknown = || {
            Fallback::because(format!(
                "`{}` {} has a field that can not be written as npm does",
                self.name, self.to
            ))
        };
        let place = tree.at(&self.key).ok_or_else(unknown)?;
        let value = Value::Object(self.new_entry.clone());
        let to = tree.layout.written(&value, DEPTH).ok_or_else(unknown)?;
        Ok(Splice {
            span: place.span.clone(),
            to,
        })
    }
}
