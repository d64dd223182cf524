//! Who stands on whom, and how each edge stands.

use cascade_manifest::Kind;

use super::missed::missed;
use super::{DriftEdge, DriftLock, DriftPin, EdgeState};
use crate::{Graph, LockState, LockSurvey, PinStatus, PinSurvey, RepoId, Snapshot, Survey};

/// Returns every edge, declared and derived, by upstream then downstream.
pub(super) fn edges(graph: &Graph, snapshot: &Snapshot, survey: &Survey) -> Vec<DriftEdge> {
    let mut edges = Vec::new();
    for (downstream, upstreams) in &survey.upstreams {
        for upstream in upstreams {
            let pins = pins(survey, downstream, upstream);
            let told = pins.iter().map(|it| told(snapshot, it)).collect();
            edges.push(DriftEdge {
                upstream: upstream.to_string(),
                downstream: downstream.to_string(),
                declared: graph
                    .repo(downstream)
                    .is_some_and(|it| it.needs.iter().any(|it| it.repo == *upstream)),
                state: EdgeState::of(pins),
                pins: told,
            });
        }
    }
    edges.sort_by(|a, b| (&a.upstream, &a.downstream).cmp(&(&b.upstream, &b.downstream)));
    edges
}

/// Returns the pins of a repository on another, outside auxiliary manifests and what tools settle by
/// themselves, by file and line.
fn pins<'a>(survey: &'a Survey, downstream: &RepoId, upstream: &RepoId) -> Vec<&'a PinSurvey> {
    let all = survey.repos.get(downstream).map_or(&[][..], |it| &it.pins);
    let counts = |it: &&PinSurvey| {
        it.upstream.repo == *upstream && !it.auxiliary && it.kind != Kind::Indirect
    };
    all.iter().filter(counts).collect()
}

fn told(snapshot: &Snapshot, pin: &PinSurvey) -> DriftPin {
    DriftPin {
        package: pin.upstream.name.clone(),
        path: pin.manifest.clone(),
        line: pin.line,
        requirement: pin.requirement.clone(),
        version: pin.named.as_ref().map(ToString::to_string),
        latest: pin.latest.as_ref().map(ToString::to_string),
        status: pin.status,
        lock: pin.lock.as_ref().map(DriftLock::of),
        missed: missed(snapshot, pin),
    }
}

impl DriftLock {
    /// Returns what a lock holds, as reports tell it.
    pub(super) fn of(lock: &LockSurvey) -> Self {
        Self {
            path: lock.file.clone(),
            line: lock.line,
            version: lock.version.clone(),
            state: lock.state,
        }
    }
}

impl EdgeState {
    /// Returns how an edge stands by the pins behind it: the worst of them.
    pub fn of<'a>(pins: impl IntoIterator<Item = &'a PinSurvey>) -> Self {
        let worst = pins.into_iter().map(Self::of_pin).max();
        worst.unwrap_or(Self::DeclaredOnly)
    }

    /// Returns how an edge of one pin stands.
    pub fn of_pin(pin: &PinSurvey) -> Self {
        let lock = match pin.lock.as_ref().map(|it| it.state) {
            Some(LockState::Contradicts) => Self::LockContradicts,
            Some(LockState::Stale) => Self::LockStale,
            Some(LockState::InStep | LockState::Absent) | None => Self::InStep,
        };
        let status = match pin.status {
            PinStatus::InStep => Self::InStep,
            PinStatus::Behind => Self::Behind,
            PinStatus::Excluded => Self::Excluded,
            PinStatus::Ahead => Self::Ahead,
            PinStatus::Unbounded | PinStatus::Untagged | PinStatus::Placeholder => Self::Open,
        };
        lock.max(status)
    }
}
