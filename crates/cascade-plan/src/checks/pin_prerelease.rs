//! A published pin names a pre-release.

use cascade_manifest::Form;

use super::{Told, View};

/// Finds published pins on a pre-release.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    view.pins()
        .filter(|(_, pin)| pin.form == Form::Range && pin.orders())
        .filter_map(|(id, pin)| {
            let grammar = pin.ecosystem?.grammar;
            let named = grammar.named(&pin.requirement).ok()??;
            let zero = named.numbers() == [0; 3];
            if named.is_final() || zero {
                return None;
            }
            let (name, repo) = (&pin.upstream.name, &pin.upstream.repo);
            Some(Told::requirement(id, pin, "names a pre-release").mend(format!(
                "release `{name}`, then `cascade bump --repo {repo}`: stable never depends on a pre-release"
            )))
        })
        .collect()
}
