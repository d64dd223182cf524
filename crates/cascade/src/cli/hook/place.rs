//! Which repositories have their hooks changed.

use cascade_run::{Environment, HookError, HookHome, HookType};

use super::Where;
use crate::cli::Call;
use crate::cli::carry::git;
use crate::cli::selection::named;
use crate::cli::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shown::Shown;

/// The repositories that are meant.
pub(super) struct Homes {
    /// Their names, and where their hooks are.
    pub(super) found: Vec<(String, HookHome)>,
    /// What the hooks run in.
    pub(super) environment: Environment,
}

impl Homes {
    /// Returns a line about a repository; it is named where there are several.
    pub(super) fn line(&self, name: &str, text: &str) -> String {
        if self.found.len() > 1 {
            format!("{}: {text}\n", Shown(name))
        } else {
            format!("{text}\n")
        }
    }
}

/// Returns where the hooks of the repositories are that a person means.
pub(super) fn homes(call: &Call, of: &Where) -> Result<Homes, Failure> {
    let git = git(call)?;
    let environment = git.environment().clone();
    if !of.all && of.repos.is_empty() {
        let home = HookHome::find(&git, &call.environment.here).map_err(|it| {
            let help = "stand in a repository, or name one of the workspace: `--repo REPO`";
            Failure::new(Exit::Usage, it.to_string(), help)
        })?;
        let name = home.root.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let found = vec![(name, home)];
        return Ok(Homes { found, environment });
    }
    let workspace = Workspace::open(call)?;
    let chosen = named(&workspace, &of.repos)?;
    let all = workspace.graph.order().iter();
    workspace.want_checkouts(all.filter(|it| chosen.is_empty() || chosen.contains(*it)))?;
    let mut found = Vec::new();
    for site in &workspace.sites {
        if !chosen.is_empty() && !chosen.contains(&site.repo) || !site.folder.exists() {
            continue;
        }
        let home = HookHome::find(&git, &site.folder).map_err(|it| {
            let help = format!("look into it: `git -C {} status`", site.folder.display());
            Failure::new(Exit::Failed, it.to_string(), help)
        })?;
        found.push((site.repo.to_string(), home));
    }
    Ok(Homes { found, environment })
}

/// Returns why nothing can be done about a hook, and what to do.
pub(super) fn unfit(error: &HookError, hook: HookType) -> (String, String) {
    let name = hook.name();
    let help = match error {
        HookError::Shared(_) => format!(
            "add this line to the {name} there: `cascade hook run {name} -- \"$@\"`; or take \
             `core.hooksPath` out of git's configuration"
        ),
        HookError::Twice { kept, .. } => format!(
            "look at both, move `{}` to where you want it, and run the same command again",
            kept.display()
        ),
        HookError::Entry(_) => {
            "run the same command without `--write`: it shows what to add".to_owned()
        }
        HookError::NotAFile(at) => format!("move `{}` away", at.display()),
        HookError::Git(_) | HookError::Disk { .. } => {
            "mend that, and run the same command again".to_owned()
        }
    };
    (error.to_string(), help)
}
