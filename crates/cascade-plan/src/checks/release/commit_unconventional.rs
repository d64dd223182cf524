//! Commits are no Conventional Commits.

use super::rank;
use crate::Severity;
use crate::checks::{Check, Told, View};
use crate::commits::{is_conventional, subject_of};
use crate::policy::Demand;

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "commit-unconventional",
    "commits are no Conventional Commits",
    check,
);

/// Finds repositories with such commits; where release-please reads them, or the policy demands them,
/// they should be mended.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, declared, _, audit) in view.audited() {
        let odd: Vec<_> = audit
            .commits
            .iter()
            .map(|it| &it.commit)
            .filter(|it| !it.merge && !is_conventional(&it.message))
            .collect();
        let Some(first) = odd.first() else { continue };
        let short = first.id.as_str().get(..7).unwrap_or_default();
        let what = format!(
            "{} of {} commits {} no Conventional Commits: {short} \"{}\"",
            odd.len(),
            audit.commits.len(),
            if odd.len() == 1 { "is" } else { "are" },
            subject_of(&first.message)
        );
        let told = Told::of(id, what).mend(
            "write `type: what changes`, as in `fix: a lost frame`; \
             `cascade hook install` asks for it before a commit is made"
                .to_owned(),
        );
        // What release-please can not read, it leaves out of the release.
        let by_release_please = rank(declared) == Severity::Info;
        let demanded = declared.policy.conventional_commits.value == Demand::Required;
        found.push(if by_release_please || demanded {
            told.ranked(Severity::Warn)
        } else {
            told
        });
    }
    found
}
