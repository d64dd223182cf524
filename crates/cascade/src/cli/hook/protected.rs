//! `commit-msg`, after the message itself: whether what is staged may be changed by this one.

use std::path::PathBuf;

use cascade_run::staged_paths;

use crate::cli::Call;
use crate::cli::alone::Fetch;
use crate::cli::carry::git;
use crate::cli::guard::{Who, file_name, told};
use crate::cli::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shown::ShownLines;

/// Judges what a commit of this message changes by the policy of its repository.
pub(super) fn judge(call: &Call, message: &str) -> Result<Exit, Failure> {
    let here = &call.environment.here;
    let workspace = Workspace::open_or_alone(call, Fetch::Never)?;
    let repo = super::push::repo_of(&workspace, here);
    let Some((repo, declared)) = repo.and_then(|it| {
        let declared = workspace.graph.repo(&it)?;
        Some((it, declared))
    }) else {
        return Ok(Exit::Done);
    };
    let index = call.environment.var("GIT_INDEX_FILE").map(PathBuf::from);
    let index = index.map(|it| here.join(it));
    let staged = staged_paths(here, index.as_deref()).map_err(|trouble| {
        let what = format!("what is staged can not be read: {trouble}");
        Failure::new(Exit::Failed, what, "`git status` says more")
    })?;
    let git = git(call)?;
    let actor = Who::new(call, &git, &workspace).of(Some(&repo), &declared.policy);
    let staged = staged.iter().map(String::as_str);
    let Some(refusal) = declared.policy.judge_commit(&actor, message, staged) else {
        return Ok(Exit::Done);
    };
    let told = told(&refusal, &file_name(&workspace));
    let lines = format!("cascade: {told}\n  {}", refusal.help);
    call.printer.talk(&ShownLines(&lines).to_string());
    Ok(Exit::Findings)
}
