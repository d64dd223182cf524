//! `go.sum`: two lines for each version of a module, one for its files and one for its `go.mod`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::module::ModFile;
use crate::lock::LineCount;
use crate::{
    Bump, Discord, Entry, Fallback, Lock, LockFacts, Locked, LockedSource, Move, Names, ReadError,
    Scheme, Stand, Unread, Vendored, Version,
};

/// `go.sum`. The sums of a workspace (`go.work.sum`) are no lock: the go command only adds to them.
pub(super) struct GoSum;

/// The `go.mod` beside the lock.
const MANIFEST: &str = "go.mod";

/// What a vendor folder was made from.
const VENDOR: &str = "vendor/modules.txt";

/// What a version is written with where the line is for the `go.mod` alone.
const MOD: &str = "/go.mod";

/// What a line is the sum of. In the order of the lines of one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Zip,
    Mod,
}

/// One line. The version has its `v`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line<'t> {
    path: &'t str,
    version: &'t str,
    of: Of,
    hash: &'t str,
}

impl Lock for GoSum {
    fn file_name(&self) -> &'static str {
        "go.sum"
    }

    fn settings(&self) -> &'static [&'static str] {
        &[VENDOR]
    }

    fn vendored(
        &self,
        _files: &BTreeMap<String, String>,
        is_there: &dyn Fn(&str) -> bool,
        commands: &[Vec<String>],
    ) -> Option<Vendored> {
        let anew = ["go", "mod", "vendor"];
        is_there(VENDOR).then(|| Vendored::after("vendor", commands, &anew))
    }

    /// A `go.mod` without sums of its own needs none.
    fn reaches_below(&self) -> bool {
        false
    }

    /// Rows that are `// indirect` are the command's own, and the language version may rise.
    fn own_edits(
        &self,
        manifest: &str,
        before: &str,
        after: &str,
    ) -> Result<BTreeMap<String, String>, Fallback> {
        if manifest == MANIFEST {
            manifest::own_edits(before, after)
        } else {
            Ok(BTreeMap::new())
        }
    }

    /// A module that lists all that its packages need names those that move along: `// indirect`.
    fn followed(
        &self,
        files: &BTreeMap<String, String>,
        moves: &[Move],
    ) -> BTreeMap<String, String> {
        let text = files.get(MANIFEST);
        let followed = text.and_then(|it| manifest::followed(it, moves));
        followed
            .into_iter()
            .map(|it| (MANIFEST.to_owned(), it))
            .collect()
    }

    /// Returns the versions whose files are summed up: one for its `go.mod` alone is not built with.
    fn find(&self, text: &str, names: &Names) -> Result<LockFacts, ReadError> {
        let mut entries = Vec::new();
        let mut count = LineCount::of(text);
        for line in lines(text) {
            let line = line?;
            if line.of == Of::Zip && names.contains(line.path) {
                entries.push(Locked {
                    name: line.path.to_owned(),
                    version: Some(bare(line.version).to_owned()),
                    place: String::new(),
                    source: LockedSource::Registry,
                    line: count.part(line.path),
                });
            }
        }
        Ok(LockFacts {
            entries,
            ..LockFacts::default()
        })
    }

    /// Returns the command that asks for all of them at once, so that those of one upstream never
    /// ask for one another's old versions, and the one that drops the sums that are not needed.
    fn relock(&self, _stand: &Stand<'_>, moves: &[Move]) -> Vec<Vec<String>> {
        let asked = moves
            .iter()
            .map(|it| format!("{}@v{}", it.name, bare(&it.to)));
        let get = ["go", "get"].map(str::to_owned).into_iter().chain(asked);
        let tidy = ["go", "mod", "tidy"].map(str::to_owned).to_vec();
        if moves.is_empty() {
            return vec![tidy];
        }
        vec![get.collect(), tidy]
    }

    fn entries(&self, text: &str) -> Result<Vec<Entry>, ReadError> {
        let mut entries = BTreeSet::new();
        for line in lines(text) {
            let line = line?;
            if line.of == Of::Zip {
                entries.insert(Entry {
                    name: line.path.to_owned(),
                    version: bare(line.version).to_owned(),
                    place: String::new(),
                    source: String::new(),
                    requires: Vec::new(),
                });
            }
        }
        Ok(entries.into_iter().collect())
    }

    fn discords(
        &self,
        text: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<Vec<Discord>, Unread> {
        let lines = lines(text).collect::<Result<Vec<_>, _>>()?;
        let Some(manifest) = files.get(MANIFEST) else {
            return Ok(Vec::new());
        };
        let manifest = ModFile::read(manifest).map_err(|it| it.beside(MANIFEST))?;
        Ok(discords(&lines, &manifest))
    }

    fn rewrite(&self, text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
        rewrite::rewrite(text, bump)
    }
}

