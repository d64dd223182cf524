//! Pull requests without a forge's API: the commit on a branch of cascade's own, until a person
//! merged it. What counts as merged is what the base holds, never a title or a button.

use cascade_plan::{Fate, Oid};

use super::goal::Goal;
use super::poll::poll;
use super::{failed, of_mirror};
use crate::drive::Teller;
use crate::exec::shown;
use crate::journal::Journal;
use crate::mirror::Mirror;
use crate::remote::{Answer, Lease, Refs, Unity, Wanted};

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
    if goal.is_carried_by(&store, tip) {
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
    let wanted = [Wanted {
        name: format!("refs/heads/{}", goal.own),
        to: commit.clone(),
        lease: Lease::Absent,
    }];
    let answer = goal.push(mirror, (&wanted, Unity::Loose), (journal, teller))?;
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
    let Some(tip) = refs.branch(goal.branch) else {
        return Ok(None);
    };
    let store = mirror.store_with([tip]);
    let store = store.map_err(|it| of_mirror(goal.step, it))?;
    Ok(goal.said_since(&store, tip))
}
