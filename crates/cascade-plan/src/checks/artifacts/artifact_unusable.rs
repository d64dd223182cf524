//! What was built can not be used in a fresh environment.

use super::shops;
use crate::checks::{Check, Told, View};
use crate::snapshot::Tried;

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "artifact-unusable",
    "an artefact can not be installed, imported, or not loaded from",
    check,
);

/// Finds trials that failed.
fn check(view: &View<'_>) -> Vec<Told> {
    let told = shops(view).map(|it| {
        it.failed(
            &[Tried::Install, Tried::Import, Tried::Data, Tried::Command],
            "can not",
        )
    });
    told.flatten().collect()
}
