//! `cascade resume`: takes a run up where the world stands.

use anstream::adapter::strip_str;
use cascade_plan::{Fate, Outcome, Plan as Planned, Steering};
use cascade_run::{End, Git, Runs, State, Story, standing};
use clap::Args;
use similar::TextDiff;

use super::apply::same_workspace;
use super::carry::{Confirm, alone, ended, git_waiting, looking, unfinished};
use super::guard::pass;
use super::machines::everywhere;
use super::plan::make;
use super::quality::Passed;
use super::refusal::{Whose, held, refuse};
use super::release::{Agreed, Carried, agreed, go_on, rehearsable, remotes};
use super::runs::{named_release, stories};
use super::steer::unwritten;
use super::workspace::Workspace;
use super::{Call, quality};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::plan_human::plan_short;

/// Takes a run up where the world stands, and does the rest of it
#[derive(Debug, Args)]
#[command(
    long_about = "Takes a release up where the world stands, however it was stopped: it looks at \
        every remote, adopts what is there already however it came about (a tag made by hand, \
        pins merged in another way), and does the rest of the same plan. Nothing is done twice.\n\n\
        Where a branch that is still to be committed to moved since the plan was made it does \
        nothing, shows what another plan would say, and ends with exit 8; `--replan` goes on with \
        that one, and what is out stays out.\n\n\
        Without RUN it is the run that was taken up last: `cascade runs` lists them.",
    after_help = "Examples:\n  \
        cascade resume                   the last run\n  \
        cascade resume 3fa2              the run whose id begins so\n  \
        cascade resume --replan          plan the rest anew, ask, and do it\n  \
        cascade resume --take-over       where a machine that died still holds the lock"
)]
pub(crate) struct Resume {
    /// The run, or how its id begins [default: the one that was taken up last]
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// Plan anew what is not committed yet
    #[arg(long)]
    replan: bool,
    #[command(flatten)]
    manner: Carried,
    #[command(flatten)]
    confirm: Confirm,
}

impl Resume {
    /// Looks, and does what is left.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let state = workspace.state(call.environment.state()?)?;
        let alone = alone(&state)?;
        let stories = stories(&state)?;
        let story = named_release(&stories, self.run.as_deref())?;
        let plan = plan_of(story)?;
        same_workspace(&workspace, plan)?;
        let over = match story.end() {
            End::Finished => Some("finished"),
            End::Undone => Some("undone"),
            End::Unfinished | End::Broken => None,
        };
        if let Some(over) = over {
            let told = format!("run {} is {over}: nothing is left\n", plan.run.0);
            call.printer.report(&told)?;
            return Ok(Exit::Done);
        }
        rehearsable(plan, &workspace.graph, self.manner)?;
        let git = git_waiting(call, self.manner.wait)?;
        let asking = self.manner.asking("cascade resume", Some(&plan.run));
        let (git, _lease) = everywhere(call, &workspace, (&git, &state, &alone), asking)?;
        let stands = looking(call, plan.steps.len(), |on_event| {
            standing(plan, &git, &state, call.jobs(), on_event)
        });
        if stands.fates.values().any(|it| *it == Fate::Interrupted) {
            return ended(call, plan, &stands, "cascade resume");
        }
        if !self.replan && drifted(plan, &stands, &story.steering()).is_empty() {
            let with = (&git, &state);
            pass(call, &workspace, with, (plan, None))?;
            quality::pass_left(call, &workspace, (plan, &stands), with)?;
            let told = go_on(
                call,
                (plan, &workspace.graph),
                (&git, &state),
                self.manner.manner(call),
            )?;
            return ended(call, plan, &told, &format!("cascade resume {}", plan.run.0));
        }
        self.anew(call, &workspace, (&git, &state), (story, plan, &stands))
    }

    /// Plans the rest anew: shows how that differs, or goes on with it where a person wants that.
    fn anew(
        &self,
        call: &Call,
        workspace: &Workspace,
        with: (&Git, &State),
        (story, plan, stands): (&Story, &Planned, &Outcome),
    ) -> Result<Exit, Failure> {
        let mut request = plan.request.clone();
        request.asks = unfinished(plan, stands);
        request.skip.extend(story.steering().left_out().cloned());
        let seen = remotes(call, workspace, with.0, with.1)?;
        let other = make(workspace, &seen, &request)?;
        if !self.replan {
            call.printer.report(&difference(plan, stands, &other))?;
            return Err(moved(&drifted(plan, stands, &story.steering())));
        }
        refuse(&held(&other), Whose::Plan, "cascade resume --replan")?;
        pass(call, workspace, with, (&other, None))?;
        let told = match agreed(call, &other, self.confirm)? {
            Agreed::Nothing => Outcome::default(),
            Agreed::Yes => {
                let other_plan = (&other, Passed::Counts);
                quality::pass(call, (&workspace.graph, &seen), other_plan, with)?;
                let passed_on = Runs::of(with.1).pass_on(story, &other.run);
                passed_on.map_err(|it| unwritten(&it))?;
                go_on(
                    call,
                    (&other, &workspace.graph),
                    with,
                    self.manner.manner(call),
                )?
            }
        };
        ended(call, &other, &told, "cascade resume")
    }
}

/// Returns the plan of a run.
pub(crate) fn plan_of(story: &Story) -> Result<&Planned, Failure> {
    story.plan.as_ref().ok_or_else(|| {
        let what = format!("the plan of run {} can not be read", story.run.0);
        let help = "plan again from where the world stands: `cascade release`";
        Failure::new(Exit::Failed, what, help)
    })
}

/// Returns how what is left of a plan differs from another plan, line by line.
fn difference(plan: &Planned, stands: &Outcome, other: &Planned) -> String {
    let open =
        |it: &&cascade_plan::Step| !matches!(stands.fates.get(&it.repo), Some(Fate::Done { .. }));
    let rest = plan.with(plan.steps.iter().filter(open).cloned().collect());
    let (old, new) = (plan_short(&rest), plan_short(other));
    let (old, new) = (strip_str(&old).to_string(), strip_str(&new).to_string());
    let names = (format!("left of run {}", plan.run.0), "a plan made now");
    TextDiff::from_lines(&old, &new)
        .unified_diff()
        .context_radius(2)
        .header(&names.0, names.1)
        .to_string()
}

/// Returns the branches that moved under a plan, in words; what a person keeps back may move.
pub(crate) fn drifted(plan: &Planned, stands: &Outcome, steering: &Steering) -> Vec<String> {
    let open = plan
        .steps
        .iter()
        .filter(|it| steering.fate(&it.repo).is_none());
    let drifted = open.filter_map(|it| {
        let Some(Fate::Drifted { what }) = stands.fates.get(&it.repo) else {
            return None;
        };
        let what = what.split("; ").next().unwrap_or(what);
        Some(format!("{}: {what}", it.repo))
    });
    drifted.collect()
}

/// Returns the refusal for branches that moved under a plan.
pub(crate) fn moved(drifted: &[String]) -> Failure {
    Failure::new(
        Exit::Drift,
        format!(
            "the plan no longer fits, so nothing was done: {}",
            drifted.join("; ")
        ),
        "look at the difference above, and go on with the new plan: `cascade resume --replan`",
    )
}
