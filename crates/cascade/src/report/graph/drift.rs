//! The picture of a report of drift.

use cascade_plan::PinStatus;
use cascade_plan::drift::{Drift, DriftEdge, DriftPin, DriftRepo, EdgeState};

use super::{Edge, Impact, Node, Origin, Picture, unreleased};
use crate::page::count;
use crate::report::age;

impl Picture {
    /// Returns the picture of a report of drift.
    pub(crate) fn of_drift(drift: &Drift) -> Self {
        let edge = |it: &DriftEdge| Edge {
            upstream: it.upstream.clone(),
            downstream: it.downstream.clone(),
            origin: Origin::of(it.declared, it.pins.len()),
            ordering: it.pins.len(),
            state: it.state,
            pins: it.pins.iter().map(|it| told(it, drift.taken)).collect(),
        };
        Self {
            name: drift.workspace.clone(),
            nodes: drift.repos.iter().map(node).collect(),
            edges: drift.edges.iter().map(edge).collect(),
        }
    }

    /// Returns how many edges are in each state, the best first, without those that none is in.
    pub(crate) fn states(&self) -> Vec<(EdgeState, usize)> {
        let edges = |state| self.edges.iter().filter(|it| it.state == state).count();
        let states = EdgeState::ALL.map(|it| (it, edges(it)));
        states.into_iter().filter(|(_, edges)| *edges > 0).collect()
    }
}

fn node(repo: &DriftRepo) -> Node {
    Node {
        repo: repo.name.clone(),
        latest: repo.latest.first().map(|it| it.tag.clone()),
        mode: repo.mode,
        wave: repo.wave,
        impact: Impact::None,
        trouble: repo.trouble.clone(),
        unreleased: unreleased(repo.unreleased.commits, repo.unreleased.level),
    }
}

/// Returns a pin in a line: where, what it asks for, what is out, how long already, and its lock.
fn told(pin: &DriftPin, now: i64) -> String {
    let mut told = format!("{}:{} {}", pin.path, pin.line, pin.requirement);
    if pin.status != PinStatus::InStep
        && let Some(latest) = &pin.latest
    {
        told = format!("{told} -> {latest}");
    }
    if let Some(missed) = &pin.missed {
        let releases = count(missed.releases, "release", "releases");
        let since = missed.at.map(|it| format!(", {}", age(now - it)));
        told = format!("{told}, {releases} missed{}", since.unwrap_or_default());
    }
    if let Some(lock) = &pin.lock
        && let Some(version) = &lock.version
    {
        told = format!("{told}; {} holds {version}", lock.path);
    }
    told
}
