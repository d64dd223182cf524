//! A commit changes a protected file without a reason that counts.

use crate::JudgedCommit;
use crate::checks::{Check, Told, View};
use crate::policy::{Actor, AgentBy, Policy};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "protected-path-changed",
    "a commit changes a protected file without a reason that counts",
    check,
);

/// Finds commits that change what the policy protects: a person's without the trailer, an agent's in
/// any case. A merge brings commits that are judged by themselves.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, declared, _, audit) in view.audited() {
        let policy = &declared.policy;
        for it in audit.commits.iter().filter(|it| !it.commit.merge) {
            let paths = it.changed.iter().map(String::as_str);
            let message = &it.commit.message;
            let Some(refusal) = policy.judge_commit(&committer(policy, it), message, paths) else {
                continue;
            };
            let what = format!("{}: {}", it.commit.id.short(), refusal.what);
            let mend = format!("before it is pushed: {}; after: revert it", refusal.help);
            told.push(Told::of(id, what).mend(mend));
        }
    }
    told
}

/// Returns who made a commit: an agent where either of its addresses is one's.
fn committer(policy: &Policy, it: &JudgedCommit) -> Actor {
    let listed = policy
        .agent(&it.committer)
        .or_else(|| policy.agent(&it.author));
    Actor {
        email: Some(it.committer.clone()),
        agent: listed.map(|it| AgentBy::Listed(it.origin)),
    }
}
