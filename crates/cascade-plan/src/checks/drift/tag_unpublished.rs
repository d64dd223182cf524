//! A release is tagged, and its package is not in the registry.

use super::{listed, versions};
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "tag-unpublished",
    "a release is tagged, and its package is not in the registry",
    check,
);

/// Finds packages whose latest tag stands for a version that their registry does not list.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, package) in view.packages() {
        let (Some(hit), Some(listed)) = (&package.latest, listed(view, &package.id)) else {
            continue;
        };
        let scheme = package.ecosystem.scheme;
        let all = versions(scheme, &listed.versions).chain(versions(scheme, &listed.yanked));
        if all.into_iter().any(|it| it == hit.version) {
            continue;
        }
        let name = &package.id.name;
        let what = format!(
            "`{}` is tagged, and the registry has no `{name}` {}",
            hit.tag, hit.version
        );
        let mend = format!(
            "look at the run that `{}` started in the project's CI, and run it again; `cascade wait --repo {id}` watches it",
            hit.tag
        );
        let mut told = Told::of(id, what).about(name).mend(mend);
        told.tag = Some(hit.tag.clone());
        found.push(told);
    }
    found
}
