//! Pins of files that deploy: what becomes of each, and the writes that make it so.

use std::collections::BTreeMap;

use cascade_manifest::deploy::{
    Hold, Key, Move, Reference, Says, Unmoved, range_admits, ranged, respelled,
};
use cascade_manifest::{Keep, Kind, Rewrite, Splice};

use super::charts;
use super::edits::Unwritten;
use super::fates::Turn;
use super::moves::Moves;
use super::place::{By, Place};
use super::rewrite::not_down;
use super::versions::tag_of;
use super::wanted::{digest, image_of, is_awaited, unasked, wanted};
use super::world::{Home, Travelling, World};
use crate::survey::tag_in;
use crate::{
    Action, DeployFile, Oid, PackageSurvey, PinSurvey, Resolve, SiteDeclaration, SiteFinder,
    SiteMatch, Wanted,
};

/// What a reference comes to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deployed {
    /// The version, spelled as the old one is; empty where it names none.
    to: String,
    /// What holds it then; `None` where nothing does.
    held: Option<Holding>,
    /// What is asked for before it is written.
    wanted: Vec<Wanted>,
}

/// The digest or commit that holds a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Holding {
    /// It is this one.
    Known(Oid),
    /// It is asked for.
    Asked,
}

/// What a step does beside writing, and the edits of files by path.
type Asked = (Vec<Action>, Vec<(String, Vec<Splice>)>);

/// Returns the edits of what stands under a declared key.
///
/// # Errors
/// With a sentence when it can not be edited safely.
fn key_edits(
    declared: &SiteDeclaration,
    site: &SiteMatch,
    to: &Move,
) -> Result<Vec<Splice>, String> {
    let SiteFinder::Key(key) = &declared.finder else {
        return Err("it is found by no key".to_owned());
    };
    let key = Key::of(&declared.file, key, declared.kind).map_err(|it| it.to_string())?;
    key.edits(&site.text, to).map_err(|it| it.to_string())
}

/// Settles the pin of a file that deploys, or under a declared key, and whether the lock beside it can
/// go with it.
pub(super) fn turn(
    world: &World<'_>,
    home: Home<'_>,
    (pin, it): (&PinSurvey, &Travelling),
    place: Place<'_>,
) -> Turn {
    let turn = turn_of((world, home), (pin, it), place);
    let Some(chart) = place.chart() else {
        return turn;
    };
    match turn {
        Turn::Deploy(text, deployed) => match charts::unmoved(home, chart) {
            Some(why) => Turn::Refuse(why),
            None => Turn::Deploy(text, deployed),
        },
        Turn::Keep(why) if charts::is_older(home, chart, &it.to) => {
            let asked = image_of(world, pin, place).filter(|_| is_awaited((world, home), pin));
            let deployed = Deployed {
                to: place.reference.version.clone(),
                held: None,
                wanted: asked
                    .map(|image| digest(image, "", it))
                    .into_iter()
                    .collect(),
            };
            Turn::Lock(why, deployed)
        }
        turn => turn,
    }
}

fn turn_of(
    (world, home): (&World<'_>, Home<'_>),
    (pin, it): (&PinSurvey, &Travelling),
    place: Place<'_>,
) -> Turn {
    let reference = place.reference;
    let Some(upstream) = world.package(&pin.upstream) else {
        return Turn::Refuse("its upstream is not known".to_owned());
    };
    let down = pin.named.as_ref();
    let is_admitted = reference.says == Says::Range && range_admits(&reference.version, &it.to);
    let down = down.filter(|_| !is_admitted);
    if let Some(turn) = down.and_then(|named| not_down(world, pin, named, &it.to)) {
        return turn;
    }
    // What can not be compared may be a later one.
    if reference.says == Says::Version && pin.named.is_none() {
        return Turn::Refuse(format!("it is no version as {} has them", upstream.id.name));
    }
    let awaited = is_awaited((world, home), pin);
    let image = image_of(world, pin, place);
    if reference.says == Says::Range {
        let asked = image.as_deref().filter(|_| awaited);
        return by_range((reference, asked), it);
    }
    let tag = tag_of(upstream, &it.to);
    let to = match spelled(world, reference, (upstream, &tag), it) {
        Ok(to) => to,
        Err(turn) => return *turn,
    };
    let commits = place.submodule().is_some() || is_held_by(reference, Hold::Commit);
    let own = pin.upstream.repo == *home.id;
    if own && it.commit.is_none() && (commits || is_held_by(reference, Hold::Digest)) {
        let why = "it comes out with this very commit, so neither digest nor commit of it can be known before";
        return Turn::Keep(why.to_owned());
    }
    if !world.is_release() && it.commit.is_none() && (commits || reference.held.is_some()) {
        let by = if commits { "a commit" } else { "a digest" };
        return Turn::Await(format!(
            "it is held by {by}, which is not known before `{tag}` is out"
        ));
    }
    if commits {
        return by_commit((world, home), (pin, it), place, (tag, to));
    }
    let varies = !own && place.together().any(Reference::varies);
    if varies && !world.is_release() && it.commit.is_none() {
        return Turn::Refuse(format!(
            "it names a variant, and which there are is not known before `{tag}` is out"
        ));
    }
    let held = reference.held.as_ref().map(|_| Holding::Asked);
    let is_asked = held.is_some() || varies || awaited;
    let wanted = wanted(world, (pin, it), place, &to);
    let wanted: Vec<_> = wanted.into_iter().filter(|_| is_asked).collect();
    if held.is_some() && wanted.is_empty() {
        return Turn::Refuse(unasked(place));
    }
    if varies && wanted.is_empty() {
        return Turn::Refuse("it names a variant, and nothing says which image has it".to_owned());
    }
    let text = if to.is_empty() { it.to.text() } else { &to }.to_owned();
    Turn::Deploy(text, Deployed { to, held, wanted })
}

