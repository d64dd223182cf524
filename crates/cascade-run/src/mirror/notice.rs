//! Notices: commits that hold no files, only a message, kept by a ref of their own on the remote.

use cascade_plan::Oid;
use git2::{ObjectType, Repository, Signature, Time};

use super::Mirror;
use super::build::{BuildError, at};
use crate::checkout::oid;
use crate::git::GitError;

/// The longest notice that is read, in bytes, all that a commit has beside its message included.
const LONGEST: usize = 16 << 10;

/// What somebody said in a notice, and who and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Voice {
    /// The address of who made it.
    pub(crate) email: String,
    /// When, in seconds since 1970, as it says.
    pub(crate) when: i64,
    /// What it says.
    pub(crate) text: String,
}

impl Mirror {
    /// Returns a notice that says this, on top of another commit where the mirror has it.
    ///
    /// # Errors
    /// When the mirror can not be written.
    pub(crate) fn notice(
        &self,
        text: &str,
        on: Option<&Oid>,
        seconds: i64,
    ) -> Result<Oid, BuildError> {
        let repository = Repository::open_bare(self.path())?;
        let tree = repository.treebuilder(None)?.write()?;
        let tree = repository.find_tree(tree)?;
        let who = Signature::new("cascade", "cascade@localhost", &Time::new(seconds, 0))?;
        let on = on.and_then(|it| repository.find_commit(at(it).ok()?).ok());
        let on: Vec<_> = on.iter().collect();
        let id = repository.commit(None, &who, &who, text, &tree, &on)?;
        oid(id).ok_or_else(|| BuildError::NoId(id.to_string()))
    }

    /// Returns what a notice says; `None` where it is none, too long, or not in the mirror.
    pub(crate) fn said(&self, notice: &Oid) -> Option<String> {
        let repository = Repository::open_bare(self.path()).ok()?;
        let id = at(notice).ok()?;
        let (size, kind) = repository.odb().ok()?.read_header(id).ok()?;
        if size > LONGEST || kind != ObjectType::Commit {
            return None;
        }
        let commit = repository.find_commit(id).ok()?;
        commit.message().ok().map(str::to_owned)
    }

    /// Returns what a notice says with who says it; as [`Mirror::said`].
    pub(crate) fn voice(&self, notice: &Oid) -> Option<Voice> {
        let text = self.said(notice)?;
        let repository = Repository::open_bare(self.path()).ok()?;
        let commit = repository.find_commit(at(notice).ok()?).ok()?;
        let who = commit.committer();
        Some(Voice {
            email: who.email().ok()?.to_owned(),
            when: who.when().seconds(),
            text,
        })
    }

    /// Fetches one ref of the remote, without what stands behind it; returns where it is.
    ///
    /// # Errors
    /// When the remote does not answer, or does not have it any more.
    pub(crate) fn fetch_notice(&self, name: &str) -> Result<Option<Oid>, GitError> {
        let call = self
            .call()
            .network()
            .args(["fetch", "--quiet", "--no-tags"]);
        call.args([
            "--depth=1",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
        ])
        .args(["--", self.remote().address()])
        .arg(format!("+{name}:{name}"))
        .answer()?;
        let found = || {
            let repository = Repository::open_bare(self.path()).ok()?;
            oid(repository.find_reference(name).ok()?.target()?)
        };
        Ok(found())
    }

    /// Returns how many objects lie in the mirror by themselves, about.
    pub(crate) fn loose(&self) -> usize {
        const FOLDERS: usize = 256;
        // Ids are spread evenly, so one folder of them stands for all.
        let one = std::fs::read_dir(self.path().join("objects/17"));
        one.map_or(0, |it| it.count() * FOLDERS)
    }
}
