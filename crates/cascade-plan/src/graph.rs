//! The declared graph: whoever holds one knows that every name exists and that it has no cycle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use miette::LabeledSpan;
use petgraph::graph::DiGraph;

use crate::policy::Policy;
use crate::{
    CheckDeclaration, Declaration, DriftDeclaration, GateDeclaration, Need, RegistryDeclaration,
    RepoDeclaration, RepoId, RunLock,
};

/// A declared graph, whole and acyclic.
#[derive(Debug, Clone)]
pub struct Graph {
    declared: Declaration,
    order: Vec<RepoId>,
}

/// Why a declaration is no graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum GraphError {
    /// A need names a repository that nobody declared.
    #[error("`{repo}` needs `{missing}`, which is not declared")]
    Unknown {
        /// The repository.
        repo: RepoId,
        /// The name it needs.
        missing: RepoId,
        /// Where it says so.
        #[label(collection)]
        at: Vec<LabeledSpan>,
    },
    /// A repository needs itself.
    #[error("`{repo}` needs itself")]
    Itself {
        /// The repository.
        repo: RepoId,
        /// Where it says so.
        #[label(collection)]
        at: Vec<LabeledSpan>,
    },
    /// The needs run in a circle.
    #[error("the needs run in a circle: {}", circle(path))]
    Cycle {
        /// Each repository needs the next one, and the last one needs the first.
        path: Vec<RepoId>,
        /// Where each of them says so, in the order of the path.
        #[label(collection)]
        at: Vec<LabeledSpan>,
    },
}

impl Graph {
    /// Returns the graph of a declaration.
    ///
    /// # Errors
    /// When a need names an unknown repository or itself, or the needs run in a circle.
    pub fn build(declared: Declaration) -> Result<Self, GraphError> {
        if let Some(fault) = fault(&declared.repos) {
            return Err(fault);
        }
        let nodes = declared.repos.keys().cloned().collect();
        let (order, _) =
            order_of(&nodes, &upstreams_of(&declared.repos)).map_err(|path| GraphError::Cycle {
                at: edges_of(&path, &declared.repos),
                path,
            })?;
        Ok(Self { declared, order })
    }

    /// Returns the workspace's name.
    pub fn name(&self) -> &str {
        &self.declared.name
    }

    /// Returns the root, relative to the folder of `workspace.toml`.
    pub fn root(&self) -> &str {
        &self.declared.root
    }

    /// Returns the lock of its runs.
    pub fn run_lock(&self) -> RunLock {
        self.declared.run_lock
    }

    /// Returns how drift is watched.
    pub fn drift(&self) -> DriftDeclaration {
        self.declared.drift
    }

    /// Returns every registry, by name.
    pub fn registries(&self) -> &BTreeMap<String, RegistryDeclaration> {
        &self.declared.registries
    }

    /// Returns the same without any command: of a declaration that a repository brought along nothing is
    /// run.
    #[must_use]
    pub fn without_commands(mut self) -> Self {
        for repo in self.declared.repos.values_mut() {
            let lists = [
                &mut repo.checks,
                &mut repo.ready,
                &mut repo.smoke,
                &mut repo.after,
            ];
            for list in lists {
                list.clear();
            }
            repo.publish_status.clear();
            repo.dispatch = None;
            repo.quality.clear();
        }
        for gate in &mut self.declared.gates {
            gate.run.clear();
        }
        self
    }

    /// Returns what people decided about findings.
    pub fn check(&self) -> &CheckDeclaration {
        &self.declared.check
    }

    /// Returns the gates, in the order of the file.
    pub fn gates(&self) -> &[GateDeclaration] {
        &self.declared.gates
    }

    /// Returns what is allowed where no repository is meant.
    pub fn policy(&self) -> &Policy {
        &self.declared.policy
    }

    /// Returns every repository, by name.
    pub fn repos(&self) -> &BTreeMap<RepoId, RepoDeclaration> {
        &self.declared.repos
    }

    /// Returns the declaration of a repository.
    pub fn repo(&self, id: &RepoId) -> Option<&RepoDeclaration> {
        self.declared.repos.get(id)
    }

    /// Returns every repository once, upstream first by declared needs, ties by name.
    pub fn order(&self) -> &[RepoId] {
        &self.order
    }

