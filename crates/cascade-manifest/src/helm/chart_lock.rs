//! `Chart.lock`: the versions of a chart's dependencies, under a digest of both lists.
//!
//! Only exact pins move here: what a range takes is for Helm to find in the repository's index. The
//! moment of generation stays, for it says nothing of what is locked.

use std::collections::BTreeMap;

use self::digest::{Dependency, digest};
use crate::lock::LineCount;
use crate::yaml::{Node, Yaml};
use crate::{
    Bump, Discord, Entry, Fallback, Lock, LockFacts, Locked, LockedSource, Move, Names, ReadError,
    Scheme, Splice, Stand, Unread, Version, splice,
};

mod digest;

/// The manifest beside the lock.
const MANIFEST: &str = "Chart.yaml";

/// `Chart.lock`.
pub(super) struct ChartLock;

impl Lock for ChartLock {
    fn file_name(&self) -> &'static str {
        "Chart.lock"
    }

    fn find(&self, text: &str, names: &Names) -> Result<LockFacts, ReadError> {
        let yaml = Yaml::parse(text)?;
        let mut lines = LineCount::of(text);
        let rows = locked(&yaml)?.filter(|it| names.contains(it.name));
        let entries = rows.map(|it| Locked {
            name: it.name.to_owned(),
            version: it.version().map(str::to_owned),
            place: String::new(),
            source: it.source(),
            line: lines.at(it.at),
        });
        Ok(LockFacts {
            entries: entries.collect(),
            ..LockFacts::default()
        })
    }

    fn relock(&self, _stand: &Stand<'_>, _moves: &[Move]) -> Vec<Vec<String>> {
        vec![["helm", "dependency", "update"].map(str::to_owned).to_vec()]
    }

    fn entries(&self, text: &str) -> Result<Vec<Entry>, ReadError> {
        let yaml = Yaml::parse(text)?;
        let entries = locked(&yaml)?.map(|it| Entry {
            name: it.name.to_owned(),
            version: it.version().unwrap_or_default().to_owned(),
            place: String::new(),
            source: it.text("repository").unwrap_or_default().to_owned(),
            requires: Vec::new(),
        });
        let mut entries: Vec<_> = entries.collect();
        entries.sort();
        Ok(entries)
    }

    fn discords(
        &self,
        text: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<Vec<Discord>, Unread> {
        let yaml = Yaml::parse(text)?;
        let held: Vec<_> = locked(&yaml)?.collect();
        let Some(manifest) = files.get(MANIFEST) else {
            return Ok(Vec::new());
        };
        let manifest = Yaml::parse(manifest).map_err(|it| it.beside(MANIFEST))?;
        let wanted: Vec<_> = rows(manifest.root()).collect();
        let mut found: Vec<_> = wanted.iter().filter_map(|it| it.answered(&held)).collect();
        let said = yaml.root().and_then(|it| it.get("digest")?.str());
        if let Some(digest) = digest_of(&wanted, &held)
            && said != Some(digest.as_str())
        {
            found.push(discord("digest", &digest, said));
        }
        found.sort();
        Ok(found)
    }

    fn rewrite(&self, text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
        let unread = |it: ReadError| Fallback::because(it.message);
        let yaml = Yaml::parse(text).map_err(unread)?;
        let held: Vec<_> = locked(&yaml).map_err(unread)?.collect();
        if bump.moves.is_empty() {
            return Ok(text.to_owned());
        }
        let manifest = bump.files.get(MANIFEST);
        let manifest = manifest.ok_or_else(|| Fallback::because("`Chart.yaml` is not at hand"))?;
        let manifest = Yaml::parse(manifest).map_err(unread)?;
        let wanted: Vec<_> = rows(manifest.root()).collect();
        let mut splices = Vec::new();
        for it in bump.moves {
            splices.extend(moved(it, &wanted, &held)?);
        }
        let put = |splices: &[Splice], text: &str| {
            splice(text, splices).map_err(|it| Fallback::because(it.to_string()))
        };
        signed(&put(&splices, text)?, &wanted)
    }
}

/// One row of a list of dependencies.
struct Row<'y> {
    name: &'y str,
    /// The byte at which the name begins.
    at: usize,
    node: Node<'y>,
}

/// Returns the rows of the lock.
///
/// # Errors
/// When the text is no lock of Helm's.
fn locked<'y>(yaml: &'y Yaml<'_>) -> Result<impl Iterator<Item = Row<'y>>, ReadError> {
    let root = yaml.root();
    let is_lock =
        root.is_some_and(|it| it.get("dependencies").is_some() || it.get("digest").is_some());
    if is_lock {
        return Ok(rows(root));
    }
    Err(ReadError {
        message: "no `dependencies` and no `digest`: this is no Chart.lock".to_owned(),
        span: None,
    })
}

