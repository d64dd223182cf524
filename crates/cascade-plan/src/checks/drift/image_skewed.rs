//! Tags of an image that have to show one digest show several.

use super::beyond;
use crate::Sight;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "image-skewed",
    "the tags of an image's latest version have not one digest",
    check,
);

/// Finds declared images whose latest version has several digests, or whose moving tags have another.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, it) in beyond(view) {
        let Sight::Incomplete { lacking, .. } = &it.sight else {
            continue;
        };
        let (name, version) = (&it.awaited.name, &it.awaited.version);
        let what = format!(
            "`{name}` {version} is in `{}` without {}",
            it.registry,
            lacking.join(" and ")
        );
        let mend = format!(
            "push every tag of the release again, from one build; `cascade wait {id}@{version}` says when they are one"
        );
        let mut told = Told::of(id, what).about(name).mend(mend);
        told.tag = Some(it.tag.clone());
        found.push(told);
    }
    found
}
