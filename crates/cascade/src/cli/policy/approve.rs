//! `cascade policy approve`: a person's yes to exactly one plan.

use std::path::{Path, PathBuf};

use cascade_plan::policy::{AgentBy, Approval, Policy};
use cascade_plan::{Plan, RepoId};
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
        Only those whom `approvers` lists may; an automated agent may not. `--revoke` takes your own \
        approval back: the plan is not begun, and not gone on with, until somebody approves it anew.",
    after_help = "Examples:\n  \
        cascade plan --repo core --out plan.json\n  \
        cascade policy approve plan.json\n  \
        cascade apply plan.json\n  \
        cascade policy approve --revoke plan.json     you thought better of it"
)]
pub(super) struct Approve {
    /// The plan
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Take back the approval that you gave
    #[arg(long)]
    revoke: bool,
    #[command(flatten)]
    confirm: Confirm,
}

impl Approve {
    /// Shows the plan, asks, and approves it, or takes the approval back.
    pub(super) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let file = call.environment.here.join(&self.plan);
        let plan = read(&file)?;
        same_workspace(&workspace, &plan)?;
        let git = git(call)?;
        if self.revoke {
            return self.take_back(call, (&workspace, &git), (&plan, &file));
        }
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

impl Approve {
    /// Shows the plan, asks, and takes back what was said to it under one's own address. Who is listed
    /// no more may do that too.
    fn take_back(
        &self,
        call: &Call,
        (workspace, git): (&Workspace, &Git),
        (plan, file): (&Plan, &Path),
    ) -> Result<Exit, Failure> {
        let folder = workspace.file.parent().unwrap_or(&workspace.file);
        no_agent(call, workspace, (git, plan))?;
        let email = cascade_run::committer(git, folder).ok_or_else(|| {
            let what = "git knows no email here, so nobody's approval is meant";
            Failure::new(Exit::Usage, what, "set it: `git config user.email ADDRESS`")
        })?;
        call.printer.talk(plan_short(plan).trim_end());
        self.confirm
            .ask(call, &format!("take back the approval of {email}"))?;
        let state = workspace.state(call.environment.state()?)?;
        let place = Approvals::of(git, &state, Some(file)).map_err(|it| unread(&it))?;
        let digest = plan.digest();
        let gone = place.take_back(&digest, &email).map_err(|it| unread(&it))?;
        let all = place.read(&digest).map_err(|it| unread(&it))?;
        let mut page = Page::default();
        let word = if gone.is_empty() {
            "was not approved"
        } else {
            "is no longer approved"
        };
        page.line(format!(
            "{} {} by {}",
            paint(STRONG, short(&digest)),
            paint(GOOD, word),
            Shown(&email)
        ));
        for place in &gone {
            page.line(format!("  gone: {}", Shown(place)));
        }
        counts(&mut page, workspace, plan, (&digest, &all));
        call.printer.report(&page.finish())?;
        Ok(Exit::Done)
    }
}

/// Returns the address to approve under, where this one may.
fn approver(
    call: &Call,
    workspace: &Workspace,
    (git, plan): (&Git, &Plan),
) -> Result<String, Failure> {
    no_agent(call, workspace, (git, plan))?;
    let folder = workspace.file.parent().unwrap_or(&workspace.file);
    let email = cascade_run::committer(git, folder);
    let lists = |email: &String| {
        policies(workspace, plan).any(|(_, policy)| {
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

/// Fails where an agent acts.
fn no_agent(call: &Call, workspace: &Workspace, (git, plan): (&Git, &Plan)) -> Result<(), Failure> {
    let who = Who::new(call, git, workspace);
    let folder = workspace.file.parent().unwrap_or(&workspace.file);
    let email = cascade_run::committer(git, folder);
    let agent = policies(workspace, plan).find_map(|(repo, policy)| {
        let listed = || {
            policy
                .agent(email.as_deref()?)
                .map(|_| "`agents` of the policy")
        };
        let acts = who.of(Some(repo), policy).agent;
        acts.map(AgentBy::told).or_else(listed)
    });
    let Some(by) = agent.or(call.global.as_agent.then_some("`--as-agent`")) else {
        return Ok(());
    };
    let what = format!("an agent ({by}) can not approve a plan");
    let help = "ask a listed person to look at it: `cascade policy` names them";
    Err(Failure::new(Exit::Refused, what, help))
}

/// Returns the policies that a plan is held to.
fn policies<'a>(
    workspace: &'a Workspace,
    plan: &'a Plan,
) -> impl Iterator<Item = (&'a RepoId, &'a Policy)> {
    let steps = plan.steps.iter();
    steps.filter_map(|it| Some((&it.repo, &workspace.graph.repo(&it.repo)?.policy)))
}

fn told(
    workspace: &Workspace,
    plan: &Plan,
    (approval, given): (&Approval, &cascade_run::Given),
    all: &[Approval],
) -> String {
    let mut page = Page::default();
    let word = match given.already {
        Already::New => "approved",
        Already::There => "approved already",
    };
    page.line(format!(
        "{} {} by {}",
        paint(STRONG, short(&approval.plan)),
        paint(GOOD, word),
        Shown(&approval.email)
    ));
    page.line(format!("  kept as {}", Shown(&given.place)));
    counts(&mut page, workspace, plan, (&approval.plan, all));
    page.line("next: cascade apply PLAN".to_owned());
    page.finish()
}

/// Adds how many approvals each repository of a plan has.
fn counts(page: &mut Page, workspace: &Workspace, plan: &Plan, (digest, all): (&str, &[Approval])) {
    for step in plan.steps.iter().filter(|it| it.changes()) {
        let Some(declared) = workspace.graph.repo(&step.repo) else {
            continue;
        };
        let policy = &declared.policy;
        page.line(format!(
            "  {}  {} of {} approvals",
            Shown(step.repo.as_str()),
            policy.counted(digest, all).len(),
            policy.approvals.value
        ));
    }
}

/// Returns the first digits of a digest, for people.
fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
