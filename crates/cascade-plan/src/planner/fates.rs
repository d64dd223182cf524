//! What becomes of each pin on a version that moves or travels.

use std::borrow::Cow;

use cascade_manifest::{EditError, Form, Keep, Kind, Splice, Version, verified_from};

use super::deploys::Deployed;
use super::edits::format_of;
use super::moves::Travels;
use super::opaque;
use super::others::External;
use super::rewrite::rewritten;
use super::world::{Hold, Home, Travelling, World};
use crate::{EdgePolicy, ManifestFile, PackageId, PinFate, PinMove, PinSurvey};

/// A pin with what becomes of it and the edits that make it so.
#[derive(Debug, Clone)]
pub(super) struct Judged<'a> {
    pub(super) pin: &'a PinSurvey,
    pub(super) to: Version,
    pub(super) fate: PinFate,
    pub(super) splices: Vec<Splice>,
    /// What a reference of a file that deploys comes to say.
    pub(super) deployed: Option<Deployed>,
    /// What gets it past a refusal that keeps the repository from moving.
    pub(super) holds: Option<Way>,
    /// How it stands, where another system moves it.
    pub(super) external: Option<External>,
}

impl Judged<'_> {
    /// Returns whether the pin gets a new text.
    pub(super) fn is_updated(&self) -> bool {
        matches!(self.fate, PinFate::Updated(_))
    }

    /// Returns the lock beside a chart that moves where the pin stays.
    pub(super) fn locked_alone(&self) -> Option<&str> {
        let kept = self.deployed.is_some() && matches!(self.fate, PinFate::Kept(_));
        let lock = self.pin.lock.as_ref().filter(|_| kept)?;
        Some(&lock.file)
    }

    /// Returns the row of the plan.
    pub(super) fn row(&self) -> PinMove {
        PinMove {
            manifest: self.pin.manifest.clone(),
            line: self.pin.line,
            section: self.pin.section.clone(),
            kind: self.pin.kind,
            auxiliary: self.pin.auxiliary,
            upstream: self.pin.upstream.clone(),
            from: self.pin.requirement.clone(),
            version: self.to.text().to_owned(),
            fate: self.fate.clone(),
        }
    }

    /// Returns the version that the pin names now.
    pub(super) fn named(&self) -> Option<Version> {
        if self.deployed.is_some() {
            return self.pin.named.clone();
        }
        let grammar = self.pin.ecosystem?.grammar;
        match self.pin.form {
            Form::Range => grammar.named(&self.pin.requirement).ok().flatten(),
            Form::GitTag => self.pin.named(self.to.scheme()),
            _ => None,
        }
    }
}

/// Returns what becomes of every pin of a repository on a travelling version.
pub(super) fn fates<'a>(
    world: &World<'a>,
    home: Home<'a>,
    travelling: &Travels<'_>,
) -> Vec<Judged<'a>> {
    let mut judged: Vec<Judged<'a>> = home
        .survey
        .pins
        .iter()
        .filter_map(|pin| {
            let it = travelling.get(&pin.upstream)?;
            if it.hold == Hold::Old && !pin.status.is_old() && !goes_along(home, pin) {
                return None;
            }
            Some(judge(world, home, pin, &taken(home, pin, it)))
        })
        .collect();
    move_together(&mut judged);
    judged
}

/// Returns whether a digest may be an older one than its tag tells, and another pin of the repository on
/// the same upstream is behind: both name one image, and move together.
fn goes_along(home: Home<'_>, pin: &PinSurvey) -> bool {
    let is_held = pin.digest.is_some() && !pin.names_whole();
    let is_behind = |it: &PinSurvey| {
        it.upstream == pin.upstream && it.kind == Kind::Image && it.status.is_old() && it.orders()
    };
    is_held && home.survey.pins.iter().any(is_behind)
}

