//! Commits ask for a release.

use crate::checks::{Check, Told, View};
use cascade_manifest::Level;

/// The rule.
pub(crate) static CHECK: Check =
    Check::info("unreleased", "commits ask for a release", check).of_today();

/// Finds packages whose commits ask for a release.
fn check(view: &View<'_>) -> Vec<Told> {
    view.packages()
        .filter(|(_, package)| package.level > Level::None)
        .map(|(id, package)| {
            let (name, level) = (&package.id.name, package.level);
            let what = match package.evidence.len() {
                1 => format!("1 commit of `{name}` asks for a {level}"),
                count => format!("{count} commits of `{name}` ask for a {level}"),
            };
            Told::of(id, what)
                .about(name)
                .mend(format!("cascade release --repo {id}"))
        })
        .collect()
}
