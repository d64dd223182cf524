//! A commit's files in a folder of their own, for tools that want files. No git, no way out.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use git2::{ObjectType, Repository};
use tempfile::TempDir;

use crate::mirror::{Store, TreeId};
use crate::path::harmless;
use crate::write::Edits;

/// How many bytes an export may have.
const LARGEST: u64 = 4 << 30;
/// How deep its folders may be nested.
const DEEPEST: usize = 200;

/// A temporary folder with the files of a tree; it goes with the value.
#[derive(Debug)]
pub(crate) struct Export {
    dir: TempDir,
}

/// Why a tree can not be exported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// An object can not be read.
    #[error("its files can not be read: {}", .0.message())]
    Read(#[from] git2::Error),
    /// The disk said no.
    #[error("the temporary folder: {0}")]
    Disk(#[from] io::Error),
    /// A name that is no name of a file.
    #[error("the tree holds the name `{0}`")]
    Name(String),
    /// More than any repository should have.
    #[error("the tree is larger than cascade exports")]
    Large,
}

impl Export {
    /// Writes the files of a tree, changed by the edits, into a new folder below `place`.
    ///
    /// # Errors
    /// When the tree can not be read or written.
    pub(crate) fn of(
        store: &Store,
        tree: TreeId,
        edits: &Edits,
        place: &Path,
    ) -> Result<Self, ExportError> {
        let dir = tempfile::Builder::new()
            .prefix("cascade-")
            .tempdir_in(place)?;
        let mut writer = Writer {
            repository: store.repository(),
            links: Vec::new(),
            room: LARGEST,
        };
        writer.folder(tree.0, dir.path(), 0)?;
        for (path, bytes) in edits {
            let at = dir.path().join(path);
            fs::create_dir_all(at.parent().unwrap_or(dir.path()))?;
            if at.symlink_metadata().is_ok() {
                OpenOptions::new()
                    .write(true)
                    .truncate(true)
                    .open(&at)?
                    .write_all(bytes)?;
            } else {
                new_file(&at, bytes, 0o644)?;
            }
        }
        // Links come last, so that no file was ever written through one.
        for (at, target) in writer.links {
            if stays_inside(dir.path(), &at, &target) && at.symlink_metadata().is_err() {
                symlink(&target, &at)?;
            }
        }
        Ok(Self { dir })
    }

    /// Returns the folder.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Makes a file hold these bytes again, where a plain file stands or none.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let at = self.path().join(path);
        let linked = |it: fs::Metadata| !it.is_file();
        if at.symlink_metadata().is_ok_and(linked) {
            self.remove(path);
        }
        // What can not be put back is seen when it is read again.
        let _ = fs::create_dir_all(at.parent().unwrap_or(self.path()));
        let mut options = OpenOptions::new();
        let opened = options.write(true).create(true).truncate(true).open(&at);
        let _ = opened.and_then(|mut it| it.write_all(bytes));
    }

    /// Takes a file away.
    pub(crate) fn remove(&self, path: &str) {
        let _ = fs::remove_file(self.path().join(path));
    }

    /// Returns a file as it is now; `None` where there is none, or a link stands in the way.
    pub(crate) fn read(&self, path: &str) -> Option<Vec<u8>> {
        crate::write::current(self.path(), path).ok().flatten()
    }
}

struct Writer<'a> {
    repository: &'a Repository,
    links: Vec<(PathBuf, PathBuf)>,
    room: u64,
}

