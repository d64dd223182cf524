//! What others do for a release: the pins that another system moves, the message that asks it to.

use std::collections::{BTreeMap, BTreeSet};

use super::moves::Moves;
use super::versions::tag_of;
use super::world::{Hold, Home, Travelling, World};
use crate::dispatch::{Facts, spoken};
use crate::{
    Action, AwaitPage, AwaitPins, AwaitedPin, Dispatch, Effect, Held, PackageId, PinFate, Promoted,
    PromotedImage, Resolve, Wanted, image_tags,
};

/// How many placeholders are those of files: a message counts on from there.
const FILES: usize = 1 << 20;

/// Returns what is asked of others in a repository and waited for, in order. Where the repository is
/// released itself nothing of it moves before: what stands on the old pins is no release of the new.
pub(super) fn others(
    world: &World<'_>,
    home: Home<'_>,
    moves: &mut Moves<'_>,
    above: &BTreeMap<PackageId, Travelling>,
) -> Vec<Action> {
    if !world.is_release() {
        return Vec::new();
    }
    let pins = awaited(moves);
    let effect = home.declared.dispatch.as_ref().map(|it| &it.effect);
    if let Some(page @ Effect::Page { .. }) = effect {
        let there = pins.is_empty() && moves.pins.iter().any(|it| it.external.is_some());
        let promotes = if there {
            BTreeSet::new()
        } else {
            needed(world, home, above)
        };
        return by_page(world, home, &promotes, page);
    }
    if pins.is_empty() {
        return Vec::new();
    }
    let Some(branch) = home.seen.branch.clone() else {
        return Vec::new();
    };
    let upstreams: BTreeSet<PackageId> = pins.iter().map(|it| it.upstream.clone()).collect();
    let versions = |it: &PackageId| {
        let pin = pins.iter().find(|pin| pin.upstream == *it);
        pin.map(|pin| pin.to.clone())
    };
    let packages = upstreams.iter().filter_map(|it| {
        let to = versions(it)?;
        promoted(world, it, &to)
    });
    let mut actions = dispatch(world, home, packages.collect());
    let postponed = postpone(home, moves);
    let timeout = home
        .declared
        .dispatch
        .as_ref()
        .map(|it| it.timeout.as_secs());
    let anew = home.survey.packages.iter().map(|it| it.id.clone());
    let wait = Action::AwaitPins(AwaitPins {
        branch,
        pins,
        timeout,
        anew: anew.collect(),
        postponed,
    });
    actions.push(wait);
    actions
}

/// Returns the pins that others move and did not move yet.
fn awaited(moves: &Moves<'_>) -> Vec<AwaitedPin> {
    let open = moves
        .pins
        .iter()
        .filter(|it| it.external == Some(External::Open));
    let pins: BTreeSet<AwaitedPin> = open
        .map(|it| AwaitedPin {
            path: it.pin.manifest.clone(),
            upstream: it.pin.upstream.clone(),
            to: it.to.text().to_owned(),
        })
        .collect();
    pins.into_iter().collect()
}

/// How a pin that others move stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum External {
    /// It is where it shall be.
    There,
    /// It is not.
    Open,
}

/// Returns the packages of what a repository needs that move or travel.
fn needed(
    world: &World<'_>,
    home: Home<'_>,
    above: &BTreeMap<PackageId, Travelling>,
) -> BTreeSet<(PackageId, String)> {
    let named = above.iter().filter(|(id, it)| {
        let real = it.to.is_final() || world.request.pre.is_some();
        let needed = home.declared.needs.iter().any(|need| need.repo == id.repo);
        it.hold == Hold::Every && real && needed
    });
    named
        .map(|(id, it)| (id.clone(), it.to.text().to_owned()))
        .collect()
}

/// Returns the message and the wait for a page.
fn by_page(
    world: &World<'_>,
    home: Home<'_>,
    moved: &BTreeSet<(PackageId, String)>,
    page: &Effect,
) -> Vec<Action> {
    let packages = moved.iter().filter_map(|(id, to)| promoted(world, id, to));
    let packages: Vec<Promoted> = packages.collect();
    let (Some(declared), Effect::Page { url, contains }) = (&home.declared.dispatch, page) else {
        return Vec::new();
    };
    if packages.is_empty() {
        return Vec::new();
    }
    let mut actions = dispatch(world, home, packages);
    let told = actions.iter().find_map(|it| match it {
        Action::Dispatch(it) => Some(it.packages.as_slice()),
        _ => None,
    });
    let facts = Facts {
        run: "",
        workspace: world.graph.name(),
        repository: home.id.as_str(),
        branch: home.seen.branch.as_deref().unwrap_or_default(),
        key: "",
        packages: told.unwrap_or_default(),
    };
    // It was tried when it was declared.
    let contains = spoken(contains, &facts).unwrap_or_default();
    let wait = Action::AwaitPage(AwaitPage {
        url: url.clone(),
        contains,
        timeout: declared.timeout.as_secs(),
    });
    actions.push(wait);
    actions
}

