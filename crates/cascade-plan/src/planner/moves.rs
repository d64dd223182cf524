//! Which packages of one repository move, and because of what.

use std::collections::BTreeMap;
use std::sync::Arc;

use cascade_manifest::{Form, Kind, Level, Version};

use super::asks::{Target, Targets};
use super::fates::{Judged, fates};
use super::versions::{Voice, distance, following, is_edited, pending, respelled, tag_of};
use super::world::{Hold, Home, Travelling, World};
use crate::snapshot::{folder_of, is_within};
use crate::{EdgeLevel, Oid, PackageId, PackageSurvey, PinSurvey, Reason, Release};

/// A package of the repository at hand with the version that it gets or has.
#[derive(Debug, Clone)]
pub(super) struct Moved<'a> {
    pub(super) package: &'a PackageSurvey,
    pub(super) to: Version,
    pub(super) tag: String,
    pub(super) commit: Option<Oid>,
    pub(super) out: bool,
    pub(super) level: Level,
    pub(super) reason: Reason,
    pub(super) hold: Hold,
}

impl Moved<'_> {
    /// Returns the row of the plan.
    pub(super) fn row(&self) -> Release {
        let package = self.package;
        Release {
            package: package.id.clone(),
            from: package.highest().map(|it| it.version.text().to_owned()),
            to: self.to.text().to_owned(),
            tag: self.tag.clone(),
            out: self.out,
            level: self.level,
            reason: self.reason.clone(),
            evidence: if self.out {
                Arc::default()
            } else {
                package.evidence.clone()
            },
        }
    }

    fn travelling(&self) -> Travelling {
        Travelling {
            to: self.to.clone(),
            level: self.level,
            commit: self.commit.clone(),
            hold: self.hold,
        }
    }
}

/// What moves in one repository.
pub(super) struct Moves<'a> {
    pub(super) packages: BTreeMap<PackageId, Moved<'a>>,
    pub(super) pins: Vec<Judged<'a>>,
}

impl<'a> Moves<'a> {
    /// Returns what becomes of a pin, where it is on something that moves or travels.
    pub(super) fn judged(&self, pin: &PinSurvey) -> Option<&Judged<'a>> {
        self.pins.iter().find(|it| std::ptr::eq(it.pin, pin))
    }
}

/// The versions that the pins of one repository are held against.
pub(super) struct Travels<'a> {
    above: &'a BTreeMap<PackageId, Travelling>,
    own: BTreeMap<PackageId, Travelling>,
}

impl Travels<'_> {
    /// Returns the version of a package that moves or travels, its own repository's first.
    pub(super) fn get(&self, id: &PackageId) -> Option<&Travelling> {
        self.own.get(id).or_else(|| self.above.get(id))
    }
}

/// Returns what moves in a repository, given what moves above it: its own targets, the pins on
/// what moves, the packages whose pins moved, the pins on those, until nothing new comes.
pub(super) fn moves_of<'a>(
    world: &World<'a>,
    home: Home<'a>,
    targets: &Targets,
    above: &BTreeMap<PackageId, Travelling>,
) -> Moves<'a> {
    let mut packages = own(home, targets);
    share(home, &mut packages);
    // Each round adds a package or raises a version, so the rounds are few; the bound is a belt.
    let rounds = home.survey.packages.len() * 2 + 2;
    let mut pins = Vec::new();
    for _ in 0..rounds {
        let travelling = Travels {
            above,
            own: travellers(&packages).collect(),
        };
        pins = fates(world, home, &travelling);
        let before = state(&packages);
        if !world.request.pins_only {
            follow_all(world, home, &mut packages, (&pins, &travelling));
        }
        if state(&packages) == before {
            break;
        }
    }
    Moves { packages, pins }
}

/// Returns the versions of these packages that pins are held against.
pub(super) fn travellers(
    packages: &BTreeMap<PackageId, Moved<'_>>,
) -> impl Iterator<Item = (PackageId, Travelling)> {
    packages
        .iter()
        .map(|(id, it)| (id.clone(), it.travelling()))
}

