//! cascade's own bare mirror of a repository: the only place where a release builds anything.

mod build;
mod notice;
mod sheet;
mod store;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cascade_plan::{Oid, RepoId};
use git2::Repository;

use crate::environment::rest;
use crate::git::{Git, GitCall, GitError};
use crate::locked::Locked;
use crate::remote::{self, BadRemote, Refs, Remote};
use crate::state::State;

pub(crate) use build::BuildError;
pub(crate) use store::{Store, TreeId, is_ref_name};

/// How long a mirror that git could not fetch into is left alone before it is thrown away.
const AGAIN: Duration = Duration::from_millis(300);

/// A bare mirror of one repository, locked for this process.
#[derive(Debug)]
pub(crate) struct Mirror {
    git: Git,
    path: PathBuf,
    remote: Remote,
    _lock: Locked,
}

/// Why a mirror can not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MirrorError {
    /// git, or the remote behind it, said no.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The address can not be used.
    #[error(transparent)]
    Address(#[from] BadRemote),
    /// No address is known.
    #[error("it has no remote")]
    NoAddress,
    /// The mirror can not be read.
    #[error("cascade's mirror can not be read: {}", .0.message())]
    Read(#[from] git2::Error),
    /// Another process works on it.
    #[error("another cascade works on its mirror")]
    Busy,
    /// The disk said no.
    #[error("cascade's mirror `{}`: {source}", .path.display())]
    Disk {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Mirror {
    /// Returns the mirror of a repository, born where it is missing; without an address, the one
    /// that it was last fetched from.
    ///
    /// # Errors
    /// When it can not be made, or another process has it.
    pub(crate) fn open(
        git: &Git,
        state: &State,
        repo: &RepoId,
        address: Option<&str>,
    ) -> Result<Self, MirrorError> {
        Self::at(git, state.mirror(repo), state.root(), address)
    }

    /// Returns the mirror at a path, as [`Mirror::open`] does; a relative address starts at `root`.
    ///
    /// # Errors
    /// When it can not be made, or another process has it.
    pub(crate) fn at(
        git: &Git,
        path: PathBuf,
        root: &Path,
        address: Option<&str>,
    ) -> Result<Self, MirrorError> {
        let lock = locked(&path)?;
        let known = path.with_extension("url");
        let remembered = fs::read_to_string(&known).ok();
        let address = address
            .or(remembered.as_deref())
            .ok_or(MirrorError::NoAddress)?;
        let remote = Remote::parse(address, root)?;
        if remembered.as_deref() != Some(remote.address()) {
            let fresh = temp_text(&known, remote.address());
            fresh.map_err(|source| disk(&known, source))?;
        }
        let mirror = Self {
            git: git.clone(),
            path,
            remote,
            _lock: lock,
        };
        mirror.sound()?;
        Ok(mirror)
    }

    /// Makes the mirror say what the remote says: every branch and tag, nothing else.
    ///
    /// # Errors
    /// When the remote does not answer.
    pub(crate) fn refresh(&self) -> Result<(), MirrorError> {
        let Err(first) = self.fetch() else {
            return Ok(());
        };
        if matches!(first, GitError::Interrupted) || self.look(&[]).is_err() {
            return Err(first.into());
        }
        // The remote answers, so the fault is the mirror's own: git's housekeeping at the same moment,
        // another hash, or a torn object.
        rest(&self.git.environment().interrupt, AGAIN);
        if self.fetch().is_ok() {
            return Ok(());
        }
        self.rebirth()?;
        Ok(self.fetch()?)
    }

    fn fetch(&self) -> Result<(), GitError> {
        let call = self.call().network().of_host(self.remote.host());
        let call = call.args([
            "fetch",
            "--quiet",
            "--prune",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--",
        ]);
        call.arg(self.remote.address())
            .args(["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"])
            .answer()
            .map(|_| ())
    }

    /// Asks the remote for these exact full refs; for all of them without names.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) fn look(&self, names: &[String]) -> Result<Refs, GitError> {
        remote::look(self.call(), &self.remote, names)
    }

    /// Asks as [`Mirror::look`] does, and lets no interrupt hide what became of a push.
    ///
    /// # Errors
    /// When the remote does not answer.
    pub(crate) fn look_uninterrupted(&self, names: &[String]) -> Result<Refs, GitError> {
        remote::look(self.call().uninterrupted(), &self.remote, names)
    }

    /// Returns the branch that the remote's head names.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) fn default_branch(&self) -> Result<Option<String>, GitError> {
        remote::default_branch(self.call(), &self.remote)
    }

    /// Returns a call of git in the mirror.
    pub(crate) fn call(&self) -> GitCall {
        self.git.bare(&self.path)
    }

    /// Returns the git that talks for it.
    pub(crate) fn git(&self) -> &Git {
        &self.git
    }

    /// Returns its remote.
    pub(crate) fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Returns its folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns its commits and trees.
    ///
    /// # Errors
    /// When they can not be read.
    pub(crate) fn store(&self) -> Result<Store, MirrorError> {
        Ok(Store::bare(&self.path)?)
    }

    /// Returns them with these commits of the remote, fetched where one is not known.
    ///
    /// # Errors
    /// When they can not be read, or the remote does not answer.
    pub(crate) fn store_with<'o>(
        &self,
        commits: impl IntoIterator<Item = &'o Oid>,
    ) -> Result<Store, MirrorError> {
        let store = self.store()?;
        if commits.into_iter().all(|it| store.has(it)) {
            return Ok(store);
        }
        self.refresh()?;
        self.store()
    }

    /// Returns the commit where the mirror has a branch.
    pub(crate) fn branch(&self, name: &str) -> Option<Oid> {
        self.store().ok()?.branch(name)
    }

    /// Makes sure that a sound bare repository stands there.
    fn sound(&self) -> Result<(), MirrorError> {
        sweep(&self.path, 0);
        let borrowed = self.path.join("objects/info/alternates").exists();
        // git takes it for no repository without a head that can be read; libgit2 does.
        let head =
            Repository::open_bare(&self.path).and_then(|it| it.find_reference("HEAD").map(drop));
        if borrowed || head.is_err() {
            self.rebirth()?;
        }
        Ok(())
    }

    /// Throws the mirror away and makes a new one: it only ever holds what the remote has.
    ///
    /// # Errors
    /// When it can not be removed or made.
    pub(crate) fn rebirth(&self) -> Result<(), MirrorError> {
        let folder = self.path.parent().unwrap_or(&self.path);
        let fault = |source| disk(&self.path, source);
        if self.path.exists() {
            // Somebody's git may still write into it: it goes as a whole, and is removed elsewhere.
            let gone = tempfile::Builder::new().prefix(".gone-").tempdir_in(folder);
            let gone = gone.map_err(fault)?;
            fs::rename(&self.path, gone.path().join("mirror")).map_err(fault)?;
        }
        let nursery = tempfile::Builder::new().prefix(".born-").tempdir_in(folder);
        let nursery = nursery.map_err(fault)?;
        let hash = match self.hash(nursery.path()) {
            64 => "sha256",
            _ => "sha1",
        };
        let child = nursery.path().join("mirror");
        self.git
            .away(nursery.path())
            .var("GIT_DEFAULT_REF_FORMAT", "files")
            .var("GIT_DEFAULT_HASH", hash)
            .args([
                "init",
                "--quiet",
                "--bare",
                "--template=",
                "--initial-branch=main",
                "--",
            ])
            .arg(&child)
            .answer()?;
        fs::rename(&child, &self.path).map_err(fault)
    }

    /// Returns how many digits the remote's ids have; 40 where it has none or does not answer.
    fn hash(&self, folder: &Path) -> usize {
        let refs = remote::look(self.git.away(folder), &self.remote, &[]);
        let first = refs.ok().and_then(|it| it.any().cloned());
        first.map_or(40, |it| it.as_str().len())
    }
}

