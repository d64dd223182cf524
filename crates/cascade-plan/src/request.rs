//! What a person asked for.

use std::collections::BTreeSet;
use std::fmt;

use cascade_manifest::Level;
use serde::{Deserialize, Serialize};

use crate::{Purpose, RepoId};

/// What a person asked a plan for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Request {
    /// What the plan is for.
    pub purpose: Purpose,
    /// What was named; empty for "whatever asks for it".
    pub asks: Vec<Ask>,
    /// Repositories that may change; all where empty.
    pub only: BTreeSet<RepoId>,
    /// Repositories that stay as they are.
    pub skip: BTreeSet<RepoId>,
    /// Move pins, no versions of downstream packages.
    pub pins_only: bool,
    /// Let a lock move more than what was named; it is shown all the same.
    #[serde(default)]
    pub allow_churn: bool,
    /// The label of a pre-release (`rc`).
    pub pre: Option<String>,
    /// Why pins may move down; without it they never do.
    pub downgrade: Option<String>,
}

/// One `--repo REPO[/PACKAGE][=LEVEL|VERSION]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ask {
    /// The repository, a glob.
    pub repo: String,
    /// The package, a glob; all of them without.
    pub package: Option<String>,
    /// How far.
    pub what: What,
}

/// How far an asked package moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// For a release: as its commits ask, else its latest version travels. For a bump: its latest
    /// version travels.
    Unsaid,
    /// By this level.
    Level(Level),
    /// To this version, without a leading `v`.
    Version(String),
}

impl fmt::Display for Ask {
    /// Writes it as a person types it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repo)?;
        if let Some(package) = &self.package {
            write!(f, "/{package}")?;
        }
        match &self.what {
            What::Unsaid => Ok(()),
            What::Level(level) => write!(f, "={level}"),
            What::Version(version) => write!(f, "={version}"),
        }
    }
}
