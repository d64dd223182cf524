//! The graph, drawn: one picture, one file per format.

mod dot;
mod json;
mod mermaid;
mod svg;
mod terminal;

pub(crate) use dot::dot;
pub(crate) use json::json;
pub(crate) use mermaid::mermaid;
pub(crate) use svg::svg;
pub(crate) use terminal::{layers, tree};

use std::collections::{BTreeMap, BTreeSet};

use cascade_plan::{ReleaseMode, RepoId};

use super::{Known, latest_tags};

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
    /// How many pins stand behind it.
    pub(crate) pins: usize,
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
    /// Returns the word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Both => "declared-and-derived",
            Self::Declared => "declared",
            Self::Derived => "derived",
        }
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

/// Returns every edge, declared and derived, by name.
fn edges(known: Known<'_>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for repo in known.repos() {
        for upstream in known.survey.upstreams.get(repo.id).into_iter().flatten() {
            let pins = repo.judged.pins.iter();
            let pins = pins.filter(|it| it.orders() && it.upstream.repo == *upstream);
            let pins = pins.count();
            let declared = repo.declared.needs.iter().any(|it| it.repo == *upstream);
            edges.push(Edge {
                upstream: upstream.to_string(),
                downstream: repo.id.to_string(),
                origin: match (declared, pins) {
                    (true, 0) => Origin::Declared,
                    (true, _) => Origin::Both,
                    (false, _) => Origin::Derived,
                },
                pins,
            });
        }
    }
    edges.sort();
    edges
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
                        pins: 1,
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
        }
    }
}
