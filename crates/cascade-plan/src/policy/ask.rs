//! May this be done? The answer to a command line.

use std::collections::BTreeSet;

use super::{Actor, Deed, Deeds, Done, Guarded, Permission, Policy, Refusal, Rule, Ware};
use crate::ReleaseMode;

/// A repository whose policy a command is held to.
#[derive(Debug, Clone, Copy)]
pub struct Whom<'a> {
    /// Its policy.
    pub policy: &'a Policy,
    /// How it is released; `None` where no repository is meant.
    pub mode: Option<ReleaseMode>,
    /// Who acts, under this policy.
    pub actor: &'a Actor,
}

/// What is asked: a command's deeds, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What it would do.
    pub deeds: &'a Deeds,
    /// The moment, in seconds since 1970.
    pub at: i64,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Why it is refused, with the command at fault; it is allowed where there is none.
    pub refusals: Vec<(String, Refusal)>,
    /// What somebody who may do it should know.
    pub remarks: Vec<String>,
}

/// Returns whether somebody may do it, under every policy that it may concern.
pub fn ask(asked: Asked<'_>, concerned: &[Whom<'_>]) -> Answer {
    let mut answer = Answer::default();
    let mut seen = BTreeSet::new();
    for whom in concerned {
        for done in &asked.deeds.done {
            let told = Judge {
                whom: *whom,
                at: asked.at,
            }
            .judge(done);
            for refusal in told.refusals {
                if seen.insert((done.command.clone(), refusal.clone())) {
                    answer.refusals.push((done.command.clone(), refusal));
                }
            }
            let new = |it: &String| !answer.remarks.contains(it);
            let remarks: Vec<String> = told.remarks.into_iter().filter(new).collect();
            answer.remarks.extend(remarks);
        }
    }
    answer
}

struct Judge<'a> {
    whom: Whom<'a>,
    at: i64,
}

/// What one deed comes to under one policy.
#[derive(Default)]
struct Told {
    refusals: Vec<Refusal>,
    remarks: Vec<String>,
}

impl From<Option<Refusal>> for Told {
    fn from(refusal: Option<Refusal>) -> Self {
        Self {
            refusals: refusal.into_iter().collect(),
            ..Self::default()
        }
    }
}

impl Told {
    fn remark(text: impl Into<String>) -> Self {
        Self {
            remarks: vec![text.into()],
            ..Self::default()
        }
    }
}