    /// Returns what the repository needs, in the order of the file.
    pub fn upstreams<'a>(&'a self, id: &RepoId) -> impl Iterator<Item = &'a RepoId> + use<'a> {
        let needs = self.repo(id).map(|it| it.needs.as_slice());
        needs.unwrap_or_default().iter().map(|it| &it.repo)
    }

    /// Returns who needs the repository, by name.
    pub fn downstreams<'a>(&'a self, id: &'a RepoId) -> impl Iterator<Item = &'a RepoId> + use<'a> {
        let stands = |it: &RepoDeclaration| it.needs.iter().any(|need| need.repo == *id);
        self.repos()
            .iter()
            .filter(move |(_, it)| stands(it))
            .map(|(name, _)| name)
    }

    /// Returns everything that stands on the repository, directly or not, without itself.
    pub fn reaches(&self, id: &RepoId) -> BTreeSet<RepoId> {
        let mut reached = BTreeSet::new();
        for at in &self.order {
            if self
                .upstreams(at)
                .any(|up| up == id || reached.contains(up))
            {
                reached.insert(at.clone());
            }
        }
        reached
    }
}

/// Returns the first need of what is not there, or of the one that needs; `None` without one.
fn fault(repos: &BTreeMap<RepoId, RepoDeclaration>) -> Option<GraphError> {
    needs(repos).find_map(|(repo, need)| {
        let (repo, at) = (repo.clone(), vec![label("needed here", &need.at)]);
        if need.repo == repo {
            return Some(GraphError::Itself { repo, at });
        }
        let missing = need.repo.clone();
        (!repos.contains_key(&missing)).then_some(GraphError::Unknown { repo, missing, at })
    })
}

/// Returns one circle for each knot of repositories that need one another.
pub(crate) fn circles_of(repos: &BTreeMap<RepoId, RepoDeclaration>) -> Vec<GraphError> {
    let nodes: BTreeSet<RepoId> = repos.keys().cloned().collect();
    let upstreams = upstreams_of(repos);
    if numbered_order(&Numbered::of(&nodes, &upstreams)).is_some() {
        return Vec::new();
    }
    let paths = circles(&nodes, &upstreams).into_iter();
    let tell = |path: Vec<RepoId>| GraphError::Cycle {
        at: edges_of(&path, repos),
        path,
    };
    paths.filter(|it| it.len() > 1).map(tell).collect()
}

/// The order and the waves.
pub(crate) type Ordered = (Vec<RepoId>, Vec<Vec<RepoId>>);

/// Returns the order (upstream first, ties by name) and the waves; or, where the upstreams run in
/// a circle, the nodes of one: each stands on the next, the last on the first.
pub(crate) fn order_of(
    nodes: &BTreeSet<RepoId>,
    upstreams: &BTreeMap<RepoId, Vec<RepoId>>,
) -> Result<Ordered, Vec<RepoId>> {
    match numbered_order(&Numbered::of(nodes, upstreams)) {
        Some(waves) => {
            let names: Vec<&RepoId> = nodes.iter().collect();
            let name_of = |at: &usize| names.get(*at).map(|it| (*it).clone());
            let order = waves.order.iter().filter_map(name_of).collect();
            let wave = |it: &Vec<usize>| it.iter().filter_map(name_of).collect();
            Ok((order, waves.waves.iter().map(wave).collect()))
        }
        None => Err(circles(nodes, upstreams)
            .into_iter()
            .next()
            .unwrap_or_default()),
    }
}

/// A graph whose nodes go by their places in the order of their names.
struct Numbered {
    /// For each node, how many different nodes it stands on.
    waits: Vec<usize>,
    /// For each node, those that stand on it.
    downstreams: Vec<Vec<usize>>,
}

impl Numbered {
    fn of(nodes: &BTreeSet<RepoId>, upstreams: &BTreeMap<RepoId, Vec<RepoId>>) -> Self {
        let names: Vec<&RepoId> = nodes.iter().collect();
        let number = |it: &RepoId| names.binary_search(&it).ok();
        let mut numbered = Self {
            waits: vec![0; names.len()],
            downstreams: vec![Vec::new(); names.len()],
        };
        for (node, ups) in upstreams {
            let Some(node) = number(node) else { continue };
            let ups: BTreeSet<usize> = ups.iter().filter_map(number).collect();
            if let Some(waits) = numbered.waits.get_mut(node) {
                *waits = ups.len();
            }
            for up in ups {
                if let Some(downs) = numbered.downstreams.get_mut(up) {
                    downs.push(node);
                }
            }
        }
        numbered
    }
}

/// The order and the waves, by numbers.
struct NumberedOrder {
    order: Vec<usize>,
    waves: Vec<Vec<usize>>,
}

