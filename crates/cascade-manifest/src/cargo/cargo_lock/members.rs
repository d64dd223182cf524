//! What the manifests of a workspace require, with what they inherit from its root.

use std::collections::{BTreeMap, BTreeSet};

use super::super::canonical;
use crate::Unread;
use crate::manifest::is_named;
use crate::toml::{Node, Toml};

/// The tables of requirements that a lock answers, at the root and under every `[target.*]`.
const TABLES: [(&str, Duty); 5] = [
    ("dependencies", Duty::Always),
    ("build-dependencies", Duty::Always),
    ("build_dependencies", Duty::Always),
    ("dev-dependencies", Duty::Member),
    ("dev_dependencies", Duty::Member),
];

/// The manifests of one workspace.
#[derive(Debug, Default)]
pub(super) struct Members {
    all: Vec<Member>,
    /// Packages for which the root names another source.
    patched: BTreeSet<String>,
    /// What the root says is a member of its own, and can not be read.
    broken: Vec<Unread>,
}

/// One package of the workspace.
#[derive(Debug)]
pub(super) struct Member {
    /// The path of its manifest.
    pub(super) path: String,
    pub(super) name: String,
    /// The version, its own or inherited; `None` where that is not to be read.
    pub(super) version: Option<String>,
    pub(super) requires: Vec<Requirement>,
    /// Whether the root says that it is one of its members.
    pub(super) declared: bool,
}

/// One requirement of a member.
#[derive(Debug, Clone)]
pub(super) struct Requirement {
    /// The package's own name.
    pub(super) name: String,
    /// The version required, as written.
    pub(super) version: Option<String>,
    pub(super) origin: Origin,
    pub(super) duty: Duty,
}

/// When a lock has to answer a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duty {
    /// Always.
    Always,
    /// Where the package is a member of the workspace: optional ones, and those of its tests.
    Member,
}

/// Where a requirement takes its package from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Registry,
    Folder,
    Git { url: String, at: At },
}

/// What of a git repository is required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum At {
    Head,
    Branch(String),
    Tag(String),
    Rev(String),
}

impl Members {
    /// Returns the packages whose manifests are among the files. Those of a workspace of their own
    /// below, and those that can not be read, are none of it.
    pub(super) fn of(files: &BTreeMap<String, String>) -> Self {
        let (mut read, mut broken) = (Vec::new(), Vec::new());
        for (path, text) in files.iter().filter(|it| folder_of(it.0).is_some()) {
            match Toml::parse(text) {
                Ok(toml) => read.push((path.as_str(), toml)),
                Err(error) => broken.push((path, error)),
            }
        }
        let root = read.iter().find(|(path, _)| *path == "Cargo.toml");
        let root = root.map(|(_, toml)| toml.root());
        let others: Vec<&str> = read
            .iter()
            .filter(|(path, toml)| *path != "Cargo.toml" && toml.root().get("workspace").is_some())
            .filter_map(|(path, _)| folder_of(path))
            .collect();
        let below = |path: &str| others.iter().any(|it| is_below(path, it));
        let ours = read.iter().filter(|(path, _)| !below(path));
        let is_ours = |path: &str| !below(path) && root.is_some_and(|it| declares(it, path));
        broken.retain(|(path, _)| is_ours(path));
        Self {
            all: ours
                .filter_map(|(path, toml)| member(path, toml.root(), root))
                .collect(),
            patched: root.map(patched).unwrap_or_default(),
            broken: broken
                .into_iter()
                .map(|(path, it)| it.beside(path))
                .collect(),
        }
    }

    pub(super) fn all(&self) -> &[Member] {
        &self.all
    }

    /// Returns what the root says is a member of its own, and can not be read.
    pub(super) fn broken(&self) -> &[Unread] {
        &self.broken
    }

    /// Returns the member of this name.
    pub(super) fn named(&self, name: &str) -> Option<&Member> {
        self.all.iter().find(|it| it.name == name)
    }

    /// Returns whether the root takes this package from elsewhere.
    pub(super) fn is_patched(&self, name: &str) -> bool {
        self.patched.contains(canonical(name).as_ref())
    }

    /// Returns all requirements on this package.
    pub(super) fn requiring<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m Requirement> {
        let all = self.all.iter().flat_map(|it| &it.requires);
        all.filter(move |it| it.name == name)
    }
}

