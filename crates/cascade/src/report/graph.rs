//! The graph, drawn: one picture, one file per format.

mod dot;
mod drift;
mod json;
mod layout;
mod mermaid;
mod svg;
mod terminal;

pub(crate) use dot::dot;
pub(crate) use json::json;
pub(crate) use mermaid::mermaid;
pub(crate) use svg::{STYLE, class, inline, sign, svg};
pub(crate) use terminal::{layers, tree};

use std::collections::{BTreeMap, BTreeSet};

use cascade_manifest::{Kind, Level};
use cascade_plan::drift::EdgeState;
use cascade_plan::{PinStatus, PinSurvey, ReleaseMode, RepoId};

use super::{Known, KnownRepo, latest_tags};
use crate::page::count;

/// The graph as it is drawn.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// The workspace's name.
    pub(crate) name: String,
    /// The repositories, upstream first.
    pub(crate) nodes: Vec<Node>,
    /// The edges, by upstream then downstream.
    pub(crate) edges: Vec<Edge>,
}

/// A repository in the picture.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Its name.
    pub(crate) repo: String,
    /// Its latest tags, short.
    pub(crate) latest: Option<String>,
    /// How it is released.
    pub(crate) mode: ReleaseMode,
    /// The wave it stands in, counted from 0.
    pub(crate) wave: usize,
    /// What a release of the repository asked about would do to it.
    pub(crate) impact: Impact,
    /// Why it could not be read.
    pub(crate) trouble: Option<String>,
    /// What is not released yet, in words.
    pub(crate) unreleased: Option<String>,
}

/// What a release of one repository does to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Impact {
    /// Nothing, or nobody asked.
    None,
    /// It is the one that is released.
    Released,
    /// It stands on it, and would move.
    Moves,
}

/// An edge of the picture, from an upstream to what stands on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    /// The upstream.
    pub(crate) upstream: String,
    /// What stands on it.
    pub(crate) downstream: String,
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// How many pins order a release by it.
    pub(crate) ordering: usize,
    /// How it stands.
    pub(crate) state: EdgeState,
    /// The pins behind it, each told in a line.
    pub(crate) pins: Vec<String>,
}

/// Where an edge comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// Declared, and pins stand behind it.
    Both,
    /// Declared only.
    Declared,
    /// Pins only.
    Derived,
}

impl Origin {
    /// Returns the origin of an edge that is declared or not, with so many pins behind it.
    fn of(declared: bool, pins: usize) -> Self {
        match (declared, pins) {
            (true, 0) => Self::Declared,
            (true, _) => Self::Both,
            (false, _) => Self::Derived,
        }
    }

    /// Returns the word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Both => "declared-and-derived",
            Self::Declared => "declared",
            Self::Derived => "derived",
        }
    }
}

impl Node {
    /// Returns what stands below its name: its latest tag, or that it could not be read.
    pub(crate) fn second(&self) -> Option<String> {
        match (&self.trouble, &self.latest) {
            (Some(_), _) => Some("not read".to_owned()),
            (None, latest) => latest.clone(),
        }
    }

    /// Returns all that is told of it, in lines.
    pub(crate) fn told(&self) -> Vec<String> {
        let latest = self.latest.as_ref().map(|it| format!(" {it}"));
        let head = format!("{}{}", self.repo, latest.unwrap_or_default());
        let rest = [&self.trouble, &self.unreleased];
        let rest = rest.into_iter().flatten().cloned();
        [head].into_iter().chain(rest).collect()
    }
}

impl Edge {
    /// Returns all that is told of it, in lines: its ends and its state, then its pins.
    pub(crate) fn told(&self) -> Vec<String> {
        /// How many pins are told.
        const MOST: usize = 6;
        let state = self.state.word();
        let head = format!("{} on {}: {state}", self.downstream, self.upstream);
        let mut told = vec![head];
        told.extend(self.pins.iter().take(MOST).cloned());
        let left = self.pins.len().saturating_sub(MOST);
        if left > 0 {
            told.push(format!("and {}", count(left, "pin more", "pins more")));
        }
        told
    }
}

impl Impact {
    /// Returns the word for it.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Released => Some("released"),
            Self::Moves => Some("moves"),
        }
    }
}

impl Picture {
    /// Returns the picture of a workspace; `asked` is the repository whose impact is marked.
    pub(crate) fn of(known: Known<'_>, asked: Option<&RepoId>) -> Self {
        let reach = asked.map(|it| below(&known.survey.upstreams, it));
        let nodes = known.repos().map(|repo| Node {
            repo: repo.id.to_string(),
            latest: latest_tags(repo).first().map(|it| (*it).to_owned()),
            mode: repo.declared.mode,
            wave: wave(known, repo.id),
            impact: match (&reach, asked) {
                (_, Some(asked)) if asked == repo.id => Impact::Released,
                (Some(reach), _) if reach.contains(repo.id) => Impact::Moves,
                _ => Impact::None,
            },
            trouble: repo.seen.trouble.as_ref().map(ToString::to_string),
            unreleased: unreleased(repo.since(), repo.level()),
        });
        Self {
            name: known.graph.name().to_owned(),
            nodes: nodes.collect(),
            edges: edges(known),
        }
    }

    /// Returns the edges out of a repository, to what stands on it.
    pub(crate) fn below<'a>(&'a self, repo: &'a str) -> impl Iterator<Item = &'a Edge> {
        self.edges.iter().filter(move |it| it.upstream == repo)
    }

    /// Returns the nodes in waves.
    pub(crate) fn waves(&self) -> Vec<Vec<&Node>> {
        let mut waves: BTreeMap<usize, Vec<&Node>> = BTreeMap::new();
        for node in &self.nodes {
            waves.entry(node.wave).or_default().push(node);
        }
        waves.into_values().collect()
    }

