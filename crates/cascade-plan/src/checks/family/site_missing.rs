//! A declared site does not match as often as declared.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "site-missing",
    "a declared site does not match as often as declared",
    check,
);

/// Finds sites whose matches are not as many as declared.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, declared, seen) in view.seen() {
        for (at, site) in declared.sites.iter().enumerate() {
            let Some(found) = seen.sites.iter().find(|it| it.site == at) else {
                continue;
            };
            let Some(what) = found.amiss(site) else {
                continue;
            };
            let told_of = Told::of(id, what).at(&site.file, None);
            told.push(told_of.mend(format!(
                "mend `file` or {} of the site in [repo.{id}]",
                site.keys()
            )));
        }
    }
    told
}
