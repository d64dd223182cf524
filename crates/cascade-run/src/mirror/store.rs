//! The commits and trees of a repository, a mirror's or a checkout's, read by libgit2.

use std::path::Path;

use cascade_plan::Oid;
use git2::{Repository, RepositoryState};

use super::build::{BuildError, at, file_at, submodule_at};
use crate::checkout::oid;

/// A repository whose commits and trees are read.
pub(crate) struct Store(Repository);

/// A tree of a [`Store`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct TreeId(pub(crate) git2::Oid);

impl Store {
    /// Opens a bare repository.
    ///
    /// # Errors
    /// When libgit2 can not read it.
    pub(crate) fn bare(path: &Path) -> Result<Self, git2::Error> {
        Ok(Self(Repository::open_bare(path)?))
    }

    /// Opens the repository of a checkout.
    ///
    /// # Errors
    /// When libgit2 can not read it.
    pub(crate) fn of_checkout(folder: &Path) -> Result<Self, BuildError> {
        Ok(Self(Repository::open(folder)?))
    }

    /// Returns libgit2's own form.
    pub(crate) fn repository(&self) -> &Repository {
        &self.0
    }

    /// Returns whether it has the commit.
    pub(crate) fn has(&self, commit: &Oid) -> bool {
        at(commit).is_ok_and(|id| self.0.find_commit(id).is_ok())
    }

    /// Returns the tree of a commit.
    ///
    /// # Errors
    /// When it does not have the commit.
    pub(crate) fn tree(&self, commit: &Oid) -> Result<TreeId, BuildError> {
        Ok(TreeId(self.0.find_commit(at(commit)?)?.tree_id()))
    }

    /// Returns the message of a commit; `None` where it does not have it, or it is not UTF-8.
    pub(crate) fn message(&self, commit: &Oid) -> Option<String> {
        let found = self.0.find_commit(at(commit).ok()?).ok()?;
        found.message().ok().map(str::to_owned)
    }

    /// Returns the parents of a commit; `None` where it does not have it.
    pub(crate) fn parents(&self, commit: &Oid) -> Option<Vec<Oid>> {
        let found = self.0.find_commit(at(commit).ok()?).ok()?;
        Some(found.parent_ids().filter_map(oid).collect())
    }

    /// Returns the bytes of a file of a commit; `None` where there is none.
    ///
    /// # Errors
    /// When the path leaves the repository, or leads through a link.
    pub(crate) fn file(&self, commit: &Oid, path: &str) -> Result<Option<Vec<u8>>, BuildError> {
        file_at(&self.0, commit, path)
    }

    /// Returns the commit that a submodule of a commit is at; `None` where there is none.
    ///
    /// # Errors
    /// When the path leaves the repository.
    pub(crate) fn submodule(&self, commit: &Oid, path: &str) -> Result<Option<Oid>, BuildError> {
        submodule_at(&self.0, commit, path)
    }

    /// Returns whether a commit is the tip or below it.
    pub(crate) fn contains(&self, tip: &Oid, commit: &Oid) -> bool {
        let below = || {
            self.0
                .graph_descendant_of(at(tip).ok()?, at(commit).ok()?)
                .ok()
        };
        tip == commit || below().unwrap_or(false)
    }

    /// Returns the commits that the tip has and the base has not, newest first, `most` of them.
    pub(crate) fn between(&self, tip: &Oid, base: &Oid, most: usize) -> Vec<Oid> {
        let walk = || {
            let mut walk = self.0.revwalk().ok()?;
            walk.push(at(tip).ok()?).ok()?;
            walk.hide(at(base).ok()?).ok()?;
            Some(walk.take(most).filter_map(|it| oid(it.ok()?)).collect())
        };
        walk().unwrap_or_default()
    }

    /// Returns how many commits two tips are apart, with the objects of another repository beside
    /// its own, in memory only.
    pub(crate) fn apart(&self, other: &Self, here: &Oid, there: &Oid) -> Option<(usize, usize)> {
        let objects = other.0.commondir().join("objects");
        self.0
            .odb()
            .ok()?
            .add_disk_alternate(&objects.to_string_lossy())
            .ok()?;
        self.0
            .graph_ahead_behind(at(here).ok()?, at(there).ok()?)
            .ok()
    }

    /// Returns the address of a remote; `None` where it has none of that name.
    pub(crate) fn remote(&self, name: &str) -> Option<String> {
        let remote = self.0.find_remote(name).ok()?;
        remote.url().ok().map(str::to_owned)
    }

    /// Returns the names of its remotes; `None` where they can not be read.
    pub(crate) fn remotes(&self) -> Option<Vec<String>> {
        let names = self.0.remotes().ok()?;
        let names = names.iter().map(|it| Some(it.ok()??.to_owned()));
        names.collect()
    }

    /// Returns the commit where a branch is.
    pub(crate) fn branch(&self, name: &str) -> Option<Oid> {
        let found = self.0.find_reference(&format!("refs/heads/{name}")).ok()?;
        oid(found.target()?)
    }

    /// Returns what a merge, rebase or bisect is called that is not finished; `None` without one.
    pub(crate) fn unfinished(&self) -> Option<&'static str> {
        use RepositoryState as State;
        match self.0.state() {
            State::Clean => None,
            State::Merge => Some("a merge"),
            State::Revert | State::RevertSequence => Some("a revert"),
            State::CherryPick | State::CherryPickSequence => Some("a cherry-pick"),
            State::Bisect => Some("a bisection"),
            State::Rebase | State::RebaseInteractive | State::RebaseMerge => Some("a rebase"),
            State::ApplyMailbox | State::ApplyMailboxOrRebase => Some("an `am`"),
        }
    }
}

/// Returns whether git takes a full name (`refs/heads/next`) for that of a ref.
pub(crate) fn is_ref_name(full: &str) -> bool {
    git2::Reference::is_valid_name(full)
}
