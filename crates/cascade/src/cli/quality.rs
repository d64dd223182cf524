//! Quality gates: run for `check`, and before a release begins.

use std::collections::{BTreeMap, BTreeSet};

use cascade_plan::{
    Fate, Finding, Graph, Measurement, Oid, Outcome, Plan, RepoId, Severity, Step, quality,
};
use cascade_run::{Exhibit, Git, PassedGates, Shelf, State, measure};

use super::Call;
use super::carry::{git, watched};
use super::release::remotes;
use super::workspace::{Seen, Workspace};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{Page, WARN, count, paint};
use crate::report::check::quality::line;
use crate::report::findings;
use crate::report::means;

/// Says that there are gates which were not run.
pub(crate) fn unrun(call: &Call, graph: &Graph, chosen: &BTreeSet<RepoId>) {
    let repos = graph.repos().iter();
    let meant = repos.filter(|(id, _)| means(chosen, id));
    let gates: usize = meant.map(|(_, it)| it.quality.len()).sum();
    if gates > 0 {
        let many = count(gates, "quality gate was", "quality gates were");
        let note = paint(WARN, "note:");
        let how = "`cascade check --quality` runs what workspace.toml declares";
        call.printer.talk(&format!("{note} {many} not run; {how}"));
    }
}

/// Runs the gates of the repositories meant on the commits that are checked out, and returns what is
/// known then.
pub(crate) fn measured(
    call: &Call,
    workspace: &Workspace,
    seen: Seen,
    chosen: &BTreeSet<RepoId>,
) -> Result<Seen, Failure> {
    let mut snapshot = seen.snapshot;
    let all = snapshot.repos.keys();
    workspace.want_checkouts(all.filter(|it| means(chosen, it)))?;
    let exhibit = |(repo, seen)| {
        let declared = workspace.graph.repo(repo)?;
        let meant = means(chosen, repo);
        (meant && !declared.quality.is_empty()).then_some(())?;
        exhibit(
            &workspace.graph,
            (repo, seen),
            None,
            Shelf::Checkout(workspace.folder(repo)?),
        )
    };
    let exhibits: Vec<Exhibit<'_>> = snapshot.repos.iter().filter_map(exhibit).collect();
    let found = run(call, &exhibits, &git(call)?)?;
    for (repo, measured) in found {
        if let Some(seen) = snapshot.repos.get_mut(&repo) {
            seen.audit.get_or_insert_default().quality = Some(measured);
        }
    }
    Ok(Seen::new(&workspace.graph, snapshot))
}

/// Whether gates are run that passed already at the same commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passed {
    /// They are: a release begins.
    Again,
    /// They are not: one goes on.
    Counts,
}

/// Returns when no critical gate fails of what a plan releases, each at the commit that the plan starts
/// from. Nothing is done before.
pub(crate) fn pass(
    call: &Call,
    (graph, seen): (&Graph, &Seen),
    (plan, passed): (&Plan, Passed),
    (git, state): (&Git, &State),
) -> Result<(), Failure> {
    let known = PassedGates::of(state);
    let exhibits = gated(graph, plan).filter_map(|step| {
        let seen = seen.snapshot.repos.get(&step.repo)?;
        let shelf = Shelf::Mirror(state);
        exhibit(graph, (&step.repo, seen), Some(&step.base), shelf)
    });
    let open = exhibits.filter(|it| passed == Passed::Again || !holds(&known, it));
    let open: Vec<Exhibit<'_>> = open.collect();
    let so = match passed {
        Passed::Again => "nothing was released",
        Passed::Counts => "nothing more was released",
    };
    judge(call, (&open, seen.snapshot.taken), (git, known), so)
}

/// Returns when no critical gate fails of what is left of a plan that was begun: what passed at the same
/// commit counts, and the remotes are looked at only where something did not.
pub(crate) fn pass_left(
    call: &Call,
    workspace: &Workspace,
    (plan, stands): (&Plan, &Outcome),
    (git, state): (&Git, &State),
) -> Result<(), Failure> {
    let (graph, known) = (&workspace.graph, PassedGates::of(state));
    let is_over = |it: &Step| matches!(stands.fates.get(&it.repo), Some(Fate::Done { .. }));
    let is_open = |it: &&Step| {
        let declared = graph.repo(&it.repo);
        let gates = declared.map(quality::fingerprint).unwrap_or_default();
        !is_over(it) && !known.holds(&it.repo, &it.base, &gates)
    };
    let open: Vec<Step> = gated(graph, plan).filter(is_open).cloned().collect();
    if open.is_empty() {
        return Ok(());
    }
    let seen = remotes(call, workspace, git, state)?;
    let left = plan.with(open);
    pass(call, (graph, &seen), (&left, Passed::Counts), (git, state))
}

