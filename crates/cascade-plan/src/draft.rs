//! Drafts a `workspace.toml` from what was found, as a person would have written it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cascade_manifest::git::GIT;

use crate::policy::Policy;
use crate::{
    Branches, CheckDeclaration, Declaration, Deliverables, DriftDeclaration, Graph, LockMode, Pace,
    ReleaseMode, RepoDeclaration, RepoId, RunLock, Snapshot, Survey, TagFormat, survey,
};

mod compare;
mod edges;
mod infer;
mod tags;
mod text;

pub use compare::compare;
pub use infer::infer_template;

/// A clone that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The name of its folder.
    pub repo: RepoId,
    /// Its path from the workspace's root, with `/`.
    pub path: String,
    /// Where it was cloned from, without credentials.
    pub remote: Option<String>,
    /// The branch that is checked out; `None` on a detached head.
    pub branch: Option<String>,
}

/// Returns a declaration of nothing but where the clones are, to observe them by.
pub fn seedling(name: &str, found: &[Found]) -> Declaration {
    let sown = found.iter().map(|it| (it.repo.clone(), sow(it)));
    sown_as(name, sown.collect())
}

/// Returns a [`seedling`] in which every clone without a manifest, whose tags are versions, is a package
/// of the ecosystem `git`; `None` where there is no such clone. The snapshot was observed with the
/// seedling.
pub fn seedling_by_tags(name: &str, found: &[Found], snapshot: &Snapshot) -> Option<Declaration> {
    let names = declared_names(found);
    let mut sown: BTreeMap<RepoId, RepoDeclaration> = BTreeMap::new();
    let mut is_any = false;
    for it in found {
        let mut repo = sow(it);
        let seen = snapshot.repos.get(&it.repo);
        let seen = seen.filter(|it| it.packages.is_empty() && it.trouble.is_none());
        if let (Some(seen), Some(name)) = (seen, names.get(&it.repo)) {
            repo.packages.extend(tags::by_tags(name, seen));
            is_any |= !repo.packages.is_empty();
        }
        sown.insert(it.repo.clone(), repo);
    }
    is_any.then(|| sown_as(name, sown))
}

/// Takes those packages of the ecosystem `git` out of a snapshot that no other repository refers to.
pub fn referred_to(snapshot: &mut Snapshot, survey: &Survey) {
    let mut known: BTreeSet<&RepoId> = BTreeSet::new();
    for (id, repo) in &survey.repos {
        let ups = repo.pins.iter().map(|it| &it.upstream.repo);
        known.extend(ups.filter(|it| *it != id));
    }
    for (id, repo) in &mut snapshot.repos {
        let is_known = known.contains(id);
        repo.packages
            .retain(|it| is_known || it.ecosystem.name != GIT.name);
    }
}

fn sown_as(name: &str, mut repos: BTreeMap<RepoId, RepoDeclaration>) -> Declaration {
    let family = Arc::new(Deliverables::of(&repos));
    for repo in repos.values_mut() {
        repo.family = Arc::clone(&family);
    }
    Declaration {
        name: name.to_owned(),
        root: ".".to_owned(),
        run_lock: RunLock::default(),
        repos,
        registries: BTreeMap::new(),
        gates: Vec::new(),
        check: CheckDeclaration::default(),
        policy: Policy::default(),
        drift: DriftDeclaration::default(),
    }
}

fn sow(found: &Found) -> RepoDeclaration {
    RepoDeclaration {
        path: found.path.clone(),
        remote: found.remote.clone(),
        branch: Branches(found.branch.clone().into_iter().collect()),
        needs: Vec::new(),
        mode: ReleaseMode::default(),
        lock: LockMode::default(),
        exempt_family: false,
        tag: None,
        tag_format: TagFormat::default(),
        packages: Vec::new(),
        owners: Vec::new(),
        family: Arc::default(),
        images: Vec::new(),
        charts: Vec::new(),
        modules: Vec::new(),
        checks: Vec::new(),
        ready: Vec::new(),
        publish_status: Vec::new(),
        dispatch: None,
        smoke: Vec::new(),
        after: Vec::new(),
        registry: Vec::new(),
        staging: Vec::new(),
        unawaited: false,
        timeout: Pace::default().timeout,
        sites: Vec::new(),
        check: CheckDeclaration::default(),
        policy: Policy::default(),
        quality: Vec::new(),
        at: 0..0,
    }
}

/// Returns the whole text of a `workspace.toml` for these clones. The snapshot was observed with
/// their [`seedling`].
pub fn draft(name: &str, found: &[Found], snapshot: &Snapshot) -> String {
    let judged = Graph::build(seedling(name, found)).map(|graph| survey(&graph, snapshot));
    draft_from(name, found, snapshot, &judged.unwrap_or_default())
}

/// As [`draft`], from a survey of the seedling.
pub(crate) fn draft_from(
    name: &str,
    found: &[Found],
    snapshot: &Snapshot,
    survey: &Survey,
) -> String {
    let names = declared_names(found);
    let edges = edges::derive(survey);
    text::write(&text::Material {
        workspace: name,
        found,
        names: &names,
        snapshot,
        edges: &edges,
    })
}

/// Returns the name that each clone is declared by: its folder's, where that can be one.
fn declared_names(found: &[Found]) -> BTreeMap<RepoId, String> {
    let mut names: BTreeMap<RepoId, String> = BTreeMap::new();
    for it in found {
        let wished = fit_name(it.repo.as_str());
        let free = |name: &String| !names.values().any(|taken| taken == name);
        let numbered = (2..).map(|n| format!("{wished}-{n}"));
        let name = std::iter::once(wished.clone()).chain(numbered).find(free);
        names.insert(it.repo.clone(), name.unwrap_or(wished));
    }
    names
}

fn fit_name(folder: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let name: String = folder
        .chars()
        .map(|c| if fits(c) { c } else { '-' })
        .collect();
    match name.trim_start_matches(['-', '.']) {
        "" => "repo".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests;
