//! No text of a licence is tracked, or a published package declares none.

use cascade_manifest::License;

use super::license_text;
use super::list;
use super::packages::published;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "license-missing",
    "a licence has no text, or a package none",
    check,
);

/// Finds repositories without the text of a licence, and published packages that declare none.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        if audit.files.paths.is_empty() {
            continue;
        }
        if license_text::paths(&audit.files).next().is_none() {
            let what = format!("`{id}` has no licence: no `LICENSE` and no `COPYING` at its root");
            let mend = "add the whole text of the licence as `LICENSE`".to_owned();
            told.push(Told::of(id, what).mend(mend).before_one(seen));
        }
        let silent = published(seen).filter(|it| {
            let files = &it.about.license_files;
            it.about.license == License::Unsaid
                && files.is_empty()
                && !it.about.says(cascade_manifest::Topic::License)
        });
        let silent: Vec<_> = silent.collect();
        let names: Vec<String> = silent
            .iter()
            .map(|it| format!("`{}`", it.package.name))
            .collect();
        if let Some(first) = silent.first() {
            let what = format!("no licence is declared for {}", list(&names));
            let mend = format!(
                "add `license = \"...\"` with an expression of SPDX to `{}`",
                first.file.path
            );
            told.push(
                Told::of(id, what)
                    .at(&first.file.path, None)
                    .mend(mend)
                    .before_one(seen),
            );
        }
    }
    told
}
