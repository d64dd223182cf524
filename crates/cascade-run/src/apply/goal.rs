//! What a step wants the remote to have, and what the remote has of it already.

use std::collections::HashSet;

use cascade_plan::decide::{Answer as Answered, End, Found, Likeness, Push, Seen, Task, Tip, Work};
use cascade_plan::{Action, Fate, Oid, RunId, Step};

use super::{failed, of_git, of_mirror, short};
use crate::drive::Teller;
use crate::git::GitError;
use crate::journal::Journal;
use crate::mirror::{Mirror, Store};
use crate::relock::stands;
use crate::remote::{Answer, Lease, Refs, Unity, Wanted, push};

/// How far back from a branch's tip a commit of the plan is looked for.
const DEPTH: usize = 10_000;
/// How many branches of earlier runs are looked at.
const BEFORE: usize = 16;
/// What helps where a journal can not be written.
pub(super) const MAKE_ROOM: &str = "make room in the state folder, then go on: `cascade resume`";

/// What a step wants its remote to have, and what it is told apart by.
#[derive(Debug, Clone)]
pub(crate) struct Goal<'a> {
    pub(crate) step: &'a Step,
    pub(crate) task: Task,
    /// The branch of cascade's own, for a pull request.
    pub(crate) own: String,
    /// The message of its commit; none where the base itself is tagged.
    pub(crate) message: Option<&'a str>,
}

impl<'a> Goal<'a> {
    /// Returns what the actions of a step come to in a run; `None` where its remote is asked for
    /// nothing.
    pub(crate) fn of(step: &'a Step, run: &RunId) -> Option<Self> {
        let message = step.actions.iter().find_map(|it| match it {
            Action::Commit { message } => Some(message.as_str()),
            _ => None,
        });
        Some(Self {
            step,
            task: Task::of(step)?,
            own: format!("cascade/{}/{}", run.0, step.repo),
            message,
        })
    }

    /// Returns what the remote shows of it, with every object of that in the mirror.
    ///
    /// # Errors
    /// When the remote does not answer.
    pub(crate) fn see(&self, mirror: &Mirror) -> Result<Seen, Fate> {
        let refs = mirror.look(&self.names());
        self.seen(mirror, &refs.map_err(|it| of_mirror(self.step, it.into()))?)
    }

    /// Looks as [`Goal::see`] does once something may be half out: no interrupt hides what became of
    /// it, and where no answer comes that is not known.
    ///
    /// # Errors
    /// When the remote does not answer.
    pub(crate) fn see_after_push(&self, mirror: &Mirror) -> Result<Seen, Fate> {
        match mirror.look_uninterrupted(&self.names()) {
            Ok(refs) => self.seen(mirror, &refs),
            Err(GitError::Interrupted) => Err(Fate::Interrupted),
            Err(other) => Err(Fate::Waiting {
                what: format!("the remote to answer, for the push may have arrived: {other}"),
                help: Some(format!("cascade release --repo {}", self.step.repo)),
            }),
        }
    }

    /// Returns what these refs show of it.
    ///
    /// # Errors
    /// When the objects behind them can not be had.
    pub(crate) fn seen(&self, mirror: &Mirror, refs: &Refs) -> Result<Seen, Fate> {
        let tip = refs.branch(&self.task.branch);
        let own = refs.branch(&self.own);
        let tags: Vec<Option<&Oid>> = self.task.tags.iter().map(|it| refs.tag(it)).collect();
        let needed = [tip, own].into_iter().chain(tags.iter().copied());
        let store = mirror.store_with(needed.flatten().chain([&self.task.base]));
        let store = store.map_err(|it| of_mirror(self.step, it))?;
        let found = |commit: &Oid| Found {
            commit: commit.clone(),
            is: self.likeness(&store, commit),
        };
        Ok(Seen {
            branch: self.tip(&store, tip),
            own: own.map(|it| self.proposal(&store, it)),
            tags: tags.into_iter().map(|it| it.map(found)).collect(),
        })
    }