/// Settles a range: one that admits the version stays.
fn by_range((reference, asked): (&Reference, Option<&str>), it: &Travelling) -> Turn {
    match ranged(&reference.version, &it.to) {
        Rewrite::Updated(to) => {
            let deployed = Deployed {
                to: to.clone(),
                held: None,
                wanted: asked
                    .map(|image| digest(image.to_owned(), "", it))
                    .into_iter()
                    .collect(),
            };
            Turn::Deploy(to, deployed)
        }
        Rewrite::Kept(keep) => Turn::Keep(keep.to_string()),
        Rewrite::Refused(why) => Turn::Refuse(why.to_string()),
    }
}

/// Returns the tag of a release as a reference writes it that names another tag of the same spelling;
/// `None` where it names none.
fn retagged(reference: &Reference, (upstream, tag): (&PackageSurvey, &str)) -> Option<String> {
    let now = reference.version.as_str();
    let bare = tag_in(now);
    let is_its = upstream.template.version(bare).is_some();
    let before = now.strip_suffix(bare).filter(|_| is_its)?;
    let is_tag = reference.untagged().is_none() || reference.is_told_by_tag();
    is_tag.then(|| format!("{before}{tag}"))
}

/// Returns the version as the reference spells it; empty where it names none.
fn spelled(
    world: &World<'_>,
    reference: &Reference,
    (upstream, tag): (&PackageSurvey, &str),
    it: &Travelling,
) -> Result<String, Box<Turn>> {
    let now = reference.version.as_str();
    if now.is_empty() {
        return Ok(String::new());
    }
    let is_held = is_held_by(reference, Hold::Commit);
    if let Some(to) = retagged(reference, (upstream, tag)) {
        if to == now && !is_held {
            return Err(Box::new(Turn::Keep(Keep::InStep.to_string())));
        }
        return Ok(to);
    }
    if reference.is_told_by_tag() {
        return Ok(String::new());
    }
    let varies = reference.varies();
    let is_early = varies && !it.to.is_final();
    let Some(to) = respelled(now, &it.to).filter(|_| !is_early) else {
        let why = if varies {
            "a pre-release has no variants"
        } else {
            "a pre-release has more to it than the first numbers that are named"
        };
        return Err(Box::new(Turn::Refuse(why.to_owned())));
    };
    // The first numbers of a version say nothing of what is behind them: the digest does.
    let is_whole = to.contains(it.to.text()) || reference.held.is_none();
    if to == now && is_whole && !is_held {
        return Err(Box::new(Turn::Keep(Keep::InStep.to_string())));
    }
    let is_of_git = !matches!(reference.kind, Kind::Image | Kind::Chart) && !is_listed(reference);
    let bare = tag_in(&to);
    // What a commit holds is that commit, whatever the words behind it name.
    if is_of_git && !is_held && bare != tag {
        let seen = world.snapshot.repos.get(&upstream.id.repo);
        let there = seen.is_some_and(|it| it.tags.iter().any(|it| it.name == bare));
        if !there {
            // Whoever releases it moves such tags, afterwards: nothing breaks until then.
            return Err(Box::new(Turn::Pass(format!(
                "`{bare}` is no tag of {} yet: the release is `{tag}`",
                upstream.id.repo
            ))));
        }
    }
    Ok(to)
}

/// Returns whether a module is named as a registry of modules lists it (`acme/net/aws`), whose versions
/// are no tags.
fn is_listed(reference: &Reference) -> bool {
    let mut parts = reference.name.split('/');
    let is_host = parts.next().is_some_and(|it| it.contains(['.', ':']));
    reference.kind == Kind::Module && !is_host && parts.count() == 2
}

