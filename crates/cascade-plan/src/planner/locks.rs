//! What becomes of the locks beside the pins.

use std::collections::BTreeMap;

use cascade_manifest::{Ecosystem, Form, LockedSource, Move, Version};

use super::fates::Judged;
use super::gates::gates;
use super::moves::Moves;
use super::versions::is_edited;
use super::world::{Home, World};
use crate::snapshot::{Beside, beside, commands};
use crate::survey::{along, lock_of};
use crate::{
    Action, LockMode, LockMove, LockState, LockSurvey, PackageId, PackageSurvey, PinFate, PinSurvey,
};

/// What has to move in one lock.
struct Wanted {
    ecosystem: &'static Ecosystem,
    moves: Vec<Move>,
    own: Vec<Move>,
    reasons: Vec<String>,
    required: bool,
}

type ByFile = BTreeMap<String, Wanted>;

/// Returns what becomes of every lock that the step concerns. What exempts the family's own packages
/// from a gate becomes a write.
pub(super) fn locks(
    world: &World<'_>,
    home: Home<'_>,
    moves: &Moves<'_>,
    writes: &mut Vec<Action>,
) -> Vec<LockMove> {
    let mut wanted = ByFile::new();
    for judged in &moves.pins {
        by_pin(&mut wanted, home, judged);
        by_siblings(&mut wanted, (world, home), judged);
    }
    by_version(&mut wanted, home, moves);
    for pin in home.survey.pins.iter().filter(|it| !it.auxiliary) {
        if is_looked_at(world, moves, pin) {
            by_state(&mut wanted, home, moves, pin);
        }
    }
    let mut locks = Vec::new();
    for (file, it) in wanted {
        let files = beside(home.seen, &file, writes);
        let mut lock = lock_move(home, file, it, &files);
        let kept = lock.mode == LockMode::Off;
        // A lock that only could be fresher, and that nothing can move, is nobody's business.
        if !lock.required && (kept || lock.commands.is_empty()) {
            continue;
        }
        if !kept {
            lock.gates = gates(world, home, &lock, (files, writes));
        }
        locks.push(lock);
    }
    locks
}

/// Returns whether the lock's row of a pin is held against the pin as it stands: all of them before
/// a release; in a bump those on what moves or travels, so that a lock left behind is taken up.
fn is_looked_at(world: &World<'_>, moves: &Moves<'_>, pin: &PinSurvey) -> bool {
    if world.is_release() {
        return moves.packages.values().any(|it| !it.out);
    }
    world.request.asks.is_empty() || moves.judged(pin).is_some()
}

/// Returns the version that the lock holds, where its ecosystem's command may be told it: what
/// comes from git has no version that could be chosen.
fn held(pin: &PinSurvey, lock: &LockSurvey) -> Option<String> {
    match pin.form {
        Form::GitTag | Form::GitRev { .. } => None,
        _ => lock.version.clone(),
    }
}

fn lock_move(home: Home<'_>, file: String, wanted: Wanted, files: &Beside) -> LockMove {
    let all: Vec<Move> = wanted.moves.iter().chain(&wanted.own).cloned().collect();
    LockMove {
        commands: commands(home.seen, (&file, wanted.ecosystem), files, &all),
        ecosystem: wanted.ecosystem.name.to_owned(),
        mode: home.declared.lock,
        moves: wanted.moves,
        own: wanted.own,
        reason: wanted.reasons.join("; "),
        required: wanted.required,
        gates: Vec::new(),
        file,
    }
}

