//! Policy: what a workspace allows, to people and agents alike, and where each line of it comes from.
//!
//! It is data and judgement only. Who acts, when, and what was approved is told to it.

mod acting;
mod approval;
mod ask;
mod command;
mod freeze;
mod gates;
mod protect;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ReleaseMode;

pub use acting::{Actor, AgentBy, Signs, Spoken, acting};
pub use approval::Approval;
pub use ask::{Answer, Asked, Whom, ask};
pub(crate) use command::in_file;
pub use command::{Deed, Deeds, Done, Ware, deeds_of_argv, deeds_of_script};
pub(crate) use freeze::{Fault as WindowFault, offset};
pub use freeze::{Freeze, Window};
pub use gates::{Blocked, Passage, judge_plan, judge_tag};
pub use protect::Guarded;
pub(crate) use protect::TRAILER;

/// The rules that hold for one repository, each with where it comes from.
///
/// Lists that may hold nobody and nothing allow everybody and everything where they are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Whether anybody declared any of it; without, nothing is forbidden.
    pub declared: bool,
    /// The release modes that are allowed.
    pub modes: Said<Vec<ReleaseMode>>,
    /// The branches that may be released from, names or globs.
    pub branches: Said<Vec<String>>,
    /// Whether commit messages have to be Conventional Commits.
    pub conventional_commits: Said<Demand>,
    /// Globs of the files that are not changed without a reason in the message.
    pub protected: Vec<Said<String>>,
    /// Whether packages, images and charts may be uploaded past the publish workflow.
    pub uploads: Said<Permission>,
    /// The files of the workflows that publish, as globs.
    pub publish_workflow: Said<Vec<String>>,
    /// Whether tags and releases may be made by hand, past cascade and release-please.
    pub hand_made_tags: Said<Permission>,
    /// The times in which nothing is released.
    pub freeze: Vec<Said<Freeze>>,
    /// How many of the approvers have to approve a plan.
    pub approvals: Said<u32>,
    /// Who may approve one, by email.
    pub approvers: Said<Vec<String>>,
    /// Whether an approval counts only with a signature that the user's git takes for good.
    pub signed_approvals: Said<Demand>,
    /// Who may release, by email.
    pub releasers: Said<Vec<String>>,
    /// The committers that are automated agents, by email.
    pub agents: Vec<Said<String>>,
}

/// A value of the policy, and where it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a line of the policy comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// From cascade itself.
    #[default]
    Default,
    /// From `[policy]`, at this line of the workspace's file.
    Workspace(usize),
    /// From `[repo.NAME.policy]`, at this line of the workspace's file.
    Repository(usize),
}

/// Whether something is allowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// It is.
    #[default]
    Allow,
    /// It is not.
    Forbid,
}

/// Whether something is demanded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Demand {
    /// It is not.
    #[default]
    Optional,
    /// It is.
    Required,
}

/// A rule of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// `modes`
    Modes,
    /// `branches`
    Branches,
    /// `protected`
    Protected,
    /// `uploads`
    Uploads,
    /// `hand-made-tags`
    HandMadeTags,
    /// `freeze`
    Freeze,
    /// `approvals`
    Approvals,
    /// `approvers`
    Approvers,
    /// `releasers`
    Releasers,
    /// `agents`
    Agents,
    /// A pushed tag is never moved, deleted or reused: cascade's own rule.
    PublishedTags,
}

/// A refusal: what, by which rule, where that comes from, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The rule.
    pub rule: Rule,
    /// What is refused, and why, in a sentence without a full stop.
    pub what: String,
    /// Where the rule comes from.
    pub origin: Origin,
    /// What to do.
    pub help: String,
}

/// What is protected unless a policy says otherwise: the files that tell a forge what to run.
pub const USUALLY_PROTECTED: &[&str] = &[
    ".github/workflows/**",
    ".github/actions/**",
    ".gitlab-ci.yml",
    ".gitlab/ci/**",
];

impl Rule {
    /// Returns the rule's word, which is its key in `workspace.toml` where it has one.
    pub fn word(self) -> &'static str {
        match self {
            Self::Modes => "modes",
            Self::Branches => "branches",
            Self::Protected => "protected",
            Self::Uploads => "uploads",
            Self::HandMadeTags => "hand-made-tags",
            Self::Freeze => "freeze",
            Self::Approvals => "approvals",
            Self::Approvers => "approvers",
            Self::Releasers => "releasers",
            Self::Agents => "agents",
            Self::PublishedTags => "published-tags",
        }
    }
}

impl<T> Said<T> {
    /// Returns a value with where it comes from.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

impl Origin {
    /// Returns the line of the workspace's file; `None` for what is cascade's own.
    pub fn line(self) -> Option<usize> {
        match self {
            Self::Default => None,
            Self::Workspace(line) | Self::Repository(line) => Some(line),
        }
    }

    /// Returns who says it, in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Workspace(_) => "workspace",
            Self::Repository(_) => "repository",
        }
    }

    /// Returns where it stands, for people: `workspace.toml:12`, or `cascade's own`.
    pub fn place(self, file: &str) -> String {
        match self.line() {
            Some(line) => format!("{file}:{line}"),
            None => "cascade's own".to_owned(),
        }
    }
}

impl Policy {
    /// Returns whether one of these addresses is this one; addresses have no case.
    pub(crate) fn lists(all: &[String], email: Option<&str>) -> bool {
        let same = |it: &String| email.is_some_and(|email| it.eq_ignore_ascii_case(email));
        all.iter().any(same)
    }

    /// Returns the line that makes an address an agent's.
    pub fn agent(&self, email: &str) -> Option<&Said<String>> {
        self.agents
            .iter()
            .find(|it| it.value.eq_ignore_ascii_case(email))
    }
}
