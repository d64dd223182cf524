//! Files in a checkout: written whole or not at all, inside the repository only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use cascade_manifest::Limit;
use cascade_plan::Rewrite;
use tempfile::{NamedTempFile, TempPath};

use crate::path::{components, folder_of};

/// How large a file may be that is read to be edited.
const LARGEST: u64 = Limit::LOCK.bytes as u64;

/// How many files go down to the disk at once. A sync waits for the journal, which takes all who
/// wait together: many threads that sleep cost less than many turns.
const WRITERS: usize = 128;

/// What files become: the whole bytes, by path from the repository's root.
pub(crate) type Edits = BTreeMap<String, Vec<u8>>;

/// Why a file can not be written as planned.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// It is not what the plan was made for.
    #[error("`{0}` changed since the plan was made")]
    Drift(String),
    /// Its path leaves the repository or reaches into git's own folder.
    #[error("`{0}` is not a path inside the repository")]
    Outside(String),
    /// A component of its path is a symbolic link or a submodule.
    #[error("`{0}` lies behind a symbolic link or in a submodule, where cascade writes nothing")]
    Linked(String),
    /// It may not be written.
    #[error("`{0}` is read-only")]
    ReadOnly(String),
    /// The disk said no.
    #[error("`{path}`: {source}")]
    Disk {
        /// The path.
        path: String,
        /// Why.
        source: io::Error,
    },
}

/// Files that are written beside their places and wait to be put there.
#[derive(Debug)]
pub(crate) struct Staged(Vec<Waiting>);

#[derive(Debug)]
struct Waiting {
    path: String,
    target: PathBuf,
    /// Closed: there may be more files than a process may hold open.
    temp: TempPath,
    before: Option<Before>,
}

/// Files that were written, with what stood there before.
#[derive(Debug, Default)]
pub(crate) struct Written(Vec<(String, PathBuf, Option<Before>)>);

#[derive(Debug)]
struct Before {
    bytes: Vec<u8>,
    mode: Permissions,
}

/// Returns the edits that make a file `after`: none where it is so already.
///
/// # Errors
/// When it is neither `before` nor `after`.
pub(crate) fn settle(
    edits: &mut Edits,
    now: Option<Vec<u8>>,
    (path, before, after): (&str, &str, &str),
) -> Result<(), WriteError> {
    let now = edits.get(path).cloned().or(now).unwrap_or_default();
    if now == after.as_bytes() {
        return Ok(());
    }
    if now != before.as_bytes() {
        return Err(WriteError::Drift(path.to_owned()));
    }
    edits.insert(path.to_owned(), after.as_bytes().to_vec());
    Ok(())
}

/// Returns a file of a checkout; `None` where there is none.
///
/// # Errors
/// When its path leads out of the repository, or it can not be read.
pub(crate) fn current(root: &Path, path: &str) -> Result<Option<Vec<u8>>, WriteError> {
    match place(root, path)? {
        Some((target, _)) => whole(&target, path).map(Some),
        None => Ok(None),
    }
}

/// Returns all bytes of a file that is there.
fn whole(target: &Path, path: &str) -> Result<Vec<u8>, WriteError> {
    let read = || {
        let file = File::open(target)?;
        let size = file.metadata()?.len().min(LARGEST) + 1;
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        file.take(LARGEST + 1).read_to_end(&mut bytes)?;
        // A part of a file is no file: what would be written back was cut short.
        if !Limit::LOCK.takes(bytes.len() as u64) {
            let why = format!("it is larger than the {} that are read", Limit::LOCK);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
        }
        Ok(bytes)
    };
    read().map_err(|source| disk(path, source))
}

/// Returns when a file of a checkout may be written.
///
/// # Errors
/// When its path leads out of the repository, or it is read-only.
pub(crate) fn writable(root: &Path, path: &str) -> Result<(), WriteError> {
    match place(root, path)? {
        Some((_, mode)) if mode.readonly() => Err(WriteError::ReadOnly(path.to_owned())),
        _ => Ok(()),
    }
}

/// What a file that is there means for one that shall be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// It stays, and nothing is written.
    Never,
    /// It is replaced, if it is a plain file.
    Replace,
}

