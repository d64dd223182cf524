//! Who acts: a person or an automated agent.

use super::{Origin, Policy};

/// The signs by which somebody who acts is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs {
    /// `--as-agent`, where it was said.
    pub flag: Option<Spoken>,
    /// The value of `CASCADE_AGENT`.
    pub variable: Option<String>,
    /// The address that git commits with.
    pub email: Option<String>,
}

/// A flag that was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spoken;

/// Somebody who acts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    /// The address that git commits with, where git knows one.
    pub email: Option<String>,
    /// What makes it an agent; `None` for a person.
    pub agent: Option<AgentBy>,
}

/// What makes somebody who acts an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentBy {
    /// `--as-agent`
    Flag,
    /// `CASCADE_AGENT`
    Variable,
    /// Its address stands in `agents`, here.
    Listed(Origin),
}

impl AgentBy {
    /// Returns what makes it one, for people.
    pub fn told(self) -> &'static str {
        match self {
            Self::Flag => "`--as-agent`",
            Self::Variable => "`CASCADE_AGENT`",
            Self::Listed(_) => "`agents` of the policy",
        }
    }

    /// Returns where the rule stands that makes it one.
    pub(crate) fn origin(self) -> Origin {
        match self {
            Self::Flag | Self::Variable => Origin::Default,
            Self::Listed(origin) => origin,
        }
    }
}

impl Actor {
    /// Returns the actor's address, for people.
    pub fn name(&self) -> &str {
        self.email
            .as_deref()
            .unwrap_or("somebody without an email in git")
    }
}

/// Returns who acts, by these signs, under this policy. Every door asks here: commands, hooks and
/// `cascade policy ask`.
pub fn acting(signs: &Signs, policy: &Policy) -> Actor {
    let email = signs.email.clone().filter(|it| !it.trim().is_empty());
    let variable = signs.variable.as_deref().map(str::trim);
    let says_yes = variable.is_some_and(|it| !matches!(it, "" | "0" | "false" | "no"));
    let listed = || Some(policy.agent(email.as_deref()?)?.origin);
    let agent = match signs.flag {
        Some(Spoken) => Some(AgentBy::Flag),
        None if says_yes => Some(AgentBy::Variable),
        None => listed().map(AgentBy::Listed),
    };
    Actor { email, agent }
}