/// Returns the folder of a manifest: empty, or with a slash behind; `None` for any other file.
fn folder_of(path: &str) -> Option<&str> {
    let folder = path.strip_suffix("Cargo.toml")?;
    (folder.is_empty() || folder.ends_with('/')).then_some(folder)
}

fn is_below(path: &str, folder: &str) -> bool {
    path.starts_with(folder)
}

fn member(path: &str, it: Node<'_>, root: Option<Node<'_>>) -> Option<Member> {
    let table = it.get("package").or_else(|| it.get("project"))?;
    Some(Member {
        name: table.string_at("name")?.value.to_owned(),
        version: version(table, root),
        requires: requires(it, root),
        declared: path == "Cargo.toml" || root.is_some_and(|it| declares(it, path)),
        path: path.to_owned(),
    })
}

fn version(table: Node<'_>, root: Option<Node<'_>>) -> Option<String> {
    let Some(version) = table.get("version") else {
        return Some("0.0.0".to_owned());
    };
    let version = match version.bool_at("workspace") {
        Some(true) => root?.find(&["workspace", "package", "version"])?,
        _ => version,
    };
    version.string().map(|it| it.value.to_owned())
}

/// Returns whether the globs of the root's members name the folder of this manifest.
fn declares(root: Node<'_>, path: &str) -> bool {
    let globs = |key: &str| {
        let globs = root.find(&["workspace", key]);
        let globs = globs.map(Node::items).unwrap_or_default();
        globs.into_iter().filter_map(Node::string)
    };
    let Some(folder) = path.strip_suffix("/Cargo.toml") else {
        return false;
    };
    let left_out = globs("exclude").any(|it| is_below(folder, it.value.trim_end_matches('/')));
    !left_out && globs("members").any(|it| is_named(it.value, folder))
}

fn patched(root: Node<'_>) -> BTreeSet<String> {
    let sources = root.get("patch").map(Node::entries).unwrap_or_default();
    let patches = sources.iter().flat_map(|(_, it)| it.entries());
    let mut names: BTreeSet<String> = patches
        .map(|(key, it)| {
            let renamed = it.string_at("package").map(|it| it.value);
            canonical(renamed.unwrap_or(key.name)).into_owned()
        })
        .collect();
    let replaced = root.get("replace").map(Node::entries).unwrap_or_default();
    names.extend(replaced.iter().map(|(key, _)| {
        let name = key.name.rsplit_once('#').map_or(key.name, |(_, it)| it);
        let name = name.split([':', '@']).next().unwrap_or_default();
        canonical(name).into_owned()
    }));
    names
}

fn requires(it: Node<'_>, root: Option<Node<'_>>) -> Vec<Requirement> {
    let targets = it.get("target").map(Node::entries).unwrap_or_default();
    let holders = [it]
        .into_iter()
        .chain(targets.into_iter().map(|(_, it)| it));
    let mut requires = Vec::new();
    for holder in holders {
        for (table, duty) in TABLES {
            let rows = holder.get(table).map(Node::entries).unwrap_or_default();
            let rows = rows.into_iter();
            requires.extend(rows.filter_map(|(key, it)| row(key.name, it, duty, root)));
        }
    }
    requires
}

fn row(key: &str, it: Node<'_>, duty: Duty, root: Option<Node<'_>>) -> Option<Requirement> {
    let optional = it.bool_at("optional") == Some(true);
    let said = match it.bool_at("workspace") {
        Some(true) => root?.find(&["workspace", "dependencies", key])?,
        _ => it,
    };
    let of = |key: &str| said.string_at(key).map(|it| it.value.to_owned());
    Some(Requirement {
        name: of("package").unwrap_or_else(|| key.to_owned()),
        version: said
            .string()
            .map(|it| it.value.to_owned())
            .or_else(|| of("version")),
        origin: match (of("path"), of("git")) {
            (Some(_), _) => Origin::Folder,
            (None, Some(url)) => Origin::Git {
                url,
                at: at(of("tag"), of("rev"), of("branch")),
            },
            (None, None) => Origin::Registry,
        },
        duty: if optional { Duty::Member } else { duty },
    })
}

fn at(tag: Option<String>, rev: Option<String>, branch: Option<String>) -> At {
    match (tag, rev, branch) {
        (Some(it), _, _) => At::Tag(it),
        (_, Some(it), _) => At::Rev(it),
        (_, _, Some(it)) => At::Branch(it),
        _ => At::Head,
    }
}
