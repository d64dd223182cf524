//! What the files ask for that a requirements file is compiled from.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;
use pep508_rs::ExtraName;

use super::book::Row;
use super::command::Command;
use crate::python::demand::{self, Demand};
use crate::python::{canonical, reference};
use crate::toml::{Node, Toml};
use crate::{Unread, resolved};

/// One requirement of a source.
pub(super) struct Wanted {
    pub(super) name: String,
    /// The source's path from the folder of the compiled file.
    pub(super) file: String,
    demand: Demand,
    /// The address that it comes from instead of an index.
    pub(super) address: Option<String>,
    /// Whether it only limits what others require.
    is_constraint: bool,
}

impl Wanted {
    /// Returns what is wanted.
    pub(super) fn text(&self) -> String {
        let specifiers = demand::specifiers(&self.demand);
        let address = self.address.clone();
        address.unwrap_or_else(|| demand::canonical_specifiers(&specifiers))
    }

    /// Returns whether a row is what is wanted.
    pub(super) fn admits(&self, row: &Row) -> bool {
        if let Some(address) = &self.address {
            return row.address.is_some() && !is_another_tag(address, row);
        }
        let version = row
            .version
            .as_ref()
            .and_then(|it| demand::version(&it.text));
        version.is_none_or(|it| demand::specifiers(&self.demand).contains(&it))
    }

    /// Returns whether a version is what is wanted.
    pub(super) fn admits_version(&self, version: &Version) -> bool {
        let impossible = self.demand.marker.is_false();
        impossible || demand::specifiers(&self.demand).contains(version)
    }

    /// Returns whether a pre-release is asked for by name.
    pub(super) fn names_pre_release(&self) -> bool {
        let specifiers = demand::specifiers(&self.demand);
        specifiers.iter().any(|it| it.version().any_prerelease())
    }

    /// Returns the extras asked for.
    pub(super) fn extras(&self) -> &[ExtraName] {
        &self.demand.extras
    }

    /// Returns whether the lock need not have the package.
    pub(super) fn may_be_absent(&self, rows: &[&Row]) -> bool {
        rows.is_empty() && (self.is_constraint || !self.demand.marker.is_true())
    }
}

/// Returns whether a row that keeps the tag, as pip-compile's do, keeps another than an address does.
fn is_another_tag(address: &str, row: &Row) -> bool {
    let wanted = reference::of_url(address).version;
    let wanted = wanted.and_then(|it| address.get(it));
    let held = row.reference.as_ref().filter(|_| row.commit().is_none());
    let both = wanted.zip(held.map(|it| it.text.as_str()));
    both.is_some_and(|(a, b)| a != b && !b.contains('%'))
}

/// Returns the requirements of every source that is there.
pub(super) fn wanted(command: &Command, files: &BTreeMap<String, String>) -> Vec<Wanted> {
    let mut found = Vec::new();
    // A command may name one file as often as it likes.
    let sources: BTreeSet<&str> = command.sources.iter().map(String::as_str).collect();
    for path in sources {
        if let Some(text) = files.get(path) {
            found.extend(of_file(command, path, text, false));
        }
    }
    let constraints = command.values(&["--constraint", "--constraints"]);
    for path in constraints.collect::<BTreeSet<_>>() {
        if let Some(text) = files.get(path) {
            found.extend(of_file(command, path, text, true));
        }
    }
    found
}

/// Returns when every source can be read.
///
/// # Errors
/// When one is not of its format.
pub(super) fn readable(command: &Command, files: &BTreeMap<String, String>) -> Result<(), Unread> {
    let constraints = command.values(&["--constraint", "--constraints"]);
    let sources = command.sources.iter().map(String::as_str);
    let sources: BTreeSet<&str> = sources.chain(constraints).collect();
    for path in sources {
        let Some(text) = files.get(path) else {
            continue;
        };
        let read = if is_project(path) {
            Toml::parse(text).map(drop)
        } else {
            resolved(text)
        };
        read.map_err(|it| it.beside(path))?;
    }
    Ok(())
}

fn is_project(path: &str) -> bool {
    path.ends_with("pyproject.toml")
}

fn of_file(command: &Command, path: &str, text: &str, is_constraint: bool) -> Vec<Wanted> {
    let texts = if is_project(path) {
        of_project(command, text).unwrap_or_default()
    } else if is_list(path) {
        let lines = of_lines(text).into_iter();
        lines.map(|it| (it, None)).collect()
    } else {
        Vec::new()
    };
    let one = |(text, origin): (String, Option<String>)| {
        let demand = demand::demand(&text)?;
        let address = demand::address(&demand).map(ToOwned::to_owned);
        Some(Wanted {
            name: demand.name.to_string(),
            file: path.to_owned(),
            address: address.or(origin),
            demand,
            is_constraint,
        })
    };
    texts.into_iter().filter_map(one).collect()
}

/// Returns whether a file is a list of requirements.
fn is_list(path: &str) -> bool {
    matches!(path.rsplit_once('.'), Some((_, "in" | "txt")))
}

fn of_lines(text: &str) -> Vec<String> {
    let text = text.trim_start_matches('\u{feff}');
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let lines = joined.lines().map(|line| {
        let code = line.split(" #").next().unwrap_or_default();
        code.split(" --")
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    });
    lines
        .filter(|it| !it.is_empty() && !it.starts_with(['#', '-']))
        .collect()
}

/// Returns the requirements of a manifest, each with the address that uv takes it from.
fn of_project(command: &Command, text: &str) -> Option<Vec<(String, Option<String>)>> {
    let toml = Toml::parse(text).ok()?;
    let project = toml.root().get("project")?;
    let strings = |node: Option<Node<'_>>| -> Vec<String> {
        let items = node.map(Node::items).unwrap_or_default().into_iter();
        items
            .filter_map(Node::string)
            .map(|it| it.value.to_owned())
            .collect()
    };
    let mut texts = strings(project.get("dependencies"));
    let asked: Vec<_> = command.values(&["--extra"]).map(canonical).collect();
    let extras = project.get("optional-dependencies").map(Node::entries);
    for (key, array) in extras.unwrap_or_default() {
        if command.has("--all-extras") || asked.contains(&canonical(key.name)) {
            texts.extend(strings(Some(array)));
        }
    }
    let origins = origins(command, &toml);
    let origin = |text: String| {
        let origin = super::name_in(&text).and_then(|it| origins.get(&it).cloned());
        (text, origin)
    };
    Some(texts.into_iter().map(origin).collect())
}

/// Returns the addresses in `tool.uv.sources`, by the names of their packages, as uv writes them.
fn origins(command: &Command, toml: &Toml<'_>) -> BTreeMap<String, String> {
    let table = toml.root().find(&["tool", "uv", "sources"]);
    let table = table.filter(|_| command.is_uv() && !command.has("--no-sources"));
    let address = |source: Node<'_>| {
        let said = |key| source.string_at(key).map(|it| it.value);
        let reference = said("tag").or_else(|| said("rev"))?;
        let fragment = said("subdirectory").map(|it| format!("#subdirectory={it}"));
        let fragment = fragment.unwrap_or_default();
        Some(format!("git+{}@{reference}{fragment}", said("git")?))
    };
    let entries = table.map(Node::entries).unwrap_or_default().into_iter();
    let named = entries.filter_map(|(key, source)| {
        let address = address(source)?;
        Some((canonical(key.name).into_owned(), address))
    });
    named.collect()
}
