//! The package was never tagged.

use super::{Told, View};

/// Finds packages without a version tag.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    view.packages()
        .filter(|(_, package)| package.highest().is_none())
        .map(|(id, package)| {
            let template = package.template.text();
            let name = &package.id.name;
            Told::of(id, format!("`{name}` has no tag `{template}`")).mend(format!(
                "`cascade fetch`, or `cascade release --repo {id}/{name}` for the first one"
            ))
        })
        .collect()
}
