//! `twine check --strict` is not content.

use super::shops;
use crate::checks::{Check, Told, View};
use crate::snapshot::Tried;

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "artifact-metadata",
    "an index would refuse the metadata of an artefact, or show it broken",
    check,
);

/// Finds trials that failed.
fn check(view: &View<'_>) -> Vec<Told> {
    let told = shops(view).map(|it| it.failed(&[Tried::Metadata], "can not"));
    told.flatten().collect()
}
