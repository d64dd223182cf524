//! The policy: what holds for each repository, and where each line of it comes from.

pub(crate) mod answer;
pub(crate) mod human;
pub(crate) mod json;

use cascade_plan::policy::{Actor, Demand, Origin, Permission, Policy, Said};
use cascade_plan::{Graph, RepoId};

/// What is shown of a workspace's policy.
pub(crate) struct Shown<'a> {
    /// The family.
    pub(crate) graph: &'a Graph,
    /// The name of the file that declares it.
    pub(crate) file: &'a str,
    /// The repositories that are meant, upstream first.
    pub(crate) repos: Vec<&'a RepoId>,
    /// Who asks.
    pub(crate) actor: Actor,
    /// The moment, in seconds since 1970.
    pub(crate) now: i64,
}

/// One line of a policy: its key, what it says, and where it comes from.
struct Line {
    key: &'static str,
    value: String,
    origin: Origin,
}

/// Returns the lines of a policy, those of lists that add up one by one.
fn lines(policy: &Policy, now: i64) -> Vec<Line> {
    let listed = |it: &Said<Vec<String>>| (it.value.join(", "), it.origin);
    let modes: Vec<&str> = policy.modes.value.iter().map(|it| it.word()).collect();
    let several = |key, all: &[Said<String>]| -> Vec<(&'static str, (String, Origin))> {
        let all = all.iter().map(|it| (key, (it.value.clone(), it.origin)));
        all.collect()
    };
    let windows = policy.freeze.iter().map(|it| {
        let freeze = &it.value;
        let mut value = format!("{} to {}: {}", freeze.from, freeze.to, freeze.reason);
        if let Some(until) = freeze.until(now) {
            let until = freeze.spelled(until);
            value.extend([" (now, until ", &until, ")"]);
        }
        ("freeze", (value, it.origin))
    });
    let demand = |it: &Said<Demand>| (demand(it.value).to_owned(), it.origin);
    let permission = |it: &Said<Permission>| (permission(it.value).to_owned(), it.origin);
    let mut all = vec![
        ("modes", (modes.join(", "), policy.modes.origin)),
        ("branches", listed(&policy.branches)),
        ("conventional-commits", demand(&policy.conventional_commits)),
    ];
    all.extend(several("protected", &policy.protected));
    all.push(("uploads", permission(&policy.uploads)));
    all.push(("publish-workflow", listed(&policy.publish_workflow)));
    all.push(("hand-made-tags", permission(&policy.hand_made_tags)));
    all.extend(windows);
    let approvals = policy.approvals.value.to_string();
    all.push(("approvals", (approvals, policy.approvals.origin)));
    all.push(("approvers", listed(&policy.approvers)));
    all.push(("signed-approvals", demand(&policy.signed_approvals)));
    all.push(("releasers", listed(&policy.releasers)));
    all.extend(several("agents", &policy.agents));
    let line = |(key, (value, origin))| Line { key, value, origin };
    all.into_iter().map(line).collect()
}

/// Returns the word of a demand.
fn demand(it: Demand) -> &'static str {
    match it {
        Demand::Optional => "optional",
        Demand::Required => "required",
    }
}

/// Returns the word of a permission.
fn permission(it: Permission) -> &'static str {
    match it {
        Permission::Allow => "allow",
        Permission::Forbid => "forbid",
    }
}
