//! Objects, read through libgit2's object database and parsed here.

use std::collections::BTreeMap;

use git2::{ErrorCode, ObjectType, Odb, OdbObject, Oid};
use memchr::memmem;

use super::absent::Absent;
use super::refs::{Target, id};

/// The longest commit message that is kept, in bytes.
const MESSAGE: usize = 64 << 10;
/// How many tags may stand between a tag and its commit.
const PEELS: usize = 8;
/// How deep trees may nest.
const DEPTH: usize = 256;
/// The mode of a folder in a tree.
const FOLDER: u32 = 0o040_000;
/// The mode of a commit of another repository in a tree.
pub(crate) const SUBMODULE: u32 = 0o160_000;

/// The objects of one repository.
pub(crate) struct Objects<'r> {
    odb: Odb<'r>,
    /// Where it is noted what is not there, in a clone that lacks some on purpose.
    absent: Option<Absent>,
}

/// What is needed of a commit, read once.
#[derive(Debug, Clone)]
pub(crate) struct RawCommit {
    /// Its tree.
    pub(crate) tree: Oid,
    /// Its parents.
    pub(crate) parents: Vec<Oid>,
    /// When it was committed, in seconds since 1970.
    pub(crate) time: i64,
    /// Its message.
    pub(crate) message: Box<[u8]>,
}

/// What is needed of a tag object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawTag {
    /// The name that it was made with.
    pub(crate) name: String,
    /// Who made it.
    pub(crate) tagger: String,
    /// When, in seconds since 1970.
    pub(crate) time: i64,
    /// Its message.
    pub(crate) message: String,
}

/// What a tree holds at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blob {
    /// The mode as git keeps it.
    pub(crate) mode: u32,
    /// The object.
    pub(crate) id: Oid,
}

impl<'r> Objects<'r> {
    /// Returns the objects behind this database.
    pub(crate) fn new(odb: Odb<'r>, absent: Option<Absent>) -> Self {
        Self { odb, absent }
    }

