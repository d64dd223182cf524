//! What a `yarn.lock` says, of Yarn's newer versions (YAML) and of the classic one (its own format).

use std::collections::BTreeSet;

use crate::Names;
use crate::ReadError;
use crate::npm::outline::{Entry, Odd};
use crate::npm::spec::{is_name, name_and_range};
use crate::yaml::{Node, Yaml};

/// Which Yarn a lock is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// Yarn 2 and newer.
    Berry,
    /// Yarn 1.
    Classic,
}

/// One entry of a lock: what asks for it and what it is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// The requests that it answers: `core@npm:^1.0.0`, of the classic one `core@^1.0.0`.
    pub(super) descriptors: Vec<String>,
    /// The byte at which they begin.
    pub(super) at: usize,
    /// Its version.
    pub(super) version: String,
    /// What it is: `core@npm:1.0.0`, of the classic one the address of its tarball.
    pub(super) resolution: String,
    /// What it requires.
    pub(super) dependencies: Vec<(String, String)>,
    /// What it requires of its peers.
    pub(super) peers: Vec<(String, String)>,
}

impl Block {
    /// Returns the package's own name.
    pub(super) fn name(&self) -> &str {
        let own = name_and_range(&self.resolution).filter(|(name, _)| is_name(name));
        match (own, self.descriptors.first()) {
            (Some((name, _)), _) => name,
            (None, Some(first)) => classic_name(first),
            (None, None) => "",
        }
    }

    /// Returns whether it is this version of a registry, and nothing that was made of it.
    pub(super) fn is_from_registry(&self) -> bool {
        self.resolution == format!("{}@npm:{}", self.name(), self.version)
    }

    /// Returns the folder, where it is a member of the workspace: `""` for the lock's own.
    pub(super) fn folder(&self) -> Option<&str> {
        let (_, folder) = self.resolution.split_once("@workspace:")?;
        Some(if folder == "." { "" } else { folder })
    }
}

/// Returns the name behind an alias (`ali@npm:core@1`), else the name itself.
fn classic_name(descriptor: &str) -> &str {
    let (name, range) = name_and_range(descriptor).unwrap_or((descriptor, None));
    let behind = range.and_then(|it| it.strip_prefix("npm:"));
    match behind.and_then(name_and_range) {
        Some((real, Some(_))) if is_name(real) => real,
        _ => name,
    }
}

/// Returns the blocks, all or those that may concern these packages, and members always.
///
/// # Errors
/// When the text is no lock of Yarn.
pub(super) fn read(text: &str, names: Option<&Names>) -> Result<(Flavour, Vec<Block>), ReadError> {
    let wanted = |key: &str| {
        key.contains("@workspace:")
            || names.is_none_or(|names| names.iter().any(|it| key.contains(it.as_str())))
    };
    match flavour(text) {
        Some(Flavour::Classic) => Ok((Flavour::Classic, classic(text, wanted)?)),
        Some(Flavour::Berry) => {
            let blocks = scanned(text, wanted).or_else(|Odd| parsed(text, wanted))?;
            Ok((Flavour::Berry, blocks))
        }
        None => Err(ReadError {
            message: "expected a lock of Yarn".to_owned(),
            span: None,
        }),
    }
}

/// Returns which Yarn wrote the lock, by its head.
pub(super) fn flavour(text: &str) -> Option<Flavour> {
    let head = text.lines().take(12);
    head.map(|it| it.trim_start_matches('\u{feff}'))
        .find_map(|line| match line {
            "# yarn lockfile v1" => Some(Flavour::Classic),
            it if it.trim_matches(['"', '\'', ' ', ':']) == "__metadata" => Some(Flavour::Berry),
            _ => None,
        })
}

