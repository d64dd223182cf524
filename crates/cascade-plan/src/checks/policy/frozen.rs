//! Releases are frozen at this moment.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::info("frozen", "releases are frozen now", check);

/// Finds repositories in a freeze window that holds when the snapshot is taken.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, declared, _) in view.seen() {
        for refusal in declared.policy.frozen(view.snapshot.taken) {
            let what = format!("`{id}`: {}", refusal.what);
            told.push(Told::of(id, what).mend(refusal.help));
        }
    }
    told
}
