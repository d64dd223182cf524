//! Takes back what a run did, as far as nobody else has it: never what is pushed, never what a person
//! changed.

mod checkout;
mod remote;

use std::collections::BTreeMap;
use std::path::PathBuf;

use cascade_plan::{Oid, Purpose, RepoId};

use super::ApplyError;
use crate::Site;
use crate::git::Git;
use crate::journal::Story;
use crate::state::State;

/// What can be taken back of a run, what can not, and what is out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undoable {
    /// What can be, in the order in which it is done: downstream first.
    pub acts: Vec<Undo>,
    /// What stays, and why.
    pub kept: Vec<Kept>,
    /// The tags that are on remotes, which nothing takes back.
    pub out: BTreeMap<RepoId, Vec<String>>,
}

/// Something that can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// The repository.
    pub repo: RepoId,
    /// What of it.
    pub what: Undoing,
}

/// What is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undoing {
    /// A commit of a checkout, which nobody else has.
    Commit {
        /// The checkout.
        folder: PathBuf,
        /// The commit.
        commit: Oid,
        /// The one below it, which is checked out instead.
        base: Oid,
        /// The branch that was made for it, and the one to go back to.
        made: Option<(String, Option<String>)>,
        /// The tags on it that cascade made, with their objects.
        tags: BTreeMap<String, Oid>,
    },
    /// Files of a checkout that are not committed.
    Files {
        /// The checkout.
        folder: PathBuf,
        /// The commit that has them as they were.
        base: Oid,
        /// The files, each with the SHA-256 of what was written.
        files: BTreeMap<String, String>,
    },
    /// A branch of cascade's own on the remote.
    Branch {
        /// The remote's address, as it was declared.
        remote: Option<String>,
        /// The full name.
        name: String,
        /// The commit that cascade put there.
        at: Oid,
    },
    /// What was built and is not pushed.
    Built,
}

/// Something that stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The repository.
    pub repo: RepoId,
    /// Why, in a sentence without a full stop.
    pub why: String,
    /// The next command to type.
    pub help: Option<String>,
}

/// Returns what can be taken back of a run as the world stands; only looks.
pub fn undoable(story: &Story, sites: &[Site], git: &Git, state: &State) -> Undoable {
    let mut all = Undoable::default();
    let Some(plan) = &story.plan else {
        return all;
    };
    for step in plan.steps.iter().rev() {
        let looked = match plan.request.purpose {
            Purpose::Bump => {
                checkout::look(story, step, (sites, git)).map(|it| it.into_iter().collect())
            }
            Purpose::Release => remote::look(story, step, (git, state), &mut all.out),
        };
        match looked {
            Ok(acts) => {
                let acts: Vec<Undoing> = acts;
                all.acts.extend(acts.into_iter().map(|what| Undo {
                    repo: step.repo.clone(),
                    what,
                }));
            }
            Err(error) => all.kept.push(Kept {
                repo: step.repo.clone(),
                why: error.why,
                help: error.help,
            }),
        }
    }
    all
}

/// Takes one thing back, if it is still as it was when it was looked at.
///
/// # Errors
/// When it is not, or git says no; nothing is lost then.
pub fn undo(undo: &Undo, story: &Story, (git, state): (&Git, &State)) -> Result<(), ApplyError> {
    match &undo.what {
        Undoing::Commit {
            folder,
            commit,
            base,
            made,
            tags,
        } => checkout::drop_commit((git, folder), (commit, base), made.as_ref(), tags),
        Undoing::Files {
            folder,
            base,
            files,
        } => checkout::restore((git, folder), base, files),
        Undoing::Branch { remote, name, at } => {
            remote::delete((git, state), (&undo.repo, remote.as_deref()), (name, at))
        }
        Undoing::Built => remote::let_go(state, &undo.repo, &story.run),
    }
}

fn error(why: impl Into<String>, help: impl Into<Option<String>>) -> ApplyError {
    ApplyError {
        why: why.into(),
        help: help.into(),
    }
}
