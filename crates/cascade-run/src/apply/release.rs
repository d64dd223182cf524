//! `release`: builds in mirrors, pushes to remotes, upstream first. No checkout is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use cascade_plan::{Action, Event, Fate, Oid, OnFailure, Outcome, Plan, Queue, RepoId, Step};

use super::await_tag::{await_tag, foreseen};
use super::await_visible::Watch;
use super::errand::Ran;
use super::gate::Gates;
use super::goal::{Built, Goal, Stuck, Way};
use super::propose::merged;
use super::try_out::{Locks, Trial};
use super::{failed, of_build, of_mirror};
use crate::Lookout;
use crate::drive::{Teller, drive};
use crate::exec::shown;
use crate::git::Git;
use crate::journal::{Journal, JournalError};
use crate::mirror::Mirror;
use crate::relock::Desk;
use crate::remote::Refs;
use crate::state::State;

/// How a plan is carried out.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// How many repositories are worked on at once.
    pub jobs: usize,
    /// What becomes of the others when one fails.
    pub on_failure: OnFailure,
}

/// Carries a release out: every step as soon as its upstreams are out, those first on which the
/// longest chain stands. What the remotes show already is done, however it came about, so to take a
/// run up is to carry its plan out once more.
///
/// # Errors
/// When the run's journal can not be begun: nothing was done then.
pub fn release(
    plan: &Plan,
    git: &Git,
    state: &State,
    manner: Manner,
    on_event: &mut dyn FnMut(Event),
) -> Result<Outcome, JournalError> {
    let journal = Journal::begin(state, plan)?;
    let cascade = Cascade {
        plan,
        git,
        desk: Desk::new(git, &plan.request),
        lookout: Lookout::new(git),
        gates: Gates::default(),
        state,
        journal: &journal,
        steps: plan.steps.iter().map(|it| (&it.repo, it)).collect(),
        elsewhere: Mutex::default(),
    };
    let work = |repo: &RepoId, teller: &Teller<'_>| cascade.work(repo, teller);
    let interrupt = &git.environment().interrupt;
    let queue = queue_of(plan).on_failure(manner.on_failure);
    let told = drive(queue, manner.jobs, interrupt, &work, &mut |event| {
        journal.tell(&event);
        on_event(event);
    });
    journal.end();
    Ok(told)
}

/// Returns the queue of a plan's steps.
pub(super) fn queue_of(plan: &Plan) -> Queue<RepoId> {
    let known: BTreeSet<&RepoId> = plan.steps.iter().map(|it| &it.repo).collect();
    let item = |step: &Step| {
        let after = step.after.iter().filter(|it| known.contains(it));
        (step.repo.clone(), after.cloned().collect())
    };
    Queue::new(plan.steps.iter().map(item))
}

struct Cascade<'a> {
    plan: &'a Plan,
    git: &'a Git,
    desk: Desk<'a>,
    lookout: Lookout,
    gates: Gates,
    state: &'a State,
    journal: &'a Journal,
    steps: BTreeMap<&'a RepoId, &'a Step>,
    /// What was released as another version than the plan foresaw.
    elsewhere: Mutex<BTreeMap<RepoId, String>>,
}

