//! The plan as a whole: who waits for whom, and the id of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufWriter;
use std::mem;
use std::sync::Arc;

use blake3::{Hash, Hasher};
use serde::Serialize;

use super::messages::sign;
use super::world::World;
use crate::{Action, GateDeclaration, Plan, RepoId, RunId, Step};

/// A step as it was composed, with the digest of it.
pub struct Composed {
    step: Step,
    digest: Hash,
}

impl Composed {
    /// Returns a step with its digest.
    pub(super) fn of(mut step: Step) -> Self {
        // Thousands of steps lie in memory together.
        step.releases.shrink_to_fit();
        step.locks.shrink_to_fit();
        step.actions.shrink_to_fit();
        let mut hasher = Hasher::new();
        let texts = take_texts(&mut step.actions);
        for (before, after) in &texts {
            add_change(&mut hasher, before, after);
        }
        hasher.update(digest(&step).as_bytes());
        put_texts(&mut step.actions, texts);
        Self {
            step,
            digest: hasher.finalize(),
        }
    }
}

/// A file's whole text before and after.
type Texts = (Arc<str>, String);

/// Takes the texts of all writes out: what they add to a digest is what changes between them.
fn take_texts(actions: &mut [Action]) -> Vec<Texts> {
    let taken = actions.iter_mut().filter_map(|it| match it {
        Action::Write { before, after, .. } => Some((mem::take(before), mem::take(after))),
        _ => None,
    });
    taken.collect()
}

fn put_texts(actions: &mut [Action], texts: Vec<Texts>) {
    let mut texts = texts.into_iter();
    for action in actions {
        if let Action::Write { before, after, .. } = action
            && let Some(whole) = texts.next()
        {
            (*before, *after) = whole;
        }
    }
}

/// Adds the change of a text: where it begins, how long both texts are, and what stands there
/// after. What is around it is said by the commit that the step was made for.
fn add_change(hasher: &mut Hasher, before: &str, after: &str) {
    let (old, new) = (before.as_bytes(), after.as_bytes());
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (_, old_rest) = old.split_at(start);
    let (_, new_rest) = new.split_at(start);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev());
    let end = new_rest.len() - tail.take_while(|(a, b)| a == b).count();
    for number in [start, old.len(), new.len()] {
        hasher.update(&(number as u64).to_be_bytes());
    }
    hasher.update(new_rest.get(..end).unwrap_or_default());
}

/// Returns the plan of these steps.
pub(super) fn plan_of(world: &World<'_>, composed: Vec<Composed>) -> Plan {
    let known: BTreeSet<RepoId> = composed.iter().map(|it| it.step.repo.clone()).collect();
    let mut plan = Plan {
        schema: Plan::SCHEMA.to_owned(),
        workspace: world.graph.name().to_owned(),
        request: world.request.clone(),
        taken: world.snapshot.taken,
        run: RunId::default(),
        steps: Vec::new(),
    };
    let mut whole = Hasher::new();
    whole.update(digest(&plan).as_bytes());
    for Composed { mut step, digest } in composed {
        whole.update(digest.as_bytes());
        step.after = after(&world.survey.upstreams, &known, &step.repo);
        plan.steps.push(step);
    }
    without_idle_waits(&mut plan.steps);
    for gate in world.graph.gates().iter().rev() {
        if hold(&mut plan.steps, gate) {
            whole.update(digest(&(&gate.after, &gate.before, &gate.run)).as_bytes());
        }
    }
    plan.run = run_id(&whole.finalize());
    sign(&mut plan.steps, &plan.run, world.graph);
    plan
}

/// Puts a gate before the steps that it holds, where something that it tests moves or travels;
/// returns whether it holds any.
fn hold(steps: &mut [Step], gate: &GateDeclaration) -> bool {
    let moves = |it: &&Step| it.changes() || !it.releases.is_empty();
    let tested = |it: &&Step| gate.after.contains(&it.repo);
    if !steps.iter().filter(tested).any(|it| moves(&it)) {
        return false;
    }
    let held = steps.iter_mut();
    let held = held.filter(|it| gate.before.contains(&it.repo) && it.changes());
    let mut any = false;
    for step in held {
        any = true;
        let act = Action::Gate {
            after: gate.after.clone(),
            run: gate.run.clone(),
        };
        step.actions.insert(0, act);
    }
    any
}

/// Takes the waits off steps that change nothing and on which nothing stands that does.
fn without_idle_waits(steps: &mut [Step]) {
    let mut needed: BTreeSet<RepoId> = BTreeSet::new();
    for step in steps.iter_mut().rev() {
        if step.changes() || needed.contains(&step.repo) {
            needed.extend(step.after.iter().cloned());
        }
        if !step.changes() && !needed.contains(&step.repo) {
            step.actions.clear();
        }
    }
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

/// Returns the digest of what is serialised: all of a plan's parts are strings and numbers, which
/// always serialise. The text is never whole in memory.
fn digest(data: &impl Serialize) -> Hash {
    let mut hasher = BufWriter::with_capacity(1 << 14, Hasher::new());
    let written = serde_json::to_writer(&mut hasher, data);
    let hasher = written.ok().and_then(|()| hasher.into_inner().ok());
    hasher.unwrap_or_default().finalize()
}

/// Returns the first 12 hexadecimal digits of the digest over a plan whose run is still empty.
fn run_id(digest: &Hash) -> RunId {
    RunId(digest.to_hex().chars().take(12).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(before: &str, after: &str) -> Hash {
        let mut hasher = Hasher::new();
        add_change(&mut hasher, before, after);
        hasher.finalize()
    }

    proptest! {
        /// Between one text and two others lie two changes, unless they are the same.
        #[test]
        fn changes_of_a_text_differ_as_their_outcomes_do(
            text in "[ab]{0,6}",
            one in "[ab]{0,6}",
            two in "[ab]{0,6}",
        ) {
            prop_assert_eq!(change(&text, &one) == change(&text, &two), one == two);
        }
    }
}
