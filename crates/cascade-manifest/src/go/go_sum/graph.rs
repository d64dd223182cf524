//! Which versions of modules the go command looks at beside those it builds with: the sums of their
//! `go.mod` files stay.
//!
//! From Go 1.17 on a module lists all that its packages need, so only the listed `go.mod` files are
//! read, and below an older one everything that it leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::super::module::ModFile;
use super::content::sum_of_mod;
use super::{Line, Of};
use crate::{Ask, Bump, Fallback};

/// The most `go.mod` files that are asked for.
const MOST: usize = 2_000;

/// A module at a version.
type Node = (String, String);

/// What the `go.mod` of a node says.
struct Said {
    pruned: bool,
    requires: Vec<Node>,
}

/// The modules that are read for a main module.
pub(super) struct Graph<'a> {
    main: &'a ModFile<'a>,
    lines: &'a [Line<'a>],
    bump: &'a Bump<'a>,
    said: BTreeMap<Node, Said>,
    /// Each with whether everything below it is read as well.
    read: BTreeMap<Node, Depth>,
}

/// How far the graph is read from a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    Itself,
    Everything,
}

impl<'a> Graph<'a> {
    /// Returns every module and version whose `go.mod` is read.
    ///
    /// # Errors
    /// When one can not be asked for, or is not the one that the lines sum up.
    pub(super) fn read(
        main: &'a ModFile<'a>,
        lines: &'a [Line<'a>],
        bump: &'a Bump<'a>,
    ) -> Result<BTreeSet<Node>, Fallback> {
        let mut graph = Self {
            main,
            lines,
            bump,
            said: BTreeMap::new(),
            read: BTreeMap::new(),
        };
        graph.walk()?;
        Ok(graph.read.into_keys().collect())
    }

    fn walk(&mut self) -> Result<(), Fallback> {
        let depth = if self.main.is_pruned() {
            Depth::Itself
        } else {
            Depth::Everything
        };
        let roots = requires_of(self.main).into_iter();
        let mut open: Vec<_> = roots.map(|it| (it, depth)).collect();
        while let Some((node, depth)) = open.pop() {
            if self.is_main(&node) || self.read.get(&node).is_some_and(|it| *it >= depth) {
                continue;
            }
            self.read.insert(node.clone(), depth);
            let said = self.said(&node)?;
            if depth == Depth::Everything || !said.pruned {
                let below = said.requires.iter().cloned();
                open.extend(below.map(|it| (it, Depth::Everything)));
            }
        }
        Ok(())
    }

    /// Returns whether a node is the main module, which some other one may lead back to.
    fn is_main(&self, (path, _): &Node) -> bool {
        let module = self.main.module.as_ref();
        module.is_some_and(|it| it.value == *path)
    }

    fn said(&mut self, node: &Node) -> Result<&Said, Fallback> {
        if !self.said.contains_key(node) {
            if self.said.len() >= MOST {
                let why = format!("more than {MOST} modules would have to be looked at");
                return Err(Fallback::because(why));
            }
            let said = self.asked(node)?;
            self.said.insert(node.clone(), said);
        }
        let gone = || Fallback::because("a module is not known any more");
        self.said.get(node).ok_or_else(gone)
    }

    fn asked(&self, (path, version): &Node) -> Result<Said, Fallback> {
        let by = self.main.replaced(path, version);
        let text = match by.map(|it| (&*it.by.value, it.by_version.as_ref())) {
            Some((folder, None)) => self.folder(folder)?,
            Some((path, Some(version))) => self.module(path, &version.value)?,
            None => self.module(path, version)?,
        };
        let unread = |_| Fallback::because(format!("the `go.mod` of `{path}` can not be read"));
        let file = ModFile::read(&text).map_err(unread)?;
        let excludes = &self.main.excludes;
        let requires = requires_of(&file).into_iter();
        Ok(Said {
            pruned: file.is_pruned(),
            requires: requires.filter(|it| !excludes.contains(it)).collect(),
        })
    }

    /// Returns the `go.mod` in a folder that stands for a module.
    fn folder(&self, folder: &str) -> Result<String, Fallback> {
        let below = folder.strip_prefix("./").unwrap_or(folder);
        let path = format!("{}/go.mod", below.trim_end_matches('/'));
        let unseen =
            || Fallback::because(format!("`{folder}` stands for a module and is not seen"));
        self.bump.files.get(&path).cloned().ok_or_else(unseen)
    }

    /// Returns the `go.mod` of a module's version, which is the one that the lines sum up.
    fn module(&self, path: &str, version: &str) -> Result<String, Fallback> {
        let of = |it: &&Line<'_>| it.path == path && it.version == version && it.of == Of::Mod;
        let moves = self.bump.moves.iter().any(|it| it.name == path);
        let line = self.lines.iter().find(of);
        if line.is_none() && !moves {
            return Err(Fallback(format!(
                "it has no line for the `go.mod` of `{path}@{version}`"
            )));
        }
        let text = go_mod(self.bump, path, version)?;
        if line.is_some_and(|it| it.hash != sum_of_mod(text.as_bytes())) {
            return Err(Fallback(format!(
                "`{path}@{version}` is another one now than when it was locked"
            )));
        }
        Ok(text)
    }
}

/// Returns the `go.mod` of a module's version.
pub(super) fn go_mod(bump: &Bump<'_>, path: &str, version: &str) -> Result<String, Fallback> {
    let bytes = bump.facts.ask(&Ask::GoMod {
        module: path.to_owned(),
        version: version.to_owned(),
    })?;
    let unread = |_| Fallback::because(format!("the `go.mod` of `{path}@{version}` is no text"));
    String::from_utf8(bytes.to_vec()).map_err(unread)
}

fn requires_of(file: &ModFile<'_>) -> Vec<Node> {
    let node = |it: &super::super::module::Require<'_>| {
        let (path, version) = (&it.path.value, &it.version.value);
        (path.clone().into_owned(), version.clone().into_owned())
    };
    file.requires.iter().map(node).collect()
}
