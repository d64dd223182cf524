//! What a `bump` did in a checkout.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cascade_plan::{Oid, Step};

use super::super::record::digest;
use super::super::worktree::{Standing, Worktree};
use super::{ApplyError, Undoing, error};
use crate::Site;
use crate::git::Git;
use crate::journal::{Story, Writing};
use crate::mirror::Store;
use crate::remote::{Remote, look as ask};
use crate::write::current;

/// Returns what can be taken back in the checkout of a step.
///
/// # Errors
/// Why it stays as it is.
pub(super) fn look(
    story: &Story,
    step: &Step,
    (sites, git): (&[Site], &Git),
) -> Result<Option<Undoing>, ApplyError> {
    let Some(written) = story.written(&step.repo) else {
        return Ok(None);
    };
    let site = sites.iter().find(|it| it.repo == step.repo);
    let folder = site.map(|it| it.folder.as_path());
    let folder = folder.filter(|it| it.join(".git").exists());
    let folder =
        folder.ok_or_else(|| error(format!("no clone stands at `{}`", step.path), None))?;
    let checkout = Worktree { git, folder };
    let shows = || Some(format!("git -C {} status", step.path));
    let standing = checkout
        .standing()
        .map_err(|it| error(it.to_string(), shows()))?;
    let Some(commit) = story.committed(&step.repo) else {
        return files(&checkout, step, written, &standing);
    };
    if standing.head.as_ref() == Some(&written.base) {
        // Somebody took it back already.
        return Ok(None);
    }
    stands_alone(&checkout, step, (written, &standing), &commit)?;
    let tags = own_tags(&checkout, step, &commit, &story.tagged(&step.repo))?;
    not_pushed(&checkout, step, &commit, &standing)?;
    let made = written.made.clone().map(|it| (it, written.before.clone()));
    Ok(Some(Undoing::Commit {
        folder: folder.to_path_buf(),
        commit,
        base: written.base.clone(),
        made,
        tags,
    }))
}

/// Returns when a commit is the tip of the branch that it was made on, in a clean checkout.
fn stands_alone(
    checkout: &Worktree<'_>,
    step: &Step,
    (written, standing): (&Writing, &Standing),
    commit: &Oid,
) -> Result<(), ApplyError> {
    let path = &step.path;
    let branch = written.made.as_ref().or(written.before.as_ref());
    if standing.head.as_ref() != Some(commit) || standing.branch.as_ref() != branch {
        let why = format!(
            "{} is not the tip that `{path}` has checked out",
            commit.short()
        );
        return Err(error(
            why,
            Some(format!("git -C {path} revert {}", commit.short())),
        ));
    }
    if let Some(what) = checkout.unfinished() {
        let why = format!("{what} is not finished in `{path}`");
        return Err(error(why, Some(format!("git -C {path} status"))));
    }
    if let Some(first) = standing.changed.first() {
        let why = format!("`{path}` has changes that are not committed: `{first}`");
        let why = crate::exec::shown(&why, checkout.git.environment());
        let help = format!("commit or stash them in `{path}`, then `cascade undo` again");
        return Err(error(why, Some(help)));
    }
    Ok(())
}

/// Returns the tags on a commit, where cascade made all of them.
fn own_tags(
    checkout: &Worktree<'_>,
    step: &Step,
    commit: &Oid,
    known: &BTreeMap<&str, &Oid>,
) -> Result<BTreeMap<String, Oid>, ApplyError> {
    let call = checkout
        .call()
        .args(["for-each-ref", "--format=%(objectname) %(refname)"]);
    let call = call.args(["--points-at", commit.as_str(), "refs/tags/"]);
    let answer = call.answer().map_err(|it| error(it.to_string(), None))?;
    let mut tags = BTreeMap::new();
    for line in answer.lines() {
        let Some((id, name)) = line.split_once(" refs/tags/") else {
            continue;
        };
        let ours = known.get(name).filter(|it| it.as_str() == id);
        let Some(id) = ours else {
            let why = format!(
                "the tag `{name}` is on {}, and cascade did not make it",
                commit.short()
            );
            let why = crate::exec::shown(&why, checkout.git.environment());
            return Err(error(why, Some(format!("git -C {} tag -d TAG", step.path))));
        };
        tags.insert(name.to_owned(), (*id).clone());
    }
    Ok(tags)
}

/// Returns when no remote has a commit. What is not known is not "not there".
fn not_pushed(
    checkout: &Worktree<'_>,
    step: &Step,
    commit: &Oid,
    standing: &Standing,
) -> Result<(), ApplyError> {
    let path = &step.path;
    let pushed = |at: &str| {
        let why = format!(
            "{} is on `{at}` already, and what is pushed stays",
            commit.short()
        );
        error(
            why,
            Some(format!("git -C {path} revert {}", commit.short())),
        )
    };
    let of_git = |it: crate::git::GitError| error(it.to_string(), None);
    let known = checkout
        .call()
        .args(["for-each-ref", "--format=%(refname:short)", "--contains"]);
    let known = known
        .args([commit.as_str(), "refs/remotes/"])
        .answer()
        .map_err(of_git)?;
    if let Some(at) = known.lines().next() {
        return Err(pushed(at));
    }
    let store = Store::of_checkout(checkout.folder).map_err(|it| error(it.to_string(), None))?;
    let names = checkout.call().args(["remote"]).answer().map_err(of_git)?;
    let own = standing
        .branch
        .as_ref()
        .map(|it| format!("refs/heads/{it}"));
    for name in names.lines() {
        let refs = ask(checkout.call(), &Remote::configured(name), &[]).map_err(|it| {
            let why = format!(
                "`{name}` does not say whether it has {}: {it}",
                commit.short()
            );
            error(
                why,
                Some("mend the connection, then `cascade undo` again".to_owned()),
            )
        })?;
        for (full, tip) in refs.all() {
            if store.has(tip) && store.contains(tip, commit) {
                return Err(pushed(name));
            }
            if own.as_deref() == Some(full) && !store.has(tip) {
                let why = format!(
                    "`{name}` has commits that are not fetched, so what it has is not known"
                );
                return Err(error(why, Some(format!("git -C {path} fetch {name}"))));
            }
        }
    }
    Ok(())
}

