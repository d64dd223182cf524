//! The native rewrite of a `poetry.lock`.

use std::collections::BTreeMap;
use std::ops::Range;

use pep440_rs::Version;

use super::hash::{Era, content_hash};
use super::{files, rows};
use crate::python::demand::{self, Reach};
use crate::python::index::{self, Page};
use crate::python::metadata::Core;
use crate::python::moving::{Moving, moving};
use crate::python::upstream::{self, Point, Upstream};
use crate::python::{canonical, pyproject::Pyproject, specifier::PythonGrammar};
use crate::toml::{Node, Toml};
use crate::{Bump, Fallback, Form, Format, Grammar, Pin, Scheme, Splice, splice};

/// Where the manifest lies from the lock.
const MANIFEST: &str = "pyproject.toml";

struct Rewrite<'t, 'b> {
    lock: &'t Toml<'t>,
    bump: &'b Bump<'b>,
    moving: Vec<Moving>,
    pins: Vec<Pin>,
    reach: Reach,
}

/// What moves a record.
struct Moved {
    /// What the package will require.
    after: Core,
    splices: Vec<Splice>,
}

/// Returns the lock after the bump.
///
/// # Errors
/// When more than the records of what moves could change, or that can not be told.
pub(super) fn rewrite(text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
    let unreadable = |e| Fallback::because(format!("it can not be read: {e}"));
    let lock = Toml::parse(text).map_err(unreadable)?;
    let metadata = lock.root().get("metadata");
    let at = |key| metadata.and_then(|it| it.string_at(key));
    if !at("lock-version").is_some_and(|it| matches!(it.value, "2.0" | "2.1")) {
        return Err(Fallback::because(
            "the lock is of a schema that is not known",
        ));
    }
    let none = || Fallback::because("the `pyproject.toml` beside the lock is not there");
    let manifest = bump.files.get(MANIFEST).ok_or_else(none)?;
    let rewrite = Rewrite {
        lock: &lock,
        bump,
        moving: moving(bump.moves)?,
        pins: Pyproject.read(manifest).map_err(unreadable)?.pins,
        // A range in Poetry's own spelling says no less than all Pythons do.
        reach: at("python-versions")
            .and_then(|it| Reach::of(it.value))
            .or_else(|| Reach::of(""))
            .ok_or_else(|| Fallback::because("no Python is known"))?,
    };
    let mut splices = rewrite.records_moved()?;
    splices.extend(rewrite.own()?);
    let unknown = || Fallback::because("its `content-hash` can not be computed");
    let held = at("content-hash").ok_or_else(unknown)?;
    let toml = Toml::parse(manifest).map_err(unreadable)?;
    let hash = content_hash(&toml, Era::of(text)).ok_or_else(unknown)?;
    splices.push(Splice {
        span: held.editable().ok_or_else(unknown)?,
        to: hash,
    });
    splice(text, &splices).map_err(|e| Fallback::because(format!("the edits do not fit: {e}")))
}

/// A package of the lock.
pub(super) struct Record<'d> {
    pub(super) name: String,
    pub(super) node: Node<'d>,
}

impl<'d> Record<'d> {
    fn said(&self, key: &str) -> Option<&'d str> {
        Some(self.node.string_at(key)?.value)
    }

    fn source(&self, key: &str) -> Option<&'d str> {
        Some(self.node.get("source")?.string_at(key)?.value)
    }

    /// Returns the bytes of a text, where it stands in the file as it is.
    fn span(&self, path: &[&str]) -> Option<Range<usize>> {
        self.node.find(path)?.string()?.editable()
    }

    fn splice(&self, path: &[&str], to: &str) -> Result<Splice, Fallback> {
        let unusual = || {
            Fallback::because(format!(
                "the record of `{}` is not as Poetry writes it",
                self.name
            ))
        };
        Ok(Splice {
            span: self.span(path).ok_or_else(unusual)?,
            to: to.to_owned(),
        })
    }
}

