//! The first-parent line of a clone: the commits that touch what a survey reads.

use std::path::Path;

use cascade_plan::{RepoDeclaration, Trouble};

use crate::checkout::{Absent, Checkout, CommitId, Objects};
use crate::observe::is_of_interest;

/// How many commits of a line are looked at.
const LONGEST: usize = 500_000;

/// A state that a commit made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// The commit.
    pub(super) commit: CommitId,
    /// Its tree.
    pub(super) tree: CommitId,
    /// When it was committed, or the beginning of the replay where that came later.
    pub(super) at: i64,
}

/// Returns the states of a clone's branch, oldest first; from a moment on where one is said, what stood
/// there then included.
///
/// # Errors
/// When the clone can not be read.
pub(super) fn line(
    folder: &Path,
    declared: &RepoDeclaration,
    since: Option<i64>,
) -> Result<Vec<Step>, Trouble> {
    let checkout = Checkout::at(folder, &Absent::default())?;
    let objects = checkout.objects()?;
    let head = checkout.refs()?.head().map_err(Trouble::Unreadable)?.id;
    let shallow = checkout.shallow();
    let sites: Vec<&str> = declared.sites.iter().map(|it| it.file.as_str()).collect();
    let wanted = |path: &str| is_of_interest(path) || sites.contains(&path);
    let mut steps = Vec::new();
    let mut next = Some(head.ok_or(Trouble::NoCommits)?);
    for _ in 0..LONGEST {
        let Some(id) = next else { break };
        let commit = objects.commit(id).ok_or_else(|| lost(id))?;
        next = commit.parents.first().copied();
        next = next.filter(|_| !shallow.contains(&id));
        let before = next.map(|it| tree(&objects, it)).transpose()?;
        let differs = objects.differs(before, commit.tree, &wanted);
        if differs.map_err(Trouble::Unreadable)? {
            steps.push(Step {
                commit: id,
                tree: commit.tree,
                at: commit.time,
            });
        }
    }
    steps.reverse();
    Ok(from(steps, since))
}

fn tree(objects: &Objects<'_>, id: CommitId) -> Result<CommitId, Trouble> {
    objects.commit(id).map(|it| it.tree).ok_or_else(|| lost(id))
}

fn lost(id: CommitId) -> Trouble {
    Trouble::Unreadable(format!(
        "its commit {id} is missing or broken; `git fsck` there says more"
    ))
}

/// Returns the steps from a moment on, the one that held then first.
fn from(mut steps: Vec<Step>, since: Option<i64>) -> Vec<Step> {
    let Some(since) = since else { return steps };
    if let Some(held) = steps.iter().rposition(|it| it.at < since) {
        steps.drain(..held);
        if let Some(first) = steps.first_mut() {
            first.at = since;
        }
    }
    steps
}
