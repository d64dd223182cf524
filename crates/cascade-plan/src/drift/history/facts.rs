//! What one observation holds, and how two of them differ.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Oid, Severity};

/// What was seen by one run, as far as later runs need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The findings, by id.
    pub findings: BTreeMap<String, Known>,
    /// The version that each pin names; empty where it names none.
    pub pins: BTreeMap<PinKey, String>,
    /// The latest release of each package, by repository and package.
    pub packages: BTreeMap<(String, String), Release>,
}

/// What is remembered of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Known {
    /// The code of its rule.
    pub code: String,
    /// How bad it was.
    pub severity: Severity,
    /// The repository, where it was one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// Since when it was there, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
}

/// Which pin is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PinKey {
    /// The repository that has it.
    pub downstream: String,
    /// The repository of the package.
    pub upstream: String,
    /// The package.
    pub package: String,
    /// The file.
    pub path: String,
}

/// What is remembered of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Release {
    /// The version.
    pub version: String,
    /// The tag.
    pub tag: String,
    /// The commit that it stands on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Oid>,
    /// When it was tagged, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
}

/// How one observation differs from another: what is new or other, and `None` for what is no more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) findings: BTreeMap<String, Option<Known>>,
    pub(super) pins: BTreeMap<PinKey, Option<String>>,
    pub(super) packages: BTreeMap<(String, String), Option<Release>>,
}

impl Facts {
    /// Returns what has to change for these to become others.
    pub(super) fn changes_to(&self, now: &Self) -> Changes {
        Changes {
            findings: changes(&self.findings, &now.findings),
            pins: changes(&self.pins, &now.pins),
            packages: changes(&self.packages, &now.packages),
        }
    }

    /// Makes these what they are after the changes.
    pub(super) fn apply(&mut self, changes: &Changes) {
        apply(&mut self.findings, &changes.findings);
        apply(&mut self.pins, &changes.pins);
        apply(&mut self.packages, &changes.packages);
    }
}

impl Changes {
    /// Returns how many there are.
    pub(super) fn count(&self) -> usize {
        self.findings.len() + self.pins.len() + self.packages.len()
    }
}

fn changes<K: Ord + Clone, V: PartialEq + Clone>(
    before: &BTreeMap<K, V>,
    now: &BTreeMap<K, V>,
) -> BTreeMap<K, Option<V>> {
    let gone = before.keys().filter(|it| !now.contains_key(it));
    let gone = gone.map(|it| (it.clone(), None));
    let other = now.iter().filter(|(key, it)| before.get(key) != Some(it));
    let other = other.map(|(key, it)| (key.clone(), Some(it.clone())));
    gone.chain(other).collect()
}

fn apply<K: Ord + Clone, V: Clone>(facts: &mut BTreeMap<K, V>, changes: &BTreeMap<K, Option<V>>) {
    for (key, now) in changes {
        match now {
            Some(now) => drop(facts.insert(key.clone(), now.clone())),
            None => drop(facts.remove(key)),
        }
    }
}