impl<'t> Rewrite<'t, '_> {
    fn records(&self) -> Vec<Record<'t>> {
        let packages = self.lock.root().get("package").map(Node::items);
        let record = |node: Node<'t>| {
            let name = canonical(node.string_at("name")?.value).into_owned();
            Some(Record { name, node })
        };
        packages
            .unwrap_or_default()
            .into_iter()
            .filter_map(record)
            .collect()
    }

    fn record(&self, name: &str) -> Result<Record<'t>, Fallback> {
        let mut records = self.records().into_iter().filter(|it| it.name == name);
        let none = || Fallback::because(format!("`{name}` is not in the lock"));
        let record = records.next().ok_or_else(none)?;
        match records.next() {
            Some(_) => Err(Fallback::because(format!(
                "the lock holds several versions of `{name}`"
            ))),
            None => Ok(record),
        }
    }

    /// Returns the edits of the records that move, as one set.
    fn records_moved(&self) -> Result<Vec<Splice>, Fallback> {
        let mut set = BTreeMap::new();
        for moving in &self.moving {
            if let Some(moved) = self.moved(moving)? {
                set.insert(moving.name.as_str(), moved);
            }
        }
        let moved = |it: &&Moving| set.contains_key(it.name.as_str());
        for moving in self.moving.iter().filter(moved) {
            self.dependents(moving, &set)?;
        }
        Ok(set.into_values().flat_map(|it| it.splices).collect())
    }

    /// Returns what moves a record; nothing where it has moved already.
    fn moved(&self, moving: &Moving) -> Result<Option<Moved>, Fallback> {
        let name = &moving.name;
        let record = self.record(name)?;
        let held = record.said("version").and_then(demand::version);
        let held = held
            .ok_or_else(|| Fallback::because(format!("the lock holds no version of `{name}`")))?;
        self.required(moving)?;
        match record.source("type") {
            Some("git") => self.moved_in_git(moving, &record),
            None | Some("legacy") if held == moving.to => Ok(None),
            None | Some("legacy") => self.moved_in_registry(moving, &record, &held).map(Some),
            Some(_) => {
                let reason = format!("`{name}` does not come from a registry or git");
                Err(Fallback::because(reason))
            }
        }
    }

    /// Returns the versions that the lock holds of a package after the bump.
    fn versions(&self, name: &str) -> Vec<Version> {
        if let Some(it) = self.moving.iter().find(|it| it.name == name) {
            return vec![it.to.clone()];
        }
        let records = self.records().into_iter().filter(|it| it.name == name);
        let held = records.filter_map(|it| it.said("version").and_then(demand::version));
        held.collect()
    }

    /// Returns what moves a record whose package says this of itself before and after.
    fn told(
        &self,
        record: &Record<'_>,
        (before, after): (&Core, Core),
        mut splices: Vec<Splice>,
    ) -> Result<Moved, Fallback> {
        same(&record.name, before, &after)?;
        let locked = |name: &str| self.versions(name);
        splices.extend(rows::edits(record, (before, &after), &locked)?);
        Ok(Moved { after, splices })
    }

    fn moved_in_registry(
        &self,
        moving: &Moving,
        record: &Record<'_>,
        held: &Version,
    ) -> Result<Moved, Fallback> {
        let (name, facts) = (&moving.name, self.bump.facts);
        let page = Page::ask(facts, record.source("url"), name)?;
        let (old, new) = (page.files(name, held)?, page.fresh_files(name, &moving.to)?);
        if files::listed(&old).as_ref() != Some(&files::written(record)) {
            let reason = format!("the files of `{name}` {held} are not those of the index");
            return Err(Fallback::because(reason));
        }
        let before = index::core(facts, name, &old)?;
        let after = index::core(facts, name, &new)?;
        let unknown = || Fallback::because(format!("the index says too little of `{name}`"));
        let listed = record
            .node
            .get("files")
            .and_then(Node::span)
            .ok_or_else(unknown)?;
        let rows = files::listed(&new).ok_or_else(unknown)?;
        let splices = vec![
            record.splice(&["version"], &moving.to.to_string())?,
            Splice {
                span: listed,
                to: files::array(&rows, self.line_end()),
            },
        ];
        self.told(record, (&before, after), splices)
    }

    fn line_end(&self) -> &'static str {
        if self.lock.text().contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        }
    }

    fn moved_in_git(
        &self,
        moving: &Moving,
        record: &Record<'_>,
    ) -> Result<Option<Moved>, Fallback> {
        let name = &moving.name;
        let untold = || Fallback::because(format!("the manifest names no tag of `{name}`"));
        let mut tags = self.pins_on(name).filter(|it| it.form == Form::GitTag);
        let tag = &tags.next().ok_or_else(untold)?.requirement;
        let (url, held) = (record.source("url"), record.source("reference"));
        let (url, held) = url.zip(held).ok_or_else(untold)?;
        let commit = self.bump.facts.commit(url, tag)?;
        if held == tag && record.source("resolved_reference") == Some(&commit) {
            return Ok(None);
        }
        self.alone(record, url)?;
        let path = match record.source("subdirectory") {
            Some(folder) => format!("{folder}/{MANIFEST}"),
            None => MANIFEST.to_owned(),
        };
        let facts = self.bump.facts;
        let before = Upstream::ask(facts, url, Point::Tag(held), path.clone())?;
        let after = Upstream::ask(facts, url, Point::Tag(tag), path)?;
        after.succeeds(&before, (moving, tag))?;
        let splices = vec![
            record.splice(&["version"], &moving.to.to_string())?,
            record.splice(&["source", "reference"], tag)?,
            record.splice(&["source", "resolved_reference"], &commit)?,
        ];
        let moved = self.told(record, (&before.core, after.core), splices);
        moved.map(Some)
    }

    /// Checks that no other package comes from the same repository only because this one does.
    fn alone(&self, record: &Record<'_>, url: &str) -> Result<(), Fallback> {
        let others = self.records();
        let following = others.iter().filter(|it| {
            let is_pinned = || self.pins_on(&it.name).any(|it| it.form == Form::GitTag);
            it.name != record.name && it.source("url") == Some(url) && !is_pinned()
        });
        upstream::alone(&record.name, following.map(|it| it.name.as_str()))
    }

    fn pins_on<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Pin> {
        self.pins
            .iter()
            .filter(move |it| canonical(&it.name) == name)
    }

    /// Checks that the manifest asks for the version.
    fn required(&self, moving: &Moving) -> Result<(), Fallback> {
        let mut names_pre_release = !moving.to.any_prerelease();
        for pin in self.pins_on(&moving.name) {
            names_pre_release |= pin.form != Form::Range;
            if pin.form == Form::Range && !pin.requirement.is_empty() {
                admits(MANIFEST, &pin.requirement, moving)?;
                let named = PythonGrammar.named(&pin.requirement);
                names_pre_release |= named.is_ok_and(|it| it.is_some_and(|it| !it.is_final()));
            }
        }
        if names_pre_release {
            return Ok(());
        }
        let (name, to) = (&moving.name, &moving.to);
        Err(Fallback::because(format!(
            "no manifest asks for the pre-release {to} of `{name}`"
        )))
    }

    /// Checks that every other package of the lock that requires this one admits its version: what
    /// moves with it as it will be, the rest as it is.
    fn dependents(&self, moving: &Moving, set: &BTreeMap<&str, Moved>) -> Result<(), Fallback> {
        for record in self.records() {
            match set.get(record.name.as_str()) {
                Some(moved) => {
                    let admitted = moved.after.admits(&moving.name, &moving.to, &self.reach);
                    admitted.map_err(|wanted| excluded(&record.name, &wanted, moving))?;
                }
                None => admitted_by(&record, moving)?,
            }
        }
        Ok(())
    }

    /// Returns the edits of the repository's own packages that the lock has a record of.
    fn own(&self) -> Result<Vec<Splice>, Fallback> {
        let mut splices = Vec::new();
        for own in moving(self.bump.own)? {
            let records = self.records().into_iter().filter(|it| it.name == own.name);
            for record in records.filter(|it| it.source("type") == Some("directory")) {
                let requires = record.node.get("dependencies").map(Node::entries);
                let moves = |key: &str| self.moving.iter().any(|it| canonical(key) == it.name);
                if requires
                    .unwrap_or_default()
                    .iter()
                    .any(|(key, _)| moves(key.name))
                {
                    let reason = format!("`{}` beside it requires what moves", own.name);
                    return Err(Fallback::because(reason));
                }
                splices.push(record.splice(&["version"], &own.to.to_string())?);
            }
        }
        Ok(splices)
    }
}

