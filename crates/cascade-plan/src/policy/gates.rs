//! The gates that a plan has to pass before anything of it is done.

use super::{Actor, Approval, Guarded, Policy, Refusal, Rule};
use crate::{Action, Graph, Plan, ReleaseMode, RepoId, Step, name_pattern};

/// Who wants to pass, when, and with whose yes.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// The moment, in seconds since 1970.
    pub at: i64,
    /// The digest of the plan; empty where there is no plan.
    pub plan: &'a str,
    /// The approvals that were found.
    pub approvals: &'a [Approval],
}

/// A repository that may not pass, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The repository.
    pub repo: RepoId,
    /// Why.
    pub refusal: Refusal,
}

/// Returns every reason why a plan may not be carried out; `who` says who acts in a repository, under
/// its policy.
pub fn judge_plan(
    graph: &Graph,
    plan: &Plan,
    who: &dyn Fn(&RepoId, &Policy) -> Actor,
    passage: Passage<'_>,
) -> Vec<Blocked> {
    let steps = plan.steps.iter();
    let steps = steps.filter(|it| it.held.is_none() && it.changes());
    let judged = steps.flat_map(|step| {
        let policy = graph
            .repo(&step.repo)
            .map_or(graph.policy(), |it| &it.policy);
        let of = |refusal| Blocked {
            repo: step.repo.clone(),
            refusal,
        };
        let found = policy.refusals(step, &who(&step.repo, policy), passage);
        found.into_iter().map(of)
    });
    judged.collect()
}

/// Returns every reason why somebody may not tag a repository in its checkout.
pub fn judge_tag(
    policy: &Policy,
    (mode, branch): (ReleaseMode, Option<&str>),
    actor: &Actor,
    at: i64,
) -> Vec<Refusal> {
    let mut found = policy.standing(mode, branch, actor, at);
    if policy.approvals.value > 0 {
        found.push(Refusal {
            rule: Rule::Approvals,
            what: "a tag by hand goes round the approvals that a plan needs".to_owned(),
            origin: policy.approvals.origin,
            help: "save a plan, have it approved, and carry that out: `cascade plan --out \
                   plan.json`, `cascade policy approve plan.json`, `cascade apply plan.json`"
                .to_owned(),
        });
    }
    found
}

impl Policy {
    fn refusals(&self, step: &Step, actor: &Actor, passage: Passage<'_>) -> Vec<Refusal> {
        let mut found = self.standing(step.mode, step.branch.as_deref(), actor, passage.at);
        found.extend(self.unapproved(passage));
        found.extend(self.protected_by_agent(step, actor, passage));
        found
    }

    /// Returns the refusal of an agent's plan that changes what is protected, and that no listed
    /// person approved.
    fn protected_by_agent(
        &self,
        step: &Step,
        actor: &Actor,
        passage: Passage<'_>,
    ) -> Option<Refusal> {
        let by = actor.agent?;
        let guarded = Guarded::of(self);
        let (path, (pattern, origin)) = step.actions.iter().find_map(|it| match it {
            Action::Write { path, .. } => Some((path, guarded.by(path)?)),
            _ => None,
        })?;
        if !self.counted(passage.plan, passage.approvals).is_empty() {
            return None;
        }
        Some(Refusal {
            rule: Rule::Protected,
            what: format!(
                "the plan changes `{}`, which `{pattern}` protects, and an agent ({}) carries it out",
                path.escape_debug(),
                by.told()
            ),
            origin,
            help: "have the plan approved by a listed person (`cascade plan --out plan.json`, \
                   `cascade policy approve plan.json`), or leave it to a person"
                .to_owned(),
        })
    }

    /// Returns what forbids a release of this mode from this branch by this one now.
    fn standing(
        &self,
        mode: ReleaseMode,
        branch: Option<&str>,
        actor: &Actor,
        at: i64,
    ) -> Vec<Refusal> {
        let mut found = self.frozen(at);
        found.extend(self.mode_refused(mode));
        found.extend(branch.and_then(|it| self.branch_refused(it)));
        found.extend(self.releaser_refused(actor));
        found
    }

    /// Returns a refusal for each freeze window that holds now.
    pub(crate) fn frozen(&self, at: i64) -> Vec<Refusal> {
        let holding = self.freeze.iter();
        let holding = holding.filter_map(|it| Some((it, it.value.until(at)?)));
        let refusal = |(said, until): (&super::Said<super::Freeze>, i64)| {
            let freeze = &said.value;
            let until = freeze.spelled(until);
            Refusal {
                rule: Rule::Freeze,
                what: format!("releases are frozen until {until}: {}", freeze.reason),
                origin: said.origin,
                help: format!(
                    "run the same command again after {until}; who may change the policy can end \
                     the window earlier"
                ),
            }
        };
        holding.map(refusal).collect()
    }

    /// Returns the refusal of a release mode.
    pub(crate) fn mode_refused(&self, mode: ReleaseMode) -> Option<Refusal> {
        let allowed = &self.modes.value;
        if allowed.is_empty() || allowed.contains(&mode) {
            return None;
        }
        let words: Vec<&str> = allowed.iter().map(|it| it.word()).collect();
        Some(Refusal {
            rule: Rule::Modes,
            what: format!(
                "it is released in the mode `{}`, which is not allowed",
                mode.word()
            ),
            origin: self.modes.origin,
            help: format!(
                "set `release` to one of `{}` in workspace.toml, or allow the mode",
                words.join("`, `")
            ),
        })
    }

    /// Returns the refusal of a branch.
    pub(crate) fn branch_refused(&self, branch: &str) -> Option<Refusal> {
        let allowed = &self.branches.value;
        let fits = |it: &String| {
            it == branch || name_pattern(it).is_ok_and(|pattern| pattern.is_match(branch))
        };
        if allowed.is_empty() || allowed.iter().any(fits) {
            return None;
        }
        Some(Refusal {
            rule: Rule::Branches,
            what: format!(
                "`{}` is not a branch that may be released from",
                branch.escape_debug()
            ),
            origin: self.branches.origin,
            help: format!("release from `{}`", allowed.join("`, `")),
        })
    }

    fn releaser_refused(&self, actor: &Actor) -> Option<Refusal> {
        let allowed = &self.releasers.value;
        if allowed.is_empty() || Self::lists(allowed, actor.email.as_deref()) {
            return None;
        }
        Some(Refusal {
            rule: Rule::Releasers,
            what: format!("{} may not release it", actor.name()),
            origin: self.releasers.origin,
            help: format!("ask one of those who may: {}", allowed.join(", ")),
        })
    }

    fn unapproved(&self, passage: Passage<'_>) -> Option<Refusal> {
        let needed = usize::try_from(self.approvals.value).unwrap_or(usize::MAX);
        let have = self.counted(passage.plan, passage.approvals);
        if have.len() >= needed {
            return None;
        }
        let short: String = passage.plan.chars().take(12).collect();
        let who = |it: &&String| have.iter().all(|one| !one.email.eq_ignore_ascii_case(it));
        let open: Vec<&str> = self
            .approvers
            .value
            .iter()
            .filter(who)
            .map(String::as_str)
            .collect();
        Some(Refusal {
            rule: Rule::Approvals,
            what: format!(
                "the plan {short} has {} of the {needed} approvals that it needs",
                have.len()
            ),
            origin: self.approvals.origin,
            help: format!(
                "save the plan (`cascade plan --out plan.json`), have it approved by {} (`cascade \
                 policy approve plan.json`), and carry out exactly that: `cascade apply plan.json`",
                open.join(" or ")
            ),
        })
    }
}
