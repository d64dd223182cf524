//! The package was never tagged.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::info("no-tags", "a package has no version tag", check);

/// Finds packages without a version tag.
fn check(view: &View<'_>) -> Vec<Told> {
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
