//! A pre-release is only numbers (`1.0.0-1`), which ecosystems read in two ways.

use super::again;
use crate::Severity;
use crate::checks::{Check, Told, View};
use cascade_manifest::Scheme;

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "tag-numeric-prerelease",
    "a pre-release is only numbers",
    check,
);

/// Finds pre-releases of numbers alone; outside Python they are what they look like.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, _, tag) in view.tags() {
        let odd = || tag.released().filter(|(_, it)| it.version.is_numeric_pre());
        let python = odd().find(|(_, it)| it.version.scheme() == Scheme::Pep440);
        let Some((package, claim)) = python.or_else(|| odd().next()) else {
            continue;
        };
        let reads = if python.is_some() {
            "which Python reads as a post release, above the final one"
        } else {
            "which Python would read as a post release"
        };
        let what = format!(
            "`{}` is {} of `{}`, {reads}",
            tag.name, claim.version, package.name
        );
        let told = Told::tag(id, tag, what).mend(again(id, tag, "name what it is, like `-rc.1`"));
        let severity = if python.is_some() {
            Severity::Block
        } else {
            Severity::Warn
        };
        all.push(told.ranked(severity));
    }
    all
}
