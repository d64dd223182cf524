//! `init --check`: where a `workspace.toml` and the clones differ.

use std::collections::BTreeSet;

use super::Found;
use super::edges::ordering;
use super::tags::{Tagged, tagged};
use crate::checks::family::undeclared_edge;
use crate::{
    Code, Finding, Graph, ObservedRepo, Place, RepoId, Severity, Snapshot, Survey, Trouble, survey,
};

/// Returns where the declared graph and the clones differ. `snapshot` was observed with the
/// graph, `fresh` with the [`seedling`](super::seedling) of what was found.
pub fn compare(
    graph: &Graph,
    snapshot: &Snapshot,
    found: &[Found],
    fresh: &Snapshot,
) -> Vec<Finding> {
    compare_from(graph, snapshot, found, fresh, &survey(graph, snapshot))
}

pub(super) fn compare_from(
    graph: &Graph,
    snapshot: &Snapshot,
    found: &[Found],
    fresh: &Snapshot,
    survey: &Survey,
) -> Vec<Finding> {
    let mut findings = undeclared_repos(graph, found, fresh);
    findings.extend(missing_repos(graph, snapshot));
    findings.extend(undeclared_edges(graph, survey));
    findings.extend(dead_edges(graph, snapshot, survey));
    for (id, repo) in &snapshot.repos {
        findings.extend(
            tagged(repo)
                .iter()
                .filter_map(|it| template_differs(id, it)),
        );
    }
    findings.sort();
    findings
}

fn undeclared_repos(graph: &Graph, found: &[Found], fresh: &Snapshot) -> Vec<Finding> {
    let paths: BTreeSet<&str> = graph.repos().values().map(|it| it.path.as_str()).collect();
    let new = found.iter().filter(|it| !paths.contains(it.path.as_str()));
    new.map(|it| {
        let holds = fresh.repos.get(&it.repo).map(names).unwrap_or_default();
        let what = match holds.as_str() {
            "" => format!("`{}` is a clone that is not declared", it.path),
            names => format!(
                "`{}` is a clone that is not declared; it holds {names}",
                it.path
            ),
        };
        let mend = format!("declare `[repo.{}]`", it.repo);
        finding("undeclared-repo", &it.repo, what, mend)
    })
    .collect()
}

fn names(repo: &ObservedRepo) -> String {
    let names: Vec<String> = repo
        .packages
        .iter()
        .map(|it| format!("`{}`", it.name))
        .collect();
    names.join(", ")
}

fn missing_repos(graph: &Graph, snapshot: &Snapshot) -> Vec<Finding> {
    let gone = |id: &&RepoId| {
        let observed = snapshot.repos.get(*id);
        observed
            .is_none_or(|it| matches!(it.trouble, Some(Trouble::Missing | Trouble::NotARepository)))
    };
    let declared = graph.repos().iter().filter(|(id, _)| gone(id));
    declared
        .map(|(id, it)| {
            let what = format!("no clone stands at `{}`", it.path);
            let mend = "`cascade fetch` clones it, or remove its table".to_owned();
            finding("missing-repo", id, what, mend)
        })
        .collect()
}

fn undeclared_edges(graph: &Graph, survey: &Survey) -> Vec<Finding> {
    let declared = |id: &RepoId, up: &RepoId| graph.upstreams(id).any(|it| it == up);
    let derived = ordering(survey).into_iter();
    derived
        .filter(|((id, up), _)| graph.repo(id).is_some() && !declared(id, up))
        .map(|((id, up), pin)| {
            let what = format!(
                "it pins `{}` of `{up}`, which its needs do not name",
                pin.upstream.name
            );
            let mend = if graph.reaches(id).contains(up) {
                undeclared_edge::circle(id, up)
            } else {
                format!("add `{up}` to its `needs`")
            };
            let place = Place {
                path: pin.manifest.clone(),
                line: Some(pin.line),
            };
            Finding {
                place: Some(place),
                ..finding("undeclared-edge", id, what, mend)
            }
        })
        .collect()
}

fn dead_edges(graph: &Graph, snapshot: &Snapshot, survey: &Survey) -> Vec<Finding> {
    let pinned = |id: &RepoId, up: &RepoId| {
        let pins = survey.repos.get(id).map(|it| it.pins.iter());
        pins.is_some_and(|mut it| it.any(|pin| pin.is_moved() && pin.upstream.repo == *up))
    };
    let read = |id: &RepoId| {
        snapshot
            .repos
            .get(id)
            .is_some_and(|it| it.trouble.is_none())
    };
    let mut findings = Vec::new();
    for (id, repo) in graph.repos().iter().filter(|(id, _)| read(id)) {
        for need in repo
            .needs
            .iter()
            .filter(|it| !it.order_only && read(&it.repo))
        {
            if !pinned(id, &need.repo) {
                let up = &need.repo;
                let what = format!("it needs `{up}`, and no pin of it stands behind that");
                let mend = format!(
                    "remove `{up}` from its `needs`, or write `{{ repo = \"{up}\", order-only = true }}`"
                );
                findings.push(finding("dead-edge", id, what, mend));
            }
        }
    }
    findings
}

/// A template differs where the tags that exist follow another one, to a higher version.
fn template_differs(id: &RepoId, tagged: &Tagged<'_>) -> Option<Finding> {
    let (package, inferred) = (tagged.package, &tagged.inferred);
    let known = package.highest().map(|it| &it.version);
    if inferred.count == 0
        || inferred.template == package.template
        || inferred.latest.as_ref() <= known
    {
        return None;
    }
    let (name, declared, seen) = (&package.name, &package.template, &inferred.template);
    let what = format!("the tags of `{name}` follow `{seen}`, not `{declared}`");
    let mend = format!("declare `tag = \"{seen}\"` for it");
    Some(finding("template-differs", id, what, mend))
}

fn finding(code: &'static str, repo: &RepoId, what: String, mend: String) -> Finding {
    Finding {
        code: Code(code),
        severity: Severity::Warn,
        repo: Some(repo.clone()),
        place: None,
        what,
        mend: Some(mend),
        tag: None,
        package: None,
        fix: None,
    }
}
