//! What a git repository says of its package at a tag.

use super::metadata::Core;
use super::moving::Moving;
use super::{canonical, demand};
use crate::toml::{Node, Toml};
use crate::{Ask, Facts, Fallback};

/// A place in the history of a repository.
#[derive(Debug, Clone, Copy)]
pub(super) enum Point<'a> {
    /// A tag.
    Tag(&'a str),
    /// A commit, in full.
    Commit(&'a str),
}

impl Point<'_> {
    fn ask(self, url: &str, path: String) -> Ask {
        let url = url.to_owned();
        match self {
            Self::Tag(tag) => Ask::GitFile {
                url,
                tag: tag.to_owned(),
                path,
            },
            Self::Commit(commit) => Ask::GitFileAt {
                url,
                commit: commit.to_owned(),
                path,
            },
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Tag(it) | Self::Commit(it) => it,
        }
    }
}

/// A package as the manifest at a tag declares it.
pub(super) struct Upstream {
    /// The version as written.
    pub(super) version: String,
    /// What the metadata will say that is built from it.
    pub(super) core: Core,
    /// Where it takes its own requirements from, in a fixed spelling.
    pub(super) sources: Vec<String>,
}

impl Upstream {
    /// Returns what the manifest at a path says at a tag or commit.
    ///
    /// # Errors
    /// When it can not be read, or says things only when it is built.
    pub(super) fn ask(
        facts: &dyn Facts,
        url: &str,
        point: Point<'_>,
        path: String,
    ) -> Result<Self, Fallback> {
        let answer = facts.ask(&point.ask(url, path))?;
        let tag = point.name();
        let unreadable =
            || Fallback::because(format!("the `pyproject.toml` at `{tag}` can not be read"));
        let text = std::str::from_utf8(&answer).map_err(|_| unreadable())?;
        let toml = Toml::parse(text).map_err(|_| unreadable())?;
        let project = toml.root().get("project").ok_or_else(unreadable)?;
        if project
            .get("dynamic")
            .is_some_and(|it| !it.items().is_empty())
        {
            let reason = format!("what `pyproject.toml` at `{tag}` says is made when it is built");
            return Err(Fallback::because(reason));
        }
        let version = project.string_at("version").ok_or_else(unreadable)?;
        let tables = [
            ["tool", "uv", "sources"],
            ["tool", "poetry", "dependencies"],
        ];
        let tables = tables.iter().filter_map(|it| toml.root().find(it));
        Ok(Self {
            version: version.value.to_owned(),
            core: core(project)?,
            sources: tables.map(said).collect(),
        })
    }
}

impl Upstream {
    /// Checks that it is the version that moves, and takes its own packages from where the one
    /// `before` took them.
    ///
    /// # Errors
    /// When it is another version, or takes them from elsewhere.
    pub(super) fn succeeds(
        &self,
        before: &Self,
        (moving, tag): (&Moving, &str),
    ) -> Result<(), Fallback> {
        let (name, to, version) = (&moving.name, &moving.to, &self.version);
        if demand::version(version).as_ref() != Some(to) {
            let reason = format!("`{name}` at `{tag}` is {version}, not {to}");
            return Err(Fallback::because(reason));
        }
        if before.sources != self.sources {
            let reason = format!("`{name}` takes its packages from elsewhere now");
            return Err(Fallback::because(reason));
        }
        Ok(())
    }
}

/// Checks that there is no package that comes from the repository of another one only because that
/// does: a member of its workspace, which would have to move with it.
///
/// # Errors
/// With the first of those given.
pub(super) fn alone<'a>(
    name: &str,
    mut following: impl Iterator<Item = &'a str>,
) -> Result<(), Fallback> {
    match following.next() {
        None => Ok(()),
        Some(other) => Err(Fallback::because(format!(
            "`{other}` comes from the repository of `{name}` too"
        ))),
    }
}

/// Returns the strings of a table, in a fixed order.
fn said(node: Node<'_>) -> String {
    if let Some(text) = node.string() {
        return text.value.to_owned();
    }
    let mut entries = node.entries();
    entries.sort_by(|a, b| a.0.name.cmp(b.0.name));
    let parts = entries
        .iter()
        .map(|(key, it)| format!("{}={}", key.name, said(*it)));
    let items = node.items().into_iter().map(said);
    let parts: Vec<String> = parts.chain(items).collect();
    format!("({} {:?})", parts.join(","), node.bool())
}

/// Returns what a `[project]` table will say in the metadata of what is built from it.
fn core(project: Node<'_>) -> Result<Core, Fallback> {
    let said = |key| project.string_at(key).map(|it| it.value.to_owned());
    let mut core = Core {
        python: said("requires-python"),
        summary: said("description").unwrap_or_default(),
        ..Core::default()
    };
    let strings = |node: Node<'_>| {
        let items = node.items().into_iter().filter_map(Node::string);
        items.map(|it| it.value.to_owned()).collect::<Vec<_>>()
    };
    for text in project.get("dependencies").map(strings).unwrap_or_default() {
        core.require(&text)?;
    }
    let extras = project.get("optional-dependencies").map(Node::entries);
    for (key, array) in extras.unwrap_or_default() {
        let extra = canonical(key.name).into_owned();
        for text in strings(array) {
            core.require(&with_extra(&text, &extra))?;
        }
        core.extras.insert(extra);
    }
    Ok(core)
}

fn with_extra(text: &str, extra: &str) -> String {
    match text.split_once(';') {
        Some((wanted, marker)) => format!("{wanted}; ({marker}) and extra == '{extra}'"),
        None => format!("{text} ; extra == '{extra}'"),
    }
}
