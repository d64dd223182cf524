//! A replay in the making: states and releases as they come, oldest first.

use std::collections::BTreeMap;

use cascade_manifest::{Kind, Scheme, Version};

use super::{
    Cause, Offered, Point, REPLAY_SCHEMA, Replay, ReplayPin, ReplayState, ReplaySummary, Track,
};
use crate::drift::history::DAY;
use crate::drift::uptake::{Birth, Taken, Uptake};
use crate::drift::{Adoption, DriftLock, EdgeState};
use crate::{PackageId, PinSurvey, RepoId, RepoSurvey};

/// A release of a package, by its date.
#[derive(Debug, Clone, PartialEq)]
pub struct Dated {
    /// When it was tagged, in seconds since 1970.
    pub at: i64,
    /// The version.
    pub version: Version,
    /// The tag.
    pub tag: String,
}

/// The final releases of every package, oldest first.
pub type Releases = BTreeMap<PackageId, Vec<Dated>>;

/// A repository at a moment of its past.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// When, in seconds since 1970.
    pub at: i64,
    /// The commit or the tag.
    pub by: &'a str,
    /// What is known of it, against the releases of that day.
    pub judged: &'a RepoSurvey,
}

/// A replay that is being made.
#[derive(Debug)]
pub struct Replaying<'a> {
    releases: &'a Releases,
    repo: RepoId,
    birth: Birth,
    /// The latest moment that was heard of.
    reached: i64,
    states: Vec<ReplayState>,
    tracks: BTreeMap<PackageId, Following>,
}

/// One package that is followed.
#[derive(Debug)]
struct Following {
    uptake: Uptake,
    /// How many of its releases the uptake knows.
    heard: usize,
    named: Option<String>,
    points: Vec<Point>,
}

impl<'a> Replaying<'a> {
    /// Returns a replay of a repository of which nothing was told yet; `birth` says whether it is told
    /// from its first commit on.
    pub fn new(repo: RepoId, releases: &'a Releases, birth: Birth) -> Self {
        Self {
            releases,
            repo,
            birth,
            reached: i64::MIN,
            states: Vec::new(),
            tracks: BTreeMap::new(),
        }
    }

    /// Adds a state that a commit made, and the files of it that could not be read.
    pub fn state(&mut self, moment: Moment<'_>, unreadable: Vec<String>) {
        let pins: Vec<&PinSurvey> = self.pins(moment.judged).collect();
        let told = pins.iter().map(|it| self.pin(it, moment.at)).collect();
        self.states.push(ReplayState {
            commit: moment.by.to_owned(),
            at: moment.at,
            pins: told,
            unreadable,
        });
        self.follow(moment, Cause::Commit, &pins);
    }

    /// Adds a moment at which packages were released.
    pub fn release(&mut self, moment: Moment<'_>) {
        let pins: Vec<&PinSurvey> = self.pins(moment.judged).collect();
        self.follow(moment, Cause::Release, &pins);
    }

    /// Returns the replay up to a moment.
    pub fn finish(self, workspace: &str, taken: i64) -> Replay {
        let (mut tracks, mut adoption, mut releases) = (Vec::new(), Vec::new(), Vec::new());
        for (package, it) in self.tracks {
            let upstream = package.repo.to_string();
            if let Some((count, days, behind)) = it.uptake.spread() {
                adoption.push(Adoption {
                    upstream: upstream.clone(),
                    downstream: self.repo.to_string(),
                    package: package.name.clone(),
                    releases: count,
                    days,
                    behind,
                });
            }
            releases.extend(offered(&package, &it.uptake));
            tracks.push(Track {
                upstream,
                package: package.name,
                points: it.points,
            });
        }
        Replay {
            schema: REPLAY_SCHEMA.to_owned(),
            workspace: workspace.to_owned(),
            repo: self.repo.to_string(),
            taken,
            summary: ReplaySummary::of(&self.states),
            tracks,
            adoption,
            releases,
            states: self.states,
        }
    }

