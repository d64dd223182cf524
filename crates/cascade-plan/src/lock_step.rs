//! What has to move in a lock for it to agree with the manifests beside it, as they stand.

use std::collections::{BTreeMap, BTreeSet};

use cascade_manifest::{
    Discord, Ecosystem, Entry, Form, Lock, LockFacts, Manifest, Move, Pin, Spot, Stand, Unread,
    Version, resolved,
};

use crate::survey::along;
use crate::{
    Action, LockMode, LockMove, Oid, PackageSurvey, RepoDeclaration, RepoId, Step, Survey,
};

/// One lock and the manifests beside it, as they stand in a checkout.
#[derive(Debug, Clone)]
pub struct LockStand {
    /// The path of the lock, from the repository's root.
    pub file: String,
    /// Its ecosystem.
    pub ecosystem: &'static Ecosystem,
    /// The manifests and settings below its folder: path from there, and text.
    pub files: BTreeMap<String, String>,
    /// What it holds and where it disagrees with them; or why that can not be known.
    pub read: Result<Held, Illegible>,
}

/// Why nobody can know whether a lock agrees with its manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Illegible {
    /// The manifest that can not be read, by its path from the lock's folder; `None` where the lock
    /// itself can not be.
    pub beside: Option<String>,
    /// What is wrong with it, lowercase, no full stop.
    pub message: String,
    /// Where in it, if that is known.
    pub spot: Option<Spot>,
}

impl Illegible {
    fn of(it: Unread, lock: &str, files: &BTreeMap<String, String>) -> Self {
        let text = match &it.beside {
            Some(path) => files.get(path).map(String::as_str),
            None => Some(lock),
        };
        let at = it.error.span.map(|it| it.start);
        Self {
            spot: text.zip(at).map(|(text, at)| Spot::of(text, at)),
            beside: it.beside,
            message: it.error.message,
        }
    }
}

/// What a lock holds, and where that disagrees with the manifests.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// Every package of the lock.
    pub entries: Vec<Entry>,
    /// Where lock and manifests disagree.
    pub discords: Vec<Discord>,
    /// What it holds of the packages that they disagree about.
    pub facts: LockFacts,
}

impl Held {
    /// Returns what a lock of this text holds, and where that disagrees with the manifests beside it,
    /// by what the tags of the family say too.
    ///
    /// # Errors
    /// When a text is not of its format.
    pub fn read(
        format: &dyn Lock,
        (text, files): (&str, &BTreeMap<String, String>),
        tags: &FamilyTags<'_>,
    ) -> Result<Self, Illegible> {
        let held = Self::unless_broken(format, (text, files), tags);
        held.map_err(|it| Illegible::of(it, text, files))
    }

    fn unless_broken(
        format: &dyn Lock,
        (text, files): (&str, &BTreeMap<String, String>),
        tags: &FamilyTags<'_>,
    ) -> Result<Self, Unread> {
        resolved(text)?;
        let mut discords = format.discords(text, files)?;
        let commits = format.bare_commits(text, files);
        discords.extend(commits.iter().filter_map(|it| tags.discord(it)));
        let names = discords.iter().map(|it| it.subject.clone()).collect();
        Ok(Self {
            entries: format.entries(text)?,
            facts: format.find(text, &names)?,
            discords,
        })
    }
}

impl LockStand {
    /// Returns whether the lock could be read and agrees with the manifests.
    pub fn is_in_step(&self) -> bool {
        self.read.as_ref().is_ok_and(|it| it.discords.is_empty())
    }
}

/// Returns the step that brings the locks of one repository in step; `None` where all are.
pub fn lock_step(
    (repo, declared): (&RepoId, &RepoDeclaration),
    (base, mode): (Oid, LockMode),
    stands: &[LockStand],
    survey: &Survey,
) -> Option<Step> {
    let moves = stands.iter().filter_map(|it| lock_move(it, mode, survey));
    let locks: Vec<LockMove> = moves.collect();
    if locks.is_empty() {
        return None;
    }
    let acts = locks.iter().filter_map(LockMove::act);
    Some(Step {
        repo: repo.clone(),
        path: declared.path.clone(),
        remote: declared.remote.clone(),
        branch: None,
        mode: declared.mode,
        base,
        wave: 0,
        after: Vec::new(),
        releases: Vec::new(),
        pins: Vec::new(),
        actions: acts.map(Action::Relock).collect(),
        locks,
        held: None,
    })
}

fn lock_move(stand: &LockStand, mode: LockMode, survey: &Survey) -> Option<LockMove> {
    let held = stand
        .read
        .as_ref()
        .ok()
        .filter(|it| !it.discords.is_empty())?;
    let name = stand.file.rsplit('/').next().unwrap_or_default();
    let format = stand.ecosystem.lock(name)?;
    let at = Stand {
        file_name: name,
        facts: &held.facts,
        files: &stand.files,
    };
    let manifests = manifests(stand);
    let subjects: BTreeSet<&str> = held.discords.iter().map(|it| it.subject.as_str()).collect();
    let (mut moves, mut own) = (Vec::new(), Vec::new());
    for subject in subjects {
        let found = own_move(stand, &manifests, held, subject);
        own.extend(found.clone());
        if found.is_none() {
            moves.extend(pin_move(stand, &manifests, (held, subject), survey));
        }
    }
    let bound: Vec<Move> = moves
        .iter()
        .flat_map(|it| bound(stand, &manifests, (held, it), survey))
        .collect();
    moves.extend(bound);
    let all: Vec<Move> = moves.iter().chain(&own).cloned().collect();
    let reasons = held.discords.iter().map(|it| {
        let now = it.held.as_deref().unwrap_or("nothing");
        format!(
            "{} is {} in {} and {now} in the lock",
            it.subject, it.wanted, it.manifest
        )
    });
    Some(LockMove {
        file: stand.file.clone(),
        ecosystem: stand.ecosystem.name.to_owned(),
        mode,
        commands: format.relock(&at, &all),
        moves,
        own,
        reason: reasons.collect::<Vec<_>>().join("; "),
        required: true,
        gates: Vec::new(),
    })
}

