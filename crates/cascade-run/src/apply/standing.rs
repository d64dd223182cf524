//! How a plan stands: what of it the remotes show already, and what moved away under it.

use cascade_plan::{Event, Fate, Outcome, Plan, Queue, RepoId, RunId, Step};

use super::goal::Goal;
use super::of_mirror;
use crate::drive::{Teller, drive};
use crate::git::Git;
use crate::mirror::Mirror;
use crate::state::State;

/// Returns how each step of a plan stands on its remote: done, with the commit that was found and the
/// tags that are out; nothing, where its base still stands and all is to be done; drifted, where the
/// branch went elsewhere; failed, where the remote does not answer or a tag stands for something else.
pub fn standing(
    plan: &Plan,
    git: &Git,
    state: &State,
    jobs: usize,
    on_event: &mut dyn FnMut(Event),
) -> Outcome {
    // Nobody waits for anybody: this only looks.
    let queue = Queue::new(plan.steps.iter().map(|it| (it.repo.clone(), Vec::new())));
    let work = |repo: &RepoId, teller: &Teller<'_>| {
        let step = plan.steps.iter().find(|it| it.repo == *repo);
        let stood = step.map(|step| stood((step, &plan.run), (git, state), teller));
        stood.map_or(Fate::Nothing, |it| it.unwrap_or_else(|fate| fate))
    };
    drive(queue, jobs, &git.environment().interrupt, &work, on_event)
}

/// Returns how one step stands on its remote.
///
/// # Errors
/// With its fate, where the remote does not answer or went elsewhere.
pub(super) fn stood(
    (step, run): (&Step, &RunId),
    (git, state): (&Git, &State),
    teller: &Teller<'_>,
) -> Result<Fate, Fate> {
    let Some(goal) = Goal::of(step, run).filter(|_| step.held.is_none()) else {
        return Ok(Fate::Nothing);
    };
    teller.progress("looking at its remote");
    let mirror = Mirror::open(git, state, &step.repo, step.remote.as_deref())
        .map_err(|it| of_mirror(step, it))?;
    let seen = goal.see(&mirror)?;
    let reached = seen.reached(&goal.task).map_err(|it| goal.fate(it))?;
    let Some(commit) = reached else {
        return Ok(Fate::Nothing);
    };
    Ok(Fate::Done {
        commit: Some(commit),
        out: seen.out(&goal.task),
    })
}
