//! What a `pyproject.toml` requires, as uv records it in the lock.

use std::collections::{BTreeMap, BTreeSet};

use crate::python::canonical;
use crate::python::demand::{self, Demand};
use crate::toml::{Node, Toml};
use crate::{ReadError, Unread, python::reference};

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
struct Sources<'t>(BTreeMap<String, Node<'t>>);

impl<'t> Sources<'t> {
    /// Adds what is said of names that nothing is said of yet.
    fn extend(&mut self, more: Sources<'t>) {
        for (name, node) in more.0 {
            self.0.entry(name).or_insert(node);
        }
    }
}

/// The path of the workspace's own manifest.
const ROOT: &str = "pyproject.toml";

/// The workspace's own manifest, read once for all others.
pub(super) struct Root<'t>(Option<(&'t str, Result<Toml<'t>, ReadError>)>);

impl<'t> Root<'t> {
    /// Returns the one among the manifests beside the lock.
    pub(super) fn of(files: &'t Files) -> Self {
        let text = files.get(ROOT);
        Self(text.map(|it| (it.as_str(), Toml::parse(it))))
    }

    /// Returns it, where there is one that can be read.
    pub(super) fn toml(&self) -> Option<&Toml<'t>> {
        self.0.as_ref()?.1.as_ref().ok()
    }

    /// Returns the name of its project, and the version that it says.
    ///
    /// # Errors
    /// When it is no TOML.
    pub(super) fn project(&self) -> Result<Option<(String, Option<String>)>, Unread> {
        let project = self.read()?.and_then(|it| it.root().get("project"));
        let said = |key| Some(project?.string_at(key)?.value.to_owned());
        Ok(said("name").map(|name| (name, said("version"))))
    }

    fn read(&self) -> Result<Option<&Toml<'t>>, Unread> {
        let read = self.0.as_ref().map(|(_, it)| it.as_ref());
        let read = read.transpose();
        read.map_err(|it| it.clone().beside(ROOT))
    }

    fn is(&self, text: &str) -> bool {
        self.0
            .as_ref()
            .is_some_and(|(it, _)| std::ptr::eq(*it, text))
    }
}

/// Returns what the manifest at a path requires; `root` is the workspace's own.
///
/// # Errors
/// When a text is no TOML.
pub(super) fn project((path, text): (&str, &str), root: &Root<'_>) -> Result<Project, Unread> {
    if root.is(text) {
        let own = root
            .read()?
            .map(|it| wanted_by(it.root(), &sources(it.root())));
        return Ok(own.unwrap_or_default());
    }
    let toml = Toml::parse(text).map_err(|it| it.beside(path))?;
    let mut sources = sources(toml.root());
    if let Some(above) = root.read()? {
        sources.extend(self::sources(above.root()));
    }
    Ok(wanted_by(toml.root(), &sources))
}

fn wanted_by(root: Node<'_>, sources: &Sources<'_>) -> Project {
    let mut project = Project::default();
    if let Some(table) = root.get("project") {
        let said = |key| table.string_at(key).map(|it| it.value.to_owned());
        project.version = said("version");
        project.requires_python = said("requires-python");
        project.is_dynamic = is_dynamic(table);
        collect_dist(table, sources, &mut project.wanted);
    } else {
        project.is_dynamic = true;
    }
    collect_groups(root, sources, &mut project.wanted);
    project
}

fn is_dynamic(project: Node<'_>) -> bool {
    let words = project.get("dynamic").map(Node::items).unwrap_or_default();
    let mut words = words.into_iter().filter_map(Node::string);
    words.any(|it| it.value.ends_with("dependencies"))
}

fn sources(root: Node<'_>) -> Sources<'_> {
    let table = root.find(&["tool", "uv", "sources"]).map(Node::entries);
    let named = |(key, node): (crate::toml::Key<'_>, _)| (canonical(key.name).into_owned(), node);
    Sources(table.unwrap_or_default().into_iter().map(named).collect())
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
    let groups = Groups {
        lists: groups
            .unwrap_or_default()
            .into_iter()
            .map(|(key, node)| (canonical(key.name).into_owned(), node.items()))
            .collect(),
    };
    let mut left = MOST;
    for group in groups.lists.keys() {
        for text in groups.members(group, &mut left) {
            wanted.extend(one(group, text, sources));
        }
    }
    for text in strings(root.find(&["tool", "uv", "dev-dependencies"])) {
        wanted.extend(one("dev", text, sources));
    }
}

/// The dependency groups, by canonical name.
struct Groups<'t> {
    lists: BTreeMap<String, Vec<Node<'t>>>,
}

impl<'t> Groups<'t> {
    /// Returns the requirements of a group and of those that it includes, each of which counts
    /// once; `left` is how many rows may still be looked at.
    fn members(&self, group: &str, left: &mut usize) -> Vec<&'t str> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::from([group.to_owned()]);
        let mut open: Vec<_> = self
            .lists
            .get(group)
            .map(|it| it.iter())
            .into_iter()
            .collect();
        while let Some(rows) = open.last_mut() {
            let Some(row) = rows.next().filter(|_| *left > 0) else {
                open.pop();
                continue;
            };
            *left -= 1;
            if let Some(text) = row.string() {
                found.push(text.value);
            } else if let Some(included) = row.string_at("include-group") {
                let included = canonical(included.value).into_owned();
                if let Some(rows) = self
                    .lists
                    .get(&included)
                    .filter(|_| !seen.contains(&included))
                {
                    open.push(rows.iter());
                    seen.insert(included);
                }
            }
        }
        found
    }
}

/// More rows than the groups of any project have, taken together with those that they include.
const MOST: usize = 50_000;

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
    let Some(source) = sources.0.get(demand.name.as_ref()) else {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(text: &str) -> Vec<(String, String)> {
        let project = project(("pyproject.toml", text), &Root::of(&Files::new())).unwrap();
        let of = |it: &Wanted| (it.list.clone(), it.demand.name.to_string());
        project.wanted.iter().map(of).collect()
    }

    #[test]
    fn a_group_has_what_the_groups_have_that_it_includes() {
        let text = "[dependency-groups]\na = [\"x\", {include-group = \"B\"}, {include-group = \"c\"}]\n\
            b = [\"y\", {include-group = \"a\"}]\nc = [{include-group = \"b\"}, \"z\"]\n";
        let of = |list: &str| {
            let all = lists(text).into_iter().filter(|it| it.0 == list);
            all.map(|it| it.1).collect::<String>()
        };
        assert_eq!(
            (of("a"), of("b"), of("c")),
            ("xyz".into(), "yxz".into(), "yxz".into())
        );
    }

    #[test]
    fn groups_that_include_one_another_over_and_over_are_read_once() {
        let group = |nth: usize| {
            let row = format!("{{include-group = \"g{}\"}},", nth + 1);
            format!("g{nth} = [{}]\n", row.repeat(20))
        };
        let groups: String = (0..20).map(group).collect();
        let text = format!("[dependency-groups]\n{groups}g20 = [\"x\"]\n");
        assert_eq!(lists(&text).len(), 21);
    }
}
