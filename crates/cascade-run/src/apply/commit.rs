//! Commits in a checkout by the user's own git, and puts it back where they or their hooks refuse.

use cascade_plan::{Fate, Oid, Step};

use super::worktree::Worktree;
use super::{INTRODUCE, NOBODY, failed, of_git};
use crate::drive::Teller;
use crate::git::GitError;
use crate::write::Written;

/// Commits what was written, and returns the commit.
pub(super) fn commit(
    checkout: &Worktree<'_>,
    written: &Written,
    message: &str,
) -> Result<Oid, GitError> {
    let patience = checkout.git.environment().patience.check;
    let add = checkout
        .call()
        .var("GIT_LITERAL_PATHSPECS", "1")
        .uninterrupted();
    add.args(["add", "--force", "--"])
        .args(written.paths())
        .answer()?;
    checkout
        .call()
        .within(patience)
        .uninterrupted()
        .args(["commit", "--quiet", "--file=-"])
        .input(message)
        .answer()?;
    let answer = checkout
        .call()
        .uninterrupted()
        .args(["rev-parse", "--verify", "HEAD"])
        .answer()?;
    Oid::parse(answer.trim()).ok_or_else(|| GitError::Failed {
        what: "rev-parse".to_owned(),
        text: answer,
    })
}

/// Puts the files and the index back as they were.
pub(super) fn undo(checkout: &Worktree<'_>, written: Written, teller: &Teller<'_>) {
    let paths: Vec<String> = written.paths().map(str::to_owned).collect();
    if let Err(error) = written.restore() {
        teller.note(format!(
            "not put back: {error}; `git checkout -- FILE` does it"
        ));
    }
    let call = checkout
        .call()
        .var("GIT_LITERAL_PATHSPECS", "1")
        .uninterrupted();
    let reset = call
        .args(["reset", "--quiet", "HEAD", "--"])
        .args(paths)
        .answer();
    if let Err(error) = reset {
        teller.note(format!("the index was not put back: {error}"));
    }
}

/// Goes back to the branch that was checked out, and takes the new one away.
pub(super) fn leave(checkout: &Worktree<'_>, branch: Option<&str>, before: Option<&str>) {
    let Some(branch) = branch else { return };
    let call = checkout.call().uninterrupted().args(["switch", "--quiet"]);
    let back = match before {
        Some(before) => call.arg(before),
        None => call.args(["--detach", "-"]),
    };
    // Where this fails, `status` shows the branch; its commit is the one before.
    if back.answer().is_ok() {
        let _ = checkout
            .call()
            .uninterrupted()
            .args(["branch", "--quiet", "-d", branch])
            .answer();
    }
}

/// Names what a hook left behind; what cascade wrote is back in its place.
pub(super) fn residue(checkout: &Worktree<'_>, teller: &Teller<'_>) {
    let standing = checkout.standing().unwrap_or_default();
    if !standing.changed.is_empty() {
        let named = standing.changed.join(", ");
        teller.note(format!("a hook of the repository left changes: {named}"));
    }
}

/// Returns the fate of a step whose commit was refused.
pub(super) fn refused(checkout: &Worktree<'_>, step: &Step, error: GitError) -> Fate {
    if checkout.is_nobodys() {
        return failed(format!("`{}`: {NOBODY}", step.path), INTRODUCE.to_owned());
    }
    let help = format!(
        "mend what it says in `{}`, then run the same command again, or leave the edits with `--no-commit`",
        step.path
    );
    match error {
        GitError::Failed { text, .. } => {
            failed(format!("`{}` refused the commit: {text}", step.path), help)
        }
        other => of_git(other, Some(help)),
    }
}
