//! The declared licence is no expression of SPDX.

use cascade_manifest::{License, LicenseExpression};

use super::packages::published;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "license-expression",
    "a declared licence is no expression of SPDX",
    check,
);

/// Finds packages whose licence can not be compared with anything.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, _) in view.audited() {
        for it in published(seen) {
            let (said, why) = match &it.about.license {
                License::Expression(said) => match LicenseExpression::parse(&said.value) {
                    Ok(_) => continue,
                    Err(why) => (said, why),
                },
                License::Words(said) if said.value == "UNLICENSED" => continue,
                // Poetry's own table has no other place for it.
                License::Words(said) if LicenseExpression::parse(&said.value).is_ok() => continue,
                License::Words(said) => (said, "it stands in words".to_owned()),
                License::Unsaid | License::File(_) => continue,
            };
            let first = said.value.lines().next().unwrap_or_default();
            let shown: String = first.chars().take(60).collect();
            let what = format!(
                "the licence of `{}`, `{shown}`, is no expression of SPDX: {why}",
                it.package.name
            );
            let mend =
                "write an expression such as `MIT OR Apache-2.0`; a licence of one's own is \
                 `LicenseRef-NAME`"
                    .to_owned();
            let told_of = Told::of(id, what).at(&it.file.path, Some(said.line));
            told.push(told_of.mend(mend).before_one(seen));
        }
    }
    told
}
