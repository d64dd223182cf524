//! One line of a history: JSON that says its kind.
//!
//! What a line does not know it passes over, so an older cascade reads what a newer one wrote. What
//! did not change since another line is left out: that one is named, and is whole or names a whole one
//! in turn.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::facts::{Changes, Facts, Known, PinKey, Release};
use super::{Entry, Notification, Observation};
use crate::drift::Mark;

/// The form of the lines that are written.
const VERSION: u32 = 1;

type ByRepo<T> = BTreeMap<String, BTreeMap<String, T>>;
/// Downstream, upstream, package, path: names that many pins share are written once.
type Pins = ByRepo<ByRepo<Option<String>>>;

/// What every line says.
#[derive(Debug, Deserialize)]
struct Head {
    kind: String,
    #[serde(default)]
    v: u32,
}

/// A line about what one run saw.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Seen {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    v: u32,
    id: String,
    taken: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on: Option<String>,
    mark: Mark,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    findings: BTreeMap<String, Option<Known>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pins: Pins,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    packages: ByRepo<Option<Release>>,
}

/// A line about what somebody was told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Notified {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    v: u32,
    target: String,
    state: String,
    taken: i64,
}

/// What a line says.
#[derive(Debug)]
pub(super) enum Line {
    Observation(Entry),
    Notification(Notification),
    /// A kind, or a form of one, that this cascade does not know.
    Unknown,
}

/// Returns what a line says.
///
/// # Errors
/// With why it can not be read.
pub(super) fn read(text: &str) -> Result<Line, String> {
    let said = |error: serde_json::Error| error.to_string();
    let head: Head = serde_json::from_str(text).map_err(said)?;
    if head.v > VERSION {
        return Ok(Line::Unknown);
    }
    match head.kind.as_str() {
        "observation" => {
            let seen: Seen = serde_json::from_str(text).map_err(said)?;
            Ok(Line::Observation(seen.entry(text.len())))
        }
        "notification" => {
            let it: Notified = serde_json::from_str(text).map_err(said)?;
            Ok(Line::Notification(Notification {
                target: it.target,
                state: it.state,
                taken: it.taken,
            }))
        }
        _ => Ok(Line::Unknown),
    }
}

/// Returns the line of an observation: whole, or what changed since another one.
pub(super) fn observation(it: &Observation, since: Option<(&str, &Facts)>) -> String {
    let none = Facts::default();
    let changes = since
        .map_or(&none, |(_, facts)| facts)
        .changes_to(&it.facts);
    let seen = Seen::of(it, since.map(|(id, _)| id.to_owned()), changes);
    serde_json::to_string(&seen).unwrap_or_default()
}

/// Returns the line of a notification.
pub(super) fn notification(it: &Notification) -> String {
    let line = Notified {
        kind: "notification".to_owned(),
        v: VERSION,
        target: it.target.clone(),
        state: it.state.clone(),
        taken: it.taken,
    };
    serde_json::to_string(&line).unwrap_or_default()
}

impl Seen {
    fn of(it: &Observation, on: Option<String>, changes: Changes) -> Self {
        let mut pins = Pins::new();
        for (key, version) in changes.pins {
            let downstream = pins.entry(key.downstream).or_default();
            let package = downstream.entry(key.upstream).or_default();
            let paths = package.entry(key.package).or_default();
            paths.insert(key.path, version);
        }
        let mut packages = ByRepo::<Option<Release>>::new();
        for ((repo, package), release) in changes.packages {
            packages.entry(repo).or_default().insert(package, release);
        }
        Self {
            kind: "observation".to_owned(),
            v: VERSION,
            id: it.id.clone(),
            taken: it.taken,
            repo: it.repo.clone(),
            on,
            mark: it.mark.clone(),
            findings: changes.findings,
            pins,
            packages,
        }
    }

    fn entry(self, bytes: usize) -> Entry {
        let mut changes = Changes {
            findings: self.findings,
            ..Changes::default()
        };
        for (downstream, upstreams) in self.pins {
            for (upstream, packages) in upstreams {
                for (package, paths) in packages {
                    let key = |path| PinKey {
                        downstream: downstream.clone(),
                        upstream: upstream.clone(),
                        package: package.clone(),
                        path,
                    };
                    let pins = paths.into_iter().map(|(path, it)| (key(path), it));
                    changes.pins.extend(pins);
                }
            }
        }
        for (repo, packages) in self.packages {
            let packages = packages.into_iter();
            let named = packages.map(|(package, it)| ((repo.clone(), package), it));
            changes.packages.extend(named);
        }
        Entry {
            id: self.id,
            taken: self.taken,
            repo: self.repo,
            on: self.on,
            mark: self.mark,
            changes,
            bytes,
        }
    }
}
