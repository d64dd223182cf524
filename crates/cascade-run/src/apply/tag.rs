//! `tag`: annotated tags in a checkout, by the user's own git: with their signature and hooks.

use std::collections::BTreeMap;
use std::path::Path;

use cascade_plan::Oid;

use super::worktree::Worktree;
use super::{ApplyError, INTRODUCE, NOBODY};
use crate::git::{Git, GitError};
use crate::mirror::is_ref_name;
use crate::remote::{Answer, Lease, Remote, Unity, Wanted, look, push};

/// Tags that were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// The commit that they stand for.
    pub commit: Oid,
    /// Their names, with their objects.
    pub tags: BTreeMap<String, Oid>,
    /// Those that are on the remote.
    pub out: Vec<String>,
}

/// Makes annotated tags (name and message) at the commit that is checked out, and sends the
/// branch and them to the remote where a branch is named. All are made, or none.
///
/// # Errors
/// When a tag can not be made, or the remote refuses; what was made and is not out is gone then.
pub fn tag(
    folder: &Path,
    tags: &[(String, String)],
    git: &Git,
    push: Option<&str>,
) -> Result<Tagged, ApplyError> {
    let checkout = Worktree { git, folder };
    let commit = head(&checkout)?;
    let mut made = Vec::new();
    for (name, message) in tags {
        match annotate(&checkout, &commit, name, message) {
            Ok(id) => made.push((name.clone(), id)),
            Err(error) => {
                take_away(&checkout, &made);
                if checkout.is_nobodys() {
                    return Err(said(format!("`{name}`: {NOBODY}"), Some(INTRODUCE)));
                }
                return Err(said(format!("`{name}`: {error}"), None));
            }
        }
    }
    let out = match push {
        Some(branch) => send(&checkout, &commit, &made, branch)?,
        None => Vec::new(),
    };
    Ok(Tagged {
        commit,
        tags: made.into_iter().collect(),
        out,
    })
}

/// Returns those of these tags that the remote of a branch has; a checkout without remotes has none.
///
/// # Errors
/// When the remote does not answer: not known is not "not there".
pub fn on_remote(
    folder: &Path,
    tags: &[(String, String)],
    git: &Git,
    branch: Option<&str>,
) -> Result<Vec<String>, ApplyError> {
    let checkout = Worktree { git, folder };
    let known = checkout.call().args(["remote"]).answer();
    if known.is_ok_and(|it| it.trim().is_empty()) {
        return Ok(Vec::new());
    }
    let remote = remote_of(&checkout, branch.unwrap_or_default());
    let names: Vec<String> = tags
        .iter()
        .map(|(name, _)| format!("refs/tags/{name}"))
        .collect();
    let refs = look(checkout.call(), &remote, &names).map_err(|error| {
        let why = format!(
            "the remote `{}` does not answer, so whether the tag exists there is not known: {error}",
            remote.address()
        );
        said(why, Some("mend the connection, then run the same command again"))
    })?;
    let there = tags.iter().map(|(name, _)| name);
    Ok(there.filter(|it| refs.tag(it).is_some()).cloned().collect())
}

fn head(checkout: &Worktree<'_>) -> Result<Oid, ApplyError> {
    let call = checkout
        .call()
        .args(["rev-parse", "--verify", "HEAD^{commit}"]);
    let answer = call.answer().map_err(|it| said(it.to_string(), None))?;
    Oid::parse(answer.trim()).ok_or_else(|| said("git does not know its head".to_owned(), None))
}

fn annotate(
    checkout: &Worktree<'_>,
    commit: &Oid,
    name: &str,
    message: &str,
) -> Result<Oid, GitError> {
    let full = format!("refs/tags/{name}");
    if name.starts_with('-') || !is_ref_name(&full) {
        return Err(GitError::Failed {
            what: "tag".to_owned(),
            text: "it is no name for a tag".to_owned(),
        });
    }
    checkout
        .call()
        .within(checkout.git.environment().patience.check)
        .uninterrupted()
        // Headings of the notes start with `#`, which git would take for comments.
        .args([
            "tag",
            "--annotate",
            "--cleanup=whitespace",
            "--file=-",
            "--",
        ])
        .args([name, commit.as_str()])
        .input(message)
        .answer()?;
    let call = checkout
        .call()
        .uninterrupted()
        .args(["rev-parse", "--verify", &full]);
    let answer = call.answer()?;
    Oid::parse(answer.trim()).ok_or(GitError::Failed {
        what: "rev-parse".to_owned(),
        text: answer,
    })
}