fn state(packages: &BTreeMap<PackageId, Moved<'_>>) -> Vec<(PackageId, String, bool)> {
    let rows = packages.iter();
    rows.map(|(id, it)| (id.clone(), it.to.text().to_owned(), it.out))
        .collect()
}

/// Returns the packages of a repository that are targets themselves.
pub(super) fn own<'a>(home: Home<'a>, targets: &Targets) -> BTreeMap<PackageId, Moved<'a>> {
    let packages = home.survey.packages.iter();
    packages
        .filter_map(|package| {
            let moved = match targets.get(&package.id)?.clone() {
                Target::Moves { to, level, reason } => moved(package, to, level, reason),
                Target::Travels {
                    to,
                    tag,
                    commit,
                    hold,
                } => Moved {
                    package,
                    to,
                    tag,
                    commit,
                    out: true,
                    level: Level::None,
                    reason: Reason::Travels,
                    hold,
                },
            };
            Some((package.id.clone(), moved))
        })
        .collect()
}

fn moved(package: &PackageSurvey, to: Version, level: Level, reason: Reason) -> Moved<'_> {
    Moved {
        package,
        tag: tag_of(package, &to),
        to,
        commit: None,
        out: false,
        level,
        reason,
        hold: Hold::Every,
    }
}

/// Lets packages that share a tag, or one version text, move together to the highest version.
fn share<'a>(home: Home<'a>, packages: &mut BTreeMap<PackageId, Moved<'a>>) {
    for leader in &home.survey.packages {
        let group: Vec<&'a PackageSurvey> = home
            .survey
            .packages
            .iter()
            .filter(|it| it.id == leader.id || is_shared(home, leader, it))
            .collect();
        let moving = |it: &&&PackageSurvey| packages.get(&it.id).is_some_and(|it| !it.out);
        if group.len() < 2 || !group.iter().any(|it| moving(&it)) {
            continue;
        }
        let planned = group.iter().filter_map(|it| pending(it));
        let highest = group
            .iter()
            .filter_map(|it| packages.get(&it.id).filter(|it| !it.out))
            .map(|it| it.to.clone())
            .chain(planned.filter(Version::is_final))
            .max();
        let reason = group
            .iter()
            .find(moving)
            .and_then(|it| packages.get(&it.id));
        let (Some(highest), Some(reason)) = (highest, reason.map(|it| it.reason.clone())) else {
            continue;
        };
        for package in group {
            let to = respelled(&highest, package.ecosystem.scheme);
            let level = distance(home.base(package).map(|it| &it.version), &to);
            let now = packages.get(&package.id).filter(|it| !it.out);
            let reason = now.map_or_else(|| reason.clone(), |it| it.reason.clone());
            packages.insert(package.id.clone(), moved(package, to, level, reason));
        }
    }
}

/// Returns whether one tag releases both packages: their template is one, and they may have the same
/// versions.
pub(super) fn shares_tags(a: &PackageSurvey, b: &PackageSurvey) -> bool {
    let major = |it: &PackageSurvey| it.ecosystem.major(&it.id.name);
    let paths = a.ecosystem.paths.is_some() && b.ecosystem.paths.is_some();
    a.template == b.template && (!paths || major(a) == major(b))
}

/// Returns whether one tag or one version text stands for both packages.
fn is_shared(home: Home<'_>, a: &PackageSurvey, b: &PackageSurvey) -> bool {
    let at = |it: &PackageSurvey| home.observed(it).and_then(|it| it.version_at.clone());
    shares_tags(a, b) || at(a).is_some_and(|place| at(b) == Some(place))
}