/// Writes a whole file, or nothing of it.
///
/// # Errors
/// When one is there that shall stay, or the disk says no.
pub fn save(file: &Path, text: &str, overwrite: Overwrite) -> io::Result<()> {
    let mode = match file.symlink_metadata() {
        Ok(it) if !it.is_file() => return Err(io::Error::other("it is not a plain file")),
        Ok(it) => Some(it.permissions()),
        Err(_) => None,
    };
    let temp = temp_beside(file, text.as_bytes(), mode)?;
    let done = match overwrite {
        Overwrite::Never => temp.persist_noclobber(file),
        Overwrite::Replace => temp.persist(file),
    };
    done.map(|_| sync_folder(file)).map_err(|it| it.error)
}

/// Writes files below a folder, down to the disk: all of them, or none.
///
/// Every file is whole at every moment, the old one or the new one: its bytes are on the disk
/// before its name points to them. When this returns, so are the names. Where one can not be
/// put into its place, those that were go back; where the machine stops meanwhile, some files are
/// the old ones and some the new ones.
///
/// # Errors
/// When a path leads out of the folder, a file is read-only, or the disk says no.
pub fn save_all(root: &Path, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let written = stage(root, files).and_then(Staged::write);
    written.map(|_| ()).map_err(io::Error::other)
}

/// Puts rewrites into their files, all of them or none; returns those whose file is no longer what was
/// judged, which is left alone.
///
/// # Errors
/// When a path leads out of the folder, a file is read-only, or the disk says no.
pub fn rewrite<'r>(root: &Path, all: &[&'r Rewrite]) -> io::Result<Vec<&'r Rewrite>> {
    let (mut edits, mut left) = (Edits::new(), Vec::new());
    for it in all {
        let now = current(root, &it.path).map_err(io::Error::other)?;
        let judged = it.before.as_ref().map(|it| it.as_bytes());
        if now.as_deref() == judged && !edits.contains_key(&it.path) {
            edits.insert(it.path.clone(), it.after.clone().into_bytes());
        } else {
            left.push(*it);
        }
    }
    save_all(root, &edits).map(|()| left)
}

/// Writes every file beside its place, with its mode, down to the disk.
///
/// # Errors
/// When one can not be written; nothing stays behind then.
pub(crate) fn stage(root: &Path, edits: &Edits) -> Result<Staged, WriteError> {
    let staged = by_writers(dealt(edits), |(path, bytes)| stage_one(root, path, bytes));
    staged
        .into_iter()
        .collect::<Result<Vec<_>, _>>()
        .map(Staged)
}

/// Returns the edits one folder after the other, by turns: a folder is locked while a name is made in
/// it, so that writers of one folder wait for each other.
fn dealt(edits: &Edits) -> Vec<(&String, &Vec<u8>)> {
    let mut turns: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all: Vec<_> = edits
        .iter()
        .map(|it| {
            let turn = turns.entry(folder_of(it.0)).or_default();
            *turn += 1;
            (*turn, it)
        })
        .collect();
    all.sort_by_key(|(turn, _)| *turn);
    all.into_iter().map(|(_, it)| it).collect()
}

/// Returns what comes of each item, worked on by a pool of writers; in the items' order. This
/// thread is one of them, so that it is done even where no other is to be had.
fn by_writers<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let writers = items.len().min(WRITERS);
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let writer = || {
        let items = std::iter::from_fn(next);
        items.map(|(nth, it)| (nth, work(it))).collect::<Vec<_>>()
    };
    let mut done = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, writer).ok();
        let others: Vec<_> = (1..writers).map_while(spawn).collect();
        let mut done = writer();
        for it in others {
            match it.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(nth, _)| *nth);
    done.into_iter().map(|(_, it)| it).collect()
}

fn stage_one(root: &Path, path: &str, bytes: &[u8]) -> Result<Waiting, WriteError> {
    let found = place(root, path)?;
    let target = root.join(path);
    if found.as_ref().is_some_and(|(_, mode)| mode.readonly()) {
        return Err(WriteError::ReadOnly(path.to_owned()));
    }
    let before = match found {
        Some((at, mode)) => {
            let bytes = whole(&at, path)?;
            Some(Before { bytes, mode })
        }
        None => None,
    };
    let mode = before.as_ref().map(|it| it.mode.clone());
    let temp = temp_beside(&target, bytes, mode).map_err(|source| disk(path, source))?;
    Ok(Waiting {
        path: path.to_owned(),
        target,
        temp: temp.into_temp_path(),
        before,
    })
}