mod content;
mod graph;
mod imports;
mod manifest;
mod rewrite;

/// Returns the lines of a text, each or what is wrong with it.
fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, ReadError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().enumerate().filter_map(|(at, line)| {
        let mut fields = line.split_ascii_whitespace();
        let first = fields.next()?;
        let rest = (fields.next(), fields.next(), fields.next());
        let read = match rest {
            (Some(version), Some(hash), None) => Some((first, version, hash)),
            _ => None,
        };
        Some(read.map(line_of).ok_or_else(|| ReadError {
            message: format!("line {} has not three fields: module, version, sum", at + 1),
            span: None,
        }))
    })
}

fn line_of<'t>((path, version, hash): (&'t str, &'t str, &'t str)) -> Line<'t> {
    let (version, of) = match version.strip_suffix(MOD) {
        Some(version) => (version, Of::Mod),
        None => (version, Of::Zip),
    };
    Line {
        path,
        version,
        of,
        hash,
    }
}

/// Returns a version without its `v`.
fn bare(version: &str) -> &str {
    version.strip_prefix('v').unwrap_or(version)
}

fn parsed(version: &str) -> Option<Version> {
    Version::parse(Scheme::Semver, bare(version))
}

/// Orders lines as the go command does: by path, version, and what is summed up.
fn order(a: &Line<'_>, b: &Line<'_>) -> Ordering {
    let versions = || parsed(a.version).cmp(&parsed(b.version));
    a.path.cmp(b.path).then_with(versions).then(a.of.cmp(&b.of))
}

/// Returns the lines that the manifest asks for and that are not there. A folder that replaces has
/// no sums, and what only stands for a version has none yet.
fn discords(lines: &[Line<'_>], manifest: &ModFile<'_>) -> Vec<Discord> {
    let held: BTreeSet<(&str, &str, Of)> = lines
        .iter()
        .map(|it| (it.path, it.version, it.of))
        .collect();
    let highest = highest(lines);
    let mut found = BTreeSet::new();
    for it in &manifest.requires {
        let (path, version) = match manifest.replaced(&it.path.value, &it.version.value) {
            None => (&*it.path.value, &*it.version.value),
            Some(by) => match &by.by_version {
                Some(version) => (&*by.by.value, &*version.value),
                None => continue,
            },
        };
        if parsed(version).is_none_or(|it| it.numbers() == [0; 3] && it.is_final()) {
            continue;
        }
        for (of, what) in [(Of::Zip, ""), (Of::Mod, MOD)] {
            if !held.contains(&(path, version, of)) {
                found.insert(Discord {
                    subject: path.to_owned(),
                    manifest: MANIFEST.to_owned(),
                    wanted: format!("{version}{what}"),
                    held: highest.get(&(path, of)).map(|it| format!("{it}{what}")),
                });
            }
        }
    }
    found.into_iter().collect()
}

/// Returns the highest version of each module that the lines hold.
fn highest<'t>(lines: &[Line<'t>]) -> BTreeMap<(&'t str, Of), &'t str> {
    let mut highest = BTreeMap::new();
    for it in lines {
        let known = highest.entry((it.path, it.of)).or_insert(it.version);
        if parsed(it.version) > parsed(known) {
            *known = it.version;
        }
    }
    highest
}

#[cfg(test)]
mod tests;
