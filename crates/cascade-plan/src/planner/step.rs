//! The walk down the order: one step a repository.

use std::collections::BTreeMap;

use super::asks::Targets;
use super::assemble::Composed;
use super::edits::Unwritten;
use super::fates::Judged;
use super::moves::{Moved, Moves, moves_of, own, travellers};
use super::world::{Hold, Home, Travelling, World};
use super::{edits, hold, locks, messages, others, visible};
use crate::{Action, Held, LockMove, PackageId, ReleaseMode, RepoId, Step, TagTemplate};

/// Returns what moves in every repository, upstream first.
pub(super) fn walk<'a>(world: &World<'a>, targets: &Targets) -> Vec<Part<'a>> {
    let mut travelling: BTreeMap<PackageId, Travelling> = BTreeMap::new();
    let mut parts = Vec::new();
    let waves = world.survey.waves.iter().enumerate();
    let waves: BTreeMap<&RepoId, usize> = waves
        .flat_map(|(at, wave)| wave.iter().map(move |id| (id, at)))
        .collect();
    for id in &world.survey.order {
        let Some(home) = world.home(id) else { continue };
        if world.is_frozen(id) {
            // What stays as it is can still be what others are held against, once it is out.
            let own = own(home, targets);
            let there = travellers(&own)
                .filter(|(id, _)| !world.is_release() || own.get(id).is_some_and(|it| it.out));
            travelling.extend(there);
            continue;
        }
        let mut moves = moves_of(world, home, targets, &travelling);
        let others = others::others(world, home, &mut moves, &travelling);
        travelling.extend(travellers(&moves.packages));
        let wave = waves.get(id).copied().unwrap_or(0);
        parts.push(Part {
            world: *world,
            home,
            moves,
            others,
            wave,
        });
    }
    if !world.is_release() {
        look_back(world, targets, &travelling, &mut parts);
    }
    parts
}

/// Holds the pins that order nothing against what moves further down the order: a development
/// dependency may run against it. What they pin moves no version, so nothing else changes. A release
/// leaves them: what they would name is not out when their repository's turn comes.
fn look_back<'a>(
    world: &World<'a>,
    targets: &Targets,
    travelling: &BTreeMap<PackageId, Travelling>,
    parts: &mut [Part<'a>],
) {
    let order = world.survey.order.iter().zip(0..);
    let order: BTreeMap<&RepoId, usize> = order.collect();
    for part in parts {
        let own = order.get(part.home.id);
        let mut pins = part.home.survey.pins.iter();
        if pins
            .any(|it| order.get(&it.upstream.repo) > own && travelling.contains_key(&it.upstream))
        {
            part.moves = moves_of(world, part.home, targets, travelling);
        }
    }
}

/// One repository of an outline: what moves in it is known, its step is not written yet.
pub struct Part<'a> {
    world: World<'a>,
    home: Home<'a>,
    moves: Moves<'a>,
    others: Vec<Action>,
    wave: usize,
}

impl Part<'_> {
    /// Returns the repository's step; `None` when nothing of it is concerned.
    pub fn step(self) -> Option<Composed> {
        let step = step(
            &self.world,
            self.home,
            (&self.moves, self.others),
            self.wave,
        )?;
        Some(Composed::of(step))
    }
}

/// Puts what others do behind what cascade does itself, and before what only tells of it.
fn before_news(mut own: Vec<Action>, others: Vec<Action>) -> Vec<Action> {
    let news = own.iter().position(|it| matches!(it, Action::After { .. }));
    let at = news.unwrap_or(own.len());
    own.splice(at..at, others);
    own
}

/// What is done in a repository, to its locks too, and what keeps it from being done.
struct Work {
    locks: Vec<LockMove>,
    actions: Vec<Action>,
    held: Option<Held>,
}

