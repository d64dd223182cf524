//! What the files ask for that a requirements file is compiled from.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;
use pep508_rs::ExtraName;

use super::book::Row;
use super::command::Command;
use crate::python::canonical;
use crate::python::demand::{self, Demand};
use crate::toml::{Node, Toml};

/// One requirement of a source.
pub(super) struct Wanted {
    pub(super) name: String,
    /// The source's path from the folder of the compiled file.
    pub(super) file: String,
    demand: Demand,
    /// Whether it only limits what others require.
    is_constraint: bool,
}

impl Wanted {
    /// Returns what is wanted.
    pub(super) fn text(&self) -> String {
        let specifiers = demand::specifiers(&self.demand);
        let address = demand::address(&self.demand).map(ToOwned::to_owned);
        address.unwrap_or_else(|| demand::canonical_specifiers(&specifiers))
    }

    /// Returns whether a row is what is wanted.
    pub(super) fn admits(&self, row: &Row) -> bool {
        if demand::address(&self.demand).is_some() {
            return row.address.is_some();
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

fn of_file(command: &Command, path: &str, text: &str, is_constraint: bool) -> Vec<Wanted> {
    let texts = if path.ends_with("pyproject.toml") {
        of_project(command, text).unwrap_or_default()
    } else if is_list(path) {
        of_lines(text)
    } else {
        Vec::new()
    };
    let one = |text: String| {
        let demand = demand::demand(&text)?;
        Some(Wanted {
            name: demand.name.to_string(),
            file: path.to_owned(),
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

fn of_project(command: &Command, text: &str) -> Option<Vec<String>> {
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
    Some(texts)
}