/// Adds the packages that move because a pin of theirs did.
fn follow_all<'a>(
    world: &World<'a>,
    home: Home<'a>,
    packages: &mut BTreeMap<PackageId, Moved<'a>>,
    (pins, travelling): (&[Judged<'a>], &Travels<'_>),
) {
    for package in &home.survey.packages {
        if packages.get(&package.id).is_some_and(|it| !it.out) {
            continue;
        }
        let moved = follow(world, home, package, (pins, travelling));
        let moved = moved.or_else(|| carried(world, home, package, travelling));
        packages.extend(moved.map(|it| (package.id.clone(), it)));
    }
    share(home, packages);
}

/// Returns the move of a package whose pins moved, or whose moved pins are committed already.
fn follow<'a>(
    world: &World<'a>,
    home: Home<'a>,
    package: &'a PackageSurvey,
    (pins, travelling): (&[Judged<'a>], &Travels<'_>),
) -> Option<Moved<'a>> {
    // In a checkout only what a file says can be moved; tags come later.
    if !world.is_release() && !is_edited(home, package) {
        return None;
    }
    let causes = pins
        .iter()
        .filter(|it| it.is_updated() && is_cause(home, package, it.pin))
        .map(|it| it.pin);
    let done = home
        .survey
        .pins
        .iter()
        .filter(|pin| is_committed(world, home, (package, pin), travelling));
    let (level, cause) = causes
        .chain(done)
        .filter_map(|pin| {
            Some((
                level(home, package, travelling.get(&pin.upstream)?, pin),
                pin,
            ))
        })
        .filter(|(level, _)| *level > Level::None)
        .max_by_key(|(level, _)| *level)?;
    let to = to_follow(world, home, package, level)?;
    let from = home.base(package).map(|it| &it.version);
    let reason = if pending(package).is_some_and(|it| it == to) {
        Reason::Pending
    } else {
        Reason::Upstream {
            package: cause.upstream.clone(),
            to: travelling.get(&cause.upstream)?.to.text().to_owned(),
        }
    };
    let level = distance(from, &to);
    Some(moved(package, to, level, reason))
}

/// Returns the latest version of a package as one that travels, where an earlier run released it
/// for what travels from above: so the same command goes on below it.
fn carried<'a>(
    world: &World<'a>,
    home: Home<'a>,
    package: &'a PackageSurvey,
    travelling: &Travels<'_>,
) -> Option<Moved<'a>> {
    let latest = package
        .latest
        .as_ref()
        .filter(|it| package.reachable.as_ref() == Some(*it))?;
    let names = |pin: &&PinSurvey| {
        let up = travelling
            .get(&pin.upstream)
            .filter(|it| it.hold == Hold::Every);
        up.is_some_and(|up| pin.named(up.to.scheme()).as_ref() == Some(&up.to))
    };
    let mut pins = home
        .survey
        .pins
        .iter()
        .filter(|it| it.upstream.repo != *home.id);
    let stands = pins.any(|it| is_cause(home, package, it) && names(&it));
    (world.is_release() && stands).then(|| Moved {
        package,
        to: latest.version.clone(),
        tag: latest.tag.clone(),
        commit: Some(latest.commit.clone()),
        out: true,
        level: Level::None,
        reason: Reason::Travels,
        hold: Hold::Every,
    })
}

/// Returns the version that a package gets because something above it moved. A bump leaves a
/// pending `3.2.0.dev` as it is; a release takes its numbers.
fn to_follow(
    world: &World<'_>,
    home: Home<'_>,
    package: &PackageSurvey,
    level: Level,
) -> Option<Version> {
    if let Some(it) = pending(package).filter(|it| !it.is_final() && !world.is_release()) {
        return Some(it);
    }
    let pre = world.request.pre.as_deref();
    following(home, package, level, Voice::World, pre)
}

/// Returns how far the edge lets a package move.
fn level(home: Home<'_>, package: &PackageSurvey, up: &Travelling, pin: &PinSurvey) -> Level {
    let edge = home.need(&pin.upstream.repo).map(|it| it.level);
    match edge.unwrap_or_default() {
        EdgeLevel::None => Level::None,
        EdgeLevel::Patch => Level::Patch,
        EdgeLevel::Match => up.level.max(Level::Patch),
        EdgeLevel::Inferred => package.level.max(Level::Patch),
    }
}