impl Writer<'_> {
    fn folder(&mut self, tree: git2::Oid, at: &Path, depth: usize) -> Result<(), ExportError> {
        if depth > DEEPEST {
            return Err(ExportError::Large);
        }
        let tree = self.repository.find_tree(tree)?;
        for entry in &tree {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            let real = entry
                .name()
                .is_ok_and(|it| harmless(it) && !it.contains('/'));
            if !real {
                return Err(ExportError::Name(name.escape_debug().to_string()));
            }
            let target = at.join(&name);
            match entry.kind() {
                Some(ObjectType::Tree) => {
                    fs::create_dir(&target)?;
                    self.folder(entry.id(), &target, depth + 1)?;
                }
                Some(ObjectType::Blob) => self.file(entry.id(), entry.filemode(), target)?,
                // A submodule's files belong to another repository.
                _ => fs::create_dir(&target)?,
            }
        }
        Ok(())
    }

    fn file(&mut self, blob: git2::Oid, mode: i32, target: PathBuf) -> Result<(), ExportError> {
        let blob = self.repository.find_blob(blob)?;
        let size = blob.content().len() as u64;
        self.room = self.room.checked_sub(size).ok_or(ExportError::Large)?;
        match mode {
            0o120_000 => {
                let to = String::from_utf8_lossy(blob.content()).into_owned();
                self.links.push((target, to.into()));
            }
            0o100_755 => new_file(&target, blob.content(), 0o755)?,
            _ => new_file(&target, blob.content(), 0o644)?,
        }
        Ok(())
    }
}

fn new_file(at: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(at)?;
    file.write_all(bytes)
}

/// Returns whether a link's target is below the root. It may climb only before it descends: then
/// no chain of such links leaves the root either.
fn stays_inside(root: &Path, at: &Path, target: &Path) -> bool {
    let Some(folder) = at.parent().and_then(|it| it.strip_prefix(root).ok()) else {
        return false;
    };
    let depth = folder.components().count();
    let parts: Vec<Component> = target
        .components()
        .filter(|it| *it != Component::CurDir)
        .collect();
    let up = parts
        .iter()
        .take_while(|it| **it == Component::ParentDir)
        .count();
    let rest = parts.iter().skip(up);
    up <= depth
        && rest
            .into_iter()
            .all(|it| matches!(it, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_may_climb_first_and_then_descend() {
        let inside = |at: &str, target: &str| {
            stays_inside(
                Path::new("/r"),
                &Path::new("/r").join(at),
                Path::new(target),
            )
        };
        assert!(inside("a", "b/c") && inside("x/a", "../b") && inside("a", "./b"));
        assert!(!inside("a", "../b") && !inside("a", "/etc") && !inside("x/a", "../../b"));
        // `l -> .` would make `l/..` the folder above the root.
        assert!(!inside("a", "l/.."));
    }

    #[test]
    fn files_are_written_as_they_are_and_hostile_links_are_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let repository = Repository::init_bare(dir.path().join("r")).unwrap();
        let blob = |text: &str| repository.blob(text.as_bytes()).unwrap();
        let mut builder = repository.treebuilder(None).unwrap();
        builder.insert("a", blob("1"), 0o100_644).unwrap();
        builder.insert("run", blob("2"), 0o100_755).unwrap();
        builder.insert("out", blob("/etc"), 0o120_000).unwrap();
        builder.insert("in", blob("a"), 0o120_000).unwrap();
        let tree = builder.write().unwrap();
        let edits = [
            ("a".to_owned(), b"edited".to_vec()),
            ("new/b".to_owned(), b"3".to_vec()),
        ];
        let store = Store::bare(repository.path()).unwrap();
        let export = Export::of(&store, TreeId(tree), &edits.into(), dir.path()).unwrap();
        assert_eq!(export.read("a").unwrap(), b"edited");
        assert_eq!(export.read("new/b").unwrap(), b"3");
        assert_eq!(export.read("run").unwrap(), b"2");
        assert!(export.path().join("out").symlink_metadata().is_err());
        assert_eq!(export.read("in"), None, "a link is not read back");
        assert_eq!(fs::read(export.path().join("in")).unwrap(), b"edited");
    }

    #[test]
    fn a_tree_that_holds_git_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let repository = Repository::init_bare(dir.path().join("r")).unwrap();
        let blob = repository.blob(b"x").unwrap();
        let mut raw = b"100644 .GIT\0".to_vec();
        raw.extend(blob.as_bytes());
        let tree = repository
            .odb()
            .unwrap()
            .write(ObjectType::Tree, &raw)
            .unwrap();
        let store = Store::bare(repository.path()).unwrap();
        let refused = Export::of(&store, TreeId(tree), &Edits::new(), dir.path());
        assert!(matches!(refused, Err(ExportError::Name(name)) if name == ".GIT"));
    }
}
