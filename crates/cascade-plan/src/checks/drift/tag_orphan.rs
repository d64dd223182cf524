//! The newest release is no ancestor of the branch.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "tag-orphan",
    "the branch does not contain its newest release",
    check,
)
.of_today();

/// Finds packages whose highest tag the commit that was read does not contain; not where the branch
/// only has to be pulled.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, package) in view.packages() {
        let Some(latest) = &package.latest else {
            continue;
        };
        let reached = package.reachable.as_ref().map(|it| &it.version);
        let pulled = view
            .snapshot
            .repos
            .get(id)
            .and_then(|it| it.behind)
            .unwrap_or(0)
            == 0;
        if reached.is_some_and(|it| *it >= latest.version) || !pulled {
            continue;
        }
        let has = package
            .reachable
            .as_ref()
            .map_or_else(|| "none".to_owned(), |it| format!("`{}`", it.tag));
        let what = format!(
            "`{}` is the newest release of `{}`, and the branch does not contain it; the newest that it has is {has}",
            latest.tag, package.id.name
        );
        let path = view.graph.repo(id).map_or("", |it| it.path.as_str());
        let mend = format!(
            "git -C {path} merge {}, where the branch should go on from there; else say in `branch` of [repo.{id}] which branch is released",
            latest.tag
        );
        let mut told = Told::of(id, what).about(&package.id.name).mend(mend);
        told.tag = Some(latest.tag.clone());
        found.push(told);
    }
    found
}
