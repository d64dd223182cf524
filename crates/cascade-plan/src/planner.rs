//! Decides: survey and request to plan.
//!
//! One walk down the order: versions that move or travel, the pins on them, the versions that
//! follow from those pins, and so on down. Each repository is visited once.

mod asks;
mod assemble;
mod edits;
mod error;
mod fates;
mod hold;
mod locks;
mod messages;
mod moves;
mod step;
mod tagging;
mod versions;
mod world;

#[cfg(test)]
mod tests;

pub use error::PlanError;
pub use tagging::tag_plan;

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
    Ok(assemble::plan_of(&world, step::walk(&world, &targets)))
}
