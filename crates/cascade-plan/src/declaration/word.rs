//! The closed sets of words that a workspace is declared with.

use serde::Serialize;

use crate::policy::{Demand, Permission};
use crate::{EdgeLevel, EdgePolicy, LockMode, LockReach, ReleaseMode, TagFormat};

/// The words of a closed set, so that a wrong one gets a suggestion.
pub(super) trait Word: Sized + Copy + Serialize + 'static {
    /// Every word, with what it stands for.
    const ALL: &'static [(&'static str, Self)];
}

macro_rules! words {
    ($type:ty: $($word:literal => $value:ident),+ $(,)?) => {
        impl Word for $type {
            const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$value)),+];
        }
    };
}

words!(EdgePolicy: "auto" => Auto, "exact" => Exact, "floor" => Floor, "keep" => Keep,
    "manual" => Manual, "external" => External);
words!(EdgeLevel: "none" => None, "patch" => Patch, "match" => Match, "inferred" => Inferred);
words!(ReleaseMode: "tag" => Tag, "pull-request" => PullRequest,
    "release-please" => ReleasePlease, "manual" => Manual);
words!(LockMode: "auto" => Auto, "native" => Native, "tool" => Tool, "off" => Off);
words!(Demand: "optional" => Optional, "required" => Required);
words!(Permission: "allow" => Allow, "forbid" => Forbid);
words!(LockReach: "shared" => Shared, "local" => Local);
words!(crate::Severity: "block" => Block, "warn" => Warn, "info" => Info);
words!(TagFormat: "semver" => Semver, "pep440" => Pep440);
words!(crate::AuditFormat: "npm" => Npm, "pip-audit" => PipAudit, "cargo" => Cargo,
    "sarif" => Sarif);
words!(crate::VersionSource: "static" => Static, "vcs" => Vcs, "placeholder" => Placeholder);
