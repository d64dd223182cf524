//! A pin orders a release, and `needs` does not say so.

use crate::checks::{Check, Told, View};
use std::collections::BTreeMap;

use crate::survey::edges_of;
use crate::{PinSurvey, RepoId};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "undeclared-edge",
    "a pin orders a release, and `needs` does not say so",
    check,
)
.of_today();

/// Finds edges that only the manifests know.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, repo) in &view.survey.repos {
        let needs = view.graph.repo(id).map(|it| it.needs.as_slice());
        let declared = |up: &RepoId| needs.unwrap_or_default().iter().any(|it| it.repo == *up);
        let mut first: BTreeMap<&RepoId, &PinSurvey> = BTreeMap::new();
        for pin in edges_of(id, repo).filter(|it| !declared(&it.upstream.repo)) {
            first.entry(&pin.upstream.repo).or_insert(pin);
        }
        if first.is_empty() {
            continue;
        }
        let below = view.graph.reaches(id);
        told.extend(first.into_iter().map(|(up, pin)| {
            let name = &pin.upstream.name;
            Told::pin(
                id,
                pin,
                format!("`{id}` pins `{name}` of `{up}`, and does not say that it needs it"),
            )
            .mend(if below.contains(up) {
                circle(id, up)
            } else {
                format!("add `{up}` to the `needs` of [repo.{id}]")
            })
        }));
    }
    told
}

/// Returns what mends an edge that would close a circle: its need can not be declared.
pub(crate) fn circle(repo: &RepoId, up: &RepoId) -> String {
    format!(
        "`{up}` needs `{repo}` already, and both would run in a circle: drop one of the two pins"
    )
}
