//! The state folder of a workspace: its mirrors, and the lock that lets one run in at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use cascade_plan::RepoId;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::locked::Locked;

/// The state folder of one workspace.
#[derive(Debug, Clone)]
pub struct State {
    folder: PathBuf,
    root: PathBuf,
    file: PathBuf,
}

/// The right to run in a workspace; it ends with the value, or with the process.
#[derive(Debug)]
pub struct Guard {
    _file: Locked,
}

/// Why a state folder can not be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Another cascade runs in this workspace.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The folder can not be made or written.
    #[error("`{}`: {source}", .path.display())]
    Folder {
        /// The path at fault.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Another cascade runs in this workspace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("another cascade runs in this workspace: process {pid} on {host}, since {since}")]
pub struct Busy {
    /// Its process id, as it wrote it.
    pub pid: String,
    /// The machine that it runs on.
    pub host: String,
    /// When it began, as it wrote it: `2026-11-21 14:05:00 UTC`.
    pub since: String,
}

impl State {
    /// Returns the state folder of a workspace, made where it is missing.
    ///
    /// # Errors
    /// When it can not be made.
    pub fn open(state_home: &Path, workspace_file: &Path) -> Result<Self, StateError> {
        let file = workspace_file
            .canonicalize()
            .map_err(|source| fault(workspace_file, source))?;
        let root = file.parent().unwrap_or(&file).to_path_buf();
        let folder = state_home.join("cascade").join(folder_name(&file, &root));
        let mirrors = folder.join("mirrors");
        fs::create_dir_all(&mirrors).map_err(|source| fault(&mirrors, source))?;
        Ok(Self { folder, root, file })
    }

    /// Returns the state folder of a workspace where there is one already; writes nothing.
    pub fn seen(state_home: &Path, workspace_file: &Path) -> Option<Self> {
        let file = workspace_file.canonicalize().ok()?;
        let root = file.parent().unwrap_or(&file).to_path_buf();
        let folder = state_home.join("cascade").join(folder_name(&file, &root));
        folder.is_dir().then_some(Self { folder, root, file })
    }

    /// Returns whether somebody has the right to run now, without asking for it.
    pub fn is_busy(&self) -> bool {
        let lock = File::open(self.folder.join("lock"));
        let taken = lock.map(|it| it.try_lock_shared());
        matches!(taken, Ok(Err(TryLockError::WouldBlock)))
    }

    /// Returns the right to run, if nobody else has it.
    ///
    /// # Errors
    /// When another process has it, or the folder can not be written.
    pub fn lock(&self) -> Result<Guard, StateError> {
        let path = self.folder.join("lock");
        let open = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = open.map_err(|source| fault(&path, source))?;
        let mut file = Locked::take(file).map_err(|(why, mut file)| match why {
            TryLockError::WouldBlock => busy(&mut file).into(),
            TryLockError::Error(source) => fault(&path, source),
        })?;
        sign(&mut file).map_err(|source| fault(&path, source))?;
        Ok(Guard { _file: file })
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns when the folder can be written to.
    ///
    /// # Errors
    /// When it can not.
    pub(crate) fn usable(&self) -> Result<(), StateError> {
        let mirrors = self.folder.join("mirrors");
        let probe = fs::create_dir_all(&mirrors).and_then(|()| tempfile::tempfile_in(&mirrors));
        probe.map(drop).map_err(|source| fault(&mirrors, source))
    }

    /// Returns the workspace's file, free of links.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Returns the folder of the workspace's file.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the place of a repository's mirror.
    pub(crate) fn mirror(&self, repo: &RepoId) -> PathBuf {
        let name = plain(repo.as_str());
        self.folder.join("mirrors").join(format!("{name}.git"))
    }
}

fn fault(path: &Path, source: io::Error) -> StateError {
    StateError::Folder {
        path: path.to_path_buf(),
        source,
    }
}

/// Returns the folder's name for people, and the hash of the whole path, which tells namesakes apart.
fn folder_name(file: &Path, root: &Path) -> String {
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let digest = Sha256::digest(file.as_os_str().as_encoded_bytes());
    let bytes = digest.iter().take(6);
    bytes.fold(format!("{}-", plain(&name)), |name, byte| {
        format!("{name}{byte:02x}")
    })
}

/// Returns a name that is one harmless path component, different for different names.
fn plain(name: &str) -> String {
    let mut out = String::new();
    for (at, byte) in name.bytes().enumerate() {
        let keeps =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && at > 0);
        if keeps {
            out.push(char::from(byte));
        } else {
            out = format!("{out}%{byte:02x}");
        }
    }
    out
}

fn sign(file: &mut File) -> io::Result<()> {
    let (host, since) = (host(), now());
    file.rewind()?;
    file.set_len(0)?;
    writeln!(file, "{}\n{host}\n{since}", std::process::id())
}

/// Returns the name of this machine.
pub fn host() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match host.trim() {
        "" => "this machine".to_owned(),
        name => name.to_owned(),
    }
}

/// Returns this moment as people read it.
pub(crate) fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    written(since.map_or(0, |it| it.as_secs()))
}

/// Returns a moment as people read it, in the Gregorian calendar.
fn written(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let moment = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn busy(file: &mut File) -> Busy {
    let mut text = String::new();
    // The holder may be writing just now: whatever is there is told.
    let _ = file.take(4096).read_to_string(&mut text);
    let mut lines = text.lines().map(str::to_owned);
    let mut next = || lines.next().unwrap_or_else(|| "?".to_owned());
    Busy {
        pid: next(),
        host: next(),
        since: next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> (tempfile::TempDir, State) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("workspace.toml");
        File::create(&file).unwrap();
        let state = State::open(&dir.path().join("state"), &file).unwrap();
        (dir, state)
    }

    #[test]
    fn the_second_runner_hears_of_the_first() {
        let (_dir, state) = workspace();
        let first = state.lock().unwrap();
        let Err(StateError::Busy(busy)) = state.clone().lock() else {
            panic!("the second got in")
        };
        assert_eq!(busy.pid, std::process::id().to_string());
        assert!(state.is_busy());
        assert!(busy.since.ends_with(" UTC"), "{}", busy.since);
        drop(first);
        assert!(!state.is_busy());
        assert!(state.lock().is_ok());
    }

    #[test]
    fn a_moment_is_written_as_people_read_it() {
        for (seconds, want) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_795_269_900, "2026-11-21 14:05:00 UTC"),
            (4_102_444_799, "2099-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(written(seconds), want);
        }
    }

    #[test]
    fn a_name_is_one_component_and_its_own() {
        for name in ["..", "a/b", ".git", "x y", "ü", "core.js", "%2e"] {
            let plain = plain(name);
            assert!(Path::new(&plain).components().count() == 1 && !plain.starts_with('.'));
        }
        assert_ne!(plain("a/b"), plain("a%2fb"));
    }

    #[test]
    fn namesakes_have_folders_of_their_own() {
        let (dir, state) = workspace();
        let other = dir.path().join("workspace2.toml");
        File::create(&other).unwrap();
        let second = State::open(&dir.path().join("state"), &other).unwrap();
        assert_ne!(state.folder(), second.folder());
    }
}
