//! The text of the licence is none that is known, so it is not held against the declaration.

use super::license_text::texts;
use super::list;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "license-unrecognized",
    "the text of the licence is none that is known",
    check,
);

/// Finds texts that are known as no licence.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, _, audit) in view.audited() {
        let unknown = texts(&audit.files).filter(|it| it.names.is_empty());
        let paths: Vec<String> = unknown.map(|it| format!("`{}`", it.path)).collect();
        let Some(first) = paths.first() else { continue };
        let what = format!(
            "{} is no licence that is known by its text, and was not held against the declaration",
            list(&paths)
        );
        let mend = "compare it with the declared licence yourself; a licence of one's own is declared \
             as `LicenseRef-NAME`";
        let at = first.trim_matches('`').to_owned();
        told.push(Told::of(id, what).at(&at, None).mend(mend.to_owned()));
    }
    told
}