/// Returns whether a pin that moves releases the package: it stands in its manifest, in a row of
/// the workspace that it inherits, or at a declared site of its folder.
pub(super) fn is_cause(home: Home<'_>, package: &PackageSurvey, pin: &PinSurvey) -> bool {
    if pin.auxiliary {
        return false;
    }
    match pin.ecosystem {
        None => pin.orders() && is_nearest(home, package, &pin.manifest),
        Some(ecosystem) if *ecosystem != *package.ecosystem => false,
        Some(_) if pin.manifest == package.manifest => pin.orders(),
        Some(_) => pin.kind == Kind::Workspace && inherits(home, package, pin),
    }
}

fn inherits(home: Home<'_>, package: &PackageSurvey, row: &PinSurvey) -> bool {
    let within = is_within(folder_of(&package.manifest), folder_of(&row.manifest));
    within
        && home.survey.pins.iter().any(|pin| {
            pin.manifest == package.manifest
                && pin.upstream == row.upstream
                && pin.form == Form::Inherited
                && pin.orders()
        })
}

/// Returns whether no other package of the repository is nearer to a file.
fn is_nearest(home: Home<'_>, package: &PackageSurvey, path: &str) -> bool {
    let depth = |it: &PackageSurvey| {
        let folder = folder_of(&it.manifest);
        is_within(folder_of(path), folder).then_some(folder.len())
    };
    let deepest = home.survey.packages.iter().filter_map(depth).max();
    depth(package) == deepest
}

/// Returns whether a pin names the travelling version already and that move is not released yet:
/// the static version is pending, or a commit says that it moved the pin. So the same command
/// continues after `bump`, and after a run that was cut off.
fn is_committed(
    world: &World<'_>,
    home: Home<'_>,
    (package, pin): (&PackageSurvey, &PinSurvey),
    travelling: &Travels<'_>,
) -> bool {
    let Some(up) = travelling.get(&pin.upstream) else {
        return false;
    };
    if up.hold == Hold::Old || pin.upstream.repo == *home.id || !is_cause(home, package, pin) {
        return false;
    }
    let named = pin.named(up.to.scheme());
    let pending = pending(package).is_some_and(|it| it.is_final());
    let says = || world.is_release() && says_move(home, package, &pin.upstream.name, &up.to);
    named.as_ref() == Some(&up.to) && (pending || says())
}

/// Returns whether an unreleased commit of the package says `NAME OLD -> NEW`, or `NAME NEW` as one does
/// that knows no old version.
fn says_move(home: Home<'_>, package: &PackageSurvey, name: &str, to: &Version) -> bool {
    let Some(observed) = home.observed(package) else {
        return false;
    };
    let commits = observed
        .since
        .iter()
        .filter_map(|at| home.seen.commits.get(*at));
    let end = format!(" -> {to}");
    let alone = format!("{name} {to}");
    let is_alone = |part: &str| {
        let said = part
            .strip_prefix("- ")
            .or(part.split_once("(deps): ").map(|it| it.1));
        said.unwrap_or(part) == alone
    };
    commits
        .flat_map(|it| it.message.lines())
        .flat_map(|line| line.split(", "))
        .any(|part| {
            let is_moved = part.ends_with(&end) && part.split([' ', ':']).any(|it| it == name);
            is_moved || is_alone(part)
        })
}

impl PinSurvey {
    /// Returns the version that the pin names, read in this scheme where it is a bare one.
    pub(super) fn named(&self, scheme: cascade_manifest::Scheme) -> Option<Version> {
        if let (Some(it), Form::Range) = (self.ecosystem, &self.form) {
            return it.grammar.named(&self.requirement).ok().flatten();
        }
        let digits = self.requirement.find(|c: char| c.is_ascii_digit())?;
        Version::parse(scheme, self.requirement.get(digits..)?)
    }
}