impl Judge<'_> {
    fn judge(&self, done: &Done) -> Told {
        match &done.deed {
            Deed::Upload(ware) => self.upload(*ware).into(),
            Deed::Release => self.by_hand("a release by hand"),
            Deed::PushTag => self.by_hand("a tag by hand"),
            Deed::MoveTag => Some(moved()).into(),
            Deed::DropTag => self.drop_tag(),
            Deed::Edit(path) => self.edit(path),
            Deed::Code(path) => self.code(path),
            Deed::Patch => self.patch(),
            Deed::Start(workflow) => self.start(workflow).into(),
            Deed::Bypass => self.for_people(
                "hooks are gone past; `cascade check --ci` and the server repeat what they say",
                "an agent may not go past hooks",
                "mend what the hook says, and run the command without going past it",
            ),
            Deed::Disguise => self.disguise(),
            Deed::Identity(email) => self.identity(email),
            Deed::Approve => self.for_people(
                "an approval stands for you, by name",
                "an agent can not approve a plan",
                "ask a listed person: `cascade policy` names them",
            ),
            Deed::Forge => Some(forged()).into(),
            Deed::Unclear(named) => self.unclear(named),
        }
    }

    fn is_agent(&self) -> bool {
        self.whom.actor.agent.is_some()
    }

    fn upload(&self, ware: Ware) -> Option<Refusal> {
        let policy = self.whom.policy;
        if policy.uploads.value == Permission::Allow {
            return None;
        }
        let workflows = policy.publish_workflow.value.join("`, `");
        let by = match workflows.as_str() {
            "" => "the publish workflow".to_owned(),
            _ => format!("`{workflows}`"),
        };
        Some(Refusal {
            rule: Rule::Uploads,
            what: match ware {
                Ware::Listing => format!("{} is made by {by} alone", ware.word()),
                _ => format!("{} is uploaded by {by} alone", ware.word()),
            },
            origin: policy.uploads.origin,
            help: "release it: `cascade release --repo REPO` pushes the tag that the workflow \
                   publishes"
                .to_owned(),
        })
    }

    /// Judges a tag that is pushed, or a release that is made, past cascade.
    fn by_hand(&self, what: &str) -> Told {
        let Whom {
            policy,
            mode,
            actor,
        } = self.whom;
        let mode_now = mode.unwrap_or_default();
        let mut refusals = super::judge_tag(policy, (mode_now, None), actor, self.at);
        if mode == Some(ReleaseMode::ReleasePlease) {
            refusals.push(Refusal {
                rule: Rule::Modes,
                what: format!("{what}: the repository is tagged by release-please alone"),
                origin: super::Origin::Default,
                help: "merge its release pull request; release-please tags the merged commit"
                    .to_owned(),
            });
        }
        if policy.hand_made_tags.value == Permission::Forbid {
            refusals.push(Refusal {
                rule: Rule::HandMadeTags,
                what: format!("{what} goes past cascade"),
                origin: policy.hand_made_tags.origin,
                help: "let cascade make it: `cascade release --repo REPO`".to_owned(),
            });
        }
        Told {
            refusals,
            ..Told::default()
        }
    }

    fn drop_tag(&self) -> Told {
        if !self.whom.policy.declared {
            return Told::default();
        }
        if self.is_agent() {
            return Some(moved()).into();
        }
        Told::remark("a tag that was pushed stays where it was pushed to, and is never used again")
    }

    fn edit(&self, path: &str) -> Told {
        let Some((pattern, origin)) = self.guarded(path) else {
            return Told::default();
        };
        let path = path.escape_debug();
        if !self.is_agent() {
            let told = format!(
                "`{path}` is protected by `{pattern}`: commit it with `Allow-Protected: reason`"
            );
            return Told::remark(told);
        }
        let refusal = Refusal {
            rule: Rule::Protected,
            what: format!("`{path}` is protected by `{pattern}`, and an agent may not change it"),
            origin,
            help: "leave it to a person, who commits it with `Allow-Protected: reason`".to_owned(),
        };
        Some(refusal).into()
    }

    /// Returns the pattern that protects what a path of a command may mean, and where it stands.
    fn guarded(&self, path: &str) -> Option<(&str, super::Origin)> {
        let guarded = Guarded::of(self.whom.policy);
        let rest = path.strip_prefix('/').unwrap_or(path);
        // Nobody knows here where the repository lies, so every end of the path is tried.
        let anywhere = rest.len() < path.len() || path.contains('$') || path.starts_with('~');
        let may = |it: &str| guarded.by_or_below(it).or_else(|| guarded.by_glob(it));
        if anywhere {
            return ends(rest).take(64).find_map(may);
        }
        may(path)
    }

    /// Judges a program that names a path.
    fn code(&self, path: &str) -> Told {
        if self.guarded(path).is_none() {
            return Told::default();
        }
        self.unclear(path)
    }

    fn patch(&self) -> Told {
        if self.whom.policy.protected.is_empty() || !self.is_agent() {
            return Told::default();
        }
        let what = "it can not be understood: which files a patch changes is not seen here, and some \
                    are protected";
        Some(self.of_agents(what, "change the files one by one, by their names")).into()
    }

    /// Judges a workflow that is started by hand; only one that publishes matters.
    fn start(&self, workflow: &str) -> Option<Refusal> {
        let last = |it: &str| it.rsplit('/').next().unwrap_or_default().to_lowercase();
        let said = last(workflow);
        let known = &self.whom.policy.publish_workflow.value;
        let unknown = said.bytes().all(|it| it.is_ascii_digit()) || said.contains('$');
        let named = ["publish", "release", "deploy"];
        let publishes = unknown
            || named.iter().any(|it| said.contains(it))
            || known.iter().any(|it| last(it) == said);
        self.upload(Ware::Package).filter(|_| publishes)
    }

    /// Allows people something with a remark, and refuses it to agents.
    fn for_people(&self, remark: &str, what: &str, help: &str) -> Told {
        if !self.is_agent() {
            return Told::remark(remark);
        }
        Some(self.of_agents(what, help)).into()
    }

    fn of_agents(&self, what: &str, help: &str) -> Refusal {
        let by = self.whom.actor.agent;
        Refusal {
            rule: Rule::Agents,
            what: what.to_owned(),
            origin: by.map_or_else(Default::default, super::AgentBy::origin),
            help: help.to_owned(),
        }
    }

    fn disguise(&self) -> Told {
        if !self.is_agent() {
            return Told::default();
        }
        let what = "an agent may not hide that it is one";
        Some(self.of_agents(what, "leave `CASCADE_AGENT` as it is")).into()
    }

    fn identity(&self, email: &str) -> Told {
        let policy = self.whom.policy;
        let all = [&policy.approvers.value, &policy.releasers.value];
        let listed = all.iter().any(|it| Policy::lists(it, Some(email)));
        if !self.is_agent() || !listed {
            return Told::default();
        }
        let what = format!("an agent may not commit as {email}, whom the policy lists");
        Some(self.of_agents(&what, "commit under the agent's own address")).into()
    }

    fn unclear(&self, named: &str) -> Told {
        let policy = self.whom.policy;
        let forbids = policy.uploads.value == Permission::Forbid
            || policy.hand_made_tags.value == Permission::Forbid;
        let told = format!(
            "it can not be understood, and names `{}`",
            named.escape_debug()
        );
        match (self.is_agent(), policy.declared) {
            (true, true) => {
                let help = "write the commands one by one, without variables and other languages";
                Some(self.of_agents(&told, help)).into()
            }
            (false, true) if forbids => Told::remark(told),
            _ => Told::default(),
        }
    }
}

/// Returns the ends of a path, the longest first.
fn ends(path: &str) -> impl Iterator<Item = &str> {
    let cuts = path.match_indices('/').map(|it| it.0 + 1);
    std::iter::once(0)
        .chain(cuts)
        .filter_map(|it| path.get(it..))
}

fn moved() -> Refusal {
    Refusal {
        rule: Rule::PublishedTags,
        what: "a tag that was pushed is never moved, deleted or reused".to_owned(),
        origin: super::Origin::Default,
        help: "take the next version: `cascade release --repo REPO`".to_owned(),
    }
}

fn forged() -> Refusal {
    Refusal {
        rule: Rule::Approvals,
        what: "refs below `refs/cascade` are written by cascade alone".to_owned(),
        origin: super::Origin::Default,
        help: "approve with `cascade policy approve PLAN`; free a lock with `cascade unlock`"
            .to_owned(),
    }
}