fn want(
    wanted: &mut ByFile,
    (file, ecosystem): (&str, &'static Ecosystem),
    (whose, it): (Whose, Move),
    (reason, required): (String, Need),
) {
    let entry = wanted.entry(file.to_owned()).or_insert_with(|| Wanted {
        ecosystem,
        moves: Vec::new(),
        own: Vec::new(),
        reasons: Vec::new(),
        required: false,
    });
    entry.required |= required == Need::Has;
    let known = |other: &Move| other.name == it.name && other.from == it.from;
    let moves = match whose {
        Whose::Other => &mut entry.moves,
        Whose::Own => &mut entry.own,
    };
    if !moves.iter().any(known) {
        moves.push(it);
        entry.reasons.push(reason);
    }
}

fn whose(home: Home<'_>, pin: &PinSurvey) -> Whose {
    if pin.upstream.repo == *home.id {
        Whose::Own
    } else {
        Whose::Other
    }
}

/// Whose package a lock's record is of.
#[derive(Clone, Copy)]
enum Whose {
    /// One that the repository requires.
    Other,
    /// The repository's own.
    Own,
}

/// Whether a lock has to move, or could.
#[derive(PartialEq, Eq)]
enum Need {
    Has,
    Could,
}

/// A pin that moved takes its lock along; one that stays lets it get fresher.
fn by_pin(wanted: &mut ByFile, home: Home<'_>, judged: &Judged<'_>) {
    let pin = judged.pin;
    let (Some(lock), Some(ecosystem)) = (&pin.lock, pin.ecosystem) else {
        return;
    };
    let to = &judged.to;
    let it = Move {
        name: pin.upstream.name.clone(),
        from: held(pin, lock),
        to: to.text().to_owned(),
    };
    let at = (lock.file.as_str(), ecosystem);
    if judged.is_updated() {
        let reason = format!("{} is pinned to {to}", it.name);
        return want(wanted, at, (whose(home, pin), it), (reason, Need::Has));
    }
    let kept = matches!(judged.fate, PinFate::Kept(_));
    let foreign = pin.upstream.repo != *home.id && pin.source.is_none();
    let grammar = ecosystem.grammar;
    let admits = grammar.admits(&pin.requirement, to).unwrap_or(false);
    if kept && foreign && admits && !pin.auxiliary && is_older(lock, to) {
        let reason = format!("{} could be {to}", it.name);
        want(wanted, at, (Whose::Other, it), (reason, Need::Could));
    }
}

/// What its upstream binds to a pinned package moves with that, where the lock holds both in one
/// version and nothing here pins it.
fn by_siblings(wanted: &mut ByFile, (world, home): (&World<'_>, Home<'_>), judged: &Judged<'_>) {
    let pin = judged.pin;
    let (Some(lock), Some(ecosystem)) = (&pin.lock, pin.ecosystem) else {
        return;
    };
    let moves = |it: &Wanted| it.moves.iter().any(|it| it.name == pin.upstream.name);
    let from = lock.version.as_deref();
    let Some(from) = from.filter(|_| wanted.get(&lock.file).is_some_and(moves)) else {
        return;
    };
    let moving = Move {
        name: pin.upstream.name.clone(),
        from: held(pin, lock),
        to: judged.to.text().to_owned(),
    };
    let is_pinned = |id: &PackageId| {
        let mut pins = home.survey.pins.iter();
        pins.any(|it| it.upstream == *id && !it.auxiliary)
    };
    let is_free = |it: &PackageSurvey| !is_pinned(&it.id) && holds(home, lock, it);
    for it in along(world.survey, &pin.upstream, (from, &moving), is_free) {
        let need = if judged.is_updated() {
            Need::Has
        } else {
            Need::Could
        };
        let reason = format!("{} moves with {}", it.name, moving.name);
        let at = (lock.file.as_str(), ecosystem);
        want(wanted, at, (Whose::Other, it), (reason, need));
    }
}

/// Returns whether a lock holds a package in the version that it holds for a pin.
fn holds(home: Home<'_>, lock: &LockSurvey, package: &PackageSurvey) -> bool {
    let name = (package.ecosystem.canonical)(&package.id.name);
    let found = home.seen.locks.iter().find(|it| it.path == lock.file);
    let facts = found.and_then(|it| it.read.as_ref().ok());
    facts.is_some_and(|it| {
        let mut all = it.entries.iter();
        all.any(|it| {
            it.name == name && it.version == lock.version && it.source != LockedSource::Local
        })
    })
}

fn is_older(lock: &LockSurvey, to: &Version) -> bool {
    let held = lock.version.as_deref();
    held.and_then(|it| Version::parse(to.scheme(), it))
        .is_some_and(|it| it < *to)
}

/// A package's own version stands in its lock too, where the lock has a row for it.
fn by_version(wanted: &mut ByFile, home: Home<'_>, moves: &Moves<'_>) {
    for moved in moves.packages.values().filter(|it| !it.out) {
        let package = moved.package;
        if !is_edited(home, package) {
            continue;
        }
        let Some((file, from)) = own_row(home, package, &moved.to) else {
            continue;
        };
        let reason = format!("{} itself becomes {}", package.id.name, moved.to);
        let it = Move {
            name: package.id.name.clone(),
            from: Some(from),
            to: moved.to.text().to_owned(),
        };
        let at = (file, package.ecosystem);
        want(wanted, at, (Whose::Own, it), (reason, Need::Has));
    }
}

/// Returns the lock in which a package's own row says another version than this, and that version.
pub(super) fn own_row<'a>(
    home: Home<'a>,
    package: &PackageSurvey,
    version: &Version,
) -> Option<(&'a str, String)> {
    let name = (package.ecosystem.canonical)(&package.id.name);
    let found = lock_of(home.seen, package.ecosystem, &package.manifest, Some(&name));
    let (lock, facts) = found?;
    let mut rows = facts.entries.iter();
    let own = rows.find(|it| it.name == name && it.source == LockedSource::Local)?;
    let from = own.version.clone()?;
    // uv writes `3.2.0.dev` as `3.2.0.dev0`, so versions are compared and not texts.
    let same = Version::parse(version.scheme(), &from).as_ref() == Some(version);
    (!same).then_some((lock.path.as_str(), from))
}

