//! Declared needs and pins that order a release run in a circle.

use crate::checks::{Check, Told, View};
use cascade_manifest::Kind;

use crate::survey::edges_of;
use crate::{Graph, PinSurvey, RepoId, Survey};

/// The rule.
pub(crate) static CHECK: Check = Check::block("cycle", "releases run in a circle", check);

/// Finds the circle, each of its edges at its place, and the edge that is easiest to drop.
fn check(view: &View<'_>) -> Vec<Told> {
    let cycle = &view.survey.circle;
    if cycle.is_empty() {
        return Vec::new();
    }
    let path: Vec<&str> = cycle
        .iter()
        .chain(cycle.first())
        .map(RepoId::as_str)
        .collect();
    let edges: Vec<Edge<'_>> = cycle
        .iter()
        .zip(cycle.iter().cycle().skip(1))
        .map(|pair| Edge::between(view.graph, view.survey, pair))
        .collect();
    let told: Vec<String> = edges.iter().map(Edge::told).collect();
    let drop = edges.iter().max_by_key(|it| it.weakness());
    let what = format!(
        "releases run in a circle: {} ({})",
        path.join(" -> "),
        told.join("; ")
    );
    vec![Told {
        mend: drop.map(Edge::mend),
        ..Told::anywhere(what)
    }]
}

/// One edge of a circle between two neighbours, whichever way it points.
struct Edge<'a> {
    from: &'a RepoId,
    to: &'a RepoId,
    pin: Option<&'a PinSurvey>,
}

impl<'a> Edge<'a> {
    fn between(graph: &Graph, survey: &'a Survey, (a, b): (&'a RepoId, &'a RepoId)) -> Self {
        let found = |from: &'a RepoId, to: &'a RepoId| {
            let repo = survey.repos.get(from)?;
            edges_of(from, repo)
                .filter(|pin| pin.upstream.repo == *to)
                .min_by_key(|pin| rank(pin.kind))
        };
        let needs = |from: &RepoId, to: &RepoId| {
            graph
                .repo(from)
                .is_some_and(|it| it.needs.iter().any(|need| need.repo == *to))
        };
        let forward = found(a, b);
        if forward.is_some() || needs(a, b) {
            return Self {
                from: a,
                to: b,
                pin: forward,
            };
        }
        Self {
            from: b,
            to: a,
            pin: found(b, a),
        }
    }

    fn told(&self) -> String {
        let (from, to) = (self.from, self.to);
        match self.pin {
            Some(pin) => format!(
                "{from} stands on {to} by {}:{} ({})",
                pin.manifest, pin.line, pin.kind
            ),
            None => format!("{from} stands on {to} by `needs` in workspace.toml"),
        }
    }

    fn weakness(&self) -> u8 {
        self.pin.map_or(u8::MAX, |it| rank(it.kind))
    }

    fn mend(&self) -> String {
        let (from, to) = (self.from, self.to);
        match self.pin {
            Some(pin) => format!(
                "drop the {} pin on `{}` in {from}/{}:{}",
                pin.kind, pin.upstream.name, pin.manifest, pin.line
            ),
            None => format!("drop `{to}` from the `needs` of [repo.{from}]"),
        }
    }
}

/// Returns how easily an edge of this kind is done without.
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Runtime => 0,
        Kind::Peer => 2,
        Kind::Build => 3,
        Kind::Optional => 4,
        _ => 1,
    }
}
