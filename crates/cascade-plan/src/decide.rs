//! What is done next in one repository of a run: what was seen in, one act out.
//!
//! Whoever carries acts out, a release over real remotes or a simulation, goes round one loop: ask
//! [`next`], do that, tell [`Known`] what came of it. Nothing is concluded from what an act answers;
//! the next look decides.

mod seen;
mod task;

use crate::Oid;

pub use seen::{Found, Likeness, Seen, Tip};
pub use task::{Rest, Task, Work};

/// One act in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Look at the remote.
    Look,
    /// Make the commit of the step, its locks in step and its checks passed; pushes nothing.
    Build,
    /// Ask whether this commit may go out.
    Ready(Oid),
    /// Ask the remote to take refs, after the journal knows of it.
    Push(Push),
    /// Ask the remote to take this commit on a branch of cascade's own.
    Propose(Oid),
    /// Wait until the branch holds what was proposed.
    AwaitMerge,
    /// Wait for what follows, or run it, for this commit.
    Then(Rest, Oid),
    /// Nothing more is done.
    End(End),
}

/// The refs that a remote is asked to take at once, all or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// What they shall stand for.
    pub commit: Oid,
    /// Whether the branch is one of them: from the base to the commit.
    pub branch: bool,
    /// The tag among them, if any: a forge starts no workflow for many at once.
    pub tag: Option<String>,
}

/// What a remote answered to a push. It is a hint: what the remote has is the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It says that it took them.
    Taken,
    /// It did not.
    Refused {
        /// Why, in its words.
        why: String,
        /// Whether it refused the branch for the branch's own sake.
        branch: bool,
    },
    /// It can not take several refs as one.
    NotAtomic,
    /// No answer came: it may have arrived or not.
    Silence(String),
}

/// How a step ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Everything is so.
    Done {
        /// The commit that holds the work.
        commit: Oid,
        /// The tags that are out.
        out: Vec<String>,
    },
    /// The commit would change nothing.
    Nothing,
    /// A tag stands for something else already.
    Conflict {
        /// The tag.
        tag: String,
        /// What it stands for.
        commit: Oid,
    },
    /// The branch went elsewhere since the plan was made.
    Moved(Option<Oid>),
    /// The branch of cascade's own is at somebody else's commit.
    Stranger(Oid),
    /// The remote does not take a push.
    Refused {
        /// Its last answer.
        answer: Answer,
        /// The tags that are out all the same.
        out: Vec<String>,
    },
    /// The remote does not take the branch of cascade's own.
    NotProposed(Answer),
}

/// What came of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// The remote showed this.
    Looked(Seen),
    /// The work was tried out.
    Built(Built),
    /// What was built is not there any more.
    Lost,
    /// This commit may go out.
    Ready(Oid),
    /// The remote answered a push.
    Pushed(Push, Answer),
    /// The remote answered a proposal.
    Proposed(Answer),
    /// What follows is so; the tags that others made.
    Then(Vec<String>),
}

/// What a build came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Built {
    /// This commit.
    Commit(Oid),
    /// The commit would change nothing.
    Nothing,
}

/// What is known of a step while it is carried out. All of it may be lost: another look and another
/// build bring it back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    seen: Option<Seen>,
    built: Option<Built>,
    ready: Option<Oid>,
    pushed: Option<(Push, Answer)>,
    proposed: Option<Answer>,
    /// Whether the remote takes one ref at a time only.
    loose: bool,
    /// How many of the rest are so.
    rest: usize,
    /// The tags that others made.
    made: Vec<String>,
}

impl Known {
    /// Takes in what came of an act.
    pub fn learn(&mut self, did: Did) {
        match did {
            Did::Looked(seen) => self.seen = Some(seen),
            Did::Built(built) => self.built = Some(built),
            Did::Lost => self.built = None,
            Did::Ready(commit) => self.ready = Some(commit),
            Did::Pushed(_, Answer::NotAtomic) => {
                self.seen = None;
                self.loose = true;
            }
            Did::Pushed(push, answer) => {
                self.seen = None;
                self.pushed = Some((push, answer));
            }
            Did::Proposed(answer) => {
                self.seen = None;
                self.proposed = Some(answer);
            }
            Did::Then(made) => {
                self.made.extend(made);
                self.rest += 1;
            }
        }
    }

