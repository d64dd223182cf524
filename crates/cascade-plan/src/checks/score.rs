//! How ready a repository is for 1.0: a score, and what keeps it from there.

use super::{GROUPS, claims, licences, readiness, workflows};
use crate::{Code, Finding};

/// The groups that count.
const COUNTED: &[&[&super::Check]] = &[claims::ALL, licences::ALL, readiness::ALL, workflows::ALL];

/// The rules that release guides will not do without: what fails one of them keeps from 1.0.
const REQUIRED: &[&str] = &[
    "changelog-missing",
    "ci-missing",
    "claim-untested",
    "license-contradicts",
    "license-denied",
    "license-expression",
    "license-missing",
    "matrix-number",
    "metadata-missing",
    "publish-token",
    "workflow-unreadable",
];

/// How much a rule counts that is required; any other counts one.
const WEIGHT: usize = 3;

/// How ready one repository is for 1.0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness<'a> {
    /// Of 100, which stands for nothing left to mend.
    pub score: usize,
    /// What keeps it from 1.0.
    pub blockers: Vec<&'a Finding>,
    /// What else there is to mend.
    pub others: Vec<&'a Finding>,
}

/// Returns how ready a repository is by all findings of it; those of rules about other things do not
/// count.
pub fn of_readiness<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Readiness<'a> {
    let found = findings.into_iter().filter(|it| counts(it.code));
    let (blockers, others): (Vec<&Finding>, Vec<&Finding>) =
        found.partition(|it| REQUIRED.contains(&it.code.0));
    let fails = |code: &str| {
        let mut all = blockers.iter().chain(&others);
        all.any(|it| it.code.0 == code)
    };
    let rules = COUNTED.iter().copied().flatten().map(|it| it.code);
    let weighed = rules.map(|code| (weight(code), fails(code)));
    let (all, kept) = weighed.fold((0, 0), |(all, kept), (weight, fails)| {
        (all + weight, if fails { kept } else { kept + weight })
    });
    Readiness {
        score: (kept * 100).checked_div(all).unwrap_or(100),
        blockers,
        others,
    }
}

/// Returns the names of the groups that count.
pub fn readiness_groups() -> impl Iterator<Item = &'static str> {
    let counted = GROUPS.iter().filter(|group| {
        let mut rules = group.rules.iter();
        rules.any(|it| counts(Code(it.code)))
    });
    counted.map(|it| it.name)
}

fn counts(code: Code) -> bool {
    let mut rules = COUNTED.iter().copied().flatten();
    rules.any(|it| it.code == code.0)
}

fn weight(code: &str) -> usize {
    if REQUIRED.contains(&code) { WEIGHT } else { 1 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Severity;

    fn finding(code: &'static str) -> Finding {
        Finding {
            code: Code(code),
            severity: Severity::Info,
            repo: None,
            tag: None,
            package: None,
            place: None,
            what: String::new(),
            mend: None,
            fix: None,
        }
    }

    fn codes() -> Vec<&'static str> {
        let rules = COUNTED.iter().copied().flatten();
        rules.map(|it| it.code).collect()
    }

    #[test]
    fn every_required_rule_counts() {
        let codes = codes();
        assert!(REQUIRED.iter().all(|it| codes.contains(it)));
        assert_eq!(readiness_groups().count(), COUNTED.len());
    }

    #[test]
    fn what_is_about_something_else_does_not_count() {
        let all = [finding("dirty"), finding("pin-excluded")];
        let it = of_readiness(&all);
        assert_eq!((it.score, it.blockers.len(), it.others.len()), (100, 0, 0));
    }

    proptest! {
        #[test]
        fn each_rule_that_fails_lowers_the_score_once(picks in prop::collection::vec(0_usize..64, 0..20)) {
            let codes = codes();
            let mut found = Vec::new();
            let mut last = of_readiness(&found).score;
            prop_assert_eq!(last, 100);
            for pick in picks {
                let Some(code) = codes.get(pick % codes.len()) else { continue };
                let new = !found.iter().any(|it: &Finding| it.code.0 == *code);
                found.push(finding(code));
                let it = of_readiness(&found);
                let lower = it.score < last;
                prop_assert_eq!(new, lower);
                prop_assert!(new || it.score == last);
                prop_assert_eq!(it.blockers.len() + it.others.len(), found.len());
                last = it.score;
            }
        }
    }
}
