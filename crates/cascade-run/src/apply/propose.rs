//! Pull requests without a forge's API: the commit on a branch of cascade's own, until a person
//! merged it. What counts as merged is what the base holds, never a title or a button.

use cascade_plan::decide::{Answer as Answered, Seen, Tip};
use cascade_plan::{Fate, Oid};

use super::goal::{Goal, answered};
use super::poll::poll;
use crate::drive::Teller;
use crate::exec::shown;
use crate::journal::Journal;
use crate::mirror::Mirror;
use crate::remote::{Answer, Lease, Refs, Unity, Wanted};

/// Asks the remote to take the commit on the branch of cascade's own; returns its answer, and the
/// address that the server named with it.
///
/// # Errors
/// With the fate of the step, where the journal can not be written or git does not start.
pub(crate) fn propose(
    goal: &Goal<'_>,
    mirror: &Mirror,
    commit: &Oid,
    (journal, teller): (&Journal, &Teller<'_>),
) -> Result<(Answered, Option<String>), Fate> {
    let wanted = [Wanted {
        name: format!("refs/heads/{}", goal.own),
        to: commit.clone(),
        lease: Lease::Absent,
    }];
    let answer = goal.offer(mirror, (&wanted, Unity::Loose), (journal, teller))?;
    let link = match &answer {
        Answer::Taken { link: Some(link) } => Some(shown(link, mirror.git().environment())),
        _ => None,
    };
    if link.is_some() {
        teller.note(format!("to merge: {}", asked(goal, link.as_deref())));
    }
    Ok((answered(answer, &goal.own), link))
}

/// Waits until the branch holds what was proposed; returns what the remote shows then.
///
/// # Errors
/// With the fate of the step: waiting, when the patience is over.
pub(crate) fn await_merge(
    goal: &Goal<'_>,
    mirror: &Mirror,
    link: Option<&str>,
    teller: &Teller<'_>,
) -> Result<Seen, Fate> {
    let what = asked(goal, link);
    teller.progress(format!("waiting for {what}"));
    let find = |refs: &Refs| {
        let seen = goal.seen(mirror, refs)?;
        let tagged = seen.tags.iter().any(Option::is_some);
        Ok((tagged || matches!(seen.branch, Tip::Holds(_))).then_some(seen))
    };
    let found = teller.resting(|| poll(mirror, &goal.names(), find))?;
    found.ok_or_else(|| Fate::Waiting {
        what,
        help: Some("cascade resume".to_owned()),
    })
}

/// Returns what a person is asked for, in words.
fn asked(goal: &Goal<'_>, link: Option<&str>) -> String {
    let words = format!(
        "the pull request of `{}` into `{}`",
        goal.own, goal.task.branch
    );
    match link {
        Some(link) => format!("{words}: {link}"),
        None => words,
    }
}
