//! Whether a checkout is fit to be changed.

use cascade_plan::{Action, Fate, Step};

use super::goal::carries;
use super::worktree::{Standing, Worktree};
use super::{failed, of_git};
use crate::mirror::{Store, is_ref_name};

/// Returns whether a branch may have this name.
pub fn is_branch_name(name: &str) -> bool {
    !name.starts_with('-') && is_ref_name(&format!("refs/heads/{name}"))
}

/// Returns whether the commit that is checked out is this step's: an earlier run made it.
pub(super) fn done_before(checkout: &Worktree<'_>, step: &Step, standing: &Standing) -> bool {
    let message = step.actions.iter().find_map(|it| match it {
        Action::Commit { message } => Some(message),
        _ => None,
    });
    let store = Store::of_checkout(checkout.folder);
    let (Some(message), Some(head), Ok(store)) = (message, &standing.head, store) else {
        return false;
    };
    carries(&store, step, head, message).unwrap_or(false)
}

/// Returns when nothing in a checkout is unfinished or uncommitted.
///
/// # Errors
/// With the fate of the step, where something is.
pub(super) fn clean(checkout: &Worktree<'_>, step: &Step, standing: &Standing) -> Result<(), Fate> {
    if let Some(what) = checkout.unfinished() {
        return Err(failed(
            format!("{what} is not finished in `{}`", step.path),
            format!("git -C {} status", step.path),
        ));
    }
    if standing.changed.is_empty() {
        return Ok(());
    }
    let mut named: Vec<String> = standing
        .changed
        .iter()
        .take(3)
        .map(|it| format!("`{it}`"))
        .collect();
    if standing.changed.len() > named.len() {
        named.push(format!("{} more", standing.changed.len() - named.len()));
    }
    let text = format!(
        "`{}` has uncommitted changes: {}",
        step.path,
        named.join(", ")
    );
    Err(failed(
        crate::exec::shown(&text, checkout.git.environment()),
        format!(
            "commit or stash them, or leave it out with `--skip {}`",
            step.repo
        ),
    ))
}

/// Returns when a new branch of this name can be made in a checkout.
///
/// # Errors
/// With the fate of the step, where it can not.
pub(super) fn new_branch_is_fit(
    checkout: &Worktree<'_>,
    step: &Step,
    name: &str,
) -> Result<(), Fate> {
    let full = format!("refs/heads/{name}");
    if !is_branch_name(name) {
        return Err(failed(format!("`{name}` is no name for a branch"), None));
    }
    if checkout.has(&full).map_err(|it| of_git(it, None))? {
        return Err(failed(
            format!("`{}` has a branch `{name}` already", step.path),
            "say another name with `--branch`".to_owned(),
        ));
    }
    Ok(())
}