    /// Returns where the ends of every edge stand among the nodes; `None` where one does not.
    pub(crate) fn ends(&self) -> Vec<Option<(usize, usize)>> {
        let names = self.nodes.iter().map(|it| it.repo.as_str());
        let places: BTreeMap<&str, usize> = names.zip(0..).collect();
        let place = |name: &str| places.get(name).copied();
        let ends = |it: &Edge| Some((place(&it.upstream)?, place(&it.downstream)?));
        self.edges.iter().map(ends).collect()
    }

    /// Returns the position of a repository among the nodes.
    pub(crate) fn position(&self, repo: &str) -> Option<usize> {
        self.nodes.iter().position(|it| it.repo == repo)
    }
}

/// Returns the wave of a repository.
fn wave(known: Known<'_>, repo: &RepoId) -> usize {
    let mut waves = known.survey.waves.iter();
    waves.position(|it| it.contains(repo)).unwrap_or(0)
}

/// Returns what is not released yet, in words; `None` where nothing is.
fn unreleased(commits: usize, level: Level) -> Option<String> {
    let commits = (commits > 0).then(|| count(commits, "commit", "commits"))?;
    Some(match level {
        Level::None => format!("{commits} not released"),
        level => format!("{commits} not released: {level}"),
    })
}

/// Returns every edge, declared and derived, by name.
fn edges(known: Known<'_>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for repo in known.repos() {
        for upstream in known.survey.upstreams.get(repo.id).into_iter().flatten() {
            let pins: Vec<&PinSurvey> = pins(repo, upstream).collect();
            let ordering = pins.iter().filter(|it| it.orders()).count();
            let declared = repo.declared.needs.iter().any(|it| it.repo == *upstream);
            edges.push(Edge {
                upstream: upstream.to_string(),
                downstream: repo.id.to_string(),
                origin: Origin::of(declared, ordering),
                ordering,
                state: EdgeState::of(pins.iter().copied()),
                pins: pins.iter().map(|it| told(it)).collect(),
            });
        }
    }
    edges.sort();
    edges
}

/// Returns how a repository stands on another.
pub(crate) fn edge_state(repo: KnownRepo<'_>, upstream: &RepoId) -> EdgeState {
    EdgeState::of(pins(repo, upstream))
}

/// Returns the pins that tell how a repository stands on another: those in no auxiliary manifest, and
/// that no tool settles by itself.
fn pins<'a>(repo: KnownRepo<'a>, upstream: &RepoId) -> impl Iterator<Item = &'a PinSurvey> {
    let counts = |it: &&PinSurvey| !it.auxiliary && it.kind != Kind::Indirect;
    let pins = repo.judged.pins.iter().filter(counts);
    pins.filter(move |it| it.upstream.repo == *upstream)
}

/// Returns a pin in a line: where, what it asks for, and what is out.
fn told(pin: &PinSurvey) -> String {
    let latest = pin.latest.as_ref().map(ToString::to_string);
    let latest = latest.filter(|_| pin.status != PinStatus::InStep);
    let latest = latest.map(|it| format!(" -> {it}")).unwrap_or_default();
    let (at, line) = (&pin.manifest, pin.line);
    format!("{at}:{line} {}{latest}", pin.requirement)
}

/// Returns everything that stands on a repository, near or far.
fn below(upstreams: &BTreeMap<RepoId, Vec<RepoId>>, repo: &RepoId) -> BTreeSet<RepoId> {
    let mut found = BTreeSet::new();
    let mut open = vec![repo];
    while let Some(at) = open.pop() {
        for (id, on) in upstreams {
            if on.contains(at) && found.insert(id.clone()) {
                open.push(id);
            }
        }
    }
    found
}

/// Returns the colour of a state that something is to be done about, on white.
fn colour_of(state: EdgeState) -> Option<&'static str> {
    match state {
        EdgeState::InStep | EdgeState::DeclaredOnly | EdgeState::Open => None,
        EdgeState::Behind => Some("#9a6700"),
        EdgeState::LockStale => Some("#0b7285"),
        EdgeState::Ahead => Some("#6639ba"),
        EdgeState::Excluded => Some("#b42318"),
        EdgeState::LockContradicts => Some("#99286e"),
    }
}

#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    /// Returns a picture of these edges, `upstream>downstream`, in waves.
    pub(crate) fn picture(names: &[&str], edges: &[&str]) -> Picture {
        let mut picture = Picture {
            name: "town".to_owned(),
            nodes: names.iter().map(|it| node(it)).collect(),
            edges: edges
                .iter()
                .map(|it| {
                    let (upstream, downstream) = it.split_once('>').unwrap();
                    Edge {
                        upstream: upstream.to_owned(),
                        downstream: downstream.to_owned(),
                        origin: Origin::Both,
                        ordering: 1,
                        state: EdgeState::InStep,
                        pins: vec!["Cargo.toml:7 1.0.0".to_owned()],
                    }
                })
                .collect(),
        };
        for _ in names {
            for edge in picture.edges.clone() {
                let from = picture.position(&edge.upstream).unwrap();
                let to = picture.position(&edge.downstream).unwrap();
                picture.nodes[to].wave = picture.nodes[to].wave.max(picture.nodes[from].wave + 1);
            }
        }
        picture
    }

    fn node(name: &str) -> Node {
        Node {
            repo: name.to_owned(),
            latest: Some("v1.0.0".to_owned()),
            mode: ReleaseMode::Tag,
            wave: 0,
            impact: Impact::None,
            trouble: None,
            unreleased: None,
        }
    }
}