fn manifests(stand: &LockStand) -> Vec<Manifest> {
    // A compiled file names every version that it holds; it is no manifest of its own lock.
    let own = stand.file.rsplit('/').next().unwrap_or_default();
    let others = stand.files.iter().filter(|it| it.0 != own);
    let read = others.filter_map(|(path, text)| {
        let name = path.rsplit('/').next().unwrap_or_default();
        stand.ecosystem.format(name)?.read(text).ok()
    });
    read.collect()
}

/// Returns the move of the repository's own package, where the disagreement is about its version.
fn own_move(stand: &LockStand, manifests: &[Manifest], held: &Held, subject: &str) -> Option<Move> {
    let ecosystem = stand.ecosystem;
    let packages = manifests.iter().filter_map(|it| it.package.as_ref());
    let mut named = packages.map(|it| it.name.as_str());
    let name = named.find(|it| (ecosystem.canonical)(it) == subject)?;
    let discord = held.discords.iter().find(|it| it.subject == subject)?;
    let to = Version::parse(ecosystem.scheme, &discord.wanted)?;
    Some(Move {
        name: name.to_owned(),
        from: discord.held.clone(),
        to: to.text().to_owned(),
    })
}

/// Returns the move of a package that a manifest requires: to what the lock holds where that is
/// admitted, else to the latest, else to the one version that the requirement names.
fn pin_move(
    stand: &LockStand,
    manifests: &[Manifest],
    (held, subject): (&Held, &str),
    survey: &Survey,
) -> Option<Move> {
    let ecosystem = stand.ecosystem;
    let ours = |it: &&Pin| (ecosystem.canonical)(&it.name) == subject;
    let pins: Vec<&Pin> = manifests
        .iter()
        .flat_map(|it| &it.pins)
        .filter(ours)
        .collect();
    let ranges = || pins.iter().filter(|it| it.form == Form::Range);
    let admitted = |version: &Version| {
        let mut all = ranges();
        all.all(|it| ecosystem.grammar.admits(&it.requirement, version) == Ok(true))
    };
    let parsed = |text: &str| Version::parse(ecosystem.scheme, text);
    let from_git = pins
        .iter()
        .any(|it| matches!(it.form, Form::GitTag | Form::GitRev { .. }));
    let now = held.entries.iter().filter(|it| it.name == subject);
    let now: Vec<Version> = now.filter_map(|it| parsed(&it.version)).collect();
    let named = || {
        let mut all = ranges().filter_map(|it| ecosystem.grammar.named(&it.requirement).ok()?);
        all.find(|it| is_exact(&pins, it))
    };
    let kept = now.iter().find(|it| admitted(it)).cloned();
    let tagged = || {
        let tags = pins.iter().filter(|it| it.form == Form::GitTag);
        let mut versions = tags.filter_map(|it| {
            let digit = it.requirement.find(|c: char| c.is_ascii_digit())?;
            parsed(it.requirement.get(digit..)?)
        });
        versions.next()
    };
    let to = if from_git {
        tagged()
    } else {
        kept.or_else(|| latest(survey, ecosystem, subject).filter(admitted))
            .or_else(named)
    };
    Some(Move {
        name: pins.first()?.name.clone(),
        from: now
            .first()
            .filter(|_| !from_git)
            .map(|it| it.text().to_owned()),
        to: to?.text().to_owned(),
    })
}

/// Returns the moves of what its upstream binds to a package that moves, where the lock holds both
/// in one version and no manifest pins it.
fn bound(
    stand: &LockStand,
    manifests: &[Manifest],
    (held, moved): (&Held, &Move),
    survey: &Survey,
) -> Vec<Move> {
    let canonical = stand.ecosystem.canonical;
    let mut entries = held.entries.iter();
    let now = entries.find(|it| it.name == canonical(&moved.name));
    let mut packages = survey.repos.values().flat_map(|it| &it.packages);
    let package = packages.find(|it| {
        it.ecosystem == stand.ecosystem && canonical(&it.id.name) == canonical(&moved.name)
    });
    let (Some(now), Some(package)) = (now, package) else {
        return Vec::new();
    };
    let is_free = |it: &PackageSurvey| {
        let name = canonical(&it.id.name);
        let mut pins = manifests.iter().flat_map(|it| &it.pins);
        let mut all = held.entries.iter();
        all.any(|it| it.name == name && it.version == now.version)
            && !pins.any(|it| canonical(&it.name) == name)
    };
    along(survey, &package.id, (&now.version, moved), is_free)
}

/// Returns whether a requirement admits nothing but the version that it names.
fn is_exact(pins: &[&Pin], version: &Version) -> bool {
    let bare = |it: &&&Pin| it.requirement.trim_start_matches(['=', 'v', ' ']) == version.text();
    pins.iter().any(|it| bare(&it))
}

/// Returns the latest version of a package of the family.
fn latest(survey: &Survey, ecosystem: &Ecosystem, name: &str) -> Option<Version> {
    let packages = survey.repos.values().flat_map(|it| &it.packages);
    let ours = |it: &&PackageSurvey| {
        it.ecosystem == ecosystem && (ecosystem.canonical)(&it.id.name) == name
    };
    let mut found = packages.filter(ours).filter_map(|it| it.latest.as_ref());
    found.next().map(|it| it.version.clone())
}

mod tags;
#[cfg(test)]
mod tests;

pub use tags::FamilyTags;