fn locked(path: &Path) -> Result<Locked, MirrorError> {
    let at = path.with_extension("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&at)
        .map_err(|source| disk(&at, source))?;
    Locked::take(file).map_err(|(why, _)| match why {
        TryLockError::WouldBlock => MirrorError::Busy,
        TryLockError::Error(source) => disk(&at, source),
    })
}

/// Removes lock files that a killed git left: with cascade's own lock held, they are stale.
pub(crate) fn sweep(folder: &Path, depth: usize) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let (at, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type();
        let descends = depth > 0 || matches!(name.to_str(), Some("refs"));
        match kind {
            Ok(it) if it.is_dir() && descends && depth < 64 => sweep(&at, depth + 1),
            Ok(it) if it.is_file() && at.extension().is_some_and(|it| it == "lock") => {
                // Where it can not be removed, git will say so with its path.
                let _ = fs::remove_file(&at);
            }
            _ => {}
        }
    }
}

fn temp_text(at: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    let mut temp = tempfile::NamedTempFile::new_in(at.parent().unwrap_or(at))?;
    temp.write_all(text.as_bytes())?;
    temp.persist(at).map(|_| ()).map_err(|it| it.error)
}

fn disk(path: &Path, source: io::Error) -> MirrorError {
    MirrorError::Disk {
        path: path.to_path_buf(),
        source,
    }
}
