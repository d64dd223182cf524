//! `Chart.lock`: the versions of a chart's dependencies, under a digest of both lists.
//!
//! Nothing is resolved: what moves is given, and has to be admitted by what the chart asks for. The
//! moment of generation stays, for it says nothing of what is locked.

use std::collections::BTreeMap;
use std::ops::Range;

use self::digest::{Dependency, digest, digest_of_helm_2};
use crate::deploy::{Says, ranged, respelled, says};
use crate::lock::LineCount;
use crate::yaml::{Node, Yaml};
use crate::{
    Bump, Discord, Entry, Fallback, Lock, LockFacts, Locked, LockedSource, Move, Names, ReadError,
    Refusal, Rewrite, Scheme, Splice, Stand, Unread, Version, splice,
};

pub use self::beside::{LockedChart, LockedDependency, Seal};

mod beside;
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
        signed(&spliced(text, &splices)?, &wanted)
    }
}

fn spliced(text: &str, splices: &[Splice]) -> Result<String, Fallback> {
    splice(text, splices).map_err(|it| Fallback::because(it.to_string()))
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

    /// Returns where the version stands, quotes included.
    fn place(&self) -> Option<Range<usize>> {
        Some(self.node.get("version")?.followed().span())
    }

    /// Returns the version that the lock holds, where it is one.
    fn held(&self) -> Option<Version> {
        let text = self.version()?;
        Version::parse(Scheme::Semver, text.strip_prefix('v').unwrap_or(text))
    }

    /// Returns whether the requirement admits what a row of the lock holds; one in a shape that only
    /// Helm knows does.
    fn admits(&self, held: &Row<'_>) -> bool {
        let (wanted, text) = (self.version(), held.version());
        match (wanted, held.held()) {
            _ if wanted == text => true,
            (Some(wanted), Some(version)) => admits(wanted, &version),
            _ => true,
        }
    }

    /// Returns how the lock fails to answer the requirement; `None` where it does, or where that is
    /// for Helm to say.
    fn answered(&self, held: &[Row<'_>]) -> Option<Discord> {
        let wanted = self.version().unwrap_or_default();
        let mut rows = held.iter().filter(|it| it.name == self.name).peekable();
        if rows.peek().is_none() {
            return Some(discord(self.name, wanted, None));
        }
        if rows.clone().any(|it| self.admits(it)) {
            return None;
        }
        let first = rows.next().and_then(Row::version);
        Some(discord(self.name, wanted, first))
    }
}

/// Returns whether a requirement admits a version. What a range says of a pre-release, and what a shape
/// that is not known says, is for Helm to tell.
fn admits(wanted: &str, version: &Version) -> bool {
    match says(wanted) {
        Says::Version => respelled(wanted, version).is_none_or(|it| it == wanted),
        Says::Range if version.is_final() => matches!(
            ranged(wanted, version),
            Rewrite::Kept(_) | Rewrite::Refused(Refusal::UnknownShape)
        ),
        _ => true,
    }
}

/// Returns the edits of one move: of every row of that name, for one chart may stand under several
/// aliases.
fn moved(it: &Move, wanted: &[Row<'_>], held: &[Row<'_>]) -> Result<Vec<Splice>, Fallback> {
    let because = |why: &str| Fallback::because(format!("`{}` {why}", it.name));
    let bare = it.to.strip_prefix('v').unwrap_or(&it.to);
    let to = Version::parse(Scheme::Semver, bare).ok_or_else(|| because("goes to no version"))?;
    let mut required = wanted.iter().filter(|row| row.name == it.name).peekable();
    let rows: Vec<_> = held.iter().filter(|row| row.name == it.name).collect();
    if rows.is_empty() || required.peek().is_none() {
        return Err(because("is not in the lock"));
    }
    if !required.all(|row| row.version().is_some_and(|it| admits(it, &to))) {
        return Err(because("is pinned to another version"));
    }
    let mut splices = Vec::new();
    for row in rows {
        let now = row.version().unwrap_or_default();
        if now == it.to {
            continue;
        }
        if it.from.as_deref().is_some_and(|from| from != now) {
            return Err(because(&format!("is locked at {now}")));
        }
        splices.push(row.put(&it.to)?);
    }
    Ok(splices)
}

impl Row<'_> {
    /// Returns the edit after which the row holds another version.
    fn put(&self, to: &str) -> Result<Splice, Fallback> {
        let because = |why: String| Fallback::because(format!("`{}` {why}", self.name));
        let version = self.node.get("version").and_then(Node::scalar);
        let version = version.ok_or_else(|| because("has no version in the lock".to_owned()))?;
        version
            .edit(to)
            .map_err(|it| because(format!("can not move in the lock: {it}")))
    }
}

/// Returns the lock with the digest of both lists.
fn signed(text: &str, wanted: &[Row<'_>]) -> Result<String, Fallback> {
    let unread = |it: ReadError| Fallback::because(it.message);
    let yaml = Yaml::parse(text).map_err(unread)?;
    let held: Vec<_> = locked(&yaml).map_err(unread)?.collect();
    if !is_of_one(wanted, &held) {
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
    spliced(
        text,
        &[edit.map_err(|it| Fallback::because(it.to_string()))?],
    )
}

/// Returns whether two lists are of the same names in the same order.
fn is_of_one(wanted: &[Row<'_>], held: &[Row<'_>]) -> bool {
    wanted.len() == held.len() && wanted.iter().zip(held).all(|(a, b)| a.name == b.name)
}

fn digest_of(wanted: &[Row<'_>], held: &[Row<'_>]) -> Option<String> {
    let locked: Option<Vec<_>> = held.iter().map(|it| Dependency::of(it, None)).collect();
    Some(digest(&required(wanted, held)?, &locked?))
}

/// Returns what is required as Helm sums it up: names of repositories that its user chose (`@acme`) are
/// replaced by their addresses first, which the lock says.
fn required(wanted: &[Row<'_>], held: &[Row<'_>]) -> Option<Vec<Dependency>> {
    let is_alias = |it: &Row<'_>| {
        let repository = it.text("repository").unwrap_or_default();
        repository.starts_with('@') || repository.starts_with("alias:")
    };
    let rows = wanted.iter().enumerate().map(|(nth, it)| {
        let locked = held.get(nth).filter(|held| held.name == it.name);
        let address = locked.and_then(|it| it.text("repository"));
        Dependency::of(it, address.filter(|_| is_alias(it)))
    });
    rows.collect()
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
