//! The survey: every pin judged, every package's next step known, one order for all.

mod deploys;
mod index;
mod locks;
mod order;
mod packages;
mod pins;
mod siblings;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use cascade_manifest::deploy::variant;
use cascade_manifest::{Ecosystem, Form, Kind, Level, Source, Version};
use serde::{Deserialize, Serialize};

use crate::{
    Evidence, Finding, Graph, PackageId, RepoId, Snapshot, TagFormat, TagHit, TagTemplate,
    VersionSource, Waiver, checks, image_tags, is_tag,
};

pub(crate) use deploys::tag_in;
pub use index::Index;
pub(crate) use locks::lock_of;
pub(crate) use order::edges_of;
pub(crate) use pins::SITE;
pub(crate) use siblings::along;
pub(crate) use status::version_of_tag;

/// What the snapshot comes to, judged by the graph.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// Every repository once, upstream first, ties by name.
    pub order: Vec<RepoId>,
    /// The same in waves: a repository stands in the first wave after all its upstreams.
    pub waves: Vec<Vec<RepoId>>,
    /// Who stands on whom: downstream to its upstreams, declared and derived together.
    pub upstreams: BTreeMap<RepoId, Vec<RepoId>>,
    /// Every declared repository, by name.
    pub repos: BTreeMap<RepoId, RepoSurvey>,
    /// The circle that declared needs and pins make together: each stands on the next, the last on
    /// the first. Empty where they make none.
    pub circle: Vec<RepoId>,
    /// Findings that are no single repository's (a cycle).
    pub findings: Vec<Finding>,
    /// Findings that somebody accepts for a while.
    pub waived: Vec<Waived>,
}

/// A finding that somebody accepts for a while.
#[derive(Debug, Clone)]
pub struct Waived {
    /// What was found.
    pub finding: Finding,
    /// Why it is accepted, and how long.
    pub waiver: Waiver,
}

/// What is known of one repository.
#[derive(Debug, Clone, Default)]
pub struct RepoSurvey {
    /// Its packages, by manifest path.
    pub packages: Vec<PackageSurvey>,
    /// Its pins on packages of the family, by manifest path and line.
    pub pins: Vec<PinSurvey>,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
    /// Upstream repositories that have to be released or mended first.
    pub blocked_by: Vec<RepoId>,
}

/// What is known of one package.
#[derive(Debug, Clone)]
pub struct PackageSurvey {
    /// Its name, ecosystem and repository.
    pub id: PackageId,
    /// Its ecosystem.
    pub ecosystem: &'static Ecosystem,
    /// The path of its manifest.
    pub manifest: String,
    /// The version that a file says, if one does.
    pub version: Option<String>,
    /// Where its version comes from.
    pub source: VersionSource,
    /// The template of its tags.
    pub template: TagTemplate,
    /// How its pre-release tags are spelled.
    pub tag_format: TagFormat,
    /// The highest final version among its tags that is not taken back.
    pub latest: Option<TagHit>,
    /// The highest of all, where that one is taken back.
    pub retracted: Option<TagHit>,
    /// The highest final version that the head's history contains.
    pub reachable: Option<TagHit>,
    /// The highest pre-release above that which the head's history contains.
    pub announced: Option<TagHit>,
    /// How many commits came since `reachable`; all of them without one.
    pub since: usize,
    /// How far those commits ask it to move.
    pub level: Level,
    /// Which commits ask for it, the strongest first.
    pub evidence: Arc<[Evidence]>,
    /// Whether its static version stands above its latest tag: a release that only lacks its tag.
    pub pending: bool,
}

impl PackageSurvey {
    /// Returns the highest final version among its tags, taken back or not: the next one stands
    /// above it.
    pub fn highest(&self) -> Option<&TagHit> {
        self.retracted.as_ref().or(self.latest.as_ref())
    }
}

/// One pin on a package of the family, judged.
#[derive(Debug, Clone)]
pub struct PinSurvey {
    /// The path of the manifest.
    pub manifest: String,
    /// The 1-based line.
    pub line: usize,
    /// The table it stands in, or `site` for a declared one.
    pub section: String,
    /// What it is for.
    pub kind: Kind,
    /// Whether its manifest is auxiliary.
    pub auxiliary: bool,
    /// The downstream package; `None` for a virtual root, a site or a requirements file.
    pub package: Option<String>,
    /// The requirement as written.
    pub requirement: String,
    /// The bytes of the requirement; `None` where there are none to edit.
    pub span: Option<Range<usize>>,
    /// How it is read.
    pub form: Form,
    /// Where the package is taken from instead.
    pub source: Option<Source>,
    /// The ecosystem whose grammar reads it; `None` for a site, whose text is a bare version.
    pub ecosystem: Option<&'static Ecosystem>,
    /// The package it pins.
    pub upstream: PackageId,
    /// The version that it names, where it names one.
    pub named: Option<Version>,
    /// The latest version of that package that its manifest does not rule out.
    pub latest: Option<Version>,
    /// How the two compare.
    pub status: PinStatus,
    /// What the lock beside it holds.
    pub lock: Option<LockSurvey>,
    /// The digest that holds it, of an image.
    pub digest: Option<PinnedDigest>,
}