fn scanned(text: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<Block>, Odd> {
    let mut blocks = Vec::new();
    for entry in Entry::whole(text).entries() {
        let entry = entry?;
        if entry.key == "__metadata" || !wanted(entry.key) {
            continue;
        }
        blocks.push(block(&entry)?);
    }
    Ok(blocks)
}

/// Returns the block of an entry.
pub(super) fn block(entry: &Entry<'_>) -> Result<Block, Odd> {
    let mut block = Block {
        descriptors: entry.key.split(", ").map(str::to_owned).collect(),
        at: entry.key_span.start,
        ..Block::default()
    };
    let mut seen = BTreeSet::new();
    for field in entry.rows()? {
        if !seen.insert(field.key) {
            return Err(Odd);
        }
        match field.key {
            "version" => field.str().ok_or(Odd)?.clone_into(&mut block.version),
            "resolution" => field.str().ok_or(Odd)?.clone_into(&mut block.resolution),
            "dependencies" => block.dependencies = rows(&field)?,
            "peerDependencies" => block.peers = rows(&field)?,
            _ => {}
        }
    }
    Ok(block)
}

fn rows(table: &Entry<'_>) -> Result<Vec<(String, String)>, Odd> {
    let row = |it: &Entry<'_>| Some((it.key.to_owned(), it.str()?.to_owned()));
    table.rows()?.iter().map(|it| row(it).ok_or(Odd)).collect()
}

fn parsed(text: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<Block>, ReadError> {
    let yaml = Yaml::parse(text)?;
    let fields = yaml.root().into_iter().flat_map(Node::fields);
    let entries = fields.filter_map(|(key, it)| Some((key.str()?, key.span().start, it)));
    let entries = entries.filter(|(key, ..)| *key != "__metadata" && wanted(key));
    let table = |it: Node<'_>, key: &str| -> Vec<(String, String)> {
        let rows = it.get(key).into_iter().flat_map(Node::entries);
        rows.filter_map(|(name, it)| Some((name.to_owned(), it.str()?.to_owned())))
            .collect()
    };
    let said = |it: Node<'_>, key: &str| {
        let said = it.get(key).and_then(Node::str);
        said.unwrap_or_default().to_owned()
    };
    Ok(entries
        .map(|(key, at, it)| Block {
            descriptors: key.split(", ").map(str::to_owned).collect(),
            at,
            version: said(it, "version"),
            resolution: said(it, "resolution"),
            dependencies: table(it, "dependencies"),
            peers: table(it, "peerDependencies"),
        })
        .collect())
}

/// Reads the classic format: `"a@^1", a@1.0.0:`, and below it `key value` and tables.
fn classic(text: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<Block>, ReadError> {
    let mut lines = Classic::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end().trim_start_matches('\u{feff}');
        lines.add((line, start), &wanted).ok_or_else(|| ReadError {
            message: "expected a line of Yarn's lock".to_owned(),
            span: Some(start..start + line.len()),
        })?;
    }
    Ok(lines.blocks)
}

/// A lock of the classic format, as far as its lines were read.
#[derive(Default)]
struct Classic<'t> {
    blocks: Vec<Block>,
    /// The table that the next rows stand in.
    table: &'t str,
    wants: bool,
}

impl<'t> Classic<'t> {
    /// Adds a line; `None` where it is none of this format.
    fn add(&mut self, (line, at): (&'t str, usize), wanted: impl Fn(&str) -> bool) -> Option<()> {
        let inner = line.trim_start_matches(' ');
        if inner.is_empty() || inner.starts_with('#') {
            return Some(());
        }
        match (line.len() - inner.len(), self.blocks.last_mut()) {
            (0, _) => {
                let key = inner.strip_suffix(':')?;
                self.wants = wanted(key);
                if self.wants {
                    let descriptors = key.split(", ").map(bare).collect();
                    self.blocks.push(Block {
                        descriptors,
                        at,
                        ..Block::default()
                    });
                }
            }
            _ if !self.wants => {}
            (2, Some(block)) => match inner.split_once(' ') {
                Some(("version", it)) => block.version = bare(it),
                Some(("resolved", it)) => block.resolution = bare(it),
                Some(_) => {}
                None => self.table = inner.strip_suffix(':')?,
            },
            (4, Some(block)) => {
                let (name, range) = inner.split_once(' ')?;
                if matches!(self.table, "dependencies" | "optionalDependencies") {
                    block.dependencies.push((bare(name), bare(range)));
                }
            }
            _ => return None,
        }
        Some(())
    }
}

/// Returns the text without its quotes.
fn bare(text: &str) -> String {
    text.trim_matches('"').to_owned()
}
