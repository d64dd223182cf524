//! The files of one repository: in its working tree, or in one of its commits.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use cascade_manifest::Limit;
use cascade_plan::Oid;

use crate::checkout::disk::{self, Links, Unread};
use crate::checkout::{Blob, Entry, Index, Objects, SUBMODULE, oid};

/// The largest manifest that is read, in bytes.
pub(crate) const MANIFEST: u64 = Limit::MANIFEST.bytes as u64;
/// The largest lock that is read, in bytes.
pub(crate) const LOCK: u64 = Limit::LOCK.bytes as u64;

/// The files that git tracks in one place, readable as text.
pub(crate) trait Files {
    /// Returns the tracked paths that `wanted` takes, sorted.
    fn paths(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<String>;

    /// Returns the text of a tracked file.
    ///
    /// # Errors
    /// With what is the matter with it, as words that follow its name.
    fn text(&mut self, path: &str, cap: u64) -> Result<String, String>;

    /// Returns the commits that submodules are at, by folder.
    fn submodules(&self) -> BTreeMap<String, Oid>;
}

/// The working tree of a checkout. Links are never followed, on no component of a path.
pub(crate) struct WorkTree<'a> {
    root: &'a Path,
    /// `None` where only tracked paths are asked for.
    index: Option<&'a Index>,
    folders: HashSet<PathBuf>,
}

impl<'a> WorkTree<'a> {
    /// Returns the files below `root`.
    pub(crate) fn new(root: &'a Path, index: Option<&'a Index>) -> Self {
        Self {
            root,
            index,
            folders: HashSet::new(),
        }
    }

    /// Returns whether every folder above the file is one, and no link to one.
    fn lies_in_folders(&mut self, path: &str) -> bool {
        let above = Path::new(path).ancestors().skip(1);
        let mut above: Vec<_> = above.filter(|it| !it.as_os_str().is_empty()).collect();
        above.reverse();
        above.into_iter().all(|folder| {
            let known = self.folders.contains(folder);
            let about = || self.root.join(folder).symlink_metadata();
            let is_folder = known || about().is_ok_and(|it| it.is_dir());
            if is_folder && !known {
                self.folders.insert(folder.to_owned());
            }
            is_folder
        })
    }
}

impl Files for WorkTree<'_> {
    fn paths(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        let Some(index) = self.index else {
            return Vec::new();
        };
        let path = |it: &Entry| {
            let path = str::from_utf8(index.path(it)).ok()?;
            (it.mode != SUBMODULE && !it.skipped && wanted(path)).then(|| path.to_owned())
        };
        let mut paths: Vec<_> = index.entries().iter().filter_map(path).collect();
        // An unmerged path stands there once a side.
        paths.dedup();
        paths
    }

    fn submodules(&self) -> BTreeMap<String, Oid> {
        let entries = self.index.into_iter().flat_map(|index| {
            let modules = index.entries().iter().filter(|it| it.mode == SUBMODULE);
            modules.map(|it| (index.path(it), it.id))
        });
        let named = entries.filter_map(|(path, id)| {
            let path = str::from_utf8(path).ok()?.to_owned();
            Some((path, oid(id)?))
        });
        named.collect()
    }

    fn text(&mut self, path: &str, cap: u64) -> Result<String, String> {
        if let Some(index) = self.index {
            let entry = index.find(path.as_bytes());
            if entry.ok_or("is not tracked by git")?.mode == 0o120_000 {
                return Err(Unread::Symlink.to_string());
            }
        }
        if !self.lies_in_folders(path) {
            let words = if self.root.join(path).exists() {
                "lies behind a symlink"
            } else {
                "is deleted in the working tree"
            };
            return Err(words.to_owned());
        }
        match disk::read(&self.root.join(path), cap, Links::Refuse) {
            Ok((bytes, _)) => as_text(bytes),
            Err(Unread::Missing) => Err("is deleted in the working tree".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Files that git keeps: those of a commit, or those that are staged.
pub(crate) struct Stored<'a> {
    objects: &'a Objects<'a>,
    files: BTreeMap<String, Blob>,
}

impl<'a> Stored<'a> {
    /// Returns these files.
    pub(crate) fn new(objects: &'a Objects<'a>, files: BTreeMap<String, Blob>) -> Self {
        Self { objects, files }
    }
}

impl Files for Stored<'_> {
    fn paths(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        let files = self.files.iter().filter(|(_, blob)| blob.mode != SUBMODULE);
        files
            .map(|(path, _)| path)
            .filter(|path| wanted(path))
            .cloned()
            .collect()
    }

    fn submodules(&self) -> BTreeMap<String, Oid> {
        let modules = self.files.iter().filter(|it| it.1.mode == SUBMODULE);
        let named = modules.filter_map(|(path, blob)| Some((path.clone(), oid(blob.id)?)));
        named.collect()
    }

    fn text(&mut self, path: &str, cap: u64) -> Result<String, String> {
        let blob = self.files.get(path).ok_or("is not tracked by git")?;
        if blob.mode == 0o120_000 {
            return Err(Unread::Symlink.to_string());
        }
        if blob.mode == SUBMODULE {
            return Err(Unread::NotAFile.to_string());
        }
        match self.objects.blob(blob.id, cap) {
            Ok(bytes) => as_text(bytes),
            Err(Some(size)) => Err(Unread::TooLarge { size, cap }.to_string()),
            Err(None) => Err(format!("can not be read: its blob {} is missing", blob.id)),
        }
    }
}

fn as_text(bytes: Vec<u8>) -> Result<String, String> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            Err(format!("is not UTF-8: byte {at} is no character's"))
        }
    }
}
