//! What keeps a step from being carried out, and a plan from being made.

use std::collections::BTreeSet;

use cascade_manifest::Spot;

use super::asks::{Targets, unseen as unseen_error};
use super::charts::update;
use super::error::PlanError;
use super::fates::{Judged, Way};
use super::locks::mendable;
use super::moves::Moves;
use super::versions::untaken;
use super::world::{Home, World};
use crate::survey::SITE;
use crate::{Held, LockMode, LockMove, LockState, PinFate, PinSurvey, ReleaseMode, RepoId};

/// Refuses a plan in which a repository that stands on what moves can not be seen whole: a pin
/// that nobody sees would be left behind in silence.
pub(super) fn unseen(world: &World<'_>, targets: &Targets) -> Result<(), PlanError> {
    // A bump without a name mends what it sees; a release must know of everything below it.
    if world.request.asks.is_empty() && !world.is_release() {
        return Ok(());
    }
    let mut reached: BTreeSet<&RepoId> = targets.keys().map(|it| &it.repo).collect();
    for id in &world.survey.order {
        let Some(home) = world.home(id) else { continue };
        let stands = home
            .declared
            .needs
            .iter()
            .any(|it| reached.contains(&it.repo));
        if world.is_frozen(id) || !(stands || reached.contains(id)) {
            continue;
        }
        reached.insert(id);
        if let Some(trouble) = &home.seen.trouble {
            return Err(skippable(unseen_error(id, trouble), id.as_str()));
        }
        if let Some(error) = unreadable(home) {
            return Err(skippable(error, id.as_str()));
        }
    }
    Ok(())
}

/// Returns the error for a manifest that can not be read, where its pins would count.
fn unreadable(home: Home<'_>) -> Option<PlanError> {
    let mut files = home.seen.manifests.iter().filter(|it| !it.auxiliary);
    let (file, why) = files.find_map(|it| Some((it, it.read.as_ref().err()?)))?;
    let path = &file.path;
    let spot = why.span.as_ref().map(|it| Spot::of(&file.text, it.start));
    let at = spot.map(|it| format!("{it}: ")).unwrap_or_default();
    Some(PlanError::Unseen {
        repo: home.id.to_string(),
        why: format!("has a `{path}` that can not be read ({at}{why})"),
        help: Some(format!("mend `{path}` in `{}`", home.id)),
    })
}

/// Adds the other way out: to leave the repository alone.
fn skippable(error: PlanError, id: &str) -> PlanError {
    let PlanError::Unseen { repo, why, help } = error else {
        return error;
    };
    let help = help.map(|it| format!("{it}; or leave it out with `--skip {id}`"));
    let why = format!("{why}, and stands on what moves");
    PlanError::Unseen { repo, why, help }
}

/// Returns why a step that changes something can not be carried out.
pub(super) fn held(
    world: &World<'_>,
    home: Home<'_>,
    moves: &Moves<'_>,
    locks: &[LockMove],
) -> Option<Held> {
    checkout(world, home)
        .or_else(|| mode(world, home))
        .or_else(|| path(home, moves))
        .or_else(|| site(home, moves))
        .or_else(|| refused(world, home, moves))
        .or_else(|| contradiction(world, home, moves))
        .or_else(|| lock(home, locks))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every rule ends in it, and a rule may not hold"
)]
fn hold(why: String, help: String) -> Option<Held> {
    Some(Held {
        why,
        help: Some(help),
    })
}

/// Holds a checkout that can not be committed in, or a branch that may not be released.
fn checkout(world: &World<'_>, home: Home<'_>) -> Option<Held> {
    let id = home.id;
    if !world.is_release() && home.seen.dirty {
        let why = format!("`{id}` has changes that are not committed");
        return hold(
            why,
            format!("commit or stash them, or leave it out with `--skip {id}`"),
        );
    }
    let allowed = home.allowed();
    let Some(branch) = home.seen.branch.as_deref() else {
        let why = format!("`{id}` is on no branch");
        return hold(
            why,
            format!("git -C {} switch {}", home.declared.path, allowed.first()),
        );
    };
    if !allowed.holds(branch) {
        let why = format!(
            "`{id}` is on `{branch}`, and is released from {}",
            allowed.told()
        );
        return hold(
            why,
            format!("git -C {} switch {}", home.declared.path, allowed.first()),
        );
    }
    None
}

/// Holds what a release can not do in this repository's mode.
fn mode(world: &World<'_>, home: Home<'_>) -> Option<Held> {
    if !world.is_release() {
        return None;
    }
    let id = home.id;
    match home.declared.mode {
        ReleaseMode::Manual => hold(
            format!("`{id}` is released by a person (`release = \"manual\"`)"),
            format!("release `{id}` by hand, `cascade fetch`, and run the same command again"),
        ),
        _ if home.declared.remote.is_none() => hold(
            format!("`{id}` declares no remote to push to"),
            format!("add `remote` to [repo.{id}] in workspace.toml"),
        ),
        ReleaseMode::Tag | ReleaseMode::PullRequest | ReleaseMode::ReleasePlease => None,
    }
}

