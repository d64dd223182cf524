//! The project's own build failed, or publishing would.

use super::shops;
use crate::checks::{Check, Told, View};
use crate::snapshot::Tried;

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "artifact-build-failed",
    "an artefact can not be built, or not be published",
    check,
);

/// Finds trials that failed.
fn check(view: &View<'_>) -> Vec<Told> {
    let told = shops(view).map(|it| it.failed(&[Tried::Build, Tried::Publish], "can not"));
    told.flatten().collect()
}