/// Returns the order of a graph without circles; `None` of one with.
fn numbered_order(graph: &Numbered) -> Option<NumberedOrder> {
    let count = graph.waits.len();
    let mut waits = graph.waits.clone();
    let mut wave_of = vec![0; count];
    let free = waits.iter().enumerate().filter(|(_, it)| **it == 0);
    let mut ready: BTreeSet<usize> = free.map(|(node, _)| node).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(node) = ready.pop_first() {
        order.push(node);
        let wave: usize = wave_of.get(node).copied().unwrap_or_default();
        for &down in graph.downstreams.get(node).into_iter().flatten() {
            let (Some(left), Some(after)) = (waits.get_mut(down), wave_of.get_mut(down)) else {
                continue;
            };
            *after = (*after).max(wave + 1);
            *left -= 1;
            if *left == 0 {
                ready.insert(down);
            }
        }
    }
    let mut waves = Vec::new();
    for (node, wave) in wave_of.into_iter().enumerate() {
        if waves.len() <= wave {
            waves.resize(wave + 1, Vec::new());
        }
        waves.get_mut(wave)?.push(node);
    }
    (order.len() == count).then_some(NumberedOrder { order, waves })
}

/// Returns a shortest circle of every knot of nodes that stand on one another, by name.
fn circles(
    nodes: &BTreeSet<RepoId>,
    upstreams: &BTreeMap<RepoId, Vec<RepoId>>,
) -> Vec<Vec<RepoId>> {
    let mut graph: DiGraph<&RepoId, ()> = DiGraph::new();
    let index: BTreeMap<&RepoId, _> = nodes.iter().map(|it| (it, graph.add_node(it))).collect();
    for (node, up) in edges(nodes, upstreams) {
        if let (Some(&from), Some(&to)) = (index.get(node), index.get(up)) {
            graph.add_edge(from, to, ());
        }
    }
    let mut found: Vec<Vec<RepoId>> = petgraph::algo::kosaraju_scc(&graph)
        .into_iter()
        .map(|knot| {
            knot.into_iter()
                .filter_map(|it| graph.node_weight(it).copied())
        })
        .filter_map(|knot| circle_in(&knot.collect(), upstreams))
        .collect();
    found.sort();
    found
}

/// Returns the shortest way from the knot's first node back to itself.
fn circle_in(
    knot: &BTreeSet<&RepoId>,
    upstreams: &BTreeMap<RepoId, Vec<RepoId>>,
) -> Option<Vec<RepoId>> {
    let start = *knot.first()?;
    let mut came_from: BTreeMap<&RepoId, &RepoId> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        let ups = upstreams.get(at).into_iter().flatten();
        for up in ups.filter(|it| knot.contains(it)).collect::<BTreeSet<_>>() {
            if up == start {
                return Some(walk_back(at, &came_from));
            }
            if !came_from.contains_key(up) {
                came_from.insert(up, at);
                queue.push_back(up);
            }
        }
    }
    None
}

fn walk_back(end: &RepoId, came_from: &BTreeMap<&RepoId, &RepoId>) -> Vec<RepoId> {
    let mut path: Vec<RepoId> = std::iter::successors(Some(end), |at| came_from.get(*at).copied())
        .cloned()
        .collect();
    path.reverse();
    path
}

fn edges<'a>(
    nodes: &'a BTreeSet<RepoId>,
    upstreams: &'a BTreeMap<RepoId, Vec<RepoId>>,
) -> impl Iterator<Item = (&'a RepoId, &'a RepoId)> {
    let known = upstreams.iter().filter(|(node, _)| nodes.contains(*node));
    known.flat_map(|(node, ups)| {
        ups.iter()
            .filter(|up| nodes.contains(*up))
            .map(move |up| (node, up))
    })
}

fn needs(repos: &BTreeMap<RepoId, RepoDeclaration>) -> impl Iterator<Item = (&RepoId, &Need)> {
    repos
        .iter()
        .flat_map(|(repo, it)| it.needs.iter().map(move |need| (repo, need)))
}

fn upstreams_of(repos: &BTreeMap<RepoId, RepoDeclaration>) -> BTreeMap<RepoId, Vec<RepoId>> {
    let of = |it: &RepoDeclaration| it.needs.iter().map(|need| need.repo.clone()).collect();
    repos
        .iter()
        .map(|(repo, it)| (repo.clone(), of(it)))
        .collect()
}

fn edges_of(path: &[RepoId], repos: &BTreeMap<RepoId, RepoDeclaration>) -> Vec<LabeledSpan> {
    let next = path.iter().cycle().skip(1);
    path.iter()
        .zip(next)
        .filter_map(|(repo, up)| {
            let need = repos.get(repo)?.needs.iter().find(|it| it.repo == *up)?;
            Some(label(&format!("`{repo}` needs `{up}`"), &need.at))
        })
        .collect()
}

fn label(text: &str, at: &Range<usize>) -> LabeledSpan {
    LabeledSpan::new_with_span(Some(text.to_owned()), at.clone())
}

/// Returns the circle as people write it: `a -> b -> a`.
pub(crate) fn circle(path: &[RepoId]) -> String {
    let back = path.first();
    let names: Vec<&str> = path.iter().chain(back).map(RepoId::as_str).collect();
    names.join(" -> ")
}

#[cfg(test)]
mod tests;
