//! A `License ::` classifier stands beside an expression of SPDX (PEP 639).

use cascade_manifest::{License, LicenseExpression, without_license_classifiers};

use super::packages::published;
use crate::checks::{Check, Told, View};
use crate::{Fix, Rewrite};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "license-classifier",
    "a `License ::` classifier stands beside an expression of SPDX",
    check,
);

/// Finds classifiers of licences beside an expression.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, _) in view.audited() {
        for it in published(seen) {
            let License::Expression(said) = &it.about.license else {
                continue;
            };
            let mut classifiers = it.about.classifiers.iter();
            let Some(first) = classifiers.find(|it| it.value.starts_with("License ::")) else {
                continue;
            };
            if LicenseExpression::parse(&said.value).is_err() {
                continue;
            }
            let what = format!(
                "`{}` stands beside `license = \"{}\"`; build tools refuse the two together (PEP 639)",
                first.value, said.value
            );
            let told_of = Told::of(id, what).at(&it.file.path, Some(first.line));
            let told_of = told_of.mend("take the classifier out: `cascade check --fix`".to_owned());
            let fix = without_license_classifiers(&it.file.text).map(|after| Rewrite {
                path: it.file.path.clone(),
                before: Some(it.file.text.clone()),
                after,
            });
            told.push(match fix {
                Some(rewrite) => told_of.fix(Fix::Write(vec![rewrite])),
                None => told_of,
            });
        }
    }
    told
}
