//! The text of the licence is another licence than the one declared.

use std::collections::BTreeSet;

use cascade_manifest::{License, LicenseExpression};

use super::license_text::{LicenseText, texts};
use super::list;
use super::packages::{Published, published};
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "license-contradicts",
    "the text of the licence is another than the declared one",
    check,
);

/// Finds packages that declare another licence than the texts at the root are.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        let texts: Vec<LicenseText<'_>> = texts(&audit.files)
            .filter(|it| !it.names.is_empty())
            .collect();
        let packages: Vec<_> = published(seen)
            .filter_map(|it| Some((names(&it)?, it)))
            .collect();
        let declared: BTreeSet<&String> = packages.iter().flat_map(|it| &it.0).collect();
        for text in &texts {
            let is_said = |name: &&str| declared.iter().any(|it| it == name);
            if declared.is_empty() || text.names.iter().any(is_said) {
                continue;
            }
            let Some((_, first)) = packages.first() else {
                continue;
            };
            let said = first.about.license.field();
            let names: Vec<String> = text.names.iter().map(|it| format!("`{it}`")).collect();
            let what = format!(
                "`{}` is the text of {}, and `{}` declares `{}`",
                text.path,
                list(&names),
                first.file.path,
                said.map_or("", |it| it.value.as_str())
            );
            let mend = format!(
                "declare the licence that `{}` is, or replace that file",
                text.path
            );
            let line = said.map(|it| it.line);
            told.push(Told::of(id, what).at(&first.file.path, line).mend(mend));
        }
    }
    told
}

/// Returns the names of the licences that a package declares; `None` where it declares none, or one
/// that has no name in SPDX's list.
fn names(package: &Published<'_>) -> Option<Vec<String>> {
    let said = match &package.about.license {
        License::Expression(it) | License::Words(it) => &it.value,
        License::Unsaid | License::File(_) => return None,
    };
    let names = LicenseExpression::parse(said).ok()?.names();
    (!names.iter().any(|it| it.contains("LicenseRef-"))).then_some(names)
}