    /// Returns the refs of the remote that matter, by their full names.
    pub(crate) fn names(&self) -> Vec<String> {
        let branches = [&self.task.branch, &self.own];
        let mut names: Vec<String> = branches.map(|it| format!("refs/heads/{it}")).to_vec();
        for name in &self.task.tags {
            names.push(format!("refs/tags/{name}"));
            names.push(format!("refs/tags/{name}^{{}}"));
        }
        names
    }

    /// Returns what a commit on a branch of cascade's own is. The base may have moved on since: what
    /// counts is what it holds once that is merged.
    fn proposal(&self, store: &Store, commit: &Oid) -> Found {
        let is = match self.likeness(store, commit) {
            Likeness::Foreign if self.edits_stand(store, commit) => Likeness::Alike,
            other => other,
        };
        let commit = commit.clone();
        Found { commit, is }
    }

    /// Returns the branches of cascade's own that earlier runs proposed for the repository and that are
    /// still there: whether each has every edit that is planned now.
    ///
    /// # Errors
    /// When the remote does not answer, or what it has can not be had.
    pub(crate) fn proposed_before(&self, mirror: &Mirror) -> Result<Vec<(String, bool)>, Fate> {
        let fate = |it| of_mirror(self.step, it);
        let pattern = format!("refs/heads/cascade/*/{}", self.step.repo);
        let refs = mirror.look(&[pattern]).map_err(|it| fate(it.into()))?;
        let own = |name: &str| {
            let run = name.strip_prefix("refs/heads/cascade/")?;
            let run = run.strip_suffix(self.step.repo.as_str())?;
            let run = run.strip_suffix('/')?;
            let is_run = !run.is_empty() && run.bytes().all(|it| it.is_ascii_hexdigit());
            is_run.then(|| format!("cascade/{run}/{}", self.step.repo))
        };
        let all = refs.all().filter_map(|(name, at)| Some((own(name)?, at)));
        let all: Vec<(String, &Oid)> = all.filter(|it| it.0 != self.own).take(BEFORE).collect();
        let needed = all.iter().map(|it| it.1).chain([&self.task.base]);
        let store = mirror.store_with(needed).map_err(fate)?;
        let judged = all.into_iter();
        let judged = judged.map(|(name, at)| (name, self.edits_stand(&store, at)));
        Ok(judged.collect())
    }

    fn tip(&self, store: &Store, tip: Option<&Oid>) -> Tip {
        let base = &self.task.base;
        match tip {
            Some(tip) if tip == base && self.task.work != Work::None => Tip::Base,
            Some(tip) => match self.on_branch(store, tip) {
                Some(since) => Tip::Holds(since),
                None => Tip::Elsewhere(Some(tip.clone())),
            },
            None => Tip::Elsewhere(None),
        }
    }

    fn likeness(&self, store: &Store, commit: &Oid) -> Likeness {
        if self.is_ours(store, commit) {
            Likeness::Same
        } else if self.says_so(store, commit) {
            Likeness::Alike
        } else {
            Likeness::Foreign
        }
    }

    /// Returns whether a commit is the one that the plan makes.
    fn is_ours(&self, store: &Store, commit: &Oid) -> bool {
        match self.message {
            None => *commit == self.step.base,
            Some(message) => carries(store, self.step, commit, message).unwrap_or(false),
        }
    }

    /// Returns whether a commit on top of the base says what the plan wants, whoever made it and in
    /// whatever way: a squashed merge, an edit by hand.
    fn says_so(&self, store: &Store, commit: &Oid) -> bool {
        store.contains(commit, &self.step.base) && self.edits_stand(store, commit)
    }

