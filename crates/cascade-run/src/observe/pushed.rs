//! What rules look at in the tip of a branch that is pushed.

use std::path::Path;

use cascade_plan::{Content, ObservedRepo, Oid, RepoDeclaration, Trouble};

use super::family::Family;
use super::judged::TagPlace;
use super::past::Past;
use super::tree::{read_locks, read_tree};
use super::{Depth, commit_files, unreadable};
use crate::checkout::{Checkout, History, git_oid};

/// The tip of a branch that is pushed.
#[derive(Debug, Clone, Copy)]
pub struct PushedTip<'a> {
    /// The repository's declaration.
    pub declared: &'a RepoDeclaration,
    /// Where it is.
    pub place: TagPlace<'a>,
    /// The folder of objects that the push brought and that are not taken yet, beside its own.
    pub quarantine: Option<&'a Path>,
    /// The commit.
    pub commit: &'a Oid,
    /// What the branch was.
    pub base: Option<&'a Oid>,
}

/// Returns what rules look at in the files of a commit that is pushed, and what they said before. Of
/// tags, and of what is not released, nothing is looked up: that may take the whole history.
///
/// # Errors
/// When git's files of the repository can not be read.
pub fn observe_pushed(tip: &PushedTip<'_>) -> Result<ObservedRepo, Trouble> {
    let checkout = tip.place.open()?;
    let objects = checkout.objects_with(tip.quarantine)?;
    let refs = checkout.refs()?;
    let shallow = checkout.shallow();
    let mut repo = ObservedRepo {
        content: Content::Commit,
        head: Some(tip.commit.clone()),
        shallow: !shallow.is_empty(),
        tags: Checkout::tags(&refs, &objects),
        ..ObservedRepo::default()
    };
    let mut history = History::new(&objects, shallow);
    let head = git_oid(tip.commit).ok_or(Trouble::NoCommits)?;
    let mut files = commit_files(&objects, &mut history, head)?;
    read_tree(tip.declared, &mut files, Depth::Audit, &mut repo);
    let family = Family::of(std::slice::from_ref(&repo));
    read_locks(&mut files, &family, &mut repo);
    if let Some(mut audit) = repo.audit.take() {
        let mut past = Past::of((tip.declared, &repo), head, (&objects, &mut history));
        let read = past.read(tip.base, &mut audit);
        read.map_err(|it| unreadable(&it))?;
        repo.audit = Some(audit);
    }
    Ok(repo)
}
