//! What a look at the remote showed.

use super::{End, Task};
use crate::Oid;

/// What one look at the remote showed, held against the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where the branch is.
    pub branch: Tip,
    /// The branch of cascade's own, for a pull request.
    pub own: Option<Found>,
    /// The tags of the task, in its order.
    pub tags: Vec<Option<Found>>,
}

/// Where a branch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tip {
    /// At the base.
    Base,
    /// At a commit that holds the work of the step, since this one.
    Holds(Oid),
    /// Somewhere else, or gone.
    Elsewhere(Option<Oid>),
}

/// A commit that a name on the remote stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The commit.
    pub commit: Oid,
    /// What it is to the task.
    pub is: Likeness,
}

/// What a commit is to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The one that the plan makes.
    Same,
    /// Another one that holds every planned edit.
    Alike,
    /// Neither.
    Foreign,
}

impl Found {
    pub(super) fn is_ours(&self) -> bool {
        self.is != Likeness::Foreign
    }
}

impl Seen {
    /// Returns the commit of the task that the remote has already; `None` where it has none yet.
    ///
    /// # Errors
    /// With the end of the step, where a tag stands for something else or the branch went elsewhere.
    pub fn reached(&self, task: &Task) -> Result<Option<Oid>, End> {
        let tags = task.tags.iter().zip(&self.tags);
        let mut tagged: Option<&Oid> = None;
        for (tag, found) in tags {
            let Some(found) = found else { continue };
            if !found.is_ours() || tagged.is_some_and(|it| *it != found.commit) {
                return Err(End::Conflict {
                    tag: tag.clone(),
                    commit: found.commit.clone(),
                });
            }
            tagged = Some(&found.commit);
        }
        if let Some(commit) = tagged {
            return Ok(Some(commit.clone()));
        }
        let proposed = self.own.as_ref().is_some_and(Found::is_ours);
        match &self.branch {
            Tip::Holds(commit) => Ok(Some(commit.clone())),
            Tip::Base => Ok(None),
            // It may move on until the pull request is merged.
            Tip::Elsewhere(_) if proposed => Ok(None),
            Tip::Elsewhere(tip) => Err(End::Moved(tip.clone())),
        }
    }

    /// Returns the tags of the task that are out.
    pub fn out(&self, task: &Task) -> Vec<String> {
        let tags = task.tags.iter().zip(&self.tags);
        let out = tags.filter(|(_, found)| found.is_some());
        out.map(|(tag, _)| tag.clone()).collect()
    }
}
