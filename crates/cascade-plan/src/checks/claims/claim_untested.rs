//! A package claims to run with something that no workflow runs it with.

use std::collections::BTreeMap;

use super::claims_of::{Claim, claims_of};
use super::tested::{Standing, Subject, Tested};
use crate::checks::readiness::list;
use crate::checks::readiness::packages::published;
use crate::checks::workflows::files::ci;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "claim-untested",
    "a package claims to run with what no workflow runs it with",
    check,
);

/// Finds claims without a run, each package's in one finding. What only a run knows is not judged.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        let ci = ci(&audit.files);
        if ci.files.is_empty() || ci.is_elsewhere {
            continue;
        }
        let tested = Tested::of(&ci);
        for it in published(seen) {
            let claims = claims_of(&it, &audit.files);
            let unproven = unproven(&claims, &tested);
            let Some(first) = unproven.first() else {
                continue;
            };
            let words: Vec<String> = unproven.iter().map(|it| said(it, &tested)).collect();
            let what = format!(
                "`{}` claims to run with {}, and no workflow shows it",
                it.package.name,
                list(&words)
            );
            let mend =
                "add each to a matrix whose tests run and may not fail, or take the claim back";
            let told_of = Told::of(id, what).at(&first.path, Some(first.line));
            told.push(told_of.mend(mend.to_owned()).before_one(seen));
        }
    }
    told
}

/// Returns the claims that nothing proves, each subject once.
fn unproven<'a>(claims: &'a [Claim], tested: &Tested) -> Vec<&'a Claim> {
    let mut first: BTreeMap<Subject, &Claim> = BTreeMap::new();
    for claim in claims {
        first.entry(claim.subject).or_insert(claim);
    }
    let unproven = first.into_values().filter(|it| {
        let proof = tested.proofs.get(&it.subject);
        let proven = proof.is_some_and(|it| it.standing == Standing::Runs);
        !proven && !tested.open.contains(&it.subject.kind())
    });
    unproven.collect()
}

fn said(claim: &Claim, tested: &Tested) -> String {
    let (subject, how) = (claim.subject, claim.how);
    match tested.proofs.get(&subject) {
        None => format!("{subject} ({how})"),
        Some(proof) => {
            let why = match proof.standing {
                Standing::MayFail => "may fail unseen",
                Standing::Skipped | Standing::Runs => "is skipped",
            };
            format!(
                "{subject} ({how}; its run in `{}`, line {}, {why})",
                proof.path, proof.line
            )
        }
    }
}