/// Returns the step of a repository; `None` when nothing of it is concerned.
fn step(
    world: &World<'_>,
    home: Home<'_>,
    (moves, others): (&Moves<'_>, Vec<Action>),
    wave: usize,
) -> Option<Step> {
    let work = work(world, home, moves);
    let told = |it: &&Moved<'_>| it.hold == Hold::Every;
    let said = moves.pins.iter().any(|it| !it.pin.auxiliary);
    let concerned = said || moves.packages.values().any(|it| told(&it));
    if work.actions.is_empty() && work.held.is_none() && others.is_empty() && !concerned {
        return None;
    }
    let held = work.held.or_else(|| others::untold(home, &others));
    Some(Step {
        repo: home.id.clone(),
        path: home.declared.path.clone(),
        remote: home.declared.remote.clone(),
        branch: home.seen.branch.clone(),
        mode: home.declared.mode,
        base: home.seen.head.clone()?,
        wave,
        after: Vec::new(),
        releases: moves
            .packages
            .values()
            .filter(told)
            .map(Moved::row)
            .collect(),
        pins: moves.pins.iter().map(Judged::row).collect(),
        locks: work.locks,
        actions: before_news(work.actions, others)
            .into_iter()
            .chain(visible::travelling(world, home, moves))
            .collect(),
        held,
    })
}

fn work(world: &World<'_>, home: Home<'_>, moves: &Moves<'_>) -> Work {
    let (mut writes, unwritable) = match edits::writes(world, home, moves) {
        Ok(writes) => (writes, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let locks = locks::locks(world, home, moves, &mut writes);
    let unwritten = writes.is_empty() && unwritable.is_none();
    let only_locks = unwritten && is_only_locks(world, moves, &locks);
    let actions = actions(world, home, moves, (writes, &locks));
    let refused = moves.pins.iter().any(|it| it.holds.is_some());
    if actions.is_empty() && !refused && unwritable.is_none() {
        return Work {
            locks,
            actions,
            held: None,
        };
    }
    let held = hold::held(world, home, moves, &locks).or_else(|| broken(home, unwritable));
    if let Some(held) = held.as_ref().filter(|_| only_locks && !refused) {
        // No text of a person's would change: not worth a refusal, nor a failure of all others.
        return Work {
            locks: locks.into_iter().map(|it| it.left(&held.why)).collect(),
            actions: Vec::new(),
            held: None,
        };
    }
    Work {
        locks,
        actions,
        held,
    }
}

/// Returns whether all that is left to do in a step without edits is to move locks that may as
/// well stay: nothing is tagged beside them.
fn is_only_locks(world: &World<'_>, moves: &Moves<'_>, locks: &[LockMove]) -> bool {
    let tags = || moves.packages.values().any(|it| !it.out);
    !world.is_release() || (locks.iter().all(|it| !it.required) && !tags())
}

impl LockMove {
    /// Returns the move as one that is not made now, for this reason.
    fn left(mut self, why: &str) -> Self {
        self.reason = format!("{}; it stays for now, since {why}", self.reason);
        self
    }
}

fn broken(home: Home<'_>, unwritten: Option<Unwritten>) -> Option<Held> {
    let Unwritten { path, why } = unwritten?;
    let id = home.id;
    let file = path.map(|it| format!("`{it}` in ")).unwrap_or_default();
    let by_hand = format!("edit {file}`{id}` by hand and commit it");
    Some(Held {
        why,
        help: Some(format!("{by_hand}, or leave it out with `--skip {id}`")),
    })
}

/// Returns what is done in a repository, in order; empty where nothing changes.
fn actions(
    world: &World<'_>,
    home: Home<'_>,
    moves: &Moves<'_>,
    (writes, locks): (Vec<Action>, &[LockMove]),
) -> Vec<Action> {
    let mut actions = writes;
    actions.extend(locks.iter().filter_map(LockMove::act).map(Action::Relock));
    let edited = !actions.is_empty();
    if world.is_release() && (edited || moves.packages.values().any(|it| !it.out)) {
        let checks = home.declared.checks.iter();
        actions.extend(checks.map(|argv| Action::Check { argv: argv.clone() }));
    }
    if edited {
        let message = messages::commit(world, home, moves, locks);
        actions.push(Action::Commit { message });
    }
    if world.is_release() {
        actions.extend(outward(world, home, moves, edited));
    }
    actions
}

/// Returns what goes to the remote, and what is waited for there.
fn outward(world: &World<'_>, home: Home<'_>, moves: &Moves<'_>, edited: bool) -> Vec<Action> {
    if home.declared.mode == ReleaseMode::ReleasePlease {
        return awaited(home, moves, edited);
    }
    let mut tags: BTreeMap<&str, (Action, Action)> = BTreeMap::new();
    for moved in moves.packages.values().filter(|it| !it.out) {
        tags.entry(&moved.tag).or_insert_with(|| {
            let message = messages::tag(world, home, moves, moved);
            let name = moved.tag.clone();
            let wait = Action::AwaitTag {
                template: moved.package.template.clone(),
                format: moved.package.tag_format,
                name: Some(name.clone()),
            };
            (Action::Tag { name, message }, wait)
        });
    }
    if tags.is_empty() && !edited {
        return Vec::new();
    }
    let names: Vec<String> = tags.keys().map(|it| (*it).to_owned()).collect();
    let (made, waits): (Vec<Action>, Vec<Action>) = tags.into_values().unzip();
    let visible = visible::released(home, moves);
    // Without a tag nothing is released: the branch alone moves.
    let releases = !made.is_empty();
    let declared = home.declared;
    let ready = declared.ready.iter().filter(|_| releases);
    let ready = ready.map(|argv| Action::Ready { argv: argv.clone() });
    let after = declared.after.iter().filter(|_| releases);
    let after = after.map(|argv| Action::After { argv: argv.clone() });
    let (propose, push) = outwards(home, names, edited);
    propose
        .into_iter()
        .chain(ready)
        .chain(made)
        .chain(push)
        .chain(waits)
        .chain(visible)
        .chain(after)
        .collect()
}

/// Returns how the branch and the tags go out: together, or the branch by a pull request.
fn outwards(home: Home<'_>, tags: Vec<String>, edited: bool) -> (Option<Action>, Option<Action>) {
    if !(edited && home.declared.mode == ReleaseMode::PullRequest) {
        return (None, push(home, tags));
    }
    let push = (!tags.is_empty()).then_some(Action::Push { branch: None, tags });
    (propose(home), push)
}

fn propose(home: Home<'_>) -> Option<Action> {
    let base = home.seen.branch.clone()?;
    Some(Action::Propose { base })
}

fn push(home: Home<'_>, tags: Vec<String>) -> Option<Action> {
    let branch = Some(home.seen.branch.clone()?);
    Some(Action::Push { branch, tags })
}

/// Returns the pull request of the pins and the wait for the tags that release-please makes.
fn awaited(home: Home<'_>, moves: &Moves<'_>, edited: bool) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    actions.extend(propose(home).filter(|_| edited));
    let moving = moves.packages.values().filter(|it| !it.out);
    let mut waits: Vec<Action> = moving
        .map(|it| wait(it.package.template.clone(), it.package.tag_format))
        .collect();
    let ordering = moves
        .pins
        .iter()
        .any(|it| it.is_updated() && it.pin.orders());
    if home.survey.packages.is_empty() && ordering {
        let template = home.declared.tag.clone();
        let template = template.or_else(|| TagTemplate::parse("v{version}").ok());
        waits.extend(template.map(|it| wait(it, home.declared.tag_format)));
    }
    waits.dedup();
    actions.extend(waits);
    actions.extend(visible::released(home, moves));
    actions
}

fn wait(template: TagTemplate, format: crate::TagFormat) -> Action {
    Action::AwaitTag {
        template,
        format,
        name: None,
    }
}
