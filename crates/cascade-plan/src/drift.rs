//! Drift: what has moved apart, since when, whose it is and what mends it, as one report.
//!
//! Invariant: a [`Drift`] is data of one moment. Every format is made of it, and it reads back what it
//! wrote (`cascade.drift/1`).

mod edges;
mod findings;
pub mod history;
mod issue;
mod missed;
mod notice;
mod owners;
mod remember;
pub mod replay;
mod report;
#[cfg(test)]
mod tests;
mod uptake;
mod when;

use cascade_manifest::Level;
use serde::{Deserialize, Serialize};

use crate::{LockState, Oid, PinStatus, ReleaseMode, Severity};

pub use issue::{IssueDeed, IssueText, SeenIssue, issue_deeds, marker};
pub(crate) use missed::missed;
pub use missed::tags_to_date;
pub use notice::{Heard, Notice, Standing, counted, heard, heard_by_nobody, notice, target_of};
pub use remember::TREND;
pub use uptake::{Birth, Offer, Taken, Uptake, scheme_of};
pub use when::{When, WhenError};

/// The name of the report's form.
pub const SCHEMA: &str = "cascade.drift/1";

/// What has drifted in a workspace, at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Drift {
    /// The name of its form: [`SCHEMA`].
    pub schema: String,
    /// The workspace's name.
    pub workspace: String,
    /// When it was looked, in seconds since 1970 (UTC).
    pub taken: i64,
    /// Every repository, upstream first.
    pub repos: Vec<DriftRepo>,
    /// Who stands on whom, by upstream then downstream.
    pub edges: Vec<DriftEdge>,
    /// What is not as it should be, the worst and oldest first.
    pub findings: Vec<DriftFinding>,
    /// What changed since the latest observation; `None` where there is none.
    pub change: Option<Change>,
    /// One mark for every observation, the newest [`TREND`] of them, this one last.
    pub trend: Vec<Mark>,
    /// How fast releases are taken up, by edge; what has taken none up is absent.
    pub adoption: Vec<Adoption>,
    /// What would mend every pin that lags, upstream first.
    pub mend: Vec<MendStep>,
}

/// One repository of the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DriftRepo {
    /// Its name.
    pub name: String,
    /// Its folder, from the workspace's root.
    pub path: String,
    /// The wave it is released in, counted from 0.
    pub wave: usize,
    /// How it is released.
    pub mode: ReleaseMode,
    /// Who owns it, by CODEOWNERS or `owners` of `workspace.toml`.
    pub owners: Vec<String>,
    /// Why it could not be read.
    pub trouble: Option<String>,
    /// The branch that was read.
    pub branch: Option<String>,
    /// The latest release of each of its packages.
    pub latest: Vec<Released>,
    /// What is not released yet.
    pub unreleased: Unreleased,
    /// When its newest commit was made, in seconds since 1970.
    pub committed: Option<i64>,
}

/// A release that a tag made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Released {
    /// The package.
    pub package: String,
    /// The version.
    pub version: String,
    /// The tag's name.
    pub tag: String,
    /// The commit that it stands on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Oid>,
    /// When it was tagged, in seconds since 1970.
    pub at: Option<i64>,
}

/// What a repository has not released yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Unreleased {
    /// How many commits.
    pub commits: usize,
    /// How far they ask it to move.
    pub level: Level,
    /// When the oldest of them was made, in seconds since 1970.
    pub since: Option<i64>,
    /// The subjects of the newest of them, newest first, at most [`SUBJECTS`].
    pub subjects: Vec<String>,
}

/// How many subjects of unreleased commits are kept.
pub const SUBJECTS: usize = 20;

/// A repository that stands on another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DriftEdge {
    /// The upstream.
    pub upstream: String,
    /// What stands on it.
    pub downstream: String,
    /// Whether `workspace.toml` declares it.
    pub declared: bool,
    /// The worst of its pins, and of the locks beside them.
    pub state: EdgeState,
    /// The pins behind it, by file and line; none behind an edge that is only declared.
    pub pins: Vec<DriftPin>,
}

/// How an edge stands, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeState {
    /// Every pin names the latest version.
    InStep,
    /// No pin stands behind it.
    DeclaredOnly,
    /// A pin names no version, a placeholder, or a package without a release.
    Open,
    /// A pin names an older version, and admits the latest.
    Behind,
    /// A lock records another requirement than the pin beside it.
    LockStale,
    /// A pin names a version above the latest tag.
    Ahead,
    /// A pin does not admit the latest version.
    Excluded,
    /// A lock holds a version that the pin beside it excludes.
    LockContradicts,
}

impl EdgeState {
    /// Every state, the best first.
    pub const ALL: [Self; 8] = [
        Self::InStep,
        Self::DeclaredOnly,
        Self::Open,
        Self::Behind,
        Self::LockStale,
        Self::Ahead,
        Self::Excluded,
        Self::LockContradicts,
    ];

