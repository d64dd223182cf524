//! Puts the shim where git looks, and takes it away again.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::shim::{KEPT, is_shim, shim};
use super::{HookError, HookHome, HookType, Neighbour, entry};
use crate::checkout::disk::{self, Links, Unread};
use crate::write::{sync_folder, temp_beside};

/// The largest hook that is looked into.
const CAP: u64 = 4 << 20;

/// Whether the files of a tool that manages hooks are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scribe {
    /// No: what to write is told.
    Print,
    /// Yes.
    Write,
}

/// What came of installing a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Installed {
    /// It stands there.
    Shim {
        /// Where.
        hook: PathBuf,
        /// Where the hook that was there is kept.
        kept: Option<PathBuf>,
    },
    /// It stood there already, as it should.
    Already(PathBuf),
    /// The tool's file has the entry.
    Entry {
        /// The file.
        file: PathBuf,
        /// What to run, so that the tool knows.
        next: Option<String>,
    },
    /// The tool's file wants this entry.
    Wanted {
        /// The file.
        file: PathBuf,
        /// The entry.
        text: String,
    },
}

/// What came of uninstalling a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// It was not there.
    Absent,
    /// It is gone.
    Gone(PathBuf),
    /// It is gone, and what was there before is back.
    Restored(PathBuf),
}

impl HookHome {
    /// Puts a hook where git, or the tool that manages the hooks, runs it.
    ///
    /// # Errors
    /// When the hooks are shared with other repositories, or what is there can not be kept.
    pub fn install(
        &self,
        hook: HookType,
        program: &Path,
        writing: Scribe,
    ) -> Result<Installed, HookError> {
        if let Some(neighbour) = self.neighbour.as_ref().filter(|it| it.runs(hook)) {
            return entry::install(self, neighbour, hook, writing);
        }
        if !self.is_own() {
            return Err(HookError::Shared(self.hooks.clone()));
        }
        let at = self.hooks.join(hook.name());
        // What is committed is read on other machines.
        let program = Some(program).filter(|_| !self.is_tracked());
        let text = shim(hook, program);
        let at = match self.ours(hook)? {
            Some((place, bytes)) if bytes == text.as_bytes() && is_executable(&place) => {
                return Ok(Installed::Already(place));
            }
            Some((place, _)) => place,
            None => at,
        };
        let kept = self.keep(hook, &at)?;
        write(&at, text.as_bytes(), 0o755)?;
        Ok(Installed::Shim { hook: at, kept })
    }

    /// Takes a hook away, and puts back what was there before.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn uninstall(&self, hook: HookType) -> Result<Removed, HookError> {
        let entry = match &self.neighbour {
            Some(neighbour) => entry::uninstall(self, neighbour, hook)?,
            None => None,
        };
        let Some((place, _)) = self.ours(hook)? else {
            return Ok(entry.map_or(Removed::Absent, Removed::Gone));
        };
        let kept = self.kept(hook);
        if kept.symlink_metadata().is_ok() {
            fs::rename(&kept, &place).map_err(|it| disk_error(&kept, it))?;
            sync_folder(&place);
            return Ok(Removed::Restored(place));
        }
        fs::remove_file(&place).map_err(|it| disk_error(&place, it))?;
        Ok(Removed::Gone(place))
    }

    /// Returns where cascade's shim of a hook is, and its bytes: at git's name for it, or where the
    /// pre-commit framework puts a hook that it runs first.
    pub(super) fn ours(&self, hook: HookType) -> Result<Option<(PathBuf, Vec<u8>)>, HookError> {
        for name in [hook.name().to_owned(), format!("{}.legacy", hook.name())] {
            let at = self.hooks.join(name);
            if let Some(bytes) = read(&at)?.filter(|it| is_shim(it)) {
                return Ok(Some((at, bytes)));
            }
        }
        Ok(None)
    }

    /// Returns where a hook is kept that was there before.
    pub(super) fn kept(&self, hook: HookType) -> PathBuf {
        self.hooks.join(format!("{}{KEPT}", hook.name()))
    }

    /// Keeps a hook of somebody else's; returns where.
    fn keep(&self, hook: HookType, at: &Path) -> Result<Option<PathBuf>, HookError> {
        fs::create_dir_all(&self.hooks).map_err(|it| disk_error(&self.hooks, it))?;
        let Some(about) = at.symlink_metadata().ok() else {
            return Ok(None);
        };
        if about.is_dir() {
            return Err(HookError::NotAFile(at.to_owned()));
        }
        if read(at)?.is_some_and(|it| is_shim(&it)) {
            return Ok(None);
        }
        let kept = self.kept(hook);
        if kept.symlink_metadata().is_ok() {
            let hook = at.to_owned();
            return Err(HookError::Twice { hook, kept });
        }
        fs::rename(at, &kept).map_err(|it| disk_error(at, it))?;
        Ok(Some(kept))
    }
}

impl Neighbour {
    /// Returns whether the tool can run a hook: the pre-commit framework hides pushed tags from what it
    /// runs, so that there the shim stands before it.
    fn runs(&self, hook: HookType) -> bool {
        let hidden = matches!(self, Self::PreCommit(_)) && hook == HookType::PrePush;
        hook != HookType::PreReceive && !hidden
    }
}

/// Returns the bytes of a file; `None` where there is none, or something that git does not run.
pub(super) fn read(at: &Path) -> Result<Option<Vec<u8>>, HookError> {
    match disk::read(at, CAP, Links::Follow) {
        Ok((bytes, _)) => Ok(Some(bytes)),
        Err(Unread::Missing | Unread::NotAFile | Unread::TooLarge { .. }) => Ok(None),
        Err(error) => Err(disk_error(at, io::Error::other(error.to_string()))),
    }
}

/// Writes a whole file.
pub(super) fn write(at: &Path, bytes: &[u8], mode: u32) -> Result<(), HookError> {
    let mode = Some(Permissions::from_mode(mode));
    let temp = temp_beside(at, bytes, mode).map_err(|it| disk_error(at, it))?;
    temp.persist(at).map_err(|it| disk_error(at, it.error))?;
    sync_folder(at);
    Ok(())
}

/// Returns whether git would run a file.
pub(super) fn is_executable(at: &Path) -> bool {
    fs::metadata(at).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

pub(super) fn disk_error(path: &Path, source: io::Error) -> HookError {
    HookError::Disk {
        path: path.to_owned(),
        source,
    }
}