impl Cascade<'_> {
    fn work(&self, repo: &RepoId, teller: &Teller<'_>) -> Fate {
        let Some(step) = self.steps.get(repo) else {
            return Fate::Nothing;
        };
        if let Some(held) = &step.held {
            return Fate::Waiting {
                what: held.why.clone(),
                help: held.help.clone(),
            };
        }
        if let Some(what) = self.stands_elsewhere(step) {
            return Fate::Drifted { what };
        }
        let with = (self.plan, self.git, self.state.root());
        if let Err(fate) = self.gates.pass(step, with, teller) {
            return fate;
        }
        match Goal::of(step, &self.plan.run) {
            Some(goal) => self.carry_out(&goal, teller).unwrap_or_else(|fate| fate),
            None => self.stand_by(step, teller).unwrap_or_else(|fate| fate),
        }
    }

    /// Waits for what is out already, before what stands on it begins.
    fn stand_by(&self, step: &Step, teller: &Teller<'_>) -> Result<Fate, Fate> {
        if step.actions.is_empty() {
            return Ok(Fate::Nothing);
        }
        teller.started();
        let mirror = Mirror::open(self.git, self.state, &step.repo, step.remote.as_deref())
            .map_err(|it| of_mirror(step, it))?;
        self.watch(&mirror, teller).visible(step, &step.base, &[])?;
        Ok(Fate::Nothing)
    }

    fn watch<'w>(&'w self, mirror: &'w Mirror, teller: &'w Teller<'w>) -> Watch<'w> {
        Watch {
            git: self.git,
            lookout: &self.lookout,
            root: self.state.root(),
            mirror,
            teller,
        }
    }

    /// A step's texts hold the versions foreseen: they are wrong once an upstream took another.
    fn stands_elsewhere(&self, step: &Step) -> Option<String> {
        let elsewhere = self
            .elsewhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        step.after.iter().find_map(|it| elsewhere.get(it).cloned())
    }

    fn carry_out(&self, goal: &Goal<'_>, teller: &Teller<'_>) -> Result<Fate, Fate> {
        teller.started();
        let step = goal.step;
        let mirror = Mirror::open(self.git, self.state, &step.repo, step.remote.as_deref())
            .map_err(|it| of_mirror(step, it))?;
        let refs = goal.world(&mirror)?;
        let commit = match goal.reached(&mirror, &refs)? {
            Some(commit) => commit,
            None => match self.commit(goal, &mirror, teller)? {
                Some(commit) => self.brought(goal, &mirror, (commit, &refs), teller)?,
                None => return Ok(Fate::Nothing),
            },
        };
        if !goal.tags.iter().any(|it| refs.tag(it.0).is_some()) {
            self.ready(goal, &mirror, &commit, teller)?;
            self.watch(&mirror, teller).placed(step, &commit)?;
        }
        let built = self.tags(goal, &mirror, commit)?;
        let settled = goal.settle(&mirror, &built, (self.journal, teller));
        let built = match settled {
            Ok(()) => built,
            Err(stuck) => self.otherwise(goal, &mirror, (built, stuck), teller)?,
        };
        let mut out: Vec<String> = built.tags.into_iter().map(|(name, _)| name).collect();
        teller.out(&out);
        let own = out.len();
        self.wait(goal, &mirror, &built.commit, (&mut out, teller))?;
        if out.len() > own {
            teller.out(&out);
        }
        let watch = self.watch(&mirror, teller);
        watch.visible(step, &built.commit, &out)?;
        watch.afterwards(step, &built.commit)?;
        Ok(Fate::Done {
            commit: Some(built.commit),
            out,
        })
    }

    /// Returns the commit of the step, built and tried out; `None` where nothing would change.
    fn commit(
        &self,
        goal: &Goal<'_>,
        mirror: &Mirror,
        teller: &Teller<'_>,
    ) -> Result<Option<Oid>, Fate> {
        let step = goal.step;
        let fate = |it| of_build(step, it);
        let store = mirror.store().map_err(|it| of_mirror(step, it))?;
        let tree = store.tree(&step.base).map_err(fate)?;
        let trial = Trial {
            git: self.git,
            desk: &self.desk,
            step,
            teller,
            store: &store,
            tree,
            locks: Locks::Needed,
        };
        let mut edits = mirror.edits(step).map_err(fate)?;
        trial.locks(&mut edits)?;
        let Some(message) = goal.message else {
            trial.checks(&edits)?;
            return Ok(Some(step.base.clone()));
        };
        if edits.is_empty() {
            return Ok(None);
        }
        trial.checks(&edits)?;
        let who = mirror.identity(self.plan.taken).map_err(fate)?;
        let tree = mirror.tree(&step.base, &edits).map_err(fate)?;
        let commit = mirror
            .commit(&step.base, tree, message, &who)
            .map_err(fate)?;
        mirror
            .pin(&self.plan.run, "commit", &commit)
            .map_err(fate)?;
        teller.progress(format!("committed {}", commit.short()));
        Ok(Some(commit))
    }

    /// Returns the commit of a step as it is tagged: where a person merges it, that of what was merged.
    fn brought(
        &self,
        goal: &Goal<'_>,
        mirror: &Mirror,
        (commit, refs): (Oid, &Refs),
        teller: &Teller<'_>,
    ) -> Result<Oid, Fate> {
        let by_person = goal.way == Way::Merged || refs.branch(&goal.own).is_some();
        if goal.message.is_none() || !by_person {
            return Ok(commit);
        }
        merged(goal, mirror, &commit, (self.journal, teller))
    }

    /// Goes by a pull request where the remote refused the push of a commit: a branch that is
    /// protected takes it from nobody else.
    fn otherwise(
        &self,
        goal: &Goal<'_>,
        mirror: &Mirror,
        (built, stuck): (Built, Stuck),
        teller: &Teller<'_>,
    ) -> Result<Built, Fate> {
        let Stuck::Refused(fate) = stuck else {
            return Err(stuck.fate());
        };
        let refs = goal.world(mirror)?;
        let at_base = refs.branch(goal.branch) == Some(&goal.step.base);
        if goal.message.is_none() || !at_base {
            return Err(fate);
        }
        let merged = merged(goal, mirror, &built.commit, (self.journal, teller));
        let merged = match merged {
            // A remote that takes nothing at all said why the first time.
            Err(Fate::Failed { .. }) => return Err(fate),
            other => other,
        };
        teller.note(format!(
            "the remote takes no push to `{}`, so the pins went by a pull request",
            goal.branch
        ));
        let merged = merged?;
        self.ready(goal, mirror, &merged, teller)?;
        let built = self.tags(goal, mirror, merged)?;
        let settled = goal.settle(mirror, &built, (self.journal, teller));
        settled.map(|()| built).map_err(Stuck::fate)
    }

    /// Asks whether the commit may be tagged.
    fn ready(
        &self,
        goal: &Goal<'_>,
        mirror: &Mirror,
        commit: &Oid,
        teller: &Teller<'_>,
    ) -> Result<(), Fate> {
        let step = goal.step;
        let acts = step.actions.iter().filter_map(|it| match it {
            Action::Ready { argv } => Some(argv),
            _ => None,
        });
        let acts: Vec<&Vec<String>> = acts.collect();
        if acts.is_empty() {
            return Ok(());
        }
        let watch = self.watch(mirror, teller);
        let export = watch.export(commit)?;
        for argv in acts {
            let line = argv.join(" ");
            teller.progress(format!(
                "asking `{line}` whether {} is ready",
                commit.short()
            ));
            let ended = watch.errand(step, export.path(), commit).run(argv)?;
            if ended.word() == "running" {
                return Err(Fate::Waiting {
                    what: format!(
                        "`{line}` to say that {} is ready: {}",
                        commit.short(),
                        ended.last
                    ),
                    help: None,
                });
            }
            if ended.ran == Ran::Badly {
                let why = format!("{} is not ready: `{line}`: {}", commit.short(), ended.said);
                return Err(failed(why, format!("cd {} && {line}", step.path)));
            }
        }
        Ok(())
    }

    fn tags(&self, goal: &Goal<'_>, mirror: &Mirror, commit: Oid) -> Result<Built, Fate> {
        let fate = |it| of_build(goal.step, it);
        let mut tags = Vec::new();
        if !goal.tags.is_empty() {
            let who = mirror.identity(self.plan.taken).map_err(fate)?;
            for (name, message) in &goal.tags {
                let id = mirror.tag(name, &commit, message, &who).map_err(fate)?;
                mirror
                    .pin(&self.plan.run, &format!("tags/{name}"), &id)
                    .map_err(fate)?;
                tags.push(((*name).to_owned(), id));
            }
        }
        Ok(Built { commit, tags })
    }

    /// Waits for the tags that others make; cascade's own were seen on the remote already.
    fn wait(
        &self,
        goal: &Goal<'_>,
        mirror: &Mirror,
        commit: &Oid,
        (out, teller): (&mut Vec<String>, &Teller<'_>),
    ) -> Result<(), Fate> {
        let step = goal.step;
        for action in &step.actions {
            let Action::AwaitTag { template, name, .. } = action else {
                continue;
            };
            if name.as_ref().is_some_and(|it| out.contains(it)) {
                continue;
            }
            let tag = await_tag(mirror, step, template, commit, teller)?;
            self.compare(step, &foreseen(step, template), &tag, teller);
            out.push(tag);
        }
        Ok(())
    }

    /// Remembers that a step took another version than foreseen.
    fn compare(&self, step: &Step, foreseen: &str, tag: &str, teller: &Teller<'_>) {
        let planned = step.releases.iter().any(|it| it.tag == foreseen);
        if planned && tag != foreseen {
            let tag = shown(tag, self.git.environment());
            let what = format!(
                "`{}` was released as {tag}, and the plan foresaw {foreseen}",
                step.repo
            );
            teller.note(what.clone());
            let what = format!(
                "{what}; plan again with `cascade release --repo {}`",
                step.repo
            );
            let mut elsewhere = self
                .elsewhere
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            elsewhere.insert(step.repo.clone(), what);
        }
    }
}
