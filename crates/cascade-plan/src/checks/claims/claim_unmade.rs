//! A matrix runs a package with a version that the package does not claim.

use std::collections::BTreeSet;

use super::claims_of::claims_of;
use super::tested::{Kind, Standing, Subject, Tested};
use crate::checks::readiness::list;
use crate::checks::readiness::packages::published;
use crate::checks::workflows::files::ci;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "claim-unmade",
    "a matrix runs a package with a version that it does not claim",
    check,
);

/// Finds versions of Python that are run and have no classifier, where others have one.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        let ci = ci(&audit.files);
        if ci.files.is_empty() {
            continue;
        }
        let tested = Tested::of(&ci);
        let run = tested
            .proofs
            .iter()
            .filter(|it| it.1.in_matrix && it.1.standing == Standing::Runs);
        let run: BTreeSet<Subject> = run
            .map(|it| *it.0)
            .filter(|it| it.kind() == Kind::Python)
            .collect();
        let mut packages = published(seen).filter(|it| it.package.ecosystem.name == "python");
        // With several packages, nobody knows which of them a matrix is for.
        let (Some(it), None) = (packages.next(), packages.next()) else {
            continue;
        };
        let claims = claims_of(&it, &audit.files);
        let claims = claims.iter().filter(|it| it.how == "a classifier");
        let claimed: BTreeSet<Subject> = claims.map(|it| it.subject).collect();
        if !claimed.iter().any(|it| it.kind() == Kind::Python) {
            continue;
        }
        let unclaimed: Vec<String> = run.difference(&claimed).map(ToString::to_string).collect();
        if unclaimed.is_empty() {
            continue;
        }
        let what = format!(
            "`{}` is run with {}, and has no classifier for it",
            it.package.name,
            list(&unclaimed)
        );
        let mend = format!("add the classifier to `{}`", it.file.path);
        let first = it.about.classifiers.first();
        told.push(
            Told::of(id, what)
                .at(&it.file.path, first.map(|it| it.line))
                .mend(mend),
        );
    }
    told
}
