//! `release`: builds in mirrors, pushes to remotes, upstream first. No checkout is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use cascade_plan::decide::{Act, Rest};
use cascade_plan::{
    Action, Event, Fate, Graph, OnFailure, Outcome, Plan, Queue, RepoId, Step, Until,
};

use super::await_visible::Watch;
use super::filled::Asker;
use super::gate::Gates;
use super::goal::Goal;
use super::of_mirror;
use super::others::Others;
use super::perform::Performer;
use super::steered::{Scope, steered};
use crate::Lookout;
use crate::drive::{Teller, Turn, drive};
use crate::exec::shown;
use crate::git::Git;
use crate::journal::{Journal, JournalError, Runs};
use crate::mirror::Mirror;
use crate::relock::Desk;
use crate::state::State;

/// How a plan is carried out.
#[derive(Debug, Clone)]
pub struct Manner {
    /// How many repositories are worked on at once.
    pub jobs: usize,
    /// What becomes of the others when one fails.
    pub on_failure: OnFailure,
    /// What of it is; all of it without.
    pub scope: Option<Scope>,
    /// How far each repository goes; to its end without.
    pub until: Option<Until>,
    /// The declared graph: pins that others move are read by it.
    pub graph: Option<Arc<Graph>>,
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
    let runs = Runs::of(state);
    runs.opened(&plan.run);
    git.runs(&plan.run);
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
        until: manner.until,
        graph: manner.graph,
    };
    let Manner { scope, .. } = manner;
    let known = |repo: &RepoId| scope.as_ref()?.known(repo);
    let work = |repo: &RepoId, teller: &Teller<'_>| {
        known(repo).map_or_else(|| cascade.work(repo, teller), Turn::Ended)
    };
    let interrupt = &git.environment().interrupt;
    let queue = queue_of(plan).on_failure(manner.on_failure);
    let mut told = drive(queue, manner.jobs, interrupt, &work, &mut |event| {
        // What ended before is no news.
        if known(event.repo()).is_none() {
            journal.tell(&event);
            on_event(event);
        }
    });
    told.fates.retain(|repo, _| known(repo).is_none());
    told.out.retain(|repo, _| known(repo).is_none());
    journal.end();
    runs.closed(&plan.run);
    Ok(told)
}

/// Returns the queue of a plan's steps.
pub(super) fn queue_of(plan: &Plan) -> Queue<RepoId> {
    let known: BTreeSet<&RepoId> = plan.steps.iter().map(|it| &it.repo).collect();
    let item = |step: &Step| {
        let after = step.after.iter().filter(|it| known.contains(it));
        (step.repo.clone(), after.cloned().collect())
    };
    let steps: BTreeMap<&RepoId, &Step> = plan.steps.iter().map(|it| (&it.repo, it)).collect();
    let unneeded = |step: &Step| {
        let after = step.after.iter().filter_map(|it| steps.get(it));
        let without = after.filter(|it| !step.needs(it));
        let pairs = without.map(|it| (step.repo.clone(), it.repo.clone()));
        pairs.collect::<Vec<_>>()
    };
    let queue = Queue::new(plan.steps.iter().map(item));
    queue.could_do_without(plan.steps.iter().flat_map(unneeded))
}

/// What all steps of a release share.
pub(super) struct Cascade<'a> {
    pub(super) plan: &'a Plan,
    pub(super) git: &'a Git,
    pub(super) desk: Desk<'a>,
    lookout: Lookout,
    gates: Gates,
    pub(super) state: &'a State,
    pub(super) journal: &'a Journal,
    steps: BTreeMap<&'a RepoId, &'a Step>,
    /// What was released as another version than the plan foresaw.
    elsewhere: Mutex<BTreeMap<RepoId, String>>,
    pub(super) until: Option<Until>,
    pub(super) graph: Option<Arc<Graph>>,
}

