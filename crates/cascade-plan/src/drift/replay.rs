//! A replay: how the pins of one repository stood at every moment of its past, each against the
//! releases of that day.
//!
//! Invariant: pure. Whoever reads the past hands over what stood there, oldest first.

mod making;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::history::{Facts, Observation, PinKey, Release};
use super::remember::is_lower;
use super::{Adoption, DriftLock, EdgeState, Mark};
use crate::{LockState, PinStatus};

pub use making::{Dated, Moment, Releases, Replaying};

/// The name of the report's form.
pub const REPLAY_SCHEMA: &str = "cascade.drift-replay/1";

/// How the pins of one repository stood over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Replay {
    /// The name of its form: [`REPLAY_SCHEMA`].
    pub schema: String,
    /// The workspace's name.
    pub workspace: String,
    /// The repository.
    pub repo: String,
    /// The moment at which it ends, in seconds since 1970.
    pub taken: i64,
    /// How many states were as which.
    pub summary: ReplaySummary,
    /// The drift of each package that was ever pinned, over time.
    pub tracks: Vec<Track>,
    /// How fast releases were taken up, by upstream and package; what has taken none up is absent.
    pub adoption: Vec<Adoption>,
    /// The releases that there were to take up, by upstream and package.
    pub releases: Vec<Offered>,
    /// Every state that a commit of the first-parent line made, oldest first.
    pub states: Vec<ReplayState>,
}

/// How many states were as which; each counts once in every line that is true of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReplaySummary {
    /// How many states there are.
    pub states: usize,
    /// How many of them pin something of the family.
    pub pinned: usize,
    /// In how many some pin named an older version, and admitted the latest.
    pub behind: usize,
    /// In how many some pin excluded the latest version.
    pub excluded: usize,
    /// In how many some pin named a version above every tag.
    pub ahead: usize,
    /// In how many some lock recorded another requirement than the pin beside it.
    pub lock_stale: usize,
    /// In how many some lock held a version that the pin beside it excluded.
    pub lock_contradicts: usize,
    /// In how many some file could not be read.
    pub unreadable: usize,
}

/// What one commit made of the pins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReplayState {
    /// The commit.
    pub commit: String,
    /// The moment it is judged at, in seconds since 1970: that of the commit, or the beginning of the
    /// replay where that came later.
    pub at: i64,
    /// Its pins, by file and line.
    pub pins: Vec<ReplayPin>,
    /// The files that could not be read: of what they pin nothing is known.
    pub unreadable: Vec<String>,
}

/// One pin at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReplayPin {
    /// The repository of the package.
    pub upstream: String,
    /// The package.
    pub package: String,
    /// The file.
    pub path: String,
    /// The 1-based line.
    pub line: usize,
    /// The requirement as written.
    pub requirement: String,
    /// The version that it names, where it names one.
    pub version: Option<String>,
    /// The latest version of that moment.
    pub latest: Option<String>,
    /// How the two compare.
    pub status: PinStatus,
    /// How many releases of that moment stand above the version that it names.
    pub releases: usize,
    /// How many days the first of them was out.
    pub days: i64,
    /// What the lock beside it held.
    pub lock: Option<DriftLock>,
}

/// The drift of one package over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Track {
    /// The repository of the package.
    pub upstream: String,
    /// The package.
    pub package: String,
    /// What changed, oldest first; each holds until the next one.
    pub points: Vec<Point>,
}

/// How one package stood from a moment on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Point {
    /// The moment, in seconds since 1970.
    pub at: i64,
    /// The commit or the tag that made it so.
    pub by: String,
    /// Whether that is a commit of the repository or a release of the package.
    pub cause: Cause,
    /// The worst of its pins and the locks beside them; `None` where it is not pinned any more.
    pub state: Option<EdgeState>,
    /// The lowest version that a pin names.
    pub version: Option<String>,
    /// The latest version of that moment.
    pub latest: Option<String>,
    /// How many releases the pin that lags most is behind.
    pub releases: usize,
    /// When the first release was out that it missed, in seconds since 1970: it is as many days behind
    /// as have passed since.
    pub since: Option<i64>,
}

/// What made a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// A commit of the repository.
    Commit,
    /// A release of the package.
    Release,
}

/// A release that there was to take up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Offered {
    /// The repository of the package.
    pub upstream: String,
    /// The package.
    pub package: String,
    /// The version.
    pub version: String,
    /// The tag.
    pub tag: String,
    /// When it was tagged, in seconds since 1970.
    pub at: i64,
    /// When it was taken up or passed over; `None` where it was not, or before the replay begins.
    pub taken: Option<i64>,
    /// How many days after it was out, or after the repository first named the package.
    pub days: Option<f64>,
    /// How many newer releases were out by then.
    pub newer: Option<usize>,
}

impl Replay {
    /// Returns what runs would have seen of the repository alone, had there been one at every state and
    /// every release.
    pub fn observations(&self) -> Vec<Observation> {
        let states = self.states.iter().map(|it| it.at);
        let begin = states.clone().min().unwrap_or(self.taken);
        let releases = self.releases.iter().map(|it| it.at.max(begin));
        let moments: BTreeSet<i64> = states.chain(releases).collect();
        let moments = moments.into_iter().filter(|it| *it < self.taken);
        moments.map(|it| self.observation(it)).collect()
    }

    fn observation(&self, at: i64) -> Observation {
        let held = self.states.iter().rfind(|it| it.at <= at);
        let pins = held.map_or(&[][..], |it| &it.pins);
        let mut facts = Facts::default();
        for pin in pins {
            let key = PinKey {
                downstream: self.repo.clone(),
                upstream: pin.upstream.clone(),
                package: pin.package.clone(),
                path: pin.path.clone(),
            };
            let named = pin.version.clone().unwrap_or_default();
            let known = facts.pins.entry(key).or_insert_with(|| named.clone());
            if is_lower(&pin.path, &named, known) {
                *known = named;
            }
        }
        for it in self.releases.iter().filter(|it| it.at <= at) {
            let release = Release {
                version: it.version.clone(),
                tag: it.tag.clone(),
                commit: None,
                at: Some(it.at),
            };
            let package = (it.upstream.clone(), it.package.clone());
            facts.packages.insert(package, release);
        }
        let of = |status| pins.iter().filter(|it| it.status == status).count();
        let mark = Mark {
            taken: at,
            block: 0,
            warn: 0,
            info: 0,
            pins: pins.len(),
            behind: of(PinStatus::Behind),
            excluded: of(PinStatus::Excluded),
            ahead: of(PinStatus::Ahead),
        };
        Observation::new(at, Some(self.repo.clone()), mark, facts)
    }
}

impl ReplaySummary {
    fn of(states: &[ReplayState]) -> Self {
        let count = |is: &dyn Fn(&ReplayState) -> bool| states.iter().filter(|it| is(it)).count();
        let pinned = |as_it_is| count(&|it| it.pins.iter().any(|it| it.status == as_it_is));
        let lock = |state: LockState| {
            let held = move |it: &ReplayPin| it.lock.as_ref().is_some_and(|it| it.state == state);
            count(&|it| it.pins.iter().any(held))
        };
        Self {
            states: states.len(),
            pinned: count(&|it| !it.pins.is_empty()),
            behind: pinned(PinStatus::Behind),
            excluded: pinned(PinStatus::Excluded),
            ahead: pinned(PinStatus::Ahead),
            lock_stale: lock(LockState::Stale),
            lock_contradicts: lock(LockState::Contradicts),
            unreadable: count(&|it| !it.unreadable.is_empty()),
        }
    }
}