    /// Reads an object. libgit2 never asks a remote for it.
    fn read(&self, id: Oid) -> Result<OdbObject<'_>, git2::Error> {
        self.odb
            .read(id)
            .inspect_err(|error| self.note(id, error.code()))
    }

    /// Returns size and kind of an object.
    fn read_header(&self, id: Oid) -> Result<(usize, ObjectType), git2::Error> {
        let read = self.odb.read_header(id);
        read.inspect_err(|error| self.note(id, error.code()))
    }

    fn note(&self, id: Oid, code: ErrorCode) {
        if let (Some(absent), ErrorCode::NotFound) = (&self.absent, code) {
            absent.add(id);
        }
    }

    /// Reads the objects of another folder too: those of a push that was not taken yet.
    pub(crate) fn beside(self, folder: &std::path::Path) -> Option<Self> {
        self.odb.add_disk_alternate(folder.to_str()?).ok()?;
        Some(self)
    }

    /// Returns a commit; `None` where it is missing or none.
    pub(crate) fn commit(&self, id: Oid) -> Option<RawCommit> {
        let object = self.read(id).ok()?;
        (object.kind() == ObjectType::Commit).then(|| commit(object.data()))?
    }

    /// Returns a tag object; `None` where it is missing or none.
    pub(crate) fn tag(&self, id: Oid) -> Option<RawTag> {
        let object = self.read(id).ok()?;
        (object.kind() == ObjectType::Tag).then(|| tag(object.data()))
    }

    /// Returns the commit that a tag's ref leads to; `None` where it leads to none.
    pub(crate) fn peel(&self, target: Target) -> Option<cascade_plan::Oid> {
        let mut at = match target {
            Target::Peeled(commit) => return Some(commit),
            Target::Raw(at) => at,
        };
        for _ in 0..PEELS {
            if self.read_header(at).ok()?.1 == ObjectType::Commit {
                return super::oid(at);
            }
            let object = self.read(at).ok()?;
            if object.kind() != ObjectType::Tag {
                return None;
            }
            let line = object.data().strip_prefix(b"object ")?;
            at = id(str::from_utf8(line.split(|&b| b == b'\n').next()?).ok()?)?;
        }
        None
    }

    /// Returns the bytes of a blob, or its size where that is above the cap.
    pub(crate) fn blob(&self, id: Oid, cap: u64) -> Result<Vec<u8>, Option<u64>> {
        let (size, kind) = self.read_header(id).map_err(|_| None)?;
        match kind {
            ObjectType::Blob if size as u64 > cap => Err(Some(size as u64)),
            ObjectType::Blob => Ok(self.read(id).map_err(|_| None)?.data().to_vec()),
            _ => Err(None),
        }
    }

    /// Returns the object at a path of a tree; `None` for a commit of another repository.
    pub(crate) fn at(&self, tree: Oid, path: &str) -> Option<Oid> {
        let step = |(mode, tree): (u32, Oid), wanted: &str| {
            if mode != FOLDER {
                return None;
            }
            let object = self.read(tree).ok()?;
            let data = (object.kind() == ObjectType::Tree).then(|| object.data());
            let mut rest = data?;
            let mut entries = std::iter::from_fn(|| tree_entry(&mut rest, tree.as_bytes().len()));
            let found = entries.find(|(_, name, _)| *name == wanted.as_bytes());
            found.map(|(mode, _, id)| (mode, id))
        };
        let (mode, id) = path.split('/').try_fold((FOLDER, tree), step)?;
        (mode != SUBMODULE).then_some(id)
    }

    /// Returns whether two trees differ in a file of a path that is wanted; all of one without another
    /// to compare it with.
    ///
    /// # Errors
    /// When a tree can not be read.
    pub(crate) fn differs(
        &self,
        before: Option<Oid>,
        after: Oid,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<bool, String> {
        self.differs_below((before, Some(after)), "", DEPTH, wanted)
    }

    fn differs_below(
        &self,
        (before, after): (Option<Oid>, Option<Oid>),
        prefix: &str,
        depth: usize,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<bool, String> {
        if before == after || depth == 0 {
            return Ok(false);
        }
        let (before, after) = (self.entries(before)?, self.entries(after)?);
        for name in before
            .keys()
            .chain(after.keys().filter(|it| !before.contains_key(*it)))
        {
            let (old, new) = (before.get(name), after.get(name));
            if old == new {
                continue;
            }
            let path = format!("{prefix}{name}");
            let is_tree = |it: &&Blob| it.mode == 0o040_000;
            let is_file = old.into_iter().chain(new).any(|it| !is_tree(&it));
            if is_file && wanted(&path) {
                return Ok(true);
            }
            let trees = (
                old.filter(is_tree).map(|it| it.id),
                new.filter(is_tree).map(|it| it.id),
            );
            if self.differs_below(trees, &format!("{path}/"), depth - 1, wanted)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns what a tree holds by name, folders included; names that are no UTF-8 are passed over.
    fn entries(&self, tree: Option<Oid>) -> Result<BTreeMap<String, Blob>, String> {
        let mut entries = BTreeMap::new();
        let Some(tree) = tree else {
            return Ok(entries);
        };
        let object = self.odb.read(tree);
        let object = object.map_err(|error| format!("tree {tree}: {}", error.message()))?;
        let mut rest = object.data();
        while let Some((mode, name, id)) = tree_entry(&mut rest, tree.as_bytes().len()) {
            if let Ok(name) = str::from_utf8(name) {
                entries.insert(name.to_owned(), Blob { mode, id });
            }
        }
        Ok(entries)
    }

    /// Returns every file of a tree by its path; names that are no UTF-8 are passed over.
    pub(crate) fn files(&self, tree: Oid) -> Result<BTreeMap<String, Blob>, String> {
        let mut files = BTreeMap::new();
        self.add_files(tree, "", DEPTH, &mut files)?;
        Ok(files)
    }

    fn add_files(
        &self,
        tree: Oid,
        prefix: &str,
        depth: usize,
        files: &mut BTreeMap<String, Blob>,
    ) -> Result<(), String> {
        let object = self
            .read(tree)
            .map_err(|error| format!("tree {tree}: {}", error.message()))?;
        let mut rest = object.data();
        while let Some((mode, name, id)) = tree_entry(&mut rest, tree.as_bytes().len()) {
            let Ok(name) = str::from_utf8(name) else {
                continue;
            };
            let path = format!("{prefix}{name}");
            if mode != FOLDER {
                files.insert(path, Blob { mode, id });
            } else if depth > 0 {
                self.add_files(id, &format!("{path}/"), depth - 1, files)?;
            }
        }
        Ok(())
    }
}

/// Splits `MODE SP NAME NUL ID` off a tree.
fn tree_entry<'t>(rest: &mut &'t [u8], hash: usize) -> Option<(u32, &'t [u8], Oid)> {
    let space = rest.iter().position(|&b| b == b' ')?;
    let (mode, after) = rest.split_at_checked(space)?;
    let mode = u32::from_str_radix(str::from_utf8(mode).ok()?, 8).ok()?;
    let after = after.get(1..)?;
    let nul = after.iter().position(|&b| b == 0)?;
    let (name, after) = after.split_at_checked(nul)?;
    let (id, after) = after.get(1..)?.split_at_checked(hash)?;
    *rest = after;
    Some((mode, name, Oid::from_bytes(id).ok()?))
}

/// Reads the header lines of a commit (`tree`, `parent`s, `committer`) and its message.
fn commit(data: &[u8]) -> Option<RawCommit> {
    let (mut tree, mut time) = (None, 0);
    let mut parents = Vec::new();
    for line in data.split(|&b| b == b'\n').take_while(|it| !it.is_empty()) {
        if let Some(hex) = line.strip_prefix(b"tree ") {
            tree = tree.or(id(str::from_utf8(hex).ok()?));
        } else if let Some(hex) = line.strip_prefix(b"parent ") {
            parents.push(id(str::from_utf8(hex).ok()?)?);
        } else if let Some(who) = line.strip_prefix(b"committer ") {
            time = date(who);
            break;
        }
    }
    let tree = tree?;
    Some(RawCommit {
        tree,
        parents,
        time,
        message: message(data).into(),
    })
}

/// Reads the header lines of a tag (`tag`, `tagger`) and its message.
fn tag(data: &[u8]) -> RawTag {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let lines = || data.split(|&b| b == b'\n').take_while(|it| !it.is_empty());
    let field = |key: &[u8]| {
        lines()
            .find_map(|it| it.strip_prefix(key))
            .unwrap_or_default()
    };
    let tagger = field(b"tagger ");
    let who = tagger.iter().rposition(|&b| b == b'>');
    let who = who.and_then(|at| tagger.get(..=at)).unwrap_or(tagger);
    RawTag {
        name: text(field(b"tag ")),
        tagger: text(who),
        time: date(tagger),
        message: text(message(data)),
    }
}

/// Reads the seconds of `NAME <MAIL> SECONDS ZONE`; 0 where there are none.
fn date(who: &[u8]) -> i64 {
    let mut words = who.rsplit(|&b| b == b' ');
    let seconds = words.nth(1).and_then(|it| str::from_utf8(it).ok());
    seconds.and_then(|it| it.parse().ok()).unwrap_or(0)
}

fn message(data: &[u8]) -> &[u8] {
    let start = memmem::find(data, b"\n\n").map_or(data.len(), |at| at + 2);
    let text = data.get(start..).unwrap_or_default();
    text.get(..MESSAGE).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
        parent 1111111111111111111111111111111111111111\n\
        parent 2222222222222222222222222222222222222222\n\
        author a <a@example.invalid> 1 +0000\n\
        committer b <b@example.invalid> 1700000000 +0200\n\
        gpgsig -----BEGIN\n \n tree 3\n\n\nfeat: x\n\nbody\n";

    #[test]
    fn a_tag_is_its_header_and_its_message() {
        let data = b"object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ntype commit\ntag v1.0.0\n\
            tagger B C <b@example.invalid> 1700000000 +0200\n\nnotes\n\ntag x\n";
        let read = tag(data);
        assert_eq!((read.name.as_str(), read.time), ("v1.0.0", 1_700_000_000));
        assert_eq!(read.tagger, "B C <b@example.invalid>");
        assert_eq!(read.message, "notes\n\ntag x\n");
        for end in 0..data.len() {
            let _ = tag(&data[..end]);
        }
        assert_eq!(tag(b"object x\n\ntag y\n").name, "");
    }

    #[test]
    fn a_commit_is_its_header_and_its_message() {
        let read = commit(COMMIT).unwrap();
        assert_eq!(read.time, 1_700_000_000);
        assert_eq!(read.parents.len(), 2);
        assert_eq!(read.parents[1].to_string(), "2".repeat(40));
        assert_eq!(*read.message, *b"\nfeat: x\n\nbody\n");
        for end in 0..COMMIT.len() {
            let _ = commit(&COMMIT[..end]);
        }
    }
}
