//! A package is out, and no tag stands for it.

use super::{fetch, listed, versions};
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "release-untagged",
    "a version is in the registry, and no tag stands for it",
    check,
);

/// Finds packages whose highest final version in the registry is above every tag.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, package) in view.packages() {
        let Some(listed) = listed(view, &package.id) else {
            continue;
        };
        let finals = versions(package.ecosystem.scheme, &listed.versions);
        let Some(highest) = finals.filter(cascade_manifest::Version::is_final).max() else {
            continue;
        };
        let tagged = package.highest().map(|it| &it.version);
        if tagged.is_some_and(|it| *it >= highest) {
            continue;
        }
        let name = &package.id.name;
        let newest = package
            .highest()
            .map_or("none at all", |it| it.tag.as_str());
        let what = format!("the registry has `{name}` {highest}, and the newest tag is {newest}");
        let mend = format!(
            "{}; where it is not there, tag the commit it was built from",
            fetch(view, id)
        );
        found.push(Told::of(id, what).about(name).mend(mend));
    }
    found
}
