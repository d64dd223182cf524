//! One step of a release, act by act: `cascade_plan::decide` says which, this does it.

use cascade_plan::decide::{Act, Answer, Built, Did, Known, Push, Rest, Seen, next};
use cascade_plan::{Action, Fate, Oid};

use super::await_tag::{await_tag, foreseen};
use super::await_visible::Watch;
use super::errand::Ran;
use super::filled::Asks;
use super::goal::Goal;
use super::others::Others;
use super::propose::{await_merge, propose};
use super::release::Cascade;
use super::try_out::{Locks, Trial};
use super::{failed, of_build, of_mirror};
use crate::drive::{Teller, Turn};
use crate::mirror::Mirror;

/// Who carries one step out.
pub(super) struct Performer<'a> {
    cascade: &'a Cascade<'a>,
    goal: Goal<'a>,
    mirror: &'a Mirror,
    teller: &'a Teller<'a>,
    known: Known,
    /// Where a person merges what was proposed, if the server said so.
    link: Option<String>,
    /// The tags that were told of.
    told: usize,
    /// Whether it looks at the remote just now.
    looks: bool,
    /// How often what was built was gone when it was needed.
    lost: u32,
}

/// How often a commit is built anew that something else clears out of the mirror.
const REBUILDS: u32 = 5;

impl<'a> Performer<'a> {
    /// Returns one who knows nothing yet.
    pub(super) fn new(
        (cascade, goal): (&'a Cascade<'a>, &'a Goal<'a>),
        mirror: &'a Mirror,
        teller: &'a Teller<'a>,
    ) -> Self {
        Self {
            cascade,
            goal: goal.clone(),
            mirror,
            teller,
            known: Known::default(),
            link: None,
            told: 0,
            looks: false,
            lost: 0,
        }
    }

    /// Does what is next until nothing is; a remote that does not answer is for another turn.
    pub(super) fn carry_out(mut self) -> Turn {
        match self.acts() {
            Err(fate @ (Fate::Failed { .. } | Fate::Waiting { .. })) if self.looks => Turn::Again {
                fate,
                patience: self.mirror.git().environment().patience.silence,
            },
            Ok(fate) | Err(fate) => Turn::Ended(fate),
        }
    }

    fn acts(&mut self) -> Result<Fate, Fate> {
        loop {
            let act = next(&self.goal.task, &self.known);
            if let Act::End(end) = act {
                return Ok(self.goal.fate(end));
            }
            let until = self.cascade.until;
            if let Some(after) = until.filter(|it| !it.allows(&act)) {
                return Ok(Fate::Stopped { after });
            }
            if self.mirror.git().interrupted() && !self.known.is_owed(&act) {
                return Err(Fate::Interrupted);
            }
            self.looks = act == Act::Look;
            let did = self.perform(act)?;
            self.known.learn(did);
            self.tell_out();
        }
    }

    fn perform(&mut self, act: Act) -> Result<Did, Fate> {
        Ok(match act {
            Act::Look => Did::Looked(self.look()?),
            Act::Build => Did::Built(self.build()?),
            Act::Ready(commit) => {
                self.ready(&commit)?;
                Did::Ready(commit)
            }
            Act::Push(push) => self.push(push)?,
            Act::Propose(commit) => self.propose(&commit)?,
            Act::AwaitMerge => Did::Looked(await_merge(
                &self.goal,
                self.mirror,
                self.link.as_deref(),
                self.teller,
            )?),
            Act::Then(rest, commit) => Did::Then(self.then(rest, &commit)?),
            // The loop ends before.
            Act::End(end) => return Err(self.goal.fate(end)),
        })
    }

    fn look(&self) -> Result<Seen, Fate> {
        match self.known.pushed() {
            None => self.goal.see(self.mirror),
            Some(_) => self.goal.see_after_push(self.mirror),
        }
    }

    /// Tells which tags are out, as soon as more of them are.
    fn tell_out(&mut self) {
        let out = self.known.out(&self.goal.task);
        if self.known.seen().is_some() && out.len() > self.told {
            self.teller.out(&out);
            self.told = out.len();
        }
    }

    /// Makes the commit of the step, and tries it out.
    fn build(&self) -> Result<Built, Fate> {
        let step = self.goal.step;
        let fate = |it| of_build(step, it);
        self.watch().in_reach(self.cascade.plan, step)?;
        let asker = self.cascade.asker(self.teller);
        let step = &asker.filled(step, Asks::OfFiles)?;
        let store = self.mirror.store().map_err(|it| of_mirror(step, it))?;
        let trial = Trial {
            git: self.cascade.git,
            desk: &self.cascade.desk,
            step,
            teller: self.teller,
            tree: store.tree(&step.base).map_err(fate)?,
            store: &store,
            locks: Locks::Needed,
        };
        let mut edits = self.mirror.edits(step).map_err(fate)?;
        let modules = self.mirror.submodules(step).map_err(fate)?;
        trial.locks(&mut edits)?;
        let Some(message) = self.goal.message else {
            trial.checks(&edits)?;
            return Ok(Built::Commit(step.base.clone()));
        };
        if edits.is_empty() && modules.is_empty() {
            return Ok(Built::Nothing);
        }
        trial.checks(&edits)?;
        let plan = self.cascade.plan;
        let who = self.mirror.identity(plan.taken).map_err(fate)?;
        let commit = self.mirror.kept(&plan.run, "commit", || {
            let tree = self.mirror.tree(&step.base, (&edits, &modules))?;
            self.mirror.commit(&step.base, tree, message, &who)
        });
        let commit = commit.map_err(fate)?;
        self.teller
            .progress(format!("committed {}", commit.short()));
        Ok(Built::Commit(commit))
    }

