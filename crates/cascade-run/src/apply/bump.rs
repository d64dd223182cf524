//! `bump`: the local part, in the checkouts, by the user's own git.

use std::collections::BTreeMap;
use std::path::Path;

use cascade_plan::{Action, Event, Fate, Outcome, Plan, RepoId, Step};

use super::commit::{commit, leave, refused, residue, undo};
use super::filled::{Asker, Asks};
use super::fit::{clean, done_before, new_branch_is_fit};
use super::record::Record;
use super::release::queue_of;
use super::try_out::{Locks, Trial};
use super::worktree::{Standing, Worktree};
use super::{failed, of_git, of_write, short};
use crate::Lookout;
use crate::Site;
use crate::drive::{Teller, drive};
use crate::fetch::{Stand, stand};
use crate::git::Git;
use crate::mirror::{BuildError, Store};
use crate::relock::Desk;
use crate::state::State;
use crate::write::{Edits, current, settle, stage, writable};

/// What becomes of the edits of a `bump`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitHow {
    /// They stay in the working tree.
    Leave,
    /// They are committed on the branch that is checked out.
    Here,
    /// They are committed on a new branch of this name.
    Branch(String),
}

/// A step that can not be carried out in its checkout as that is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// The repository.
    pub repo: RepoId,
    /// Why not, as its part would end.
    pub fate: Fate,
    /// What forbids it.
    pub by: Hindrance,
}

/// What keeps a checkout from being changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// A rule: what is not committed, or not on its branch, is left alone.
    Rule,
    /// The machine: a file can not be written.
    Disk,
}

/// Returns the steps that can not be carried out in their checkouts as those are now, and why not;
/// nothing is written.
pub fn unfit(plan: &Plan, sites: &[Site], git: &Git, commit: &CommitHow) -> Vec<Unfit> {
    Bump::new(plan, sites, git, commit.clone()).faults(plan)
}

/// Carries a plan out in the checkouts, upstream first. Nothing is written anywhere before every
/// checkout was found fit; each one changes whole or not at all.
pub fn bump(
    plan: &Plan,
    sites: &[Site],
    (git, state): (&Git, &State),
    commit: CommitHow,
    on_event: &mut dyn FnMut(Event),
) -> Outcome {
    let bump = Bump::new(plan, sites, git, commit);
    let faults = bump.faults(plan);
    if !faults.is_empty() {
        let refusal = refusal(plan, faults);
        let outcome = refusal.iter().collect();
        refusal.into_iter().for_each(on_event);
        return outcome;
    }
    let record = Record::new(plan, state);
    let lookout = Lookout::new(git);
    let work = |repo: &RepoId, teller: &Teller<'_>| {
        let asker = Asker {
            git,
            lookout: &lookout,
            root: state.root(),
            teller,
            again: "cascade bump",
        };
        bump.work(repo, (&record, &asker))
    };
    // One at a time: hooks and passphrases of several checkouts at once would be hard to follow.
    let told = drive(
        queue_of(plan),
        1,
        &git.environment().interrupt,
        &work,
        &mut |event| {
            record.tell(&event);
            on_event(event);
        },
    );
    record.end();
    told
}

struct Bump<'a> {
    git: &'a Git,
    desk: Desk<'a>,
    how: CommitHow,
    sites: BTreeMap<&'a RepoId, &'a Path>,
    steps: BTreeMap<&'a RepoId, &'a Step>,
}

/// Returns what is told where some checkout is not fit: its fault, and what stands on it. Of all
/// others nothing is told, for nothing of them was begun.
fn refusal(plan: &Plan, faults: Vec<Unfit>) -> Vec<Event> {
    let mut told: BTreeMap<RepoId, Fate> =
        faults.into_iter().map(|it| (it.repo, it.fate)).collect();
    for step in &plan.steps {
        let lost = step.after.iter().find(|it| told.contains_key(it));
        if let (Some(because), false) = (lost, told.contains_key(&step.repo)) {
            let because = match told.get(because) {
                Some(Fate::Skipped { because }) => because.clone(),
                _ => because.clone(),
            };
            told.insert(step.repo.clone(), Fate::Skipped { because });
        }
    }
    let steps = plan.steps.iter();
    let ended = |it: &Step| {
        let (repo, fate) = told.remove_entry(&it.repo)?;
        Some(Event::Ended { repo, fate })
    };
    steps.filter_map(ended).collect()
}

