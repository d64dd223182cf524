//! A commit of a repository whose files are laid out, so that programs can be run on them.

use std::path::Path;

use cascade_plan::{ObservedRepo, Oid, RepoDeclaration, RepoId, VersionSource};

use crate::export::Export;
use crate::git::Git;
use crate::mirror::{Mirror, Store};
use crate::state::State;
use crate::write::Edits;

/// A commit of a repository that programs are run on.
#[derive(Debug, Clone, Copy)]
pub struct Exhibit<'a> {
    /// The repository.
    pub repo: &'a RepoId,
    /// Its declaration.
    pub declared: &'a RepoDeclaration,
    /// What was seen of it.
    pub seen: &'a ObservedRepo,
    /// The commit.
    pub commit: &'a Oid,
    /// Where the commit is.
    pub shelf: Shelf<'a>,
}

/// Where a commit is.
#[derive(Debug, Clone, Copy)]
pub enum Shelf<'a> {
    /// In the checkout at this folder.
    Checkout(&'a Path),
    /// In the mirror that the state of the workspace has of it.
    Mirror(&'a State),
}

impl Exhibit<'_> {
    /// Returns the files of the commit in a folder of their own.
    ///
    /// # Errors
    /// With the reason, where they can not be read or written.
    pub(crate) fn export(&self, git: &Git) -> Result<Export, String> {
        let unreadable =
            |error: &dyn std::fmt::Display| format!("its commit can not be read: {error}");
        let place = git.environment().scratch();
        let lay = |store: &Store| {
            let tree = store.tree(self.commit).map_err(|it| unreadable(&it))?;
            let laid = Export::of(store, tree, &Edits::new(), &place);
            laid.map_err(|it| it.to_string())
        };
        match self.shelf {
            Shelf::Checkout(folder) => {
                lay(&Store::of_checkout(folder).map_err(|it| unreadable(&it))?)
            }
            Shelf::Mirror(state) => {
                let address = self.declared.remote.as_deref();
                let mirror = Mirror::open(git, state, self.repo, address);
                let mirror = mirror.map_err(|it| unreadable(&it))?;
                let store = mirror.store_with([self.commit]);
                lay(&store.map_err(|it| unreadable(&it))?)
            }
        }
    }

    /// Returns what a command is told of the commit. An export has no git: what asks git for a
    /// version is told the one that the commit stands on.
    pub(crate) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![
            ("CASCADE_REPO", self.repo.to_string()),
            ("CASCADE_COMMIT", self.commit.to_string()),
        ];
        let python = |it: &&cascade_plan::ObservedPackage| {
            it.ecosystem.name == "python" && it.source == VersionSource::Vcs
        };
        if let Some(package) = self.seen.packages.iter().find(python) {
            let hit = package.reachable.as_ref().or(package.latest.as_ref());
            let version = hit.map_or("0.0.0", |it| it.version.text());
            for name in ["SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION"] {
                facts.push((name, version.to_owned()));
            }
        }
        facts
    }
}
