//! Release-age gates: settings by which a tool refuses versions that are too young.
//!
//! | tool | gate | default | exempt |
//! |---|---|---|---|
//! | pnpm | `minimumReleaseAge` (`.npmrc` before 11) | a day from 11 on | `minimumReleaseAgeExclude` |
//! | Yarn | `npmMinimalAgeGate`, also of a scope | a day from 4.15 on | `npmPreapprovedPackages` |
//! | npm | `min-release-age`, `before` | none | `min-release-age-exclude[]` |
//! | uv | `exclude-newer` | none | `exclude-newer-package` |
//! | Poetry | `solver.min-release-age` | none | `solver.min-release-age-exclude` |

mod addition;
mod javascript;
mod python;

use std::collections::BTreeMap;

pub(crate) use javascript::{npm, pnpm, yarn};
pub(crate) use python::{poetry, uv};

/// Manifests and settings: path from the lock's folder, and text.
type Files = BTreeMap<String, String>;

const MINUTES_OF_A_DAY: u64 = 24 * 60;

/// How old a package's version must be before an ecosystem's tool takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgeGate {
    /// How old the version must be.
    pub age: Age,
    /// What sets the gate.
    pub origin: GateOrigin,
    /// What the gate stops.
    pub stops: Stops,
    /// The environment in which the tool ignores the gate, for one command.
    pub lifted_by: &'static [(&'static str, &'static str)],
    /// The edit after which the gate lets the package through for good, where one can be made.
    pub exemption: Option<Exemption>,
}

/// The age that a gate asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Age {
    /// Minutes since the version was published.
    Minutes(u64),
    /// Published before this moment, as the setting writes it.
    Before(String),
}

/// What sets a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateOrigin {
    /// A key of a settings file.
    Setting {
        /// The file, by its path from the lock's folder.
        path: String,
        /// The key: `minimumReleaseAge`.
        key: &'static str,
    },
    /// The tool itself, where nothing is set.
    Default {
        /// The tool: `pnpm`.
        tool: &'static str,
        /// The version of it that the manifests ask for; `None` where they leave it open, and the
        /// tool's newest is assumed.
        version: Option<String>,
    },
}

/// What a gate stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stops {
    /// Making the lock; a lock that holds the version already installs.
    Locking,
    /// Installing from the lock as well.
    Installing,
}

/// The edit of a settings file that exempts one package from a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// The file, by its path from the lock's folder; it may not exist yet.
    pub path: String,
    /// Its whole new text.
    pub text: String,
}

impl Age {
    /// Returns the age that a number of minutes is; none for no wait at all.
    fn of(minutes: u64) -> Option<Self> {
        (minutes > 0).then_some(Self::Minutes(minutes))
    }

    /// Returns the age that a span of time is: `3d`, `1 week`, `P7D`, `PT12H`, `90` (minutes).
    fn of_span(text: &str) -> Option<u64> {
        let text = text.trim().to_ascii_lowercase();
        let (text, time) = match text.strip_prefix('p') {
            Some(rest) => match rest.strip_prefix('t') {
                Some(time) => (time.to_owned(), true),
                None => (rest.to_owned(), false),
            },
            None => (text, true),
        };
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at_checked(end)?;
        let number: u64 = number.parse().ok()?;
        let seconds = match unit.trim().trim_end_matches("ago").trim() {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "m" if !time => 30 * 24 * 60 * 60,
            "" | "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hr" | "hrs" | "hour" | "hours" => 60 * 60,
            "d" | "day" | "days" => 24 * 60 * 60,
            "w" | "week" | "weeks" => 7 * 24 * 60 * 60,
            "month" | "months" => 30 * 24 * 60 * 60,
            "y" | "year" | "years" => 365 * 24 * 60 * 60,
            _ => return None,
        };
        Some(number.saturating_mul(seconds).div_ceil(60))
    }
}

/// Returns whether a pattern, in which `*` stands for anything, is of this name.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, behind)) = name.split_once(part) else {
            return false;
        };
        name = behind;
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests;
