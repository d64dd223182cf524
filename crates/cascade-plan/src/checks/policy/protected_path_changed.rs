//! A commit changes a protected file without a reason that counts.

use crate::checks::{Check, Told, View};
use crate::policy::{Actor, AgentBy, Policy};
use crate::{Finding, JudgedCommit, RepoId, Severity};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "protected-path-changed",
    "a commit changes a protected file without a reason that counts",
    check,
);

/// Finds commits that change what the policy protects: a person's without the trailer, an agent's in
/// any case. A merge brings commits that are judged by themselves.
fn check(view: &View<'_>) -> Vec<Told> {
    let audited = view.audited();
    let told = audited.flat_map(|(id, declared, _, audit)| {
        let commits = audit.commits.iter();
        commits.filter_map(move |it| told((id, &declared.policy), it, None))
    });
    told.collect()
}

/// Returns that a commit is refused where it comes to a branch that is released, as the hook
/// `commit-msg` would have refused it; `pusher` is the agent that pushes it, where one does.
pub(crate) fn refused(
    (repo, policy): (&RepoId, &Policy),
    it: &JudgedCommit,
    pusher: Option<&Actor>,
) -> Option<Finding> {
    let told = told((repo, policy), it, pusher)?;
    Some(told.ranked(Severity::Block).finding(&CHECK))
}

fn told(
    (repo, policy): (&RepoId, &Policy),
    it: &JudgedCommit,
    pusher: Option<&Actor>,
) -> Option<Told> {
    if it.commit.merge {
        return None;
    }
    let paths = it.changed.iter().map(String::as_str);
    let actor = committer(policy, it, pusher);
    let refusal = policy.judge_commit(&actor, &it.commit.message, paths)?;
    let what = format!("{}: {}", it.commit.id.short(), refusal.what);
    let mend = format!("before it is pushed: {}; after: revert it", refusal.help);
    Some(Told::of(repo, what).mend(mend))
}

/// Returns who made a commit: an agent where either of its addresses is one's, or that of the agent
/// which pushes it.
fn committer(policy: &Policy, it: &JudgedCommit, pusher: Option<&Actor>) -> Actor {
    let listed = policy
        .agent(&it.committer)
        .or_else(|| policy.agent(&it.author));
    let by_pusher = pusher.filter(|actor| {
        let email = actor.email.as_deref();
        email.is_none_or(|email| email.eq_ignore_ascii_case(&it.committer))
    });
    let listed = listed.map(|it| AgentBy::Listed(it.origin));
    Actor {
        email: Some(it.committer.clone()),
        agent: listed.or_else(|| by_pusher?.agent),
    }
}
