//! What is built at a tag only the project's own code can tell.

use cascade_manifest::python::Built;

use super::dynamic_version::built;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "dynamic-version-unknown",
    "what is built at a tag is not judged",
    check,
);

/// Finds packages whose settings can not be simulated.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, _, tag) in view.tags() {
        for (package, _) in tag.released() {
            if let Some(Built::Unjudged(why)) = built(tag, package) {
                let what = format!(
                    "what is built at `{}` is not judged: `{}` {why}",
                    tag.name, package.name
                );
                let told = Told::tag(id, tag, what).at(&package.manifest, None);
                all.push(told.mend(format!(
                    "build it at `{}` and look at its version",
                    tag.name
                )));
            }
        }
    }
    all
}
