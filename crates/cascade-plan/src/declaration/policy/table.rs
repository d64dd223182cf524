//! The tables as they are written.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::ReleaseMode;
use crate::declaration::file::{OneOrMore, Text};
use crate::policy::{Demand, Permission};

/// What is allowed, to people and agents alike.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::declaration) struct PolicyTable {
    /// The release modes that are allowed; every one unless said.
    #[schemars(with = "Option<Vec<ReleaseMode>>")]
    pub(super) modes: Option<OneOrMore>,
    /// The branches that may be released from, names or globs; every one unless said.
    pub(super) branches: Option<OneOrMore>,
    /// Whether commit messages have to be Conventional Commits.
    #[schemars(with = "Option<Demand>")]
    pub(super) conventional_commits: Option<Text>,
    /// Globs of the files that are not changed without `Allow-Protected: reason` in the message.
    pub(super) protected: Option<OneOrMore>,
    /// Whether packages, images and charts may be uploaded past the publish workflow.
    #[schemars(with = "Option<Permission>")]
    pub(super) uploads: Option<Text>,
    /// The workflow files that publish, as globs.
    pub(super) publish_workflow: Option<OneOrMore>,
    /// Whether tags and releases may be made by hand, past cascade and release-please.
    #[schemars(with = "Option<Permission>")]
    pub(super) hand_made_tags: Option<Text>,
    /// The times in which nothing is released.
    #[serde(default)]
    #[schemars(with = "Vec<FreezeTable>")]
    pub(super) freeze: Vec<Spanned<FreezeTable>>,
    /// How many of the approvers have to approve a plan.
    #[schemars(with = "Option<u32>", extend("default" = 0))]
    pub(super) approvals: Option<Spanned<u32>>,
    /// Who may approve a plan, by email.
    pub(super) approvers: Option<OneOrMore>,
    /// Whether an approval counts only with a signature that git takes for good.
    #[schemars(with = "Option<Demand>")]
    pub(super) signed_approvals: Option<Text>,
    /// Who may release, by email; everybody unless said.
    pub(super) releasers: Option<OneOrMore>,
    /// The committers that are automated agents, by email.
    pub(super) agents: Option<OneOrMore>,
}

/// A time in which nothing is released.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::declaration) struct FreezeTable {
    /// Where it begins: a date, a moment of RFC 3339, or a day of the week with a time.
    #[schemars(with = "String")]
    pub(super) from: Text,
    /// Where it ends, likewise; a last date belongs to it.
    #[schemars(with = "String")]
    pub(super) to: Text,
    /// The offset of its dates and times from UTC: `+01:00`.
    #[schemars(with = "Option<String>", extend("default" = "Z"))]
    pub(super) zone: Option<Text>,
    /// Why.
    #[schemars(with = "String")]
    pub(super) reason: Text,
}
