//! The plan as a whole: who waits for whom, and the id of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter};

use sha2::{Digest, Sha256};

use super::messages::sign;
use super::world::World;
use crate::{Plan, RepoId, RunId, Step};

/// Returns the plan of these steps.
pub(super) fn plan_of(world: &World<'_>, mut steps: Vec<Step>) -> Plan {
    let known: BTreeSet<RepoId> = steps.iter().map(|it| it.repo.clone()).collect();
    for step in &mut steps {
        step.after = after(&world.survey.upstreams, &known, &step.repo);
    }
    let mut plan = Plan {
        schema: "cascade.plan/1".to_owned(),
        workspace: world.graph.name().to_owned(),
        request: world.request.clone(),
        taken: world.snapshot.taken,
        run: RunId::default(),
        steps,
    };
    plan.run = run_id(&plan);
    sign(&mut plan.steps, &plan.run);
    plan
}

/// Returns the steps that one stands on, through repositories that have none.
fn after(
    upstreams: &BTreeMap<RepoId, Vec<RepoId>>,
    known: &BTreeSet<RepoId>,
    repo: &RepoId,
) -> Vec<RepoId> {
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut open: Vec<&RepoId> = upstreams.get(repo).into_iter().flatten().collect();
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        if known.contains(at) {
            found.insert(at.clone());
        } else {
            open.extend(upstreams.get(at).into_iter().flatten());
        }
    }
    found.into_iter().collect()
}

/// Takes bytes as they are written: a plan's text is never whole in memory.
#[derive(Default)]
struct Hasher(Sha256);

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the first 12 hexadecimal digits of a SHA-256 over the plan whose run is still empty.
fn run_id(plan: &Plan) -> RunId {
    let mut hasher = BufWriter::with_capacity(1 << 14, Hasher::default());
    // A plan is strings and numbers only; it always serialises.
    let written = serde_json::to_writer(&mut hasher, plan);
    let hasher = written.ok().and_then(|()| hasher.into_inner().ok());
    let digest = hasher.unwrap_or_default().0.finalize();
    let hex = digest.iter().take(6).map(|it| format!("{it:02x}"));
    RunId(hex.collect())
}