    /// Asks whether the commit may be tagged, and whether it is known where its packages appear.
    fn ready(&self, commit: &Oid) -> Result<(), Fate> {
        let step = self.goal.step;
        let watch = self.watch();
        let acts = step.actions.iter().filter_map(|it| match it {
            Action::Ready { argv } => Some(argv),
            _ => None,
        });
        let acts: Vec<&Vec<String>> = acts.collect();
        if !acts.is_empty() {
            let export = watch.export(commit)?;
            for argv in acts {
                let line = argv.join(" ");
                let short = commit.short();
                self.teller
                    .progress(format!("asking `{line}` whether {short} is ready"));
                let ended = watch.errand(step, export.path(), commit).run(argv)?;
                if ended.word() == "running" {
                    return Err(Fate::Waiting {
                        what: format!("`{line}` to say that {short} is ready: {}", ended.last),
                        help: None,
                    });
                }
                if ended.ran == Ran::Badly {
                    let why = format!("{short} is not ready: `{line}`: {}", ended.said);
                    return Err(failed(why, format!("cd {} && {line}", step.path)));
                }
            }
        }
        watch.placed(step, commit)
    }

    fn push(&mut self, push: Push) -> Result<Did, Fate> {
        let store = self.mirror.store();
        let store = store.map_err(|it| of_mirror(self.goal.step, it))?;
        // git's own housekeeping may take what it looked at before anything named it.
        if !store.has(&push.commit) && self.lost < REBUILDS {
            self.lost += 1;
            return Ok(Did::Lost);
        }
        let tag = match &push.tag {
            Some(name) => Some(self.tag(name, &push.commit)?),
            None => None,
        };
        let with = (self.cascade.journal, self.teller);
        let answer = self.goal.push(self.mirror, (&push, tag.as_ref()), with)?;
        if answer == Answer::NotAtomic {
            self.teller
                .note("the remote takes no atomic push: the branch goes first, the tag last");
        }
        Ok(Did::Pushed(push, answer))
    }

    /// Returns the object of a tag, made where it is not there yet.
    fn tag(&self, name: &str, commit: &Oid) -> Result<Oid, Fate> {
        let step = self.goal.step;
        let fate = |it| of_build(step, it);
        let message = step.actions.iter().find_map(|it| match it {
            Action::Tag { name: it, message } if it == name => Some(message),
            _ => None,
        });
        let plan = self.cascade.plan;
        let who = self.mirror.identity(plan.taken).map_err(fate)?;
        let message = message.map_or(name, String::as_str);
        let make = || self.mirror.tag(name, commit, message, &who);
        let kept = self.mirror.kept(&plan.run, &format!("tags/{name}"), make);
        kept.map_err(fate)
    }

    fn propose(&mut self, commit: &Oid) -> Result<Did, Fate> {
        if self.is_proposed_before()? {
            return Ok(Did::Proposed(Answer::Taken));
        }
        let with = (self.cascade.journal, self.teller);
        let (answer, link) = propose(&self.goal, self.mirror, commit, with)?;
        self.link = link;
        if answer == Answer::Taken && self.known.pushed().is_some() {
            self.teller.note(format!(
                "the remote takes no push to `{}`, so the pins go by a pull request",
                self.goal.task.branch
            ));
        }
        Ok(Did::Proposed(answer))
    }

    /// Returns whether an earlier run proposed the same and that is still open: its branch is waited
    /// for in the place of another one.
    fn is_proposed_before(&mut self) -> Result<bool, Fate> {
        let before = self.goal.proposed_before(self.mirror)?;
        for (name, _) in before.iter().filter(|it| !it.1) {
            self.teller.note(format!(
                "`{name}` of an earlier run holds other edits: close its pull request, and delete the branch"
            ));
        }
        let Some((name, _)) = before.into_iter().find(|it| it.1) else {
            return Ok(false);
        };
        self.teller.note(format!(
            "`{name}` of an earlier run proposes the same, and is waited for"
        ));
        self.goal.own = name;
        Ok(true)
    }

    /// Waits for what follows, or runs it; returns the tags that others made.
    fn then(&self, rest: Rest, commit: &Oid) -> Result<Vec<String>, Fate> {
        let step = self.goal.step;
        match rest {
            Rest::Tag => return self.tags_of_others(commit),
            Rest::Visible => {
                let out = self.known.out(&self.goal.task);
                self.watch().visible(step, commit, &out)?;
            }
            Rest::Others => {
                let others = Others::of(self.cascade, step, (self.mirror, self.teller));
                let brought = others.and_then(Others::bring);
                brought.map_err(|fate| match fate {
                    Fate::Failed { why, help, .. } => Fate::Failed {
                        why,
                        help,
                        out: self.known.out(&self.goal.task),
                    },
                    other => other,
                })?;
            }
            Rest::After => {
                let journal = self.cascade.journal;
                self.watch().afterwards(step, commit, journal)?;
            }
        }
        Ok(Vec::new())
    }

    fn tags_of_others(&self, commit: &Oid) -> Result<Vec<String>, Fate> {
        let step = self.goal.step;
        let mut made = Vec::new();
        for action in &step.actions {
            let Action::AwaitTag {
                template,
                name: None,
                ..
            } = action
            else {
                continue;
            };
            let tag = await_tag(self.mirror, step, template, commit, self.teller)?;
            let foreseen = foreseen(step, template);
            self.cascade.compare(step, &foreseen, &tag, self.teller);
            made.push(tag);
        }
        Ok(made)
    }

    fn watch(&self) -> Watch<'_> {
        self.cascade.watch(self.mirror, self.teller)
    }
}
