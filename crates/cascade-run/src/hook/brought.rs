//! What a push brings to the branches that are released: the commits that the other side does not have
//! there yet.
//!
//! Nothing here walks a whole history: what the other side has bounds the walk, and a count does.

use cascade_plan::hook::{Change, Ref, RefChange};
use cascade_plan::{JudgedCommit, Oid, Trouble};

use super::Push;
use crate::checkout::{Checkout, CommitId, History, Lost, Refs, git_oid};

/// How many commits of one push are judged, the newest first.
const ENOUGH: usize = 1_000;

/// What a push brings to a branch.
#[derive(Debug, Clone)]
pub struct Brought {
    /// The branch.
    pub branch: String,
    /// What it becomes.
    pub tip: Oid,
    /// What it was; `None` where the other side does not have it yet, or what it has is not here.
    pub base: Option<Oid>,
    /// The commits, the newest first.
    pub commits: Vec<JudgedCommit>,
    /// How many of the newest could not be read.
    pub unread: usize,
    /// Whether there are older ones that nobody looked at.
    pub more: bool,
    /// Whether the other side has nothing yet that is known: a whole history comes in.
    pub first: bool,
}

/// Returns what a push brings to each branch that is released: of a branch that is there what it lacks,
/// of a new one what no branch there has.
///
/// # Errors
/// When git's files can not be read, or the new commits are not there.
pub fn brought(push: &Push, is_released: &dyn Fn(&str) -> bool) -> Result<Vec<Brought>, Trouble> {
    let changes = push.changes.iter().filter_map(gained);
    let changes: Vec<_> = changes.filter(|it| is_released(it.0)).collect();
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let checkout = push.place.open()?;
    let there = There::of(push, &checkout.refs()?, is_released);
    let mut brought = Vec::new();
    for (branch, from, tip) in changes {
        brought.push(of_branch(&checkout, push, &there, (branch, from, tip))?);
    }
    Ok(brought)
}

/// Returns the branch that a change makes or moves, what it was and what it becomes.
fn gained(change: &RefChange) -> Option<(&str, Option<Oid>, Oid)> {
    let Ref::Branch(name) = change.place() else {
        return None;
    };
    match change.change() {
        Change::Create(to) => Some((name, None, to)),
        Change::Move { from, to } => Some((name, Some(from), to)),
        Change::Delete(_) | Change::Nothing => None,
    }
}

/// The tips that the other side is known to have.
struct There {
    all: Vec<CommitId>,
    /// Those of branches that are released: what they have was judged when it came there.
    released: Vec<CommitId>,
}

impl There {
    /// Returns the tips as they were before the push: on a server its branches, else those of every
    /// remote as they were last seen.
    fn of(push: &Push, refs: &Refs<'_>, is_released: &dyn Fn(&str) -> bool) -> Self {
        let is_client = push.remote.is_some();
        let folder = if is_client {
            "refs/remotes/"
        } else {
            "refs/heads/"
        };
        let tips = refs.below(folder);
        let branch = |name: &str| match name.split_once('/') {
            Some((_, branch)) if is_client => branch.to_owned(),
            _ => name.to_owned(),
        };
        let released = tips.iter().filter(|(name, _)| is_released(&branch(name)));
        Self {
            released: released.map(|(_, tip)| *tip).collect(),
            all: tips.into_values().collect(),
        }
    }
}

fn of_branch(
    checkout: &Checkout,
    push: &Push,
    there: &There,
    (branch, from, tip): (&str, Option<Oid>, Oid),
) -> Result<Brought, Trouble> {
    let quarantine = push.quarantine.as_deref();
    let objects = checkout.objects_with(quarantine)?;
    let mut history = History::new(&objects, checkout.shallow());
    let unreadable = |it: Lost| Trouble::Unreadable(it.to_string());
    let was = from.as_ref().and_then(git_oid);
    let others = match was {
        Some(_) => &there.released,
        None => &there.all,
    };
    let known: Vec<CommitId> = was.iter().chain(others).copied().collect();
    // What was there and is not here can not be compared with.
    let is_here = was.is_some_and(|it| history.number(it).is_ok());
    let to = git_oid(&tip).ok_or(Trouble::NoCommits)?;
    let beyond = history.beyond(to, &known, ENOUGH).map_err(unreadable)?;
    let ids = beyond.commits.iter();
    let ids: Vec<CommitId> = ids.filter_map(|it| Some(history.commit(*it)?.0)).collect();
    let commits = checkout.judged_commits(&ids, quarantine)?;
    Ok(Brought {
        branch: branch.to_owned(),
        unread: ids.len() - commits.len(),
        first: known.is_empty(),
        more: beyond.more,
        base: from.filter(|_| is_here),
        tip,
        commits,
    })
}
