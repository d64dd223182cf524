//! Single commits, as rules look at them: who made them, and what they change.

use cascade_plan::{Commit, JudgedCommit};
use git2::{Delta, DiffOptions, Oid, Repository};

use super::oid;

/// How many paths of one commit are kept.
const PATHS: usize = 10_000;

/// Returns a commit with the paths that it changes; `None` where it is missing or broken.
pub(super) fn judged(repository: &Repository, id: Oid) -> Option<JudgedCommit> {
    let commit = repository.find_commit(id).ok()?;
    let email = |it: &git2::Signature<'_>| String::from_utf8_lossy(it.email_bytes()).into_owned();
    Some(JudgedCommit {
        commit: Commit {
            id: oid(id)?,
            message: String::from_utf8_lossy(commit.message_bytes()).into_owned(),
            merge: commit.parent_count() > 1,
            time: commit.time().seconds(),
        },
        author: email(&commit.author()),
        committer: email(&commit.committer()),
        changed: changed(repository, &commit)?,
    })
}

/// Returns the paths that differ from the first parent; all of a commit that has none.
fn changed(repository: &Repository, commit: &git2::Commit<'_>) -> Option<Vec<String>> {
    let before = commit.parent(0).ok().and_then(|it| it.tree().ok());
    let after = commit.tree().ok()?;
    let mut options = DiffOptions::new();
    options.skip_binary_check(true).context_lines(0);
    let diff = repository.diff_tree_to_tree(before.as_ref(), Some(&after), Some(&mut options));
    let diff = diff.ok()?;
    let path = |delta: git2::DiffDelta<'_>| {
        let file = match delta.status() {
            Delta::Deleted => delta.old_file(),
            _ => delta.new_file(),
        };
        Some(String::from_utf8_lossy(file.path_bytes()?).into_owned())
    };
    Some(diff.deltas().filter_map(path).take(PATHS).collect())
}