impl Staged {
    /// Puts every file into its place; on a failure those that were put there go back.
    ///
    /// By the pool as well: a rename frees the blocks of what stood there, and some disks are told
    /// of that at once and one by one.
    ///
    /// # Errors
    /// When one can not be put there.
    pub(crate) fn write(self) -> Result<Written, WriteError> {
        let has_failed = AtomicBool::new(false);
        let done = by_writers(self.0, |it| {
            if has_failed.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let put = it.put();
            has_failed.fetch_or(put.is_err(), Ordering::Relaxed);
            put.map(Some)
        });
        let (mut written, mut fault) = (Written::default(), None);
        for it in done {
            match it {
                Ok(it) => written.0.extend(it),
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        if let Some(fault) = fault {
            written.restore()?;
            return Err(fault);
        }
        // Once a folder, when all its names stand.
        let folders: BTreeSet<_> = written.0.iter().map(|(_, it, _)| it.parent()).collect();
        by_writers(folders.into_iter().flatten().collect(), sync);
        Ok(written)
    }
}

impl Waiting {
    /// Gives the file its name.
    fn put(self) -> Result<(String, PathBuf, Option<Before>), WriteError> {
        match self.temp.persist(&self.target) {
            Ok(()) => Ok((self.path, self.target, self.before)),
            Err(error) => Err(disk(&self.path, error.error)),
        }
    }
}

impl Written {
    /// Returns the paths that were written.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(path, ..)| path.as_str())
    }

    /// Puts back what stood there before.
    ///
    /// # Errors
    /// With the last file that could not be put back; the others are.
    pub(crate) fn restore(self) -> Result<(), WriteError> {
        let mut outcome = Ok(());
        for (path, target, before) in self.0 {
            let done = match before {
                Some(it) => temp_beside(&target, &it.bytes, Some(it.mode))
                    .and_then(|temp| temp.persist(&target).map_err(|it| it.error))
                    .map(|_| ()),
                None => fs::remove_file(&target),
            };
            if let Err(source) = done {
                outcome = Err(disk(&path, source));
            }
        }
        outcome
    }
}

/// Returns where a path of a checkout leads and its mode; `None` where nothing is there yet.
fn place(root: &Path, path: &str) -> Result<Option<(PathBuf, Permissions)>, WriteError> {
    let parts = components(path).ok_or_else(|| WriteError::Outside(path.to_owned()))?;
    let mut at = root.to_path_buf();
    let mut mode = None;
    for part in parts {
        at.push(part);
        match at.symlink_metadata() {
            Ok(it) if it.is_symlink() => return Err(WriteError::Linked(path.to_owned())),
            // A folder with a `.git` of its own is another repository.
            Ok(it) if it.is_dir() && at.join(".git").exists() => {
                return Err(WriteError::Linked(path.to_owned()));
            }
            Ok(it) => mode = it.is_file().then(|| it.permissions()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(disk(path, source)),
        }
    }
    let not_a_file = || disk(path, io::Error::other("it is not a file"));
    mode.map(|mode| Some((at, mode))).ok_or_else(not_a_file)
}

pub(crate) fn temp_beside(
    target: &Path,
    bytes: &[u8],
    mode: Option<Permissions>,
) -> io::Result<NamedTempFile> {
    let folder = target.parent().unwrap_or(target);
    let mut temp = tempfile::Builder::new()
        .prefix(".cascade-")
        .tempfile_in(folder)?;
    temp.write_all(bytes)?;
    let mode = match mode {
        Some(mode) => mode,
        None => usual_mode(),
    };
    temp.as_file().set_permissions(mode)?;
    temp.as_file().sync_all()?;
    Ok(temp)
}

fn usual_mode() -> Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    Permissions::from_mode(0o644)
}

/// Brings a name down to the disk, as far as its file system lets it.
pub(crate) fn sync_folder(target: &Path) {
    if let Some(folder) = target.parent() {
        sync(folder);
    }
}

/// Not every file system lets a folder be synced; the rename stands all the same.
fn sync(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn disk(path: &str, source: io::Error) -> WriteError {
    WriteError::Disk {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