/// Sends the branch with the first tag, then every other tag alone.
fn send(
    checkout: &Worktree<'_>,
    commit: &Oid,
    made: &[(String, Oid)],
    branch: &str,
) -> Result<Vec<String>, ApplyError> {
    let remote = remote_of(checkout, branch);
    let mut out: Vec<String> = Vec::new();
    for (at, (name, id)) in made.iter().enumerate() {
        let mut wanted = vec![tag_wanted(name, id)];
        if at == 0 {
            wanted.insert(0, branch_wanted(branch, commit));
        }
        let text = offer(checkout, &remote, &wanted).map_err(|it| said(it.to_string(), None));
        let text = text.inspect_err(|_| take_away(checkout, made.get(at..).unwrap_or_default()))?;
        if !is_there(checkout, &remote, name, commit)? {
            take_away(checkout, made.get(at..).unwrap_or_default());
            let out = if out.is_empty() {
                String::new()
            } else {
                format!("; out: {}", out.join(", "))
            };
            let help = "mend what the remote says, then run the same command again";
            return Err(said(
                format!("`{name}` was not pushed: {text}{out}"),
                Some(help),
            ));
        }
        out.push(name.clone());
    }
    Ok(out)
}

/// Offers refs to the remote; returns what it said against them.
fn offer(checkout: &Worktree<'_>, remote: &Remote, wanted: &[Wanted]) -> Result<String, GitError> {
    let one = |wanted: &[Wanted], unity| {
        push(
            checkout.call(),
            checkout.git,
            remote.address(),
            wanted,
            unity,
        )
    };
    let answer = match one(wanted, Unity::Atomic)? {
        Answer::NotAtomic => wanted
            .chunks(1)
            .map(|it| one(it, Unity::Loose))
            // A tag is never pushed where its branch was refused.
            .find(|it| !matches!(it, Ok(Answer::Taken { .. })))
            .unwrap_or(Ok(Answer::Taken { link: None }))?,
        answer => answer,
    };
    Ok(match answer {
        Answer::Refused { why: text, .. } | Answer::Silence(text) => text,
        Answer::Taken { .. } | Answer::NotAtomic => "the remote does not have it".to_owned(),
    })
}

fn is_there(
    checkout: &Worktree<'_>,
    remote: &Remote,
    name: &str,
    commit: &Oid,
) -> Result<bool, ApplyError> {
    let full = format!("refs/tags/{name}");
    let names = [format!("{full}^{{}}"), full.clone()];
    let refs = look(checkout.call().uninterrupted(), remote, &names).map_err(|error| {
        let why = format!("whether `{name}` arrived is not known: {error}");
        said(why, Some("ask the remote: `git ls-remote --tags origin`"))
    })?;
    Ok(refs.tag(name) == Some(commit))
}

/// Returns the remote that the branch is pushed to, by its configured name.
fn remote_of(checkout: &Worktree<'_>, branch: &str) -> Remote {
    let key = format!("branch.{branch}.remote");
    let call = checkout.call().args(["config", "--get", &key]);
    let name = call.answer().unwrap_or_default();
    match name.trim() {
        "" | "." => Remote::configured("origin"),
        name => Remote::configured(name),
    }
}

fn branch_wanted(branch: &str, commit: &Oid) -> Wanted {
    Wanted {
        name: format!("refs/heads/{branch}"),
        to: commit.clone(),
        lease: Lease::Below,
    }
}

fn tag_wanted(name: &str, id: &Oid) -> Wanted {
    Wanted {
        name: format!("refs/tags/{name}"),
        to: id.clone(),
        lease: Lease::Absent,
    }
}

/// Deletes tags that this run made and nobody has seen.
fn take_away(checkout: &Worktree<'_>, made: &[(String, Oid)]) {
    for (name, id) in made {
        let full = format!("refs/tags/{name}");
        let call = checkout.call().uninterrupted();
        // Only while it is the very tag made here; a failure leaves a local tag, which is harmless.
        let _ = call.args(["update-ref", "-d", &full, id.as_str()]).answer();
    }
}

fn said(why: String, help: Option<&str>) -> ApplyError {
    ApplyError {
        why,
        help: help.map(str::to_owned),
    }
}
