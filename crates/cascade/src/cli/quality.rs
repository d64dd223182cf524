//! Quality gates: run for `check`, and before a release begins.

use std::collections::{BTreeMap, BTreeSet};

use cascade_plan::{Finding, Graph, Measurement, Oid, Plan, RepoId, Severity, quality};
use cascade_run::{Exhibit, Git, Shelf, State, measure};

use super::Call;
use super::carry::{git, watched};
use super::workspace::{Seen, Workspace};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{Page, WARN, count, paint};
use crate::report::check::quality::line;
use crate::report::findings;

/// Says that there are gates which were not run.
pub(crate) fn unrun(call: &Call, graph: &Graph, chosen: &BTreeSet<RepoId>) {
    let repos = graph.repos().iter();
    let meant = repos.filter(|(id, _)| chosen.is_empty() || chosen.contains(*id));
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
    let exhibit = |(repo, seen)| {
        let declared = workspace.graph.repo(repo)?;
        let meant = chosen.is_empty() || chosen.contains(repo);
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

/// Returns when no critical gate fails of what a plan releases, each at the commit that the plan starts
/// from. Nothing is done before.
pub(crate) fn pass(
    call: &Call,
    (graph, seen): (&Graph, &Seen),
    plan: &Plan,
    (git, state): (&Git, &State),
) -> Result<(), Failure> {
    let steps = plan.steps.iter().filter(|it| {
        let moves = it.releases.iter().any(|it| !it.out);
        moves && it.changes() && it.held.is_none()
    });
    let exhibits = steps.filter_map(|step| {
        let seen = seen.snapshot.repos.get(&step.repo)?;
        let declared = graph.repo(&step.repo)?;
        (!declared.quality.is_empty()).then_some(())?;
        exhibit(
            graph,
            (&step.repo, seen),
            Some(&step.base),
            Shelf::Mirror(state),
        )
    });
    let exhibits: Vec<Exhibit<'_>> = exhibits.collect();
    if exhibits.is_empty() {
        return Ok(());
    }
    let measured = run(call, &exhibits, git)?;
    let now = seen.snapshot.taken;
    let mut found = Vec::new();
    for it in &exhibits {
        let all = measured.get(it.repo).map_or(&[][..], Vec::as_slice);
        call.printer.talk(&line(it.repo, it.declared, all, now));
        found.extend(quality::findings(it.repo, it.declared, all, now));
    }
    refuse(call, &found)
}

/// Tells what was found, and fails where something of it blocks.
fn refuse(call: &Call, found: &[Finding]) -> Result<(), Failure> {
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
        format!("a critical quality gate of {names} failed, so nothing was released"),
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
