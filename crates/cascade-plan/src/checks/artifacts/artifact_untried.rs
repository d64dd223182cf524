//! A tool is not there, so that something was not tried.

use super::shops;
use crate::checks::{Check, Told, View};
use crate::snapshot::TrialEnd;

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "artifact-untried",
    "a tool is not installed, so that something was not tried with an artefact",
    check,
);

/// Tells of what was not tried.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for shop in shops(view) {
        for it in &shop.artifacts.trials {
            if let TrialEnd::Untried(why) = &it.end {
                let told = Told::of(shop.id, format!("`{}`: {why}", it.subject));
                let id = shop.id;
                all.push(told.mend(format!("cascade check --build --install-tools --repo {id}")));
            }
        }
    }
    all
}