/// Holds a version that the package's name, being a path, does not let it have.
fn path(home: Home<'_>, moves: &Moves<'_>) -> Option<Held> {
    let mut moving = moves.packages.values().filter(|it| !it.out);
    let (it, why) = moving.find_map(|it| Some((it, untaken(it.package, &it.to)?)))?;
    let name = &it.package.id.name;
    hold(
        format!("`{name}` can not be {}: {why}", it.to),
        format!(
            "change the path in `{}` of `{}` first, or ask for a lower level",
            it.package.manifest, home.id
        ),
    )
}

/// Holds when a declared site on what moves matches another number of times than declared.
fn site(home: Home<'_>, moves: &Moves<'_>) -> Option<Held> {
    let mut sites = home.declared.sites.iter().enumerate();
    let (site, why) = sites.find_map(|(at, site)| {
        let mut pins = moves.pins.iter();
        let moving = pins.any(|it| it.pin.section == SITE && it.pin.manifest == site.file);
        let matched = home.seen.sites.iter().find(|it| it.site == at);
        Some((site, matched.filter(|_| moving)?.amiss(site)?))
    })?;
    let id = home.id;
    hold(
        why,
        format!(
            "mend `{}` in `{id}`, or {} of the site in [repo.{id}]; or leave it out with `--skip {id}`",
            site.file,
            site.keys()
        ),
    )
}

/// Holds when pins that order a release should move and can not: every one of them is told.
fn refused(world: &World<'_>, home: Home<'_>, moves: &Moves<'_>) -> Option<Held> {
    let told = |it: &Judged<'_>, verb: &str| {
        let (pin, to) = (it.pin, &it.to);
        let (path, line, name) = (&pin.manifest, pin.line, &pin.upstream.name);
        let PinFate::Refused(why) = &it.fate else {
            return None;
        };
        Some(format!(
            "{path}:{line} `{}` on `{name}` {verb}to {to}: {why}",
            pin.requirement
        ))
    };
    let stuck = || moves.pins.iter().filter(|it| it.holds.is_some());
    // What several uses share is one place.
    let mut all: Vec<String> = Vec::new();
    for it in stuck().filter_map(|it| told(it, "")) {
        if !all.contains(&it) {
            all.push(it);
        }
    }
    let why = match all.len() {
        0 => return None,
        1 => stuck().find_map(|it| told(it, "can not move "))?,
        many => format!("{many} pins can not move: {}", all.join("; ")),
    };
    hold(why, way_on(world, home, stuck()))
}

/// Returns what gets a repository past its refused pins.
fn way_on<'j>(
    world: &World<'_>,
    home: Home<'_>,
    stuck: impl Iterator<Item = &'j Judged<'j>>,
) -> String {
    let (mut files, mut commands) = (BTreeSet::new(), BTreeSet::new());
    for it in stuck {
        match it.holds {
            Some(Way::Release) if !world.is_release() => {
                let command = world.release_command(&it.pin.upstream.repo);
                commands.insert(format!(
                    "`{command}` moves what is held by a digest or commit"
                ));
            }
            _ => {
                files.insert(format!("`{}`", it.pin.manifest));
            }
        }
    }
    let id = home.id;
    let files: Vec<String> = files.into_iter().collect();
    let by_hand = format!("edit {} in `{id}` by hand and commit it", files.join(", "));
    let by_hand = Some(by_hand).filter(|_| !files.is_empty());
    let ways: Vec<String> = by_hand.into_iter().chain(commands).collect();
    format!("{}, or leave it out with `--skip {id}`", ways.join("; "))
}

/// Holds a release beside a lock that contradicts a pin in a way that no move mends.
fn contradiction(world: &World<'_>, home: Home<'_>, moves: &Moves<'_>) -> Option<Held> {
    let off = home.declared.lock == LockMode::Off;
    if off || !world.is_release() || moves.packages.values().all(|it| it.out) {
        return None;
    }
    let moving = |pin: &PinSurvey| moves.judged(pin).is_some_and(Judged::is_updated);
    let found = home.survey.pins.iter().find_map(|pin| {
        let lock = pin.lock.as_ref()?;
        // Nothing but Helm mends a chart's lock that does not agree with its chart.
        let bad = match lock.state {
            LockState::Contradicts => true,
            LockState::Stale => pin.ecosystem.is_none(),
            LockState::InStep | LockState::Absent => false,
        };
        (bad && !pin.auxiliary && !moving(pin) && mendable(pin).is_none()).then_some((pin, lock))
    });
    let (pin, lock) = found?;
    let why = match lock.state {
        LockState::Contradicts => format!(
            "`{}` holds a version of `{}` that `{}` excludes",
            lock.file, pin.upstream.name, pin.requirement
        ),
        _ => format!("`{}` does not agree with `{}`", lock.file, pin.manifest),
    };
    let mend = match pin.ecosystem {
        Some(_) => format!("lock `{}` in `{}` anew", lock.file, home.id),
        None => format!("`{}` in `{}`", update(&lock.file), home.id),
    };
    hold(why, format!("{mend} and commit it"))
}

/// Holds when a lock has to move and no command can move it.
fn lock(home: Home<'_>, locks: &[LockMove]) -> Option<Held> {
    let it = locks
        .iter()
        .find(|it| it.required && it.mode != LockMode::Off && it.commands.is_empty())?;
    hold(
        format!(
            "`{}` has to move ({}), and no command is known that makes it anew",
            it.file, it.reason
        ),
        format!("lock `{}` in `{}` anew and commit it", it.file, home.id),
    )
}