impl Cascade<'_> {
    /// Returns who reads registries.
    pub(super) fn lookout(&self) -> &Lookout {
        &self.lookout
    }

    fn work(&self, repo: &RepoId, teller: &Teller<'_>) -> Turn {
        let Some(step) = self.steps.get(repo) else {
            return Turn::Ended(Fate::Nothing);
        };
        if let Err(fate) = self.allowed(step, teller) {
            return Turn::Ended(fate);
        }
        match Goal::of(step, &self.plan.run) {
            Some(goal) => match self.mirror(step) {
                Ok(mirror) => self.carry_out(&goal, &mirror, teller),
                Err(fate) => Turn::Ended(fate),
            },
            None => Turn::Ended(self.stand_by(step, teller).unwrap_or_else(|fate| fate)),
        }
    }

    /// Returns when nothing keeps a step from being begun.
    fn allowed(&self, step: &Step, teller: &Teller<'_>) -> Result<(), Fate> {
        if let Some(held) = &step.held {
            return Err(Fate::Waiting {
                what: held.why.clone(),
                help: held.help.clone(),
            });
        }
        if let Some(what) = self.stands_elsewhere(step) {
            return Err(Fate::Drifted { what });
        }
        let with = (self.git, self.state);
        steered(step, &self.plan.run, with, (self.journal, teller))?;
        let with = (self.plan, self.git, self.state.root());
        self.gates.pass(step, with, teller)
    }

    /// Waits for what is out already, before what stands on it begins.
    fn stand_by(&self, step: &Step, teller: &Teller<'_>) -> Result<Fate, Fate> {
        if step.actions.is_empty() {
            return Ok(Fate::Nothing);
        }
        teller.started();
        let mirror = self.mirror(step)?;
        self.watch(&mirror, teller).visible(step, &step.base, &[])?;
        if !step.actions.iter().any(Action::is_of_others) {
            return Ok(Fate::Nothing);
        }
        let act = Act::Then(Rest::Others, step.base.clone());
        if let Some(after) = self.until.filter(|it| !it.allows(&act)) {
            return Ok(Fate::Stopped { after });
        }
        let tip = Others::of(self, step, (&mirror, teller))?.bring()?;
        Ok(Fate::Done {
            commit: tip.or_else(|| Some(step.base.clone())),
            out: Vec::new(),
        })
    }

    fn carry_out(&self, goal: &Goal<'_>, mirror: &Mirror, teller: &Teller<'_>) -> Turn {
        teller.started();
        Performer::new((self, goal), mirror, teller).carry_out()
    }

    fn mirror(&self, step: &Step) -> Result<Mirror, Fate> {
        let address = step.remote.as_deref();
        let mirror = Mirror::open(self.git, self.state, &step.repo, address);
        mirror.map_err(|it| of_mirror(step, it))
    }

    /// Returns what waits for the packages of a repository.
    pub(super) fn watch<'w>(&'w self, mirror: &'w Mirror, teller: &'w Teller<'w>) -> Watch<'w> {
        Watch {
            git: self.git,
            lookout: &self.lookout,
            root: self.state.root(),
            mirror,
            teller,
        }
    }

    /// Returns who asks for the digests and commits that a step names.
    pub(super) fn asker<'w>(&'w self, teller: &'w Teller<'w>) -> Asker<'w> {
        Asker {
            git: self.git,
            lookout: &self.lookout,
            root: self.state.root(),
            teller,
            again: "cascade resume",
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

    /// Remembers that a step took another version than foreseen.
    pub(super) fn compare(&self, step: &Step, foreseen: &str, tag: &str, teller: &Teller<'_>) {
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
            self.stand_elsewhere(step, what);
        }
    }

    /// Remembers that a step is planned anew, and with it what stands on it.
    pub(super) fn anew(&self, step: &Step, what: &str, teller: &Teller<'_>) {
        let what = format!("{what}: `cascade release --repo {}`", step.repo);
        teller.note(what.clone());
        self.stand_elsewhere(step, what);
    }

    fn stand_elsewhere(&self, step: &Step, what: String) {
        let elsewhere = self.elsewhere.lock();
        let mut elsewhere = elsewhere.unwrap_or_else(PoisonError::into_inner);
        elsewhere.insert(step.repo.clone(), what);
    }
}