/// Returns the version that a pin which only lags behind is held against: the latest one that its
/// manifest does not rule out.
fn taken<'t>(home: Home<'_>, pin: &PinSurvey, it: &'t Travelling) -> Cow<'t, Travelling> {
    match &pin.latest {
        Some(latest) if it.hold == Hold::Old && rules_out(home, pin, &it.to) => {
            Cow::Owned(Travelling {
                to: latest.clone(),
                ..it.clone()
            })
        }
        _ => Cow::Borrowed(it),
    }
}

/// Returns whether the manifest of a pin rules out a version (`exclude`).
fn rules_out(home: Home<'_>, pin: &PinSurvey, version: &Version) -> bool {
    let by_path = pin.ecosystem.is_some_and(|it| it.paths.is_some());
    let file = by_path.then(|| manifest_of(home, pin)).flatten();
    let read = file.and_then(|it| it.read.as_ref().ok());
    read.is_some_and(|it| it.rules_out(&pin.upstream.name, version))
}

fn manifest_of<'a>(home: Home<'a>, pin: &PinSurvey) -> Option<&'a ManifestFile> {
    home.seen
        .manifests
        .iter()
        .find(|it| it.path == pin.manifest)
}

/// All rows of one name in one manifest move together or none.
fn move_together(judged: &mut [Judged<'_>]) {
    let stuck: Vec<(String, PackageId, usize)> = judged
        .iter()
        .filter(|it| it.holds.is_some())
        .map(|it| {
            let pin = it.pin;
            (pin.manifest.clone(), pin.upstream.clone(), pin.line)
        })
        .collect();
    for it in judged.iter_mut().filter(|it| it.is_updated()) {
        let (manifest, upstream) = (&it.pin.manifest, &it.pin.upstream);
        let other = stuck
            .iter()
            .find(|at| at.0 == *manifest && at.1 == *upstream);
        if let Some((_, _, line)) = other {
            it.fate = PinFate::Refused(format!(
                "the row of line {line} can not move, and all rows of a name move together"
            ));
            it.splices.clear();
            it.deployed = None;
        }
    }
}

fn judge<'a>(
    world: &World<'a>,
    home: Home<'a>,
    pin: &'a PinSurvey,
    travelling: &Travelling,
) -> Judged<'a> {
    let to = travelling.to.clone();
    let outcome = settled(world, home, pin, travelling)
        .unwrap_or_else(|| rewritten(world, home, pin, travelling));
    let outcome = match outcome {
        Turn::Write(_, splices) if let Some(why) = unreplaced(home, pin, &splices) => {
            Turn::Refuse(why)
        }
        outcome => outcome,
    };
    let external = match &outcome {
        Turn::Leave(it) => Some(*it),
        _ => None,
    };
    let mut deployed = None;
    let holds = |way| pin.orders().then_some(way);
    let (fate, splices, holds) = match outcome {
        Turn::Deploy(text, it) => {
            deployed = Some(it);
            (PinFate::Updated(text), Vec::new(), None)
        }
        Turn::Leave(External::There) => (PinFate::Kept(Keep::InStep.to_string()), Vec::new(), None),
        Turn::Leave(External::Open) => {
            let why = format!("another system moves it to {to}, and cascade waits for that");
            (PinFate::Kept(why), Vec::new(), None)
        }
        Turn::Keep(why) => (PinFate::Kept(why), Vec::new(), None),
        Turn::Lock(why, it) => {
            deployed = Some(it);
            (PinFate::Kept(why), Vec::new(), None)
        }
        Turn::Pass(why) => (PinFate::Refused(why), Vec::new(), None),
        Turn::Refuse(why) => (PinFate::Refused(why), Vec::new(), holds(Way::Hand)),
        Turn::Await(why) => (PinFate::Refused(why), Vec::new(), holds(Way::Release)),
        Turn::Write(text, splices) => (PinFate::Updated(text), splices, None),
    };
    Judged {
        pin,
        to,
        fate,
        splices,
        deployed,
        holds,
        external,
    }
}