/// Returns why a page can not be waited for: it has to show a digest, and nobody says of what. Every page
/// shows nothing.
pub(super) fn untold(home: Home<'_>, others: &[Action]) -> Option<Held> {
    let effect = home.declared.dispatch.as_ref().map(|it| &it.effect);
    let Some(Effect::Page { contains, .. }) = effect else {
        return None;
    };
    let packages = others.iter().find_map(|it| match it {
        Action::Dispatch(it) => Some(&it.packages),
        _ => None,
    });
    let first = packages?.first().filter(|it| it.digest.is_none())?;
    let from = &first.repository;
    contains.contains("{digest}").then(|| Held {
        why: format!("the page that is waited for has to show a digest, and `{from}` has no image that a release waits for"),
        help: Some(format!("declare `images` of `[repo.{from}]`, or write `contains = \"{{version}}\"`")),
    })
}

fn promoted(world: &World<'_>, id: &PackageId, to: &str) -> Option<Promoted> {
    let package = world.package(id)?;
    let version = cascade_manifest::Version::parse(package.ecosystem.scheme, to)?;
    Some(Promoted {
        repository: id.repo.clone(),
        ecosystem: id.ecosystem.clone(),
        name: id.name.clone(),
        tag: tag_of(package, &version),
        version: to.to_owned(),
        digest: None,
        images: Vec::new(),
    })
}

/// Returns the message of a repository, and the digests that are asked for before it is sent; what
/// depends on the run is written once that has its name.
fn dispatch(world: &World<'_>, home: Home<'_>, mut packages: Vec<Promoted>) -> Vec<Action> {
    let Some(declared) = home.declared.dispatch.as_ref() else {
        return Vec::new();
    };
    let mut actions = Vec::new();
    for it in &mut packages {
        let Some(from) = world.graph.repo(&it.repository) else {
            continue;
        };
        for image in from.images.iter().filter(|_| !from.unawaited) {
            if !world.delivers(&it.repository, &image.name, (&it.ecosystem, &it.name)) {
                continue;
            }
            let what = Wanted::Digest {
                image: image.name.clone(),
                tags: image_tags(&it.version).to_vec(),
            };
            let digest = what.placeholder(FILES + actions.len());
            it.digest.get_or_insert_with(|| digest.clone());
            it.images.push(PromotedImage {
                name: image.name.clone(),
                digest: digest.clone(),
            });
            actions.push(Action::Resolve(Resolve {
                path: String::new(),
                line: 0,
                what,
                placeholder: Some(digest),
            }));
        }
    }
    // What a text says of one package it says of the first: of a repository one that has an image.
    packages.sort_by_key(|it| (it.repository.clone(), it.digest.is_none()));
    actions.push(Action::Dispatch(Dispatch {
        to: declared.to.clone(),
        key: String::new(),
        branch: home.seen.branch.clone().unwrap_or_default(),
        packages,
        template: declared.payload.clone(),
        payload: serde_json::Value::Null,
        again: declared.again.map(|it| it.as_secs()),
    }));
    actions
}

/// Takes what moves out of a repository that is released itself; returns the packages.
fn postpone(home: Home<'_>, moves: &mut Moves<'_>) -> Vec<PackageId> {
    if home.survey.packages.is_empty() {
        return Vec::new();
    }
    let moving = moves.packages.iter().filter(|(_, it)| !it.out);
    let postponed: Vec<PackageId> = moving.map(|(id, _)| id.clone()).collect();
    moves.packages.retain(|_, it| it.out);
    for it in moves.pins.iter_mut().filter(|it| it.is_updated()) {
        let why = "it is planned anew once the pins are there that another system moves";
        it.fate = PinFate::Kept(why.to_owned());
        it.splices.clear();
        it.deployed = None;
    }
    postponed
}
