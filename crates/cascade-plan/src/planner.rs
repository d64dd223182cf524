//! Decides: survey and request to plan.
//!
//! One walk down the order: versions that move or travel, the pins on them, the versions that
//! follow from those pins, and so on down. Each repository is visited once.

mod asks;
mod assemble;
mod charts;
mod deploys;
mod edits;
mod error;
mod fates;
mod gates;
mod hold;
mod locks;
mod messages;
mod moves;
mod opaque;
mod others;
mod place;
mod rewrite;
mod step;
mod tagging;
mod versions;
mod visible;
mod wanted;
mod world;

#[cfg(test)]
mod tests;

pub use assemble::Composed;
pub(crate) use charts::update;
pub use error::PlanError;
pub use step::Part;
pub use tagging::tag_plan;

use std::mem;

use world::World;

use crate::{Graph, Plan, Request, Snapshot, Survey};

/// Returns what has to happen, in order.
///
/// # Errors
/// When the request names what does not exist, or what can not be (a version below the latest).
pub fn plan(
    graph: &Graph,
    snapshot: &Snapshot,
    survey: &Survey,
    request: &Request,
) -> Result<Plan, PlanError> {
    let mut outline = outline(graph, snapshot, survey, request)?;
    let steps = outline.take_parts().into_iter().filter_map(Part::step);
    let steps = steps.collect();
    Ok(outline.plan(steps))
}

/// A plan whose moves are known. Its parts no longer depend on one another, so whoever has threads
/// composes their steps side by side.
pub struct Outline<'a> {
    world: World<'a>,
    parts: Vec<Part<'a>>,
}

impl<'a> Outline<'a> {
    /// Takes the repositories looked at, upstream first: each is dropped once its step is made.
    pub fn take_parts(&mut self) -> Vec<Part<'a>> {
        mem::take(&mut self.parts)
    }

    /// Returns the plan of the parts' steps, given in the order of the parts.
    pub fn plan(self, steps: Vec<Composed>) -> Plan {
        assemble::plan_of(&self.world, steps)
    }
}

/// Returns what moves where, as far as [`plan`] goes on one thread.
///
/// # Errors
/// As [`plan`].
pub fn outline<'a>(
    graph: &'a Graph,
    snapshot: &'a Snapshot,
    survey: &'a Survey,
    request: &'a Request,
) -> Result<Outline<'a>, PlanError> {
    let world = World {
        graph,
        snapshot,
        survey,
        request,
    };
    if let Some(cycle) = survey.findings.iter().find(|it| it.code.0 == "cycle") {
        return Err(PlanError::Cycle {
            what: cycle.what.clone(),
            help: cycle.mend.clone(),
        });
    }
    let targets = asks::targets(&world)?;
    hold::unseen(&world, &targets)?;
    let parts = step::walk(&world, &targets);
    Ok(Outline { world, parts })
}
