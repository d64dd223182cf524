//! `cascade.policy/1`: the whole policy of each repository, for machines that ask first.

use cascade_plan::ReleaseMode;
use cascade_plan::policy::{AgentBy, Freeze, Origin, Policy, Said};
use serde::Serialize;

use super::{Shown, demand, permission};

/// The policy of a workspace.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Document<'a> {
    schema: &'static str,
    workspace: &'a str,
    file: &'a str,
    /// What to run before a command of which one is not sure; it ends with 0 or 4.
    ask: &'static [&'static str],
    acting: Acting<'a>,
    repos: Vec<Row<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Acting<'a> {
    email: Option<&'a str>,
    agent: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row<'a> {
    repo: &'a str,
    release: ReleaseMode,
    declared: bool,
    modes: Rule<Vec<&'static str>>,
    branches: Rule<&'a [String]>,
    conventional_commits: Rule<&'static str>,
    protected: Vec<Rule<&'a str>>,
    uploads: Rule<&'static str>,
    publish_workflow: Rule<&'a [String]>,
    hand_made_tags: Rule<&'static str>,
    freeze: Vec<Window<'a>>,
    approvals: Rule<u32>,
    approvers: Rule<&'a [String]>,
    signed_approvals: Rule<&'static str>,
    releasers: Rule<&'a [String]>,
    agents: Vec<Rule<&'a str>>,
}

/// A value, and where it comes from: `default`, `workspace` or `repository`, with the line.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Rule<T> {
    value: T,
    from: &'static str,
    line: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Window<'a> {
    from: &'a str,
    to: &'a str,
    offset_seconds: i32,
    reason: &'a str,
    /// Until when it holds, in seconds since 1970, where it holds now.
    now_until: Option<i64>,
    origin: &'static str,
    line: Option<usize>,
}

/// Returns the whole policy for machines.
pub(crate) fn json<'a>(given: &'a Shown<'a>) -> Document<'a> {
    let repo = |id: &&'a cascade_plan::RepoId| {
        let declared = given.graph.repo(id)?;
        Some(of(id.as_str(), declared.mode, &declared.policy, given.now))
    };
    let agent = given.actor.agent.map(|it| match it {
        AgentBy::Flag => "flag",
        AgentBy::Variable => "variable",
        AgentBy::Listed(_) => "listed",
    });
    Document {
        schema: "cascade.policy/1",
        workspace: given.graph.name(),
        file: given.file,
        ask: &["cascade", "policy", "ask", "--"],
        acting: Acting {
            email: given.actor.email.as_deref(),
            agent,
        },
        repos: given.repos.iter().filter_map(repo).collect(),
    }
}

fn of<'a>(repo: &'a str, release: ReleaseMode, policy: &'a Policy, now: i64) -> Row<'a> {
    let modes = policy.modes.value.iter().map(|it| it.word()).collect();
    Row {
        repo,
        release,
        declared: policy.declared,
        modes: value(modes, policy.modes.origin),
        branches: list(&policy.branches),
        conventional_commits: value(
            demand(policy.conventional_commits.value),
            policy.conventional_commits.origin,
        ),
        protected: each(&policy.protected),
        uploads: value(permission(policy.uploads.value), policy.uploads.origin),
        publish_workflow: list(&policy.publish_workflow),
        hand_made_tags: value(
            permission(policy.hand_made_tags.value),
            policy.hand_made_tags.origin,
        ),
        freeze: policy.freeze.iter().map(|it| window(it, now)).collect(),
        approvals: value(policy.approvals.value, policy.approvals.origin),
        approvers: list(&policy.approvers),
        signed_approvals: value(
            demand(policy.signed_approvals.value),
            policy.signed_approvals.origin,
        ),
        releasers: list(&policy.releasers),
        agents: each(&policy.agents),
    }
}

fn value<T>(value: T, origin: Origin) -> Rule<T> {
    Rule {
        value,
        from: origin.word(),
        line: origin.line(),
    }
}

fn list(said: &Said<Vec<String>>) -> Rule<&[String]> {
    value(said.value.as_slice(), said.origin)
}

fn each(all: &[Said<String>]) -> Vec<Rule<&str>> {
    all.iter()
        .map(|it| value(it.value.as_str(), it.origin))
        .collect()
}

fn window(said: &Said<Freeze>, now: i64) -> Window<'_> {
    let it = &said.value;
    Window {
        from: &it.from,
        to: &it.to,
        offset_seconds: it.offset,
        reason: &it.reason,
        now_until: it.until(now),
        origin: said.origin.word(),
        line: said.origin.line(),
    }
}
