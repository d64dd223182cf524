//! What a `pyproject.toml` requires, as uv records it in the lock.

use std::collections::BTreeMap;

use crate::python::canonical;
use crate::python::demand::{self, Demand};
use crate::toml::{Node, Toml};
use crate::{ReadError, python::reference};

/// Groups include groups no deeper.
const DEEPEST: usize = 16;

/// The manifests that a lock may be made from.
pub(super) type Files = BTreeMap<String, String>;

/// One manifest, as uv sees it.
#[derive(Default)]
pub(super) struct Project {
    /// The version, where the manifest says it.
    pub(super) version: Option<String>,
    pub(super) requires_python: Option<String>,
    pub(super) wanted: Vec<Wanted>,
    /// Whether something else than the manifest says what the package requires.
    pub(super) is_dynamic: bool,
}

/// One requirement of a manifest.
pub(super) struct Wanted {
    /// The dependency group, empty for the package itself.
    pub(super) list: String,
    pub(super) demand: Demand,
    pub(super) origin: Origin,
}

/// Where a required package is taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// An index.
    Index,
    /// A git repository at a tag (`tag`) or at anything else (`rev`).
    Git {
        key: &'static str,
        reference: String,
    },
    /// A place whose record has no version.
    Elsewhere,
}

/// The tables of a manifest that name origins.
type Sources<'t> = Vec<(String, Node<'t>)>;

/// Returns what the manifest at a path requires; `root` is the text of the workspace's own.
///
/// # Errors
/// When a text is no TOML.
pub(super) fn project(text: &str, root: Option<&str>) -> Result<Project, ReadError> {
    let toml = Toml::parse(text)?;
    let above = root.map(Toml::parse).transpose()?;
    let mut sources = sources(toml.root());
    if let Some(above) = &above {
        sources.extend(self::sources(above.root()));
    }
    let mut project = Project::default();
    let root = toml.root();
    if let Some(table) = root.get("project") {
        let said = |key| table.string_at(key).map(|it| it.value.to_owned());
        project.version = said("version");
        project.requires_python = said("requires-python");
        project.is_dynamic = is_dynamic(table);
        collect_dist(table, &sources, &mut project.wanted);
    } else {
        project.is_dynamic = true;
    }
    collect_groups(root, &sources, &mut project.wanted);
    Ok(project)
}

fn is_dynamic(project: Node<'_>) -> bool {
    let words = project.get("dynamic").map(Node::items).unwrap_or_default();
    let mut words = words.into_iter().filter_map(Node::string);
    words.any(|it| it.value.ends_with("dependencies"))
}

fn sources(root: Node<'_>) -> Sources<'_> {
    let table = root.find(&["tool", "uv", "sources"]).map(Node::entries);
    let named = |(key, node): (crate::toml::Key<'_>, _)| (canonical(key.name).into_owned(), node);
    table.unwrap_or_default().into_iter().map(named).collect()
}

fn strings(node: Option<Node<'_>>) -> impl Iterator<Item = &str> {
    let items = node.map(Node::items).unwrap_or_default();
    items.into_iter().filter_map(|it| Some(it.string()?.value))
}

fn collect_dist(project: Node<'_>, sources: &Sources<'_>, wanted: &mut Vec<Wanted>) {
    for text in strings(project.get("dependencies")) {
        wanted.extend(one("", text, sources));
    }
    let extras = project.get("optional-dependencies").map(Node::entries);
    for (key, array) in extras.unwrap_or_default() {
        let Some(extra) = demand::extra(key.name) else {
            continue;
        };
        for text in strings(Some(array)) {
            wanted.extend(one("", text, sources).map(|it| Wanted {
                demand: it.demand.with_extra_marker(&extra),
                ..it
            }));
        }
    }
}

fn collect_groups(root: Node<'_>, sources: &Sources<'_>, wanted: &mut Vec<Wanted>) {
    let groups = root.get("dependency-groups").map(Node::entries);
    let groups: BTreeMap<String, Node<'_>> = groups
        .unwrap_or_default()
        .into_iter()
        .map(|(key, node)| (canonical(key.name).into_owned(), node))
        .collect();
    for group in groups.keys() {
        for text in members(&groups, group, DEEPEST) {
            wanted.extend(one(group, text, sources));
        }
    }
    for text in strings(root.find(&["tool", "uv", "dev-dependencies"])) {
        wanted.extend(one("dev", text, sources));
    }
}

/// Returns the requirements of a group and of those that it includes.
fn members<'t>(groups: &BTreeMap<String, Node<'t>>, group: &str, depth: usize) -> Vec<&'t str> {
    let items = groups.get(group).map(|it| it.items()).unwrap_or_default();
    let mut found = Vec::new();
    for item in items {
        if let Some(text) = item.string() {
            found.push(text.value);
        } else if let (Some(included), 1..) = (item.string_at("include-group"), depth) {
            found.extend(members(groups, &canonical(included.value), depth - 1));
        }
        if found.len() > MOST {
            break;
        }
    }
    found
}

/// More requirements than any group has.
const MOST: usize = 5_000;

fn one(list: &str, text: &str, sources: &Sources<'_>) -> Option<Wanted> {
    let demand = demand::demand(text)?;
    let origin = origin(&demand, sources);
    Some(Wanted {
        list: list.to_owned(),
        demand,
        origin,
    })
}

fn origin(demand: &Demand, sources: &Sources<'_>) -> Origin {
    if let Some(url) = demand::address(demand) {
        let found = url.strip_prefix("git+").map(|_| reference::of_url(url));
        let reference = found.and_then(|it| url.get(it.version?));
        return reference.map_or(Origin::Elsewhere, |it| git("rev", it));
    }
    let source = sources
        .iter()
        .find(|(name, _)| name == demand.name.as_ref());
    let Some((_, source)) = source else {
        return Origin::Index;
    };
    if source.string_at("index").is_some() {
        return Origin::Index;
    }
    let at = |key: &'static str| {
        source.string_at("git")?;
        Some(git(key, source.string_at(key)?.value))
    };
    at("tag").or_else(|| at("rev")).unwrap_or(Origin::Elsewhere)
}

fn git(key: &'static str, reference: &str) -> Origin {
    Origin::Git {
        key,
        reference: reference.to_owned(),
    }
}
