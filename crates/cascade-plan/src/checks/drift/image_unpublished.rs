//! A release is tagged, and its image or chart is not in the registry.

use super::beyond;
use crate::Sight;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "image-unpublished",
    "a release is tagged, and its image or chart is not in the registry",
    check,
);

/// Finds declared images and charts of whose latest version their registry has nothing.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, it) in beyond(view) {
        let latest = match &it.sight {
            Sight::NoProject => "nothing of it".to_owned(),
            Sight::Absent { latest: None } => "no version of it".to_owned(),
            Sight::Absent { latest: Some(it) } => format!("{it} at most"),
            _ => continue,
        };
        let (name, tag, version) = (&it.awaited.name, &it.tag, &it.awaited.version);
        let kind = &it.awaited.ecosystem;
        let what = format!(
            "`{tag}` is tagged, and `{}` has no {kind} `{name}` {version}: {latest}",
            it.registry
        );
        let mend = format!(
            "look at the run that `{tag}` started in the project's CI, and run it again; `cascade wait {id}@{version}` watches it"
        );
        let mut told = Told::of(id, what).about(name).mend(mend);
        told.tag = Some(tag.clone());
        found.push(told);
    }
    found
}