    fn edits_stand(&self, store: &Store, commit: &Oid) -> bool {
        let step = self.step;
        let changed = |file: &str| {
            let at = |commit| store.file(commit, file).ok().flatten();
            at(commit).is_some_and(|it| Some(it) != at(&step.base))
        };
        let stands = |it: &Action| match it {
            Action::Write { path, after, .. } => writes(store, step, commit, (path, after)),
            Action::Submodule { path, after, .. } => is_at(store, step, commit, (path, after)),
            Action::Relock(it) => changed(&it.file),
            _ => true,
        };
        let mut actions = step.actions.iter();
        let is_edit = |it: &Action| matches!(it, Action::Write { .. } | Action::Submodule { .. });
        let edits = actions.clone().any(is_edit);
        edits && actions.all(stands)
    }

    /// Returns the commit since which a branch holds the work of the step, down its first parents:
    /// the plan's own, or the oldest from which on up to its tip every edit stands. `None` where it
    /// does not; what was merged counts by its edits alone, since it may have been taken back.
    fn on_branch(&self, store: &Store, tip: &Oid) -> Option<Oid> {
        let base = &self.task.base;
        if !store.contains(tip, base) {
            return None;
        }
        if self.task.work == Work::None {
            return Some(base.clone());
        }
        let since: HashSet<Oid> = store.between(tip, base, DEPTH).into_iter().collect();
        let first_parent = |at: &Oid| store.parents(at)?.into_iter().next();
        let down = || {
            std::iter::successors(Some(tip.clone()), first_parent)
                .take_while(|it| since.contains(it))
        };
        let ours = match self.task.work {
            Work::Push => down().find(|it| self.is_ours(store, it)),
            Work::Propose | Work::None => None,
        };
        ours.or_else(|| down().take_while(|it| self.says_so(store, it)).last())
    }