impl<'a> Bump<'a> {
    fn new(plan: &'a Plan, sites: &'a [Site], git: &'a Git, how: CommitHow) -> Self {
        Self {
            git,
            desk: Desk::new(git, &plan.request),
            how,
            sites: sites
                .iter()
                .map(|it| (&it.repo, it.folder.as_path()))
                .collect(),
            steps: plan.steps.iter().map(|it| (&it.repo, it)).collect(),
        }
    }
}

impl Bump<'_> {
    /// Returns the steps that can not be carried out, each with its fault.
    fn faults(&self, plan: &Plan) -> Vec<Unfit> {
        let fault = |step: &Step| {
            let (by, fate) = self.fit(step).err()?;
            let repo = step.repo.clone();
            Some(Unfit { repo, fate, by })
        };
        plan.steps.iter().filter_map(fault).collect()
    }

    fn fit(&self, step: &Step) -> Result<(), (Hindrance, Fate)> {
        let checkout = self.allowed(step).map_err(|it| (Hindrance::Rule, it))?;
        let Some(checkout) = checkout else {
            return Ok(());
        };
        for (path, ..) in writes(step) {
            let fate = |it| (Hindrance::Disk, of_write(step, &it));
            writable(checkout.folder, path).map_err(fate)?;
        }
        edits_in(&checkout, step).map_err(|it| (Hindrance::Disk, it))?;
        Ok(())
    }

    /// Returns the checkout that the rules let the step change; `None` where there is nothing to do.
    fn allowed(&self, step: &Step) -> Result<Option<Worktree<'_>>, Fate> {
        if let Some(held) = &step.held {
            return Err(failed(held.why.clone(), held.help.clone()));
        }
        if !step.changes() {
            return Ok(None);
        }
        let checkout = self.checkout(step)?;
        let standing = checkout.standing().map_err(|error| {
            let help = format!("git -C {} status", step.path);
            of_git(error, Some(help))
        })?;
        if done_before(&checkout, step, &standing) {
            return Ok(None);
        }
        clean(&checkout, step, &standing)?;
        if standing.head.as_ref() != Some(&step.base) {
            return Err(Fate::Drifted {
                what: format!(
                    "`{}` is at {}, and the plan was made for {}; plan again with `cascade bump`",
                    step.path,
                    short(standing.head.as_ref()),
                    step.base.short()
                ),
            });
        }
        self.branch_is_fit(&checkout, step, &standing)?;
        Ok(Some(checkout))
    }

    fn branch_is_fit(
        &self,
        checkout: &Worktree<'_>,
        step: &Step,
        standing: &Standing,
    ) -> Result<(), Fate> {
        match (&self.how, &standing.branch) {
            (CommitHow::Leave, _) => Ok(()),
            (CommitHow::Branch(name), _) => new_branch_is_fit(checkout, step, name),
            (CommitHow::Here, None) => Err(failed(
                format!("the head of `{}` is detached", step.path),
                format!(
                    "git -C {} switch {}",
                    step.path,
                    step.branch.as_deref().unwrap_or("main")
                ),
            )),
            (CommitHow::Here, Some(here)) => match &step.branch {
                Some(planned) if planned != here => Err(Fate::Drifted {
                    what: format!(
                        "`{}` is on `{here}`, and the plan was made for `{planned}`",
                        step.path
                    ),
                }),
                _ => Ok(()),
            },
        }
    }

    fn checkout(&self, step: &Step) -> Result<Worktree<'_>, Fate> {
        let found = self.sites.get(&step.repo).copied();
        let path = &step.path;
        let folder = match found.map(|it| (it, stand(it))) {
            Some((folder, Stand::Checkout)) => folder,
            Some((_, Stand::Report | Stand::Bare)) => {
                let why = format!("`{path}` is a bare clone, so there is no checkout to change");
                return Err(failed(
                    why,
                    format!("move `{path}` away, then `cascade fetch`"),
                ));
            }
            _ => {
                let why = format!("no clone stands at `{path}`");
                return Err(failed(why, "cascade fetch".to_owned()));
            }
        };
        Ok(Worktree {
            git: self.git,
            folder,
        })
    }

    fn work(&self, repo: &RepoId, ears: (&Record<'_>, &Asker<'_>)) -> Fate {
        match self.steps.get(repo).filter(|it| it.changes()) {
            Some(step) => self.change(step, ears).unwrap_or_else(|fate| fate),
            None => Fate::Nothing,
        }
    }

    fn change(
        &self,
        step: &Step,
        (record, asker): (&Record<'_>, &Asker<'_>),
    ) -> Result<Fate, Fate> {
        let teller = asker.teller;
        teller.started();
        let checkout = self.checkout(step)?;
        let standing = checkout.standing().map_err(|it| of_git(it, None))?;
        if done_before(&checkout, step, &standing) {
            return Ok(Fate::Nothing);
        }
        let step = &asker.filled(step, Asks::OfFiles)?;
        let mut edits = edits_in(&checkout, step)?;
        self.locks(&checkout, step, (&mut edits, teller))?;
        if edits.is_empty() {
            return Ok(Fate::Nothing);
        }
        let message = step.actions.iter().find_map(|it| match it {
            Action::Commit { message } => Some(message.as_str()),
            _ => None,
        });
        let staged = stage(checkout.folder, &edits).map_err(|it| of_write(step, &it))?;
        let branch = self.enter(&checkout, step, message)?;
        let remembered = record.writes(step, (&standing, branch), &edits);
        remembered.inspect_err(|_| leave(&checkout, branch, standing.branch.as_deref()))?;
        let written = staged.write().map_err(|it| of_write(step, &it));
        let written =
            written.inspect_err(|_| leave(&checkout, branch, standing.branch.as_deref()))?;
        let named: Vec<String> = edits.keys().map(|it| format!("`{it}`")).collect();
        teller.progress(format!("edited {}", named.join(", ")));
        let (CommitHow::Here | CommitHow::Branch(_), Some(message)) = (&self.how, message) else {
            return Ok(Fate::Done {
                commit: None,
                out: Vec::new(),
            });
        };
        match commit(&checkout, &written, message) {
            Ok(id) => Ok(Fate::Done {
                commit: Some(id),
                out: Vec::new(),
            }),
            Err(error) => {
                undo(&checkout, written, teller);
                leave(&checkout, branch, standing.branch.as_deref());
                residue(&checkout, teller);
                Err(refused(&checkout, step, error))
            }
        }
    }

    fn locks(
        &self,
        checkout: &Worktree<'_>,
        step: &Step,
        (edits, teller): (&mut Edits, &Teller<'_>),
    ) -> Result<(), Fate> {
        if !step
            .actions
            .iter()
            .any(|it| matches!(it, Action::Relock(_)))
            && step.locks.is_empty()
        {
            return Ok(());
        }
        let read = || {
            let store = Store::of_checkout(checkout.folder)?;
            let tree = store.tree(&step.base)?;
            Ok::<_, BuildError>((store, tree))
        };
        let (store, tree) = match read() {
            Ok(it) => it,
            Err(error) => {
                teller.note(format!("the locks stay as they are: {error}"));
                return Ok(());
            }
        };
        let trial = Trial {
            git: self.git,
            desk: &self.desk,
            step,
            teller,
            store: &store,
            tree,
            locks: Locks::WherePossible,
        };
        trial.locks(edits)
    }

    /// Switches to the new branch where one is wanted, and returns its name.
    fn enter(
        &self,
        checkout: &Worktree<'_>,
        step: &Step,
        message: Option<&str>,
    ) -> Result<Option<&str>, Fate> {
        let (CommitHow::Branch(name), Some(_)) = (&self.how, message) else {
            return Ok(None);
        };
        let call = checkout
            .call()
            .args(["switch", "--quiet", "--create", name]);
        call.answer().map_err(|error| {
            let help = format!("git -C {} switch --create {name}", step.path);
            of_git(error, Some(help))
        })?;
        Ok(Some(name))
    }
}

fn writes(step: &Step) -> impl Iterator<Item = (&str, &str, &str)> {
    step.actions.iter().filter_map(|it| match it {
        Action::Write {
            path,
            before,
            after,
        } => Some((path.as_str(), &**before, after.as_str())),
        _ => None,
    })
}

fn edits_in(checkout: &Worktree<'_>, step: &Step) -> Result<Edits, Fate> {
    let mut edits = Edits::new();
    for write in writes(step) {
        let now = current(checkout.folder, write.0).map_err(|it| of_write(step, &it))?;
        settle(&mut edits, now, write).map_err(|it| of_write(step, &it))?;
    }
    Ok(edits)
}
