//! `cascade apply`: exactly the plan that was saved.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use cascade_manifest::Limit;
use cascade_plan::{Fate, Oid, Plan as Planned, Purpose, Step};
use cascade_run::{CommitHow, Depth, Git, State, standing};
use clap::Args;

use super::bump::{culprits, in_checkouts};
use super::carry::{Confirm, alone, ended, git_waiting, looking};
use super::guard::pass;
use super::machines::everywhere;
use super::quality::Passed;
use super::refusal::{Whose, held, misspelt, refuse};
use super::release::{Carried, carry, rehearsable, remotes};
use super::workspace::{Seen, Workspace};
use super::{Call, quality};
use crate::exit::Exit;
use crate::failure::Failure;

/// The largest plan that is read.
const LARGEST: u64 = Limit::PLAN.bytes as u64;

/// Carries out a saved plan, exactly
#[derive(Debug, Args)]
#[command(
    long_about = "Carries out a plan that `cascade plan --out` saved: exactly that, or nothing. \
        It looks at the world again first; where a repository moved since the plan was made it \
        stops with exit 8 and names it, unless it is where the plan takes it: another machine with \
        the same plan may have been there.",
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
        let file = call.environment.here.join(&self.plan);
        let plan = read(&file)?;
        same_workspace(&workspace, &plan)?;
        let state = workspace.state(call.environment.state()?)?;
        let alone = alone(&state)?;
        let git = git_waiting(call, self.manner.wait)?;
        let again = format!("cascade apply {}", self.plan.display());
        let go_on = format!(
            "make another plan without them: `cascade plan --skip REPO --out {}`",
            self.plan.display()
        );
        let told = match plan.request.purpose {
            Purpose::Release => {
                let asking = self.manner.asking(&again, Some(&plan.run));
                let (git, _lease) = everywhere(call, &workspace, (&git, &state, &alone), asking)?;
                let seen = remotes(call, &workspace, &git, &state)?;
                adopted(call, &plan, &seen, (&git, &state))?;
                rehearsable(&plan, &workspace.graph, self.manner)?;
                refuse(&held(&plan), Whose::Plan, &go_on)?;
                let with = (&git, &state);
                pass(call, &workspace, with, (&plan, Some(&file)))?;
                refuse(&misspelt(call, &plan, &git, &state), Whose::Plan, &go_on)?;
                let how = (self.manner, self.confirm);
                carry(call, (&plan, &workspace.graph), with, how, || {
                    let plan = (&plan, Passed::Again);
                    quality::pass(call, (&workspace.graph, &seen), plan, with)
                })?
            }
            Purpose::Bump => {
                unmoved(&moved(&plan, &workspace.observe(call, Depth::Plan)))?;
                pass(call, &workspace, (&git, &state), (&plan, Some(&file)))?;
                let how = CommitHow::Here;
                refuse(
                    &culprits(call, &workspace, &plan, &how)?,
                    Whose::Checkouts,
                    &go_on,
                )?;
                in_checkouts(call, (&workspace, &state), &plan, how, self.confirm)?
            }
        };
        ended(call, &plan, &told, &again)
    }
}

/// Returns the plan that a file holds.
pub(super) fn read(path: &Path) -> Result<Planned, Failure> {
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

/// Fails where a repository stands elsewhere than the plan saw it, and not where the plan takes it:
/// another machine with the same plan may have been there.
fn adopted(
    call: &Call,
    plan: &Planned,
    seen: &Seen,
    (git, state): (&Git, &State),
) -> Result<(), Failure> {
    let mut moved = moved(plan, seen);
    if moved.is_empty() {
        return Ok(());
    }
    let stands = looking(call, plan.steps.len(), |on_event| {
        standing(plan, git, state, call.jobs(), on_event)
    });
    moved.retain(|(step, _)| !matches!(stands.fates.get(&step.repo), Some(Fate::Done { .. })));
    unmoved(&moved)
}

/// Returns the steps whose repositories stand elsewhere than the plan saw them, and where.
fn moved<'a>(plan: &'a Planned, seen: &'a Seen) -> Vec<(&'a Step, Option<&'a Oid>)> {
    let head = |step: &Step| seen.snapshot.repos.get(&step.repo)?.head.as_ref();
    let own = |it: &&Step| it.changes() && !it.is_for_others();
    let steps = plan.steps.iter().filter(own);
    let steps = steps.map(|it| (it, head(it)));
    steps.filter(|(it, at)| *at != Some(&it.base)).collect()
}

/// Fails for the first repository that stands elsewhere than the plan saw it.
fn unmoved(moved: &[(&Step, Option<&Oid>)]) -> Result<(), Failure> {
    let Some((step, now)) = moved.first() else {
        return Ok(());
    };
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