/// The digest that holds a pin on an image, and the tag beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PinnedDigest {
    /// The image's name.
    pub image: String,
    /// The tag as written; empty where none is.
    pub tag: String,
    /// The digest, with `sha256:` before it.
    pub digest: String,
}

impl PinSurvey {
    /// Returns whether its text tells all of the version that it names: not of `1.4`, nor of a digest.
    pub fn names_whole(&self) -> bool {
        let named = self.named.as_ref();
        named.is_some_and(|it| self.requirement.contains(it.text()))
    }

    /// Returns the tags under which a registry has what its digest has to be: the one that is written,
    /// and those of the version that it names.
    pub fn digest_tags(&self) -> Vec<String> {
        let written = self.digest.as_ref().map(|it| it.tag.clone());
        let mut tags: Vec<String> = written.into_iter().filter(|it| is_tag(it)).collect();
        // Of a variant only its own tag has it.
        if tags.first().is_none_or(|it| variant(it).is_none()) {
            let named = self.named.as_ref().map(|it| image_tags(it.text()));
            tags.extend(named.into_iter().flatten());
        }
        tags.dedup();
        tags
    }

    /// Returns whether it is a pin of a file that deploys and names no version: `latest`, a branch, a
    /// digest alone.
    pub fn names_nothing(&self) -> bool {
        let is_deployed = matches!(
            self.kind,
            Kind::Image | Kind::Chart | Kind::Action | Kind::Module | Kind::Submodule
        );
        // What is a range or refused says more than nothing.
        let is_range = self.requirement.contains(['<', '>', '^', '~']);
        self.ecosystem.is_none()
            && is_deployed
            && self.status == PinStatus::Unbounded
            && !is_range
            && (self.form != Form::Opaque)
    }

    /// Returns whether the pin orders a release: its kind does, and its manifest is no auxiliary.
    pub fn orders(&self) -> bool {
        self.kind.orders() && !self.auxiliary
    }

    /// Returns whether an edge that is declared has something behind it: a release moves the pin, in
    /// an order or not.
    pub fn is_moved(&self) -> bool {
        self.kind != Kind::Indirect && !self.auxiliary
    }
}

/// How a pin compares with the latest version of its upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinStatus {
    /// It names the latest version.
    InStep,
    /// It names an older one; the range still admits the latest.
    Behind,
    /// It names an older one; the range does not admit the latest.
    Excluded,
    /// It names a version above the latest known tag.
    Ahead,
    /// It names none.
    Unbounded,
    /// The upstream has no version tag.
    Untagged,
    /// It names a placeholder.
    Placeholder,
}

impl PinStatus {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::InStep => "in-step",
            Self::Behind => "behind",
            Self::Excluded => "excluded",
            Self::Ahead => "ahead",
            Self::Unbounded => "unbounded",
            Self::Untagged => "untagged",
            Self::Placeholder => "placeholder",
        }
    }
}

/// What a lock holds for a pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockSurvey {
    /// The path of the lock.
    pub file: String,
    /// The line of the record that is compared, where there is one.
    pub line: Option<usize>,
    /// The version that it holds for the pin.
    pub version: Option<String>,
    /// How that compares with the pin.
    pub state: LockState,
}

/// How a lock compares with the pin beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockState {
    /// It holds what the pin asks for.
    InStep,
    /// Its version is admitted, but the requirement that it records is another.
    Stale,
    /// It holds a version that the pin excludes.
    Contradicts,
    /// The lock exists and does not hold the package.
    Absent,
}

impl LockState {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::InStep => "in-step",
            Self::Stale => "stale",
            Self::Contradicts => "contradicts",
            Self::Absent => "absent",
        }
    }
}

/// Returns what the snapshot comes to.
pub fn survey(graph: &Graph, snapshot: &Snapshot) -> Survey {
    let index = Index::of(snapshot);
    let repos = graph.repos().keys();
    let judged = repos.map(|id| (id.clone(), index.judge(graph, id)));
    Survey::of(graph, snapshot, judged.collect())
}

impl Survey {
    /// Returns the survey of repositories that were judged one by one: their order, what is not as
    /// it should be, who waits for whom.
    pub fn of(graph: &Graph, snapshot: &Snapshot, judged: BTreeMap<RepoId, RepoSurvey>) -> Self {
        let mut survey = order::ordered(graph, judged);
        checks::run(graph, snapshot, &mut survey);
        order::find_blockers(&mut survey);
        survey
    }
}
