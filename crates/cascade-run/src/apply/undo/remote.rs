//! What a release built in mirrors and put on branches of its own.

use std::collections::BTreeMap;

use cascade_plan::{Fate, Oid, RepoId, RunId, Step};

use super::super::goal::Goal;
use super::super::of_mirror;
use super::{ApplyError, Undoing, error};
use crate::git::Git;
use crate::journal::Story;
use crate::mirror::{Mirror, MirrorError};
use crate::remote;
use crate::state::State;

/// Returns what can be taken back of a step, and adds the tags that are out.
///
/// # Errors
/// Why it stays as it is.
pub(super) fn look(
    story: &Story,
    step: &Step,
    (git, state): (&Git, &State),
    out: &mut BTreeMap<RepoId, Vec<String>>,
) -> Result<Vec<Undoing>, ApplyError> {
    let told = story.outcome().out.remove(&step.repo);
    let told: Vec<String> = told.into_iter().flatten().collect();
    let is_pushed = story.pushed(&step.repo).next().is_some();
    let goal = Goal::of(step, &story.run).filter(|_| is_pushed);
    if !told.is_empty() {
        out.insert(step.repo.clone(), told.clone());
    }
    let Some(goal) = goal else {
        return Ok(built(story, step, state));
    };
    let mirror = Mirror::open(git, state, &step.repo, step.remote.as_deref());
    let mirror = mirror.map_err(|it| unknown(step, it))?;
    let seen = goal.see(&mirror).map_err(of_fate)?;
    let mut tags: Vec<String> = told;
    tags.extend(seen.out(&goal.task));
    tags.sort_unstable();
    tags.dedup();
    let own = seen.own.as_ref().map(|it| &it.commit);
    let mut acts = own_branch(story, (step, &goal.own), own)?;
    match (seen.reached(&goal.task), tags.is_empty()) {
        (_, false) => drop(out.insert(step.repo.clone(), tags)),
        (Ok(Some(commit)), true) if goal.message.is_some() => {
            let why = format!(
                "{} is on `{}` of the remote without its tags, and what is pushed stays",
                commit.short(),
                goal.task.branch
            );
            return Err(error(why, Some(format!("cascade resume {}", story.run.0))));
        }
        _ => acts.extend(built(story, step, state)),
    }
    Ok(acts)
}

/// Returns the branch of cascade's own, where it is what cascade put there.
fn own_branch(
    story: &Story,
    (step, own): (&Step, &str),
    tip: Option<&Oid>,
) -> Result<Vec<Undoing>, ApplyError> {
    let Some(tip) = tip else {
        return Ok(Vec::new());
    };
    let name = format!("refs/heads/{own}");
    let ours = |it: &crate::RefMove| it.name == name && it.to == *tip;
    if !story.pushed(&step.repo).any(ours) {
        let why = format!(
            "`{own}` is at {}, which somebody else put there",
            tip.short()
        );
        return Err(error(why, None));
    }
    Ok(vec![Undoing::Branch {
        remote: step.remote.clone(),
        name,
        at: tip.clone(),
    }])
}

/// Returns what the mirror of a step keeps of the run.
fn built(story: &Story, step: &Step, state: &State) -> Vec<Undoing> {
    let keeps = Mirror::keeps(&state.mirror(&step.repo), &story.run);
    if keeps {
        vec![Undoing::Built]
    } else {
        Vec::new()
    }
}

/// Deletes a branch of cascade's own on its remote, by a lease on what cascade put there.
///
/// # Errors
/// When it moved meanwhile, or the remote says no.
pub(super) fn delete(
    (git, state): (&Git, &State),
    (repo, address): (&RepoId, Option<&str>),
    (name, at): (&str, &Oid),
) -> Result<(), ApplyError> {
    let mirror = Mirror::open(git, state, repo, address);
    let mirror = mirror.map_err(|it| error(it.to_string(), None))?;
    let gone = remote::delete(mirror.call(), mirror.remote(), name, at);
    gone.map_err(|it| error(it.to_string(), None))
}

/// Lets go of what the mirror keeps of a run.
///
/// # Errors
/// When the mirror can not be written.
pub(super) fn let_go(state: &State, repo: &RepoId, run: &RunId) -> Result<(), ApplyError> {
    let gone = Mirror::unpin(&state.mirror(repo), run);
    gone.map_err(|it| error(it.message().to_owned(), None))
}

fn unknown(step: &Step, it: MirrorError) -> ApplyError {
    of_fate(of_mirror(step, it))
}

/// Returns why a remote does not say how it stands.
fn of_fate(fate: Fate) -> ApplyError {
    match fate {
        Fate::Failed { why, .. } => error(
            format!("what its remote has is not known: {why}"),
            Some("mend the connection, then `cascade undo` again".to_owned()),
        ),
        Fate::Interrupted => error("an interrupt came", None),
        other => error(format!("what its remote has is not known: {other:?}"), None),
    }
}