    /// Returns the words for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::InStep => "in step",
            Self::DeclaredOnly => "no pin",
            Self::Open => "open",
            Self::Behind => "behind",
            Self::LockStale => "lock stale",
            Self::Ahead => "ahead",
            Self::Excluded => "excluded",
            Self::LockContradicts => "lock contradicts",
        }
    }
}

/// One pin behind an edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DriftPin {
    /// The package that it pins.
    pub package: String,
    /// The file, from the downstream repository's root.
    pub path: String,
    /// The 1-based line.
    pub line: usize,
    /// The requirement as written.
    pub requirement: String,
    /// The version that it names, where it names one.
    pub version: Option<String>,
    /// The latest version of the package.
    pub latest: Option<String>,
    /// How the two compare.
    pub status: PinStatus,
    /// What the lock beside it holds.
    pub lock: Option<DriftLock>,
    /// The first release that it missed.
    pub missed: Option<Missed>,
}

/// What a lock holds for a pin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DriftLock {
    /// The file, from the downstream repository's root.
    pub path: String,
    /// The line of its record, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The version that it holds.
    pub version: Option<String>,
    /// How that compares with the pin.
    pub state: LockState,
}

/// Releases that a pin does not name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Missed {
    /// The tag of the first of them.
    pub tag: String,
    /// When that was tagged, in seconds since 1970.
    pub at: Option<i64>,
    /// How many there are.
    pub releases: usize,
}

/// Something that is not as it should be, with its age and its owners.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DriftFinding {
    /// The same for the same finding in every run: 16 hexadecimal digits.
    pub id: String,
    /// The code of its rule.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// The repository, where it is one's.
    pub repo: Option<String>,
    /// The tag, where it is one's.
    pub tag: Option<String>,
    /// The file, from the workspace's root.
    pub path: Option<String>,
    /// The 1-based line.
    pub line: Option<usize>,
    /// What, in a sentence without a full stop.
    pub what: String,
    /// The command that mends it, or what to do.
    pub mend: Option<String>,
    /// Since when, in seconds since 1970: the date of the first release that a pin missed, of the
    /// oldest commit that is not released, else of the first observation that has it.
    pub since: Option<i64>,
    /// Who owns the file.
    pub owners: Vec<String>,
    /// Whether the latest observation had it.
    pub news: News,
    /// Whether the baseline has it, so that it fails no run.
    pub accepted: bool,
}

/// Whether a finding was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// The latest observation does not have it, or there is none.
    New,
    /// The latest observation has it.
    Still,
}

/// What changed since the latest observation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// When that was made, in seconds since 1970.
    pub against: i64,
    /// The ids of findings that it does not have.
    pub new: Vec<String>,
    /// What it has, and is no more.
    pub gone: Vec<Gone>,
    /// How many findings both have.
    pub still: usize,
}

/// A finding that is no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Gone {
    /// Its id.
    pub id: String,
    /// The code of its rule.
    pub code: String,
    /// How bad it was.
    pub severity: Severity,
    /// The repository, where it was one's.
    pub repo: Option<String>,
    /// Since when it was there, in seconds since 1970.
    pub since: Option<i64>,
}

/// One observation in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mark {
    /// When it was made, in seconds since 1970.
    pub taken: i64,
    /// How many findings keep a release back.
    pub block: usize,
    /// How many should be mended.
    pub warn: usize,
    /// How many are worth knowing.
    pub info: usize,
    /// How many pins there are.
    pub pins: usize,
    /// How many of them are behind.
    pub behind: usize,
    /// How many exclude the latest version.
    pub excluded: usize,
    /// How many are ahead of every known tag.
    pub ahead: usize,
}

/// How fast one repository takes up the releases of a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Adoption {
    /// The repository of the package.
    pub upstream: String,
    /// The repository that takes it up.
    pub downstream: String,
    /// The package.
    pub package: String,
    /// How many releases were taken up or passed over, in all observations.
    pub releases: usize,
    /// Days from a release to the pin that admits and names it or a later one.
    pub days: Spread,
    /// How many newer releases were out when one was taken up.
    pub behind: Spread,
}

/// The middle and the tail of some numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Spread {
    /// The median: half of them are not above it.
    pub median: f64,
    /// Nine of ten are not above it (nearest rank).
    pub p90: f64,
}

/// What would mend one repository, as part of the plan that mends all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MendStep {
    /// The wave that it stands in, counted from 0.
    pub wave: usize,
    /// The repository.
    pub repo: String,
    /// What moves, a line each: `pyproject.toml:12 core >=1,<2 -> >=1,<3`, `uv.lock core 1.2.0 -> 2.0.0`.
    pub moves: Vec<String>,
    /// The command that does it.
    pub command: String,
}
