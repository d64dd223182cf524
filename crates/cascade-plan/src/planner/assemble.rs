//! The plan as a whole: who waits for whom, and the id of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::messages::sign;
use super::world::World;
use crate::{Plan, RepoId, RunId, Step};

/// A step as it was composed, with the digest of it.
pub struct Composed {
    step: Step,
    digest: Digest,
}

/// A SHA-256.
type Digest = [u8; 32];

impl Composed {
    /// Returns a step with its digest.
    pub(super) fn of(step: Step) -> Self {
        let digest = digest(&step);
        Self { step, digest }
    }
}

/// Returns the plan of these steps.
pub(super) fn plan_of(world: &World<'_>, composed: Vec<Composed>) -> Plan {
    let known: BTreeSet<RepoId> = composed.iter().map(|it| it.step.repo.clone()).collect();
    let mut plan = Plan {
        schema: "cascade.plan/1".to_owned(),
        workspace: world.graph.name().to_owned(),
        request: world.request.clone(),
        taken: world.snapshot.taken,
        run: RunId::default(),
        steps: Vec::new(),
    };
    let mut whole = Sha256::new();
    whole.update(digest(&plan));
    for Composed { mut step, digest } in composed {
        whole.update(digest);
        step.after = after(&world.survey.upstreams, &known, &step.repo);
        plan.steps.push(step);
    }
    plan.run = run_id(&whole.finalize());
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

/// Returns the digest of what is serialised: all of a plan's parts are strings and numbers, which
/// always serialise.
fn digest(data: &impl Serialize) -> Digest {
    let mut hasher = BufWriter::with_capacity(1 << 14, Hasher::default());
    let written = serde_json::to_writer(&mut hasher, data);
    let hasher = written.ok().and_then(|()| hasher.into_inner().ok());
    hasher.unwrap_or_default().0.finalize().into()
}

/// Returns the first 12 hexadecimal digits of the digest over a plan whose run is still empty.
fn run_id(digest: &[u8]) -> RunId {
    let hex = digest.iter().take(6).map(|it| format!("{it:02x}"));
    RunId(hex.collect())
}
