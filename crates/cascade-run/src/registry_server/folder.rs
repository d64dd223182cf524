//! The folder that is served: safe names, whole files, when they came and which are yanked.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use serde_json::{Map, Value};

use super::lock;
use super::moment::Moment;

/// How many bytes a file may have that is served.
const LARGEST: u64 = 256 << 20;

/// A registry's folder, and the one who may write in it.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    writing: Mutex<()>,
}

/// What came of a file that was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// It is there now.
    Made,
    /// The same was there already.
    Same,
    /// Another one is there, and stays.
    Taken,
}

impl Folder {
    /// Returns the folder, made where it is missing.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        Ok(Self {
            root: root.canonicalize()?,
            writing: Mutex::default(),
        })
    }

    /// Returns the right to write; whoever reads to write again keeps it until then.
    pub(super) fn writing(&self) -> MutexGuard<'_, ()> {
        lock(&self.writing)
    }

    /// Returns the bytes of a file; `None` where there is none, or its name leads elsewhere.
    pub(super) fn read(&self, parts: &[&str]) -> Option<Vec<u8>> {
        let file = File::open(self.inside(parts)?).ok()?;
        let length = file.metadata().ok().filter(fs::Metadata::is_file)?.len();
        let mut bytes = Vec::new();
        let whole = file.take(LARGEST).read_to_end(&mut bytes).ok()?;
        (u64::try_from(whole).ok()? >= length).then_some(bytes)
    }

    /// Returns the names in a folder that do not begin with a dot, sorted.
    pub(super) fn names(&self, parts: &[&str]) -> Vec<String> {
        let entries = self.inside(parts).and_then(|it| fs::read_dir(it).ok());
        let names = entries.into_iter().flatten().flatten();
        let names = names.filter_map(|it| it.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|it| is_plain(it)).collect();
        names.sort_unstable();
        names
    }

    /// Writes a new file, whole, unless there is one.
    pub(super) fn put(&self, parts: &[&str], bytes: &[u8]) -> io::Result<Put> {
        let temp = self.beside(parts, bytes)?;
        let target = self.target(parts)?;
        match temp.persist_noclobber(&target) {
            Ok(_) => Ok(Put::Made),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                let same = fs::read(&target).is_ok_and(|it| it == bytes);
                Ok(if same { Put::Same } else { Put::Taken })
            }
            Err(error) => Err(error.error),
        }
    }

    /// Returns whether there is such a file.
    pub(super) fn has(&self, parts: &[&str]) -> bool {
        self.inside(parts).is_some_and(|it| it.is_file())
    }

    /// Takes a file away, where there is one.
    pub(super) fn remove(&self, parts: &[&str]) {
        if let Some(at) = self.inside(parts).filter(|it| it.is_file()) {
            // One that stays is only in the way of nobody.
            let _ = fs::remove_file(at);
        }
    }

    /// Writes a file, whole, whatever was there.
    pub(super) fn replace(&self, parts: &[&str], bytes: &[u8]) -> io::Result<()> {
        let temp = self.beside(parts, bytes)?;
        let done = temp.persist(self.target(parts)?);
        done.map(|_| ()).map_err(|it| it.error)
    }

    /// Returns when a file came: as `times.json` says, else as the disk does.
    pub(super) fn came(&self, parts: &[&str]) -> Moment {
        let said = self.sidecar("times.json").remove(&parts.join("/"));
        let said = said
            .as_ref()
            .and_then(Value::as_str)
            .and_then(Moment::parse);
        said.unwrap_or_else(|| {
            let met = self.inside(parts).and_then(|it| fs::metadata(it).ok());
            let time = met.and_then(|it| it.modified().ok());
            time.unwrap_or(std::time::UNIX_EPOCH).into()
        })
    }

    /// Returns why a file is yanked, as `yanked.json` says: a list of files, or a reason by file.
    pub(super) fn yanked(&self, parts: &[&str]) -> Option<String> {
        let path = parts.join("/");
        let bytes = self.read(&["yanked.json"])?;
        match serde_json::from_slice(&bytes).ok()? {
            Value::Array(files) => files
                .iter()
                .any(|it| it.as_str() == Some(&path))
                .then(|| "yanked".to_owned()),
            Value::Object(reasons) => Some(reasons.get(&path)?.as_str()?.to_owned()),
            _ => None,
        }
    }

    /// Returns what a file beside the registries says.
    fn sidecar(&self, name: &str) -> Map<String, Value> {
        let bytes = self.read(&[name]).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Returns where a file or folder of the folder is; `None` where there is none, or a link leads
    /// out of the folder.
    fn inside(&self, parts: &[&str]) -> Option<PathBuf> {
        let at = joined(&self.root, parts)?.canonicalize().ok()?;
        at.starts_with(&self.root).then_some(at)
    }

    /// Returns where a file shall be, in a folder that is there.
    fn target(&self, parts: &[&str]) -> io::Result<PathBuf> {
        let outside = || io::Error::other("it is not inside the folder");
        let (name, folders) = parts.split_last().ok_or_else(outside)?;
        let folder = self.inside(folders).ok_or_else(outside)?;
        joined(&folder, &[name]).ok_or_else(outside)
    }

    /// Writes bytes into the folder of a file, made where it is missing, under a name of their own.
    fn beside(&self, parts: &[&str], bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
        let outside = || io::Error::other("it is not inside the folder");
        let (_, folders) = parts.split_last().ok_or_else(outside)?;
        let folder = joined(&self.root, folders).ok_or_else(outside)?;
        fs::create_dir_all(&folder)?;
        let folder = self.inside(folders).ok_or_else(outside)?;
        let mut temp = tempfile::Builder::new()
            .prefix(".cascade-")
            .tempfile_in(folder)?;
        temp.write_all(bytes)?;
        Ok(temp)
    }
}

/// Returns a path below a folder, if every part of it is a plain name.
fn joined(root: &Path, parts: &[&str]) -> Option<PathBuf> {
    let plain = parts.iter().all(|it| is_plain(it));
    plain.then(|| parts.iter().fold(root.to_path_buf(), |at, it| at.join(it)))
}

/// Returns whether a text is the name of one file that is not hidden.
pub(super) fn is_plain(name: &str) -> bool {
    let strange = |it: char| it.is_control() || matches!(it, '/' | '\\' | ':');
    !name.is_empty() && name.len() <= 255 && !name.starts_with('.') && !name.contains(strange)
}

#[cfg(test)]
mod tests;
