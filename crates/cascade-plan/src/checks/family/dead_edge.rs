//! `needs` says what no pin says.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check =
    Check::warn("dead-edge", "`needs` says what no pin says", check).of_today();

/// Finds declared edges without a pin, between repositories that could be read whole.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, declared) in view.graph.repos() {
        for need in declared.needs.iter().filter(|it| !it.order_only) {
            let pinned = view.survey.repos.get(id).is_some_and(|repo| {
                let mut pins = repo.pins.iter();
                pins.any(|pin| pin.is_moved() && pin.upstream.repo == need.repo)
            });
            if pinned || !view.is_known(id) || !view.is_known(&need.repo) {
                continue;
            }
            let up = &need.repo;
            told.push(
                Told::of(id, format!("`{id}` needs `{up}`, and pins nothing of it")).mend(format!(
                    "drop `{up}` from the `needs` of [repo.{id}], or write `{{ repo = \"{up}\", order-only = true }}`"
                )),
            );
        }
    }
    told
}