    /// Asks the remote to take refs, after the journal knows of it: the branch, if it is one of
    /// them, and a tag object.
    ///
    /// # Errors
    /// With the fate of the step, where the journal can not be written or git does not start.
    pub(crate) fn push(
        &self,
        mirror: &Mirror,
        (asked, tag): (&Push, Option<&Oid>),
        (journal, teller): (&Journal, &Teller<'_>),
    ) -> Result<Answered, Fate> {
        let branch = asked.branch.then(|| Wanted {
            name: format!("refs/heads/{}", self.task.branch),
            to: asked.commit.clone(),
            lease: Lease::At(self.task.base.clone()),
        });
        let tag = asked.tag.as_ref().zip(tag).map(|(name, id)| Wanted {
            name: format!("refs/tags/{name}"),
            to: id.clone(),
            lease: Lease::Absent,
        });
        let wanted: Vec<Wanted> = branch.into_iter().chain(tag).collect();
        let unity = match wanted.len() {
            1 => Unity::Loose,
            _ => Unity::Atomic,
        };
        let answer = self.offer(mirror, (&wanted, unity), (journal, teller))?;
        let branch = format!("refs/heads/{}", self.task.branch);
        Ok(answered(answer, &branch))
    }

    /// Asks the remote once to take refs, after the journal knows of it.
    ///
    /// # Errors
    /// With the fate of the step, where the journal can not be written or git does not start.
    pub(crate) fn offer(
        &self,
        mirror: &Mirror,
        (wanted, unity): (&[Wanted], Unity),
        (journal, teller): (&Journal, &Teller<'_>),
    ) -> Result<Answer, Fate> {
        let written = journal.pushes(&self.step.repo, wanted);
        written.map_err(|it| failed(it.to_string(), MAKE_ROOM.to_owned()))?;
        teller.progress(format!("pushing {}", names_of(wanted)));
        let (call, to) = (mirror.call(), mirror.remote().address());
        push(call, mirror.git(), to, wanted, unity).map_err(|it| of_git(it, None))
    }

    /// Returns what an end is for people.
    pub(crate) fn fate(&self, end: End) -> Fate {
        // What is released has a name to be released by; what only follows is planned anew with the run.
        let again = || {
            if self.step.releases.is_empty() {
                return "cascade resume --replan".to_owned();
            }
            format!("cascade release --repo {}", self.step.repo)
        };
        match end {
            End::Done { commit, out } => Fate::Done {
                commit: Some(commit),
                out,
            },
            End::Nothing => Fate::Nothing,
            End::Conflict { tag, commit } => failed(
                format!(
                    "the tag `{tag}` is on the remote already, at {}, which is not this release; a pushed tag is never moved",
                    commit.short()
                ),
                format!("{}=VERSION", again()),
            ),
            End::Moved(tip) => Fate::Drifted {
                what: format!(
                    "`{}` is at {} on the remote, and the plan was made for {}; plan again with `{}`",
                    self.task.branch,
                    short(tip.as_ref()),
                    self.task.base.short(),
                    again()
                ),
            },
            End::Stranger(commit) => failed(
                format!(
                    "`{}` is at {}, which somebody else made and which does not hold the planned edits",
                    self.own,
                    commit.short()
                ),
                "take that commit off the branch, or delete the branch, then `cascade resume`"
                    .to_owned(),
            ),
            End::Refused { answer, out } => Fate::Failed {
                why: refusal(answer),
                help: Some(again()),
                out,
            },
            End::NotProposed(answer) => {
                let why = match answer {
                    Answered::Refused { why, .. } | Answered::Silence(why) => {
                        format!("the remote did not take `{}`: {why}", self.own)
                    }
                    Answered::Taken | Answered::NotAtomic => {
                        format!("the remote does not have `{}`", self.own)
                    }
                };
                failed(why, "cascade resume".to_owned())
            }
        }
    }
}

/// Returns an answer as deciding knows it; `branch` is the full name of the branch.
pub(crate) fn answered(answer: Answer, branch: &str) -> Answered {
    match answer {
        Answer::Taken { .. } => Answered::Taken,
        Answer::Refused { why, refs } => Answered::Refused {
            why,
            branch: refs.iter().any(|it| it == branch),
        },
        Answer::NotAtomic => Answered::NotAtomic,
        Answer::Silence(text) => Answered::Silence(text),
    }
}

fn refusal(answer: Answered) -> String {
    match answer {
        Answered::Refused { why, .. } => format!("the remote refused the push: {why}"),
        Answered::Silence(text) => format!("the push did not arrive: {text}"),
        Answered::Taken | Answered::NotAtomic => {
            "git says that it pushed, and the remote does not have it".to_owned()
        }
    }
}

/// Returns whether a commit is a step's: on its base, with its message and its edits.
pub(crate) fn carries(store: &Store, step: &Step, commit: &Oid, message: &str) -> Option<bool> {
    let said = store.message(commit)?.trim_end() == message.trim_end();
    let written = step.actions.iter().all(|it| match it {
        Action::Write { path, after, .. } => writes(store, step, commit, (path, after)),
        Action::Submodule { path, after, .. } => is_at(store, step, commit, (path, after)),
        _ => true,
    });
    Some(said && written && store.parents(commit)? == [step.base.clone()])
}

/// Returns whether a file of a commit says what a step wants it to say.
fn writes(store: &Store, step: &Step, commit: &Oid, (path, after): (&str, &str)) -> bool {
    let now = store.file(commit, path);
    now.is_ok_and(|now| stands(step, path, after, &now.unwrap_or_default()))
}

/// Returns whether a submodule of a commit is where a step wants it to be.
fn is_at(store: &Store, step: &Step, commit: &Oid, (path, after): (&str, &Oid)) -> bool {
    let now = store.submodule(commit, path);
    let is_it = |now: &Oid| step.is_filled(path, after.as_str(), now.as_str());
    now.is_ok_and(|it| it.as_ref().is_some_and(is_it))
}

fn names_of(wanted: &[Wanted]) -> String {
    let names = wanted.iter().map(|it| {
        let short = it.name.strip_prefix("refs/heads/");
        short
            .or_else(|| it.name.strip_prefix("refs/tags/"))
            .unwrap_or(&it.name)
    });
    names
        .map(|it| format!("`{it}`"))
        .collect::<Vec<_>>()
        .join(" and ")
}