/// Returns when no critical gate of a repository fails at the commit that is checked out and would be
/// tagged.
pub(crate) fn pass_tag(
    call: &Call,
    (workspace, seen): (&Workspace, &Seen),
    repo: &RepoId,
    (git, state): (&Git, &State),
) -> Result<(), Failure> {
    let graph = &workspace.graph;
    let known = PassedGates::of(state);
    let its = || {
        let seen = seen.snapshot.repos.get(repo)?;
        let shelf = Shelf::Checkout(workspace.folder(repo)?);
        exhibit(graph, (repo, seen), None, shelf)
    };
    let gates = |it: &Exhibit<'_>| !it.declared.quality.is_empty() && !holds(&known, it);
    let open: Vec<Exhibit<'_>> = its().into_iter().filter(gates).collect();
    let now = seen.snapshot.taken;
    judge(call, (&open, now), (git, known), "nothing was tagged")
}

/// Returns the steps of a plan that release something of a repository with gates.
fn gated<'a>(graph: &'a Graph, plan: &'a Plan) -> impl Iterator<Item = &'a Step> {
    plan.steps.iter().filter(|it| {
        let moves = it.releases.iter().any(|it| !it.out);
        let gates = graph
            .repo(&it.repo)
            .is_some_and(|it| !it.quality.is_empty());
        moves && it.changes() && it.held.is_none() && gates
    })
}

fn holds(known: &PassedGates, it: &Exhibit<'_>) -> bool {
    known.holds(it.repo, it.commit, &quality::fingerprint(it.declared))
}

/// Runs the gates, tells what they came to, and remembers that they passed; fails where a critical one
/// did not, and says what comes of it: `so` nothing was done.
fn judge(
    call: &Call,
    (exhibits, now): (&[Exhibit<'_>], i64),
    (git, mut known): (&Git, PassedGates),
    so: &str,
) -> Result<(), Failure> {
    if exhibits.is_empty() {
        return Ok(());
    }
    let measured = run(call, exhibits, git)?;
    let mut found = Vec::new();
    for it in exhibits {
        let all = measured.get(it.repo).map_or(&[][..], Vec::as_slice);
        call.printer.talk(&line(it.repo, it.declared, all, now));
        found.extend(quality::findings(it.repo, it.declared, all, now));
    }
    refuse(call, &found, so)?;
    let passed = exhibits.iter();
    let passed = passed.map(|it| (it.repo, it.commit, quality::fingerprint(it.declared)));
    // Without the memory they are run again where it is gone on with, and nothing worse.
    let _ = known.note(passed);
    Ok(())
}

/// Tells what was found, and fails where something of it blocks.
fn refuse(call: &Call, found: &[Finding], so: &str) -> Result<(), Failure> {
    if found.is_empty() {
        return Ok(());
    }
    let mut page = Page::default();
    findings::write(&mut page, &found.iter().collect::<Vec<_>>());
    call.printer.talk(page.finish().trim_end());
    let blocking = found.iter().filter(|it| it.severity == Severity::Block);
    let culprits: BTreeSet<&RepoId> = blocking.filter_map(|it| it.repo.as_ref()).collect();
    if culprits.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = culprits.iter().map(|it| format!("`{it}`")).collect();
    let repos: Vec<String> = culprits.iter().map(|it| format!("--repo {it}")).collect();
    let (names, repos) = (names.join(", "), repos.join(" "));
    Err(Failure::new(
        Exit::Failed,
        format!("a critical quality gate of {names} failed, so {so}"),
        format!(
            "mend it and push, then run the same command again; to see it alone: \
             `cascade check --quality {repos}`"
        ),
    ))
}

fn exhibit<'a>(
    graph: &'a Graph,
    (repo, seen): (&'a RepoId, &'a cascade_plan::ObservedRepo),
    commit: Option<&'a Oid>,
    shelf: Shelf<'a>,
) -> Option<Exhibit<'a>> {
    Some(Exhibit {
        repo,
        declared: graph.repo(repo)?,
        seen,
        commit: commit.or(seen.head.as_ref())?,
        shelf,
    })
}

fn run(
    call: &Call,
    exhibits: &[Exhibit<'_>],
    git: &Git,
) -> Result<BTreeMap<RepoId, Vec<Measurement>>, Failure> {
    let found = watched(call, exhibits.len(), |on_event| {
        measure(exhibits, git, on_event)
    });
    found.ok_or_else(|| {
        Failure::new(
            Exit::Interrupted,
            "interrupted while quality gates ran, so nothing was done",
            "run the same command again",
        )
    })
}
