//! A published pin names a pre-release.

use crate::checks::{Check, Told, View};
use cascade_manifest::Form;

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "pin-prerelease",
    "a published pin names a pre-release",
    check,
);

/// Finds published pins on a pre-release.
fn check(view: &View<'_>) -> Vec<Told> {
    view.pins()
        .filter(|(_, pin)| pin.form == Form::Range && pin.orders())
        .filter_map(|(id, pin)| {
            let grammar = pin.ecosystem?.grammar;
            let named = grammar.named(&pin.requirement).ok()??;
            let zero = named.numbers() == [0; 3];
            if named.is_final() || zero {
                return None;
            }
            let repo = &pin.upstream.repo;
            Some(
                Told::requirement(id, pin, "names a pre-release").mend(format!(
                    "cascade release --repo {repo} && cascade bump --repo {repo}"
                )),
            )
        })
        .collect()
}