/// A lock that is stale or contradicts is mended before its repository is tagged.
fn by_state(wanted: &mut ByFile, home: Home<'_>, moves: &Moves<'_>, pin: &PinSurvey) {
    let (Some(lock), Some(ecosystem)) = (&pin.lock, pin.ecosystem) else {
        return;
    };
    let judged = moves.judged(pin);
    if judged.is_some_and(Judged::is_updated) {
        return;
    }
    let travels = judged.filter(|it| {
        let grammar = ecosystem.grammar;
        grammar.admits(&pin.requirement, &it.to) == Ok(true)
    });
    let to = match lock.state {
        LockState::InStep | LockState::Absent => return,
        LockState::Stale => lock.version.clone(),
        LockState::Contradicts => travels
            .map(|it| it.to.text().to_owned())
            .or_else(|| mendable(pin)),
    };
    let name = pin.upstream.name.clone();
    let reason = format!("its row of {name} {}", lock.state.told());
    let from = held(pin, lock);
    // One that nothing mends is held by name; see `hold`.
    let Some(to) = to.or_else(|| from.clone()) else {
        return;
    };
    let at = (lock.file.as_str(), ecosystem);
    let it = Move { name, from, to };
    want(wanted, at, (whose(home, pin), it), (reason, Need::Has));
}

/// Returns the latest version, where the pin admits it.
pub(super) fn mendable(pin: &PinSurvey) -> Option<String> {
    let latest = pin.latest.as_ref()?;
    let grammar = pin.ecosystem?.grammar;
    (grammar.admits(&pin.requirement, latest) == Ok(true)).then(|| latest.text().to_owned())
}

impl LockState {
    fn told(self) -> &'static str {
        match self {
            Self::Stale => "records another requirement",
            Self::Contradicts => "contradicts the requirement",
            Self::InStep | Self::Absent => "is as it should be",
        }
    }
}
