//! Commits are no Conventional Commits.

use super::rank;
use crate::checks::{Check, Told, View};
use crate::commits::{is_conventional, subject_of};
use crate::hook::{begun, conventional};
use crate::policy::Demand;
use crate::{Finding, JudgedCommit, RepoId, Severity};

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
        let what = format!(
            "{} of {} commits {} no Conventional Commits: {} \"{}\"",
            odd.len(),
            audit.commits.len(),
            if odd.len() == 1 { "is" } else { "are" },
            first.id.short(),
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

/// Returns that the message of a commit is refused where it comes to a branch that is released, as the
/// hook `commit-msg` would have refused it.
pub(crate) fn refused(repo: &RepoId, it: &JudgedCommit) -> Option<Finding> {
    if it.commit.merge {
        return None;
    }
    let told = conventional(&it.commit.message).err()?;
    let what = format!(
        "{} \"{}\" is no Conventional Commit: {}",
        it.commit.id.short(),
        begun(&told.subject),
        told.why
    );
    let mend = format!(
        "say it anew before it is pushed (`git rebase -i`), for example: {}",
        begun(&told.example)
    );
    let told = Told::of(repo, what).mend(mend).ranked(Severity::Block);
    Some(told.finding(&CHECK))
}

/// Returns that a message which is being written is refused.
pub(crate) fn of_message(repo: &RepoId) -> Finding {
    let told = Told::of(repo, "the message is no Conventional Commit".to_owned());
    told.ranked(Severity::Block).finding(&CHECK)
}
