//! A history in a folder: one file, locked while it grows.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use cascade_manifest::Limit;
use cascade_plan::drift::history::History;

use super::{HistoryError, Lines, Recorded, fits, joined};
use crate::approval::Already;
use crate::locked::Locked;
use crate::write::sync_folder;

/// How long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a look at the lock is waited for.
const GLANCE: Duration = Duration::from_millis(20);

/// Returns the bytes of the file; none where there is none.
///
/// # Errors
/// When it is there and can not be read.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, HistoryError> {
    let fault = |source: io::Error| fault(path, &source);
    let mut options = OpenOptions::new();
    match options.read(true).custom_flags(flags()).open(path) {
        Ok(file) => content(&file).map_err(fault),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(fault(error)),
    }
}

/// Adds lines to the file, made where it is missing.
///
/// # Errors
/// When another process keeps it, or the disk says no: then it is what it was.
pub(super) fn add(path: &Path, lines: &mut Lines<'_>) -> Result<Recorded, HistoryError> {
    let disk = |source: io::Error| fault(path, &source);
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(disk)?;
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    let file = options.custom_flags(flags()).open(path).map_err(disk)?;
    let mut file = lock(file, path)?;
    let before = content(&file).map_err(disk)?;
    let new = lines(&mut History::read(&before));
    let recorded = |already| Recorded {
        place: path.display().to_string(),
        already,
        lines: new.len(),
    };
    if new.is_empty() {
        return Ok(recorded(Already::There));
    }
    let length = before.len();
    let whole = joined(before, &new);
    fits(&whole, &path.display().to_string())?;
    let added = whole.get(length..).unwrap_or_default();
    let done = file.write_all(added).and_then(|()| file.sync_data());
    if let Err(error) = done {
        // What there is of it would be a torn line.
        let _ = file.set_len(length as u64);
        return Err(disk(error));
    }
    sync_folder(path);
    Ok(recorded(Already::New))
}

/// No link is followed, and nothing is waited for that is no file.
fn flags() -> i32 {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    flags.bits().cast_signed()
}

fn content(mut file: &File) -> io::Result<Vec<u8>> {
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if !Limit::HISTORY.takes(about.len()) {
        return Err(io::Error::other(Limit::HISTORY.refusal(about.len())));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn lock(mut file: File, path: &Path) -> Result<Locked, HistoryError> {
    let begin = Instant::now();
    loop {
        let why;
        (why, file) = match Locked::take(file) {
            Ok(locked) => return Ok(locked),
            Err(refused) => refused,
        };
        match why {
            TryLockError::WouldBlock if begin.elapsed() < PATIENCE => thread::sleep(GLANCE),
            TryLockError::WouldBlock => {
                let place = path.display().to_string();
                return Err(HistoryError::Contended { place });
            }
            TryLockError::Error(source) => return Err(fault(path, &source)),
        }
    }
}

fn fault(path: &Path, source: &io::Error) -> HistoryError {
    HistoryError::File {
        path: path.to_path_buf(),
        why: source.to_string(),
    }
}
