//! `cascade bump`: the local part, in the checkouts.

use cascade_plan::{Plan as Planned, Purpose};
use cascade_run::{CommitHow, Depth, State, is_branch_name};
use clap::Args;

use super::Call;
use super::carry::{Confirm, again, alone, ended, git, watched};
use super::guard::pass;
use super::plan::{Format, make, show, tell_overlooked};
use super::refusal::{Culprit, Whose, refuse, without};
use super::selection::Selection;
use super::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::count;
use crate::report::plan_human::plan_short;

/// Moves versions and pins in the checkouts
#[derive(Debug, Args)]
#[command(
    long_about = "Moves versions of static packages and the pins of everything downstream, in the \
        checkouts, with one conventional commit per repository. It never pushes and never tags.\n\n\
        With a level or version a repository moves; without one its latest version is what \
        travels down; without `--repo` every pin that is behind or excluded is mended, each by the \
        policy of its edge (a range that admits the latest stays as it is). Typing it \
        twice changes nothing. A checkout with uncommitted changes is refused before anything is \
        written anywhere.",
    after_help = "Examples:\n  \
        cascade bump                          mend every lagging pin\n  \
        cascade bump minor --repo core        core moves, everything below follows\n  \
        cascade bump --repo core=2.0.0 --pins-only\n  \
        cascade bump --repo core --no-commit  leave the edits in the checkouts\n  \
        cascade bump --repo core --branch deps/core --yes\n  \
        cascade bump --dry-run                the same as `cascade plan --for bump`\n  \
        cascade undo                          take it back, as long as nothing was pushed"
)]
pub(crate) struct Bump {
    #[command(flatten)]
    selection: Selection,
    /// Leave the edits in the checkouts, uncommitted
    #[arg(long, conflicts_with = "branch")]
    no_commit: bool,
    /// Commit on a branch of this name, made where it is missing
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Show the plan and do nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    confirm: Confirm,
}

impl Bump {
    /// Plans, asks when several checkouts change, and does it.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let request = self.selection.request(&workspace, Purpose::Bump)?;
        self.branch_has_a_name()?;
        if self.dry_run {
            let seen = workspace.observe(call, Depth::Plan);
            let plan = make(&workspace, &seen, &request)?;
            tell_overlooked(call, &seen, &request);
            show(call, &plan, Format::Human)?;
            return Ok(Exit::Done);
        }
        let state = workspace.state(call.environment.state()?)?;
        let _alone = alone(&state)?;
        let seen = workspace.observe(call, Depth::Plan);
        let plan = make(&workspace, &seen, &request)?;
        tell_overlooked(call, &seen, &request);
        let how = match &self.branch {
            _ if self.no_commit => CommitHow::Leave,
            Some(name) => CommitHow::Branch(name.clone()),
            None => CommitHow::Here,
        };
        carry(call, (&workspace, &state), &plan, how, self)
    }

    /// Fails where git would not take the name of the branch.
    fn branch_has_a_name(&self) -> Result<(), Failure> {
        let Some(name) = self.branch.as_deref().filter(|it| !is_branch_name(it)) else {
            return Ok(());
        };
        let what = format!("`{name}` is no name for a branch");
        let help = "say another one: `--branch deps/core`";
        Err(Failure::new(Exit::Usage, what, help))
    }

    /// Returns the options as they were typed, for the command that continues.
    fn typed(&self) -> Vec<String> {
        let mut words = self.selection.typed();
        if self.no_commit {
            words.push("--no-commit".to_owned());
        }
        if let Some(branch) = &self.branch {
            words.push(format!("--branch {branch}"));
        }
        words
    }
}

/// Returns the repositories whose part can not be done in their checkouts as those are now.
pub(crate) fn culprits(
    call: &Call,
    workspace: &Workspace,
    plan: &Planned,
    how: &CommitHow,
) -> Result<Vec<Culprit>, Failure> {
    let unfit = cascade_run::unfit(plan, &workspace.sites, &git(call)?, how);
    Ok(unfit.into_iter().map(Culprit::of).collect())
}

/// Asks, and carries a bump plan out in the checkouts.
fn carry(
    call: &Call,
    (workspace, state): (&Workspace, &State),
    plan: &Planned,
    how: CommitHow,
    bump: &Bump,
) -> Result<Exit, Failure> {
    pass(call, workspace, (&git(call)?, state), (plan, None))?;
    let options = bump.typed();
    let culprits = culprits(call, workspace, plan, &how)?;
    refuse(
        &culprits,
        Whose::Checkouts,
        &without("bump", plan, &options, &culprits),
    )?;
    let told = in_checkouts(call, (workspace, state), plan, how, bump.confirm)?;
    let again = again("bump", plan, &told, &options);
    ended(call, plan, &told, &again)
}

/// Asks where several checkouts change, and carries a plan out in them.
pub(crate) fn in_checkouts(
    call: &Call,
    (workspace, state): (&Workspace, &State),
    plan: &Planned,
    how: CommitHow,
    confirm: Confirm,
) -> Result<cascade_plan::Outcome, Failure> {
    let git = git(call)?;
    let changing = plan.steps.iter().filter(|it| it.changes()).count();
    if changing > 1 {
        call.printer.talk(plan_short(plan).trim_end());
        let many = count(changing, "checkout", "checkouts");
        confirm.ask(call, &format!("change {many}"))?;
    }
    Ok(watched(call, changing, |on_event| {
        cascade_run::bump(plan, &workspace.sites, (&git, state), how, on_event)
    }))
}
