//! A pin that nothing in the registry satisfies.

use super::{listed, versions};
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "pin-unpublished",
    "no version in the registry satisfies a pin",
    check,
);

/// Finds pins that no listed version of their package satisfies: what stands on them can not be
/// installed.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, pin) in view.pins().filter(|(_, pin)| pin.orders()) {
        let (Some(kind), Some(listed)) = (pin.ecosystem, listed(view, &pin.upstream)) else {
            continue;
        };
        if pin.named.is_none() || pin.source.is_some() {
            continue;
        }
        let fits = |it| kind.grammar.admits(&pin.requirement, &it).unwrap_or(true);
        let yanked = versions(kind.scheme, &listed.yanked);
        if versions(kind.scheme, &listed.versions)
            .chain(yanked)
            .any(fits)
        {
            continue;
        }
        let repo = &pin.upstream.repo;
        let mend = format!(
            "cascade wait --repo {repo} says whether it is on its way; else `cascade bump --repo {repo}`"
        );
        found
            .push(Told::requirement(id, pin, "is satisfied by nothing in the registry").mend(mend));
    }
    found
}