/// Checks that what a locked package requires admits the version.
fn admitted_by(record: &Record<'_>, moving: &Moving) -> Result<(), Fallback> {
    let tables = record.node.get("dependencies").map(Node::entries);
    for (key, value) in tables.unwrap_or_default() {
        if canonical(key.name) != moving.name {
            continue;
        }
        let rows = if value.is_array() {
            value.items()
        } else {
            vec![value]
        };
        for row in rows {
            let range = row.string().or_else(|| row.string_at("version"));
            let name = &record.name;
            let unknown = || {
                let moving = &moving.name;
                Fallback::because(format!("`{name}` takes `{moving}` from elsewhere"))
            };
            if record.source("type") == Some("directory") {
                let reason = format!("`{name}` beside it requires what moves");
                return Err(Fallback::because(reason));
            }
            admits(name, range.ok_or_else(unknown)?.value, moving)?;
        }
    }
    Ok(())
}

fn admits(who: &str, requirement: &str, moving: &Moving) -> Result<(), Fallback> {
    let to = crate::Version::parse(Scheme::Pep440, &moving.to.to_string());
    let admits = to.and_then(|to| PythonGrammar.admits(requirement, &to).ok());
    let name = &moving.name;
    match admits {
        Some(true) => Ok(()),
        Some(false) => Err(excluded(who, &format!("{name} {requirement}"), moving)),
        None => Err(Fallback::because(format!(
            "`{who}` requires `{name} {requirement}`, which can not be judged"
        ))),
    }
}

fn excluded(who: &str, wanted: &str, moving: &Moving) -> Fallback {
    let to = &moving.to;
    Fallback::because(format!("`{who}` requires `{wanted}`, which excludes {to}"))
}

/// Checks that what the record repeats beside the requirements stays the same.
fn same(name: &str, old: &Core, new: &Core) -> Result<(), Fallback> {
    let what = if old.python != new.python {
        "`requires-python`"
    } else if old.extras != new.extras {
        "extras"
    } else if old.summary != new.summary {
        "summary"
    } else {
        return Ok(());
    };
    Err(Fallback::because(format!("the {what} of `{name}` changed")))
}

#[cfg(test)]
mod tests;
