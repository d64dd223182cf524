//! Approvals: who said yes to a plan, named by the digest of all of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Demand, Policy};
use crate::Plan;

/// A yes to one plan. Any change of the plan makes it one to another plan, which nobody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Approval {
    /// The digest of the plan: [`Plan::digest`].
    pub plan: String,
    /// The address of who said yes.
    pub email: String,
    /// When, in seconds since 1970.
    pub when: i64,
    /// Whether the user's git takes its signature for good.
    #[serde(default)]
    pub signed: bool,
}

impl Plan {
    /// Returns the digest of the whole plan, 64 hexadecimal digits: it names the plan to those who
    /// approve it. However the file is laid out, it is the same; whatever it says otherwise, it is
    /// another one.
    pub fn digest(&self) -> String {
        // All of a plan's parts are strings and numbers, which always serialise.
        let text = serde_json::to_vec(self).unwrap_or_default();
        blake3::hash(&text).to_hex().to_string()
    }
}

impl Policy {
    /// Returns the approvals that count: of this plan, by listed people, no agents, one each.
    pub fn counted<'a>(&self, plan: &str, approvals: &'a [Approval]) -> Vec<&'a Approval> {
        let mut seen = BTreeSet::new();
        let counts = |it: &&Approval| {
            it.plan == plan
                && (it.signed || self.signed_approvals.value == Demand::Optional)
                && Self::lists(&self.approvers.value, Some(&it.email))
                && self.agent(&it.email).is_none()
        };
        let once = |it: &&Approval| seen.insert(it.email.to_ascii_lowercase());
        approvals.iter().filter(counts).filter(once).collect()
    }
}