/// Returns why what stands for a package, in place of its registry's, would not any more after an
/// edit, or would only then.
fn unreplaced(home: Home<'_>, pin: &PinSurvey, splices: &[Splice]) -> Option<String> {
    pin.ecosystem?.paths?;
    let file = manifest_of(home, pin).filter(|it| it.text.contains("replace"))?;
    let format = format_of(file)?;
    let read = file.read.as_ref().ok()?.clone();
    let told = verified_from(format, (&file.text, read), splices).err()?;
    let is_so = matches!(
        told,
        EditError::Unreplaced { .. } | EditError::Replaced { .. }
    );
    is_so.then(|| told.to_string())
}

/// What gets a pin past its refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A person writes it.
    Hand,
    /// Its upstream is released first.
    Release,
}

/// How the question of one pin is settled.
pub(super) enum Turn {
    /// It stays as it is, rightly.
    Keep(String),
    /// It stays, rightly, and the lock beside it moves.
    Lock(String, Deployed),
    /// Another system moves it.
    Leave(External),
    /// It should not stay, and staying breaks nothing.
    Pass(String),
    /// It should not stay, and can not move.
    Refuse(String),
    /// It should not stay, and moves once its upstream is out.
    Await(String),
    /// It becomes this text.
    Write(String, Vec<Splice>),
    /// A reference of a file that deploys becomes this text.
    Deploy(String, Deployed),
}

/// Settles what needs no look at the requirement: who may move it, and what may be pinned.
fn settled(
    world: &World<'_>,
    home: Home<'_>,
    pin: &PinSurvey,
    travelling: &Travelling,
) -> Option<Turn> {
    let to = &travelling.to;
    let keep = |why: &str| Some(Turn::Keep(why.to_owned()));
    if pin.auxiliary {
        return keep("auxiliary: never moves unless declared");
    }
    if pin.kind == Kind::Indirect {
        return keep("indirect: the ecosystem's own tool settles it");
    }
    match &pin.form {
        Form::Inherited => return keep("the workspace's own row says it"),
        Form::Unversioned => return keep("names no version"),
        Form::Opaque => return Some(opaque::turn(home, pin, to)),
        Form::Range | Form::GitTag | Form::GitRev { .. } => {}
    }
    if to.numbers() == [0; 3] {
        return keep("a placeholder never goes into a pin");
    }
    if !to.is_final() && world.request.pre.is_none() {
        return keep("stable never depends on a pre-release");
    }
    if rules_out(home, pin, to) {
        let why = format!("`{}` rules {to} out: `exclude`", pin.manifest);
        return Some(Turn::Refuse(why));
    }
    if travelling.commit.is_none() && is_summed(home, pin) {
        return keep("it comes out with this very commit, so no sum of it can be known before");
    }
    match home.policy(&pin.upstream.repo) {
        EdgePolicy::Keep => keep("the edge's policy is `keep`"),
        EdgePolicy::External if world.is_release() && pin.named.is_some() => {
            let there = pin.has_reached(to).then_some(External::There);
            Some(Turn::Leave(there.unwrap_or(External::Open)))
        }
        EdgePolicy::External => keep("another system moves it: the edge's policy is `external`"),
        EdgePolicy::Manual => Some(Turn::Keep(format!(
            "a person moves it to {to}: the edge's policy is `manual`"
        ))),
        EdgePolicy::Auto | EdgePolicy::Exact | EdgePolicy::Floor => None,
    }
}

/// Returns whether the pin is on its own repository, and the lock beside it has to sum up what is
/// pinned as it is published.
fn is_summed(home: Home<'_>, pin: &PinSurvey) -> bool {
    let by_path = pin.ecosystem.is_some_and(|it| it.paths.is_some());
    by_path && pin.upstream.repo == *home.id && pin.lock.is_some() && pin.source.is_none()
}