/// Returns files that were left in the working tree, where they are exactly what was written.
fn files(
    checkout: &Worktree<'_>,
    step: &Step,
    written: &Writing,
    standing: &Standing,
) -> Result<Option<Undoing>, ApplyError> {
    let path = &step.path;
    if standing.head.as_ref() != Some(&written.base) {
        let why = format!("what was written in `{path}` was committed since, or it is elsewhere");
        return Err(error(why, Some(format!("git -C {path} log"))));
    }
    let changed = |file: &&String| standing.changed.contains(file);
    if !written.files.keys().any(|it| changed(&it)) {
        // Somebody took it back already.
        return Ok(None);
    }
    unchanged(checkout.folder, &written.files).map_err(|file| {
        let why = format!("`{file}` was changed since cascade wrote it");
        error(why, Some(format!("git -C {path} diff -- {file}")))
    })?;
    Ok(Some(Undoing::Files {
        folder: checkout.folder.to_path_buf(),
        base: written.base.clone(),
        files: written.files.clone(),
    }))
}

/// Returns when every file is what was written; else the first that is not.
fn unchanged<'f>(folder: &Path, files: &'f BTreeMap<String, String>) -> Result<(), &'f str> {
    let differs = |(path, want): &(&String, &String)| {
        let now = current(folder, path).ok().flatten();
        now.is_none_or(|it| digest(&it) != **want)
    };
    match files.iter().find(differs) {
        Some((path, _)) => Err(path),
        None => Ok(()),
    }
}

/// Drops a commit, its tags and the branch that was made for it.
///
/// # Errors
/// When git says no: something changed meanwhile.
pub(super) fn drop_commit(
    (git, folder): (&Git, &Path),
    (commit, base): (&Oid, &Oid),
    made: Option<&(String, Option<String>)>,
    tags: &BTreeMap<String, Oid>,
) -> Result<(), ApplyError> {
    let checkout = Worktree { git, folder };
    let of_git = |it: crate::git::GitError| error(it.to_string(), None);
    let standing = checkout.standing().map_err(of_git)?;
    if standing.head.as_ref() != Some(commit) || !standing.changed.is_empty() {
        return Err(error("it changed while it was asked about", None));
    }
    for (name, id) in tags {
        let full = format!("refs/tags/{name}");
        let call = checkout.call().uninterrupted();
        call.args(["update-ref", "-d", &full, id.as_str()])
            .answer()
            .map_err(of_git)?;
    }
    // It refuses to touch a file that a person changed.
    let call = checkout.call().uninterrupted();
    call.args(["reset", "--quiet", "--keep", base.as_str()])
        .answer()
        .map_err(of_git)?;
    let Some((branch, before)) = made else {
        return Ok(());
    };
    let call = checkout.call().uninterrupted().args(["switch", "--quiet"]);
    let call = match before {
        Some(before) => call.arg(before),
        None => call.args(["--detach", base.as_str()]),
    };
    call.answer().map_err(of_git)?;
    let full = format!("refs/heads/{branch}");
    let call = checkout.call().uninterrupted();
    let gone = call
        .args(["update-ref", "-d", &full, base.as_str()])
        .answer();
    gone.map(drop).map_err(of_git)
}

/// Puts files back as a commit has them.
///
/// # Errors
/// When one changed meanwhile, or git says no.
pub(super) fn restore(
    (git, folder): (&Git, &Path),
    base: &Oid,
    files: &BTreeMap<String, String>,
) -> Result<(), ApplyError> {
    let checkout = Worktree { git, folder };
    unchanged(folder, files)
        .map_err(|file| error(format!("`{file}` changed while it was asked about"), None))?;
    let fault = |it: &dyn std::fmt::Display| error(it.to_string(), None);
    let store = Store::of_checkout(folder).map_err(|it| fault(&it))?;
    let is_old = |path: &&String| store.file(base, path).is_ok_and(|it| it.is_some());
    let (old, new): (Vec<&String>, Vec<&String>) = files.keys().partition(is_old);
    let call = |args: &[&str], paths: &[&String]| {
        let call = checkout
            .call()
            .var("GIT_LITERAL_PATHSPECS", "1")
            .uninterrupted();
        call.args(args)
            .args(["--"])
            .args(paths)
            .answer()
            .map_err(|it| fault(&it))
    };
    if !old.is_empty() {
        let source = format!("--source={base}");
        call(&["restore", &source, "--staged", "--worktree"], &old)?;
    }
    if !new.is_empty() {
        call(&["rm", "--quiet", "--cached", "--ignore-unmatch"], &new)?;
        for path in new {
            fs::remove_file(folder.join(path)).map_err(|it| fault(&it))?;
        }
    }
    Ok(())
}