fn rows(root: Option<Node<'_>>) -> impl Iterator<Item = Row<'_>> {
    let list = root.and_then(|it| it.get("dependencies"));
    let rows = list.into_iter().flat_map(|it| it.followed().elements());
    rows.filter_map(|it| {
        let node = it.followed();
        let written = node.get("name")?;
        Some(Row {
            name: written.followed().str()?,
            at: written.span().start,
            node,
        })
    })
}

impl<'y> Row<'y> {
    fn text(&self, field: &str) -> Option<&'y str> {
        self.node.get(field)?.followed().str()
    }

    fn version(&self) -> Option<&'y str> {
        self.text("version")
    }

    fn source(&self) -> LockedSource {
        match self.text("repository") {
            Some(it) if !it.is_empty() && !it.starts_with("file:") => LockedSource::Registry,
            _ => LockedSource::Local,
        }
    }

    /// Returns the version that a requirement names alone.
    fn exact(&self) -> Option<&'y str> {
        let text = self.version()?;
        let bare = text.strip_prefix(['v', '=']).unwrap_or(text);
        Version::parse(Scheme::Semver, bare).map(|_| bare)
    }

    /// Returns how the lock fails to answer the requirement; `None` where it does, or where that is
    /// for Helm to say.
    fn answered(&self, held: &[Row<'_>]) -> Option<Discord> {
        let wanted = self.version().unwrap_or_default();
        let mut rows = held.iter().filter(|it| it.name == self.name).peekable();
        if rows.peek().is_none() {
            return Some(discord(self.name, wanted, None));
        }
        let exact = self.exact()?;
        if rows.clone().any(|it| it.exact() == Some(exact)) {
            return None;
        }
        let first = rows.next().and_then(Row::version);
        Some(discord(self.name, wanted, first))
    }
}

/// Returns the edits of one move: of every row of that name, for one chart may stand under several
/// aliases.
fn moved(it: &Move, wanted: &[Row<'_>], held: &[Row<'_>]) -> Result<Vec<Splice>, Fallback> {
    let because = |why: &str| Fallback::because(format!("`{}` {why}", it.name));
    let mut required = wanted.iter().filter(|row| row.name == it.name);
    if !required.clone().all(|row| row.exact() == Some(&it.to)) {
        return Err(because("is not pinned to exactly this version"));
    }
    let rows: Vec<_> = held.iter().filter(|row| row.name == it.name).collect();
    if rows.is_empty() || required.next().is_none() {
        return Err(because("is not in the lock"));
    }
    let mut splices = Vec::new();
    for row in rows {
        let version = row.node.get("version").and_then(Node::scalar);
        let version = version.ok_or_else(|| because("has no version in the lock"))?;
        let is_old = it.from.as_deref().is_none_or(|from| from == version.value);
        if version.value == it.to {
            continue;
        }
        if !is_old {
            return Err(because(&format!("is locked at {}", version.value)));
        }
        let edit = version.edit(&it.to);
        splices.push(edit.map_err(|it| Fallback::because(it.to_string()))?);
    }
    Ok(splices)
}

/// Returns the lock with the digest of both lists.
fn signed(text: &str, wanted: &[Row<'_>]) -> Result<String, Fallback> {
    let unread = |it: ReadError| Fallback::because(it.message);
    let yaml = Yaml::parse(text).map_err(unread)?;
    let held: Vec<_> = locked(&yaml).map_err(unread)?.collect();
    let names = |rows: &[Row<'_>]| rows.iter().map(|it| it.name.to_owned()).collect::<Vec<_>>();
    if names(wanted) != names(&held) {
        return Err(Fallback::because(
            "the lock and the chart list other dependencies",
        ));
    }
    let digest = digest_of(wanted, &held);
    let digest =
        digest.ok_or_else(|| Fallback::because("a dependency has a field of another type"))?;
    let said = yaml.root().and_then(|it| it.get("digest")?.scalar());
    let said = said.ok_or_else(|| Fallback::because("the lock has no digest"))?;
    let edit = said.edit(&digest);
    let edit = edit.map_err(|it| Fallback::because(it.to_string()))?;
    splice(text, &[edit]).map_err(|it| Fallback::because(it.to_string()))
}

fn digest_of(wanted: &[Row<'_>], held: &[Row<'_>]) -> Option<String> {
    let read =
        |rows: &[Row<'_>]| -> Option<Vec<Dependency>> { rows.iter().map(Dependency::of).collect() };
    Some(digest(&read(wanted)?, &read(held)?))
}

fn discord(subject: &str, wanted: &str, held: Option<&str>) -> Discord {
    Discord {
        subject: subject.to_owned(),
        manifest: MANIFEST.to_owned(),
        wanted: wanted.to_owned(),
        held: held.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests;
