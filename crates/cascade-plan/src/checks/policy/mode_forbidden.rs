//! A repository is released in a mode that the policy forbids.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "mode-forbidden",
    "a repository is released in a mode that the policy forbids",
    check,
);

/// Finds repositories whose declared mode is none that the policy allows.
fn check(view: &View<'_>) -> Vec<Told> {
    let repos = view.seen().filter_map(|(id, declared, _)| {
        let refusal = declared.policy.mode_refused(declared.mode)?;
        let what = format!("`{id}`: {}", refusal.what);
        Some(Told::of(id, what).mend(refusal.help))
    });
    repos.collect()
}