    /// Returns the refs that were asked for last, with the answer.
    pub fn pushed(&self) -> Option<&(Push, Answer)> {
        self.pushed.as_ref()
    }

    /// Returns what the remote showed, unless it was asked for something since.
    pub fn seen(&self) -> Option<&Seen> {
        self.seen.as_ref()
    }

    /// Returns every tag that is out: the task's, and those that others made.
    pub fn out(&self, task: &Task) -> Vec<String> {
        let own = self.seen.as_ref().map(|it| it.out(task));
        let mut out = own.unwrap_or_default();
        out.extend(self.made.iter().cloned());
        out
    }

    /// Returns whether an act is done even after an interrupt: what may be half out is looked at and
    /// rolled forward.
    pub fn is_owed(&self, act: &Act) -> bool {
        matches!(act, Act::Look | Act::Push(_)) && self.pushed.is_some()
    }
}

/// Returns what is done next.
pub fn next(task: &Task, known: &Known) -> Act {
    let Some(seen) = &known.seen else {
        return Act::Look;
    };
    match seen.reached(task) {
        Err(end) => Act::End(end),
        Ok(Some(commit)) => onward(task, known, (seen, commit)),
        Ok(None) => bring(task, known, seen),
    }
}

/// Brings the work of the step to its branch, where none of it is there.
fn bring(task: &Task, known: &Known, seen: &Seen) -> Act {
    match &seen.own {
        Some(own) if own.is_ours() => return Act::AwaitMerge,
        Some(own) => return Act::End(End::Stranger(own.commit.clone())),
        None => {}
    }
    let commit = match &known.built {
        None => return Act::Build,
        Some(Built::Nothing) => return Act::End(End::Nothing),
        Some(Built::Commit(commit)) => commit.clone(),
    };
    if task.work != Work::Propose {
        return onward(task, known, (seen, commit));
    }
    match &known.proposed {
        Some(answer) => Act::End(End::NotProposed(answer.clone())),
        None => Act::Propose(commit),
    }
}

/// Goes on from the commit that the branch holds, or that is pushed to it.
fn onward(task: &Task, known: &Known, (seen, commit): (&Seen, Oid)) -> Act {
    if seen.tags.iter().all(Option::is_none) {
        if task.work == Work::None && !task.tags.is_empty() && known.built.is_none() {
            return Act::Build;
        }
        if known.ready.as_ref() != Some(&commit) {
            return Act::Ready(commit);
        }
    }
    if let Some(push) = missing(task, known, (seen, &commit)) {
        return match &known.pushed {
            Some((last, answer)) if *last == push => stuck(task, known, (seen, push), answer),
            _ => Act::Push(push),
        };
    }
    match task.rest.get(known.rest) {
        Some(rest) => Act::Then(*rest, commit),
        None => Act::End(End::Done {
            commit,
            out: known.out(task),
        }),
    }
}

/// Returns what the next push carries: the branch with the first tag, or the next tag alone.
fn missing(task: &Task, known: &Known, (seen, commit): (&Seen, &Oid)) -> Option<Push> {
    let tag = task.tags.iter().zip(&seen.tags);
    let tag = tag.into_iter().find(|(_, found)| found.is_none());
    let tag = tag.map(|(tag, _)| tag.clone());
    // A commit of a person's is tagged where it is, and brought nowhere.
    let same = |it: &Found| it.is == Likeness::Same;
    let built = matches!(&known.built, Some(Built::Commit(it)) if it == commit);
    let ours = built || seen.tags.iter().flatten().any(same);
    let branch = task.work == Work::Push && seen.branch == Tip::Base && ours;
    if !branch && tag.is_none() {
        return None;
    }
    let tag = tag.filter(|_| !(branch && known.loose));
    Some(Push {
        commit: commit.clone(),
        branch,
        tag,
    })
}

/// Goes by a pull request where the remote refused the branch: one that is protected takes it from
/// nobody else.
fn stuck(task: &Task, known: &Known, (seen, push): (&Seen, Push), answer: &Answer) -> Act {
    let itself = matches!(answer, Answer::Refused { branch: true, .. });
    if itself && push.branch && known.proposed.is_none() && seen.own.is_none() {
        return Act::Propose(push.commit);
    }
    Act::End(End::Refused {
        answer: answer.clone(),
        out: seen.out(task),
    })
}

#[cfg(test)]
mod tests;
