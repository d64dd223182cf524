//! `cascade apply`: exactly the plan that was saved.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use cascade_manifest::Limit;
use cascade_plan::{Plan as Planned, Purpose, Step};
use cascade_run::{CommitHow, Depth};
use clap::Args;

use super::Call;
use super::bump::{culprits, in_checkouts};
use super::carry::{Confirm, alone, ended, git_waiting};
use super::refusal::{Whose, held, refuse};
use super::release::{Carried, carry, remotes};
use super::workspace::{Seen, Workspace};
use crate::exit::Exit;
use crate::failure::Failure;

/// The largest plan that is read.
const LARGEST: u64 = Limit::PLAN.bytes as u64;

/// Carries out a saved plan, exactly
#[derive(Debug, Args)]
#[command(
    long_about = "Carries out a plan that `cascade plan --out` saved: exactly that, or nothing. \
        It looks at the world again first; where a repository moved since the plan was made it \
        stops with exit 8 and names it.",
    after_help = "Examples:\n  \
        cascade plan --repo core --out plan.json\n  \
        cascade apply plan.json\n  \
        cascade apply plan.json --yes"
)]
pub(crate) struct Apply {
    /// The plan
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    #[command(flatten)]
    manner: Carried,
    #[command(flatten)]
    confirm: Confirm,
}

impl Apply {
    /// Looks whether the world is as the plan saw it, and carries the plan out.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let plan = read(&call.environment.here.join(&self.plan))?;
        same_workspace(&workspace, &plan)?;
        let state = workspace.state(call.environment.state()?)?;
        let _alone = alone(&state)?;
        let git = git_waiting(call, self.manner.wait)?;
        let again = format!("cascade apply {}", self.plan.display());
        let go_on = format!(
            "make another plan without them: `cascade plan --skip REPO --out {}`",
            self.plan.display()
        );
        let told = match plan.request.purpose {
            Purpose::Release => {
                let seen = remotes(call, &workspace, &git, &state)?;
                unmoved(&plan, &seen)?;
                refuse(&held(&plan), Whose::Plan, &go_on)?;
                carry(call, &plan, (&git, &state), (self.manner, self.confirm))?
            }
            Purpose::Bump => {
                unmoved(&plan, &workspace.observe(call, Depth::Plan))?;
                let how = CommitHow::Here;
                refuse(
                    &culprits(call, &workspace, &plan, &how)?,
                    Whose::Checkouts,
                    &go_on,
                )?;
                in_checkouts(call, &workspace, &plan, how, self.confirm)?
            }
        };
        ended(call, &plan, &told, &again)
    }
}

/// Returns the plan that a file holds.
fn read(path: &Path) -> Result<Planned, Failure> {
    let unusable = |why: String| {
        let what = format!("`{}` is no plan: {why}", path.display());
        Failure::new(
            Exit::Usage,
            what,
            "make one: `cascade plan --out plan.json`",
        )
    };
    let mut text = String::new();
    File::open(path)
        .and_then(|it| it.take(LARGEST + 1).read_to_string(&mut text))
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => unusable("it does not exist".to_owned()),
            _ => unusable(error.to_string()),
        })?;
    if !Limit::PLAN.takes(text.len() as u64) {
        return Err(unusable(format!("it is larger than {}", Limit::PLAN)));
    }
    Planned::parse(&text).map_err(|error| unusable(error.to_string()))
}

/// Fails where a plan was made for another workspace.
pub(crate) fn same_workspace(workspace: &Workspace, plan: &Planned) -> Result<(), Failure> {
    if plan.workspace == workspace.graph.name() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Usage,
        format!(
            "the plan is for the workspace `{}`, and this one is `{}`",
            plan.workspace,
            workspace.graph.name()
        ),
        "say which workspace it is for: `--workspace PATH`",
    ))
}

/// Fails where a repository stands elsewhere than the plan saw it.
fn unmoved(plan: &Planned, seen: &Seen) -> Result<(), Failure> {
    let moved = |step: &&Step| {
        let now = seen.snapshot.repos.get(&step.repo);
        step.changes() && now.and_then(|it| it.head.as_ref()) != Some(&step.base)
    };
    let Some(step) = plan.steps.iter().find(moved) else {
        return Ok(());
    };
    let now = seen.snapshot.repos.get(&step.repo);
    let now = now.and_then(|it| it.head.as_ref());
    let now = now.map_or("nothing", |it| it.short());
    Err(Failure::new(
        Exit::Drift,
        format!(
            "`{}` is not where the plan saw it: the plan was made for {}, and it is at {now}",
            step.repo,
            step.base.short()
        ),
        "push or fetch what differs, and make the plan again: `cascade plan --out plan.json`",
    ))
}
