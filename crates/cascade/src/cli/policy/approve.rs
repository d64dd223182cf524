//! `cascade policy approve`: a person's yes to exactly one plan.

use std::path::PathBuf;

use cascade_plan::Plan;
use cascade_plan::policy::{Actor, Approval};
use cascade_run::{Already, Approvals, Git};
use clap::Args;

use crate::cli::Call;
use crate::cli::apply::{read, same_workspace};
use crate::cli::carry::{Confirm, git};
use crate::cli::guard::{Who, file_name, unread};
use crate::cli::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{GOOD, Page, STRONG, paint};
use crate::report::plan_human::plan_short;
use crate::shown::Shown;

/// Approves a saved plan, in your name
#[derive(Debug, Args)]
#[command(
    long_about = "Approves a plan that `cascade plan --out` saved, in the name that git commits under. \
        The approval names the digest of the whole plan: whoever changes anything of it has a plan \
        that nobody approved. It is kept as a ref below `refs/cascade/approvals` on the remote of the \
        repository that tracks the workspace's file, signed where your git signs commits; without such \
        a remote, in a file beside the plan.\n\n\
        Only those whom `approvers` lists may; an automated agent may not.",
    after_help = "Examples:\n  \
        cascade plan --repo core --out plan.json\n  \
        cascade policy approve plan.json\n  \
        cascade apply plan.json"
)]
pub(super) struct Approve {
    /// The plan
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    #[command(flatten)]
    confirm: Confirm,
}

impl Approve {
    /// Shows the plan, asks, and approves it.
    pub(super) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let file = call.environment.here.join(&self.plan);
        let plan = read(&file)?;
        same_workspace(&workspace, &plan)?;
        let git = git(call)?;
        let email = approver(call, &workspace, (&git, &plan))?;
        call.printer.talk(plan_short(&plan).trim_end());
        self.confirm
            .ask(call, &format!("approve this plan as {email}"))?;
        let state = workspace.state(call.environment.state()?)?;
        let place = Approvals::of(&git, &state, Some(&file)).map_err(|it| unread(&it))?;
        let approval = Approval {
            plan: plan.digest(),
            email,
            when: call.environment.now,
            signed: false,
        };
        let text = format!("approve run {} of {}", plan.run.0, Shown(&plan.workspace));
        let given = place.give(&approval, &text).map_err(|it| unread(&it))?;
        let all = place.read(&approval.plan).map_err(|it| unread(&it))?;
        call.printer
            .report(&told(&workspace, &plan, (&approval, &given), &all))?;
        Ok(Exit::Done)
    }
}

/// Returns the address to approve under, where this one may.
fn approver(
    call: &Call,
    workspace: &Workspace,
    (git, plan): (&Git, &Plan),
) -> Result<String, Failure> {
    let who = Who::new(call, git, workspace);
    let folder = workspace.file.parent().unwrap_or(&workspace.file);
    let email = cascade_run::committer(git, folder);
    let policies = plan.steps.iter();
    let policies =
        policies.filter_map(|it| Some((&it.repo, &workspace.graph.repo(&it.repo)?.policy)));
    let policies: Vec<_> = policies.collect();
    let agent = policies.iter().find_map(|(repo, policy)| {
        let actor = Actor {
            email: email.clone(),
            ..who.of(Some(repo), policy)
        };
        let listed = || {
            policy
                .agent(actor.email.as_deref()?)
                .map(|_| "`agents` of the policy")
        };
        actor
            .agent
            .map(cascade_plan::policy::AgentBy::told)
            .or_else(listed)
    });
    if let Some(by) = agent.or(call.global.as_agent.then_some("`--as-agent`")) {
        let what = format!("an agent ({by}) can not approve a plan");
        let help = "ask a listed person to look at it: `cascade policy` names them";
        return Err(Failure::new(Exit::Refused, what, help));
    }
    let lists = |email: &String| {
        policies.iter().any(|(_, policy)| {
            let all = &policy.approvers.value;
            all.iter().any(|it| it.eq_ignore_ascii_case(email))
        })
    };
    email.clone().filter(lists).ok_or_else(|| {
        let name = email
            .as_deref()
            .unwrap_or("somebody without an email in git");
        let what = format!("{name} is none of the `approvers` of what the plan moves");
        let help = format!(
            "list the address in `approvers` of {}, or set `git config user.email` to a listed one \
             that is yours",
            file_name(workspace)
        );
        Failure::new(Exit::Refused, what, help)
    })
}

fn told(
    workspace: &Workspace,
    plan: &Plan,
    (approval, given): (&Approval, &cascade_run::Given),
    all: &[Approval],
) -> String {
    let mut page = Page::default();
    let short: String = approval.plan.chars().take(12).collect();
    let word = match given.already {
        Already::New => "approved",
        Already::There => "approved already",
    };
    page.line(format!(
        "{} {} by {}",
        paint(STRONG, short),
        paint(GOOD, word),
        Shown(&approval.email)
    ));
    page.line(format!("  kept as {}", Shown(&given.place)));
    for step in plan.steps.iter().filter(|it| it.changes()) {
        let Some(declared) = workspace.graph.repo(&step.repo) else {
            continue;
        };
        let policy = &declared.policy;
        let have = policy.counted(&approval.plan, all).len();
        page.line(format!(
            "  {}  {have} of {} approvals",
            Shown(step.repo.as_str()),
            policy.approvals.value
        ));
    }
    page.line("next: cascade apply PLAN".to_owned());
    page.finish()
}
