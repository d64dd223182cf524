//! Pull requests without a forge's API: the commit on a branch of cascade's own, until a person
//! merged it. What counts as merged is what the base holds, never a title or a button.

use cascade_plan::{Fate, Oid};

use super::goal::{Goal, MAKE_ROOM};
use super::poll::poll;
use super::{failed, of_git, of_mirror};
use crate::drive::Teller;
use crate::exec::shown;
use crate::journal::Journal;
use crate::mirror::Mirror;
use crate::remote::{Answer, Lease, Refs, Unity, Wanted, push};

/// Puts the commit on the branch of cascade's own, where it is not there yet, and returns what was
/// merged: the first commit from which on the base holds every edit.
///
/// # Errors
/// With the fate of the step: waiting, when the patience is over.
pub(crate) fn merged(
    goal: &Goal<'_>,
    mirror: &Mirror,
    commit: &Oid,
    (journal, teller): (&Journal, &Teller<'_>),
) -> Result<Oid, Fate> {
    let refs = goal.world(mirror)?;
    let link = match refs.branch(&goal.own) {
        Some(tip) => {
            reusable(goal, mirror, tip)?;
            None
        }
        None => proposed(goal, mirror, commit, (journal, teller))?,
    };
    let what = asked(goal, link.as_deref());
    teller.progress(format!("waiting for {what}"));
    let found = poll(mirror, &goal.names(), |refs| since(goal, mirror, refs))?;
    found.ok_or_else(|| Fate::Waiting {
        what,
        help: Some("cascade resume".to_owned()),
    })
}

/// Returns when the branch of cascade's own still says what the plan does.
fn reusable(goal: &Goal<'_>, mirror: &Mirror, tip: &Oid) -> Result<(), Fate> {
    let step = goal.step;
    let store = mirror.store().map_err(|it| of_mirror(step, it))?;
    if goal.is_ours(&store, tip) || goal.says_so(&store, tip) {
        return Ok(());
    }
    let why = format!(
        "`{}` is at {}, which somebody else made and which does not hold the planned edits",
        goal.own,
        tip.short()
    );
    let help = "take that commit off the branch, or delete the branch, then `cascade resume`";
    Err(failed(why, help.to_owned()))
}

/// Pushes the commit on the branch of cascade's own; returns the address that the server named.
fn proposed(
    goal: &Goal<'_>,
    mirror: &Mirror,
    commit: &Oid,
    (journal, teller): (&Journal, &Teller<'_>),
) -> Result<Option<String>, Fate> {
    let step = goal.step;
    let wanted = [Wanted {
        name: format!("refs/heads/{}", goal.own),
        to: commit.clone(),
        lease: Lease::Absent,
    }];
    let written = journal.pushes(&step.repo, &wanted);
    written.map_err(|it| failed(it.to_string(), MAKE_ROOM.to_owned()))?;
    teller.progress(format!("pushing `{}`", goal.own));
    let (call, to) = (mirror.call(), mirror.remote().address());
    let answer = push(call, mirror.git(), to, &wanted, Unity::Loose);
    let answer = answer.map_err(|it| of_git(it, None))?;
    let there = goal.world(mirror)?;
    let environment = mirror.git().environment();
    match (there.branch(&goal.own), answer) {
        (Some(tip), Answer::Taken { link }) if tip == commit => {
            let link = link.map(|it| shown(&it, environment));
            if link.is_some() {
                teller.note(format!("to merge: {}", asked(goal, link.as_deref())));
            }
            Ok(link)
        }
        (Some(tip), _) if tip == commit => Ok(None),
        (_, Answer::Refused { why: text, .. } | Answer::Silence(text)) => Err(failed(
            format!("the remote did not take `{}`: {text}", goal.own),
            "cascade resume".to_owned(),
        )),
        _ => Err(failed(
            format!("the remote does not have `{}`", goal.own),
            "cascade resume".to_owned(),
        )),
    }
}

/// Returns what a person is asked for, in words.
fn asked(goal: &Goal<'_>, link: Option<&str>) -> String {
    let words = format!("the pull request of `{}` into `{}`", goal.own, goal.branch);
    match link {
        Some(link) => format!("{words}: {link}"),
        None => words,
    }
}

fn since(goal: &Goal<'_>, mirror: &Mirror, refs: &Refs) -> Result<Option<Oid>, Fate> {
    let fate = |it| of_mirror(goal.step, it);
    let Some(tip) = refs.branch(goal.branch) else {
        return Ok(None);
    };
    if !mirror.store().map_err(fate)?.has(tip) {
        mirror.refresh().map_err(fate)?;
    }
    Ok(goal.said_since(&mirror.store().map_err(fate)?, tip))
}