    /// Returns the pins on other repositories that a report of drift tells of.
    fn pins<'p>(&self, judged: &'p RepoSurvey) -> impl Iterator<Item = &'p PinSurvey> + use<'p> {
        let repo = self.repo.clone();
        let counts = move |it: &&PinSurvey| {
            !it.auxiliary && it.kind != Kind::Indirect && it.upstream.repo != repo
        };
        judged.pins.iter().filter(counts)
    }

    fn pin(&self, pin: &PinSurvey, at: i64) -> ReplayPin {
        let missed = self.missed(pin, at);
        let since = missed.iter().map(|it| it.at).min();
        ReplayPin {
            upstream: pin.upstream.repo.to_string(),
            package: pin.upstream.name.clone(),
            path: pin.manifest.clone(),
            line: pin.line,
            requirement: pin.requirement.clone(),
            version: pin.named.as_ref().map(ToString::to_string),
            latest: pin.latest.as_ref().map(ToString::to_string),
            status: pin.status,
            releases: missed.len(),
            days: since.map_or(0, |it| at.saturating_sub(it) / DAY),
            lock: pin.lock.as_ref().map(DriftLock::of),
        }
    }

    /// Returns the releases of a moment above the version that an old pin names.
    fn missed(&self, pin: &PinSurvey, at: i64) -> Vec<&'a Dated> {
        let all = self
            .releases
            .get(&pin.upstream)
            .map_or(&[][..], Vec::as_slice);
        let (Some(named), Some(latest), true) = (&pin.named, &pin.latest, pin.status.is_old())
        else {
            return Vec::new();
        };
        let out = all.iter().take_while(|it| it.at <= at);
        out.filter(|it| it.version > *named && it.version <= *latest)
            .collect()
    }

    /// Adds a moment to the track of every package that is pinned now or was before.
    fn follow(&mut self, moment: Moment<'_>, cause: Cause, pins: &[&PinSurvey]) {
        self.reached = self.reached.max(moment.at);
        let mut by_package: BTreeMap<&PackageId, Vec<&PinSurvey>> = BTreeMap::new();
        for pin in pins {
            by_package.entry(&pin.upstream).or_default().push(pin);
        }
        for (package, pins) in &by_package {
            let point = self.point(moment, cause, pins);
            let scheme = pins
                .iter()
                .find_map(|it| it.named.as_ref().or(it.latest.as_ref()))
                .map(Version::scheme);
            let birth = self.birth;
            let fresh = || Following {
                uptake: Uptake::new(scheme.unwrap_or(Scheme::Pep440), birth),
                heard: 0,
                named: None,
                points: Vec::new(),
            };
            let releases = self.releases.get(*package).map_or(&[][..], Vec::as_slice);
            let followed = self.tracks.entry((*package).clone()).or_insert_with(fresh);
            followed.add(point, releases, self.reached);
        }
        for (package, followed) in &mut self.tracks {
            if !by_package.contains_key(package) {
                followed.gone(moment, cause);
            }
        }
    }

    fn point(&self, moment: Moment<'_>, cause: Cause, pins: &[&PinSurvey]) -> Point {
        let missed: Vec<Vec<&Dated>> = pins.iter().map(|it| self.missed(it, moment.at)).collect();
        let since = missed.iter().flatten().map(|it| it.at).min();
        let named = pins.iter().filter_map(|it| it.named.as_ref()).min();
        let latest = pins.iter().filter_map(|it| it.latest.as_ref()).max();
        Point {
            at: self.reached,
            by: moment.by.to_owned(),
            cause,
            state: pins.iter().map(|it| EdgeState::of_pin(it)).max(),
            version: named.map(ToString::to_string),
            latest: latest.map(ToString::to_string),
            releases: missed.iter().map(Vec::len).max().unwrap_or(0),
            since,
        }
    }
}

impl Following {
    fn add(&mut self, point: Point, releases: &[Dated], moment: i64) {
        let out = releases.iter().take_while(|it| it.at <= moment).count();
        let fresh = out > self.heard;
        for it in releases.iter().take(out).skip(self.heard) {
            self.uptake.release(it.version.text(), &it.tag, it.at);
        }
        self.heard = self.heard.max(out);
        if let Some(named) = point.version.clone()
            && (fresh || self.named.as_ref() != Some(&named))
        {
            self.uptake.names(&named, moment);
            self.named = Some(named);
        }
        self.push(point);
    }

    /// Adds that it is not pinned any more.
    fn gone(&mut self, moment: Moment<'_>, cause: Cause) {
        self.push(Point {
            at: moment.at,
            by: moment.by.to_owned(),
            cause,
            state: None,
            version: None,
            latest: None,
            releases: 0,
            since: None,
        });
    }

    /// Adds a point that says something else than the one before.
    fn push(&mut self, point: Point) {
        let same = |it: &Point| {
            let of = |it: &Point| (it.state, it.version.clone(), it.latest.clone(), it.since);
            of(it) == of(&point) && it.releases == point.releases
        };
        if !self.points.last().is_some_and(same) {
            self.points.push(point);
        }
    }
}

fn offered(package: &PackageId, uptake: &Uptake) -> Vec<Offered> {
    let offers = uptake.offers().iter();
    let told = offers.map(|it| Offered {
        upstream: package.repo.to_string(),
        package: package.name.clone(),
        version: it.version.to_string(),
        tag: it.tag.clone(),
        at: it.at,
        taken: it.taken.map(|it| it.at),
        days: it.taken.map(Taken::days),
        newer: it.taken.map(|it| it.newer),
    });
    told.collect()
}