/// Settles a reference that is held by a commit, or that is one.
fn by_commit(
    (world, home): (&World<'_>, Home<'_>),
    (pin, it): (&PinSurvey, &Travelling),
    place: Place<'_>,
    (tag, to): (String, String),
) -> Turn {
    let reference = place.reference;
    let now = match &reference.held {
        Some(held) => Oid::parse(&held.text),
        None => place.submodule().map(|it| it.1.clone()),
    };
    let is_told = to.is_empty() || to == reference.version;
    if it.commit.is_some() && it.commit == now && is_told {
        return Turn::Keep(Keep::InStep.to_string());
    }
    if let Some((folder, _)) = place.submodule().filter(|_| !world.is_release()) {
        return Turn::Pass(format!(
            "`{}` moves submodules; here: `git -C {}/{folder} checkout {tag}`",
            world.release_command(&pin.upstream.repo),
            home.declared.path
        ));
    }
    let upstream = &pin.upstream.repo;
    let remote = world.graph.repo(upstream).and_then(|it| it.remote.clone());
    let wanted = it.commit.is_none().then(|| Wanted::Commit {
        repo: upstream.clone(),
        remote,
        tag: tag.clone(),
    });
    let held = it.commit.clone().map_or(Holding::Asked, Holding::Known);
    let deployed = Deployed {
        to: to.clone(),
        held: Some(held),
        wanted: wanted.into_iter().collect(),
    };
    Turn::Deploy(if to.is_empty() { tag } else { to }, deployed)
}

fn is_held_by(reference: &Reference, by: Hold) -> bool {
    reference.held.as_ref().is_some_and(|it| it.by == by)
}

/// Returns what is asked for and what submodules come to be at, and the edits of files that deploy.
///
/// # Errors
/// When a file can not be edited safely.
pub(super) fn writes(home: Home<'_>, moves: &Moves<'_>) -> Result<Asked, Unwritten> {
    let mut actions = Vec::new();
    let mut edits: BTreeMap<&str, (&DeployFile, Vec<Move>)> = BTreeMap::new();
    let mut splices = Vec::new();
    for judged in &moves.pins {
        let (Some(deployed), Some(place)) = (&judged.deployed, home.place(judged.pin)) else {
            continue;
        };
        let submodule = place.submodule();
        let path = submodule.map_or(place.path, |it| it.0);
        let asks = deployed.asks(path, place.reference, actions.len());
        let held = match &deployed.held {
            Some(Holding::Known(commit)) => Some(commit.as_str().to_owned()),
            _ => asks.iter().find_map(|it| it.placeholder.clone()),
        };
        actions.extend(asks.into_iter().map(Action::Resolve));
        if let Some((folder, before)) = submodule {
            let after = held.as_deref().and_then(Oid::parse);
            actions.extend(after.map(|after| Action::Submodule {
                path: folder.to_owned(),
                before: before.clone(),
                after,
            }));
            continue;
        }
        if judged.locked_alone().is_some() {
            continue;
        }
        let edit = edit(&place.reference.together(), &deployed.to, held.as_deref());
        let edit = edit.map_err(|why| Unwritten::of(path, &why))?;
        match place.by {
            By::File(file) => {
                let all = edits.entry(path).or_insert_with(|| (file, Vec::new()));
                all.1.push(edit);
            }
            By::Key(declared, site) => {
                let edits = key_edits(declared, site, &edit);
                splices.push((
                    path.to_owned(),
                    edits.map_err(|why| Unwritten::of(path, &why))?,
                ));
            }
        }
    }
    for (path, (file, edits)) in edits {
        let edits = file.format.edits(&file.text, &edits);
        splices.push((
            path.to_owned(),
            edits.map_err(|why| Unwritten::of(path, &why))?,
        ));
    }
    Ok((actions, splices))
}

/// Returns the move of a reference to a version, and to what holds it.
fn edit(reference: &Reference, to: &str, held: Option<&str>) -> Result<Move, Unmoved> {
    match (held, reference.says) {
        (Some(held), _) => Move::held(reference, to, held),
        (None, Says::Version) => Move::of(reference, to),
        (None, Says::Variant) if reference.varies() => Move::of(reference, to),
        (None, Says::Range) => Move::ranged(reference, to),
        (None, Says::Nothing | Says::Other | Says::Variant) => Move::tagged(reference, to),
    }
}

impl Deployed {
    /// Returns what is asked for before it is written at a place; `number` tells its placeholder from
    /// all others. That is spelled as what holds the reference is.
    fn asks(&self, path: &str, reference: &Reference, number: usize) -> Vec<Resolve> {
        let placeholder = |what: &Wanted| {
            let whole = what.placeholder(number);
            let held = reference.held.as_ref();
            held.and_then(|it| it.respelled(&whole).ok())
                .unwrap_or(whole)
        };
        let asked = self.held == Some(Holding::Asked);
        let ask = |what: &Wanted| Resolve {
            path: path.to_owned(),
            line: reference.line,
            placeholder: asked.then(|| placeholder(what)),
            what: what.clone(),
        };
        self.wanted.iter().map(ask).collect()
    }
}
