//! The gates of the policy: what a plan, or a tag, has to pass before anything of it is done.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cascade_plan::policy::{
    Actor, Blocked, Passage, Policy, Refusal, Rule, Signs, Spoken, acting, judge_plan, judge_tag,
};
use cascade_plan::{Plan, RepoId};
use cascade_run::{ApprovalError, Approvals, Git, State, committer, sendable};

use super::Call;
use super::carry::git;
use super::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::count;

/// Who acts: asks git once a folder under which address it commits there.
pub(crate) struct Who<'a> {
    call: &'a Call,
    git: &'a Git,
    workspace: &'a Workspace,
    known: RefCell<BTreeMap<PathBuf, Option<String>>>,
}

impl<'a> Who<'a> {
    /// Returns who acts in a workspace.
    pub(crate) fn new(call: &'a Call, git: &'a Git, workspace: &'a Workspace) -> Self {
        Self {
            call,
            git,
            workspace,
            known: RefCell::default(),
        }
    }

    /// Returns who acts in a repository, or where none is meant, in the folder of the call. An agent
    /// there is one everywhere.
    pub(crate) fn of(&self, repo: Option<&RepoId>, policy: &Policy) -> Actor {
        let clone = repo.and_then(|it| self.workspace.folder(it));
        let clone = clone.filter(|it| it.is_dir());
        let here = self.call.environment.here.as_path();
        let mut actor = self.at(clone.unwrap_or(here), policy);
        if actor.agent.is_none() {
            actor.agent = self.at(here, policy).agent;
        }
        actor
    }

    /// Returns who acts where no workspace is.
    pub(crate) fn nowhere(call: &Call, git: &Git) -> Actor {
        let email = committer(git, &call.environment.here);
        acting(&signs(call, email), &Policy::default())
    }

    fn at(&self, folder: &Path, policy: &Policy) -> Actor {
        let mut known = self.known.borrow_mut();
        let email = known.entry(folder.to_path_buf());
        let email = email.or_insert_with(|| committer(self.git, folder));
        acting(&signs(self.call, email.clone()), policy)
    }
}

/// Returns the agent that acts by what the call says, where it is one. git is asked for its address only
/// then.
pub(crate) fn said_agent(call: &Call) -> Result<Option<Actor>, Failure> {
    let said = acting(&signs(call, None), &Policy::default());
    if said.agent.is_none() {
        return Ok(None);
    }
    Ok(Some(Who::nowhere(call, &git(call)?)))
}

/// Returns the signs of who acts, that commits under this address.
fn signs(call: &Call, email: Option<String>) -> Signs {
    let said = call.environment.var("CASCADE_AGENT");
    Signs {
        flag: call.global.as_agent.then_some(Spoken),
        variable: said.map(|it| it.to_string_lossy().into_owned()),
        email,
    }
}

/// Fails where the policy keeps a plan from being carried out now, from here, by this one, or where a
/// message of it could not be sent; `file` is that of the plan, where it has one.
pub(crate) fn pass(
    call: &Call,
    workspace: &Workspace,
    (git, state): (&Git, &State),
    (plan, file): (&Plan, Option<&Path>),
) -> Result<(), Failure> {
    sendable(plan, git.environment()).map_err(|error| {
        let what = format!("{error}: nothing was begun");
        Failure::new(Exit::Usage, what, error.help.clone())
    })?;
    let graph = &workspace.graph;
    let policy = |repo| graph.repo(repo).is_some_and(|it| it.policy.declared);
    if !plan.steps.iter().any(|it| policy(&it.repo)) {
        return Ok(());
    }
    let who = Who::new(call, git, workspace);
    let who = |repo: &RepoId, policy: &Policy| who.of(Some(repo), policy);
    let digest = plan.digest();
    let judge = |approvals: &[_]| {
        let passage = Passage {
            at: call.environment.now,
            plan: &digest,
            approvals,
        };
        judge_plan(graph, plan, &who, passage)
    };
    let mut blocked = judge(&[]);
    let hangs = |it: &Blocked| matches!(it.refusal.rule, Rule::Approvals | Rule::Protected);
    if blocked.iter().any(hangs) {
        let place = Approvals::of(git, state, file).map_err(|it| unread(&it))?;
        let approvals = place.read(&digest).map_err(|it| unread(&it))?;
        blocked = judge(&approvals);
        // Kept for `resume`; without it the next one has to name the plan again.
        let _ = place.keep(&digest, &approvals);
    }
    refuse(workspace, &blocked)
}

/// Fails where the policy keeps a repository from being tagged now, from this branch, by this one.
pub(crate) fn pass_tag(
    call: &Call,
    workspace: &Workspace,
    git: &Git,
    (repo, branch): (&RepoId, Option<&str>),
) -> Result<(), Failure> {
    let Some(declared) = workspace.graph.repo(repo).filter(|it| it.policy.declared) else {
        return Ok(());
    };
    let policy = &declared.policy;
    let actor = Who::new(call, git, workspace).of(Some(repo), policy);
    let found = judge_tag(
        policy,
        (declared.mode, branch),
        &actor,
        call.environment.now,
    );
    let blocked = |refusal| Blocked {
        repo: repo.clone(),
        refusal,
    };
    let blocked: Vec<Blocked> = found.into_iter().map(blocked).collect();
    refuse(workspace, &blocked)
}

/// Fails for what is blocked: each rule once, with the repositories that it keeps, where it stands,
/// and what to do.
fn refuse(workspace: &Workspace, blocked: &[Blocked]) -> Result<(), Failure> {
    if blocked.is_empty() {
        return Ok(());
    }
    let mut rules: Vec<(&Refusal, Vec<&str>)> = Vec::new();
    for it in blocked {
        let repo = it.repo.as_str();
        match rules
            .iter_mut()
            .find(|(refusal, _)| **refusal == it.refusal)
        {
            Some((_, repos)) => repos.push(repo),
            None => rules.push((&it.refusal, vec![repo])),
        }
    }
    let repos: std::collections::BTreeSet<&RepoId> = blocked.iter().map(|it| &it.repo).collect();
    let many = count(repos.len(), "repository", "repositories");
    let mut lines = vec![format!(
        "the policy keeps {many} from this, so nothing was begun"
    )];
    let file = file_name(workspace);
    for (refusal, repos) in rules {
        lines.push(format!("- {}: {}", repos.join(", "), told(refusal, &file)));
        lines.push(format!("  next: {}", refusal.help));
    }
    let help = "`cascade policy` shows every rule and where it stands";
    Err(Failure::new(Exit::Refused, lines.join("\n"), help))
}

/// Returns a refusal in words, with its rule and where that stands.
pub(crate) fn told(refusal: &Refusal, file: &str) -> String {
    format!(
        "{} (`{}`, {})",
        refusal.what,
        refusal.rule.word(),
        refusal.origin.place(file)
    )
}

/// Returns the name of the file that declares a workspace, for people.
pub(crate) fn file_name(workspace: &Workspace) -> String {
    let name = workspace.file.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Returns the failure to read or give approvals.
pub(crate) fn unread(error: &ApprovalError) -> Failure {
    let help = "approvals are refs below `refs/cascade/approvals` on the remote that holds the \
        workspace's file: run the same command again when it answers";
    Failure::new(Exit::Failed, error.to_string(), help)
}
