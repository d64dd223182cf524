//! Founds a repository with a past: a bare remote and a clone of it, for `demo`.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::environment::Purpose;
use crate::exec::{Call, End, Leftovers};
use crate::git::{Git, GitError, said};
use crate::write::{Overwrite, save};

/// A repository to be founded.
#[derive(Debug, Clone)]
pub struct Founding {
    /// Where its bare remote shall stand.
    pub origin: PathBuf,
    /// Where its clone shall stand.
    pub clone: PathBuf,
    /// Its past, as `git fast-import` reads one.
    pub history: String,
    /// A script that the remote runs after each push, and once with the tags of its past.
    pub post_receive: Option<String>,
}

/// Why a repository was not founded.
#[derive(Debug, thiserror::Error)]
pub enum FoundError {
    /// git said no.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The disk said no.
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// The remote's script failed with the tags of its past.
    #[error("the remote's script failed: {0}")]
    Script(String),
}

/// Makes a bare remote with this past, and a clone of it.
///
/// # Errors
/// When git or the disk says no; what was made until then stays.
pub fn found(git: &Git, founding: &Founding) -> Result<(), FoundError> {
    let Founding { origin, clone, .. } = founding;
    let here = origin.parent().unwrap_or(origin);
    for folder in [Some(here), clone.parent()].into_iter().flatten() {
        fs::create_dir_all(folder)?;
    }
    git.away(here)
        .args(["init", "--quiet", "--bare", "--initial-branch=main", "--"])
        .arg(origin)
        .answer()?;
    git.bare(origin)
        .args(["fast-import", "--quiet"])
        .input(&founding.history)
        .answer()?;
    if let Some(script) = &founding.post_receive {
        let hook = origin.join("hooks/post-receive");
        fs::create_dir_all(origin.join("hooks"))?;
        save(&hook, script, Overwrite::Replace)?;
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755))?;
        remember(git, origin, hook)?;
    }
    git.away(here)
        .args(["clone", "--quiet", "--origin", "origin", "--"])
        .args([origin, clone])
        .answer()?;
    Ok(())
}

/// Runs a remote's script with the tags of its past, as if they were pushed now.
fn remember(git: &Git, origin: &Path, hook: PathBuf) -> Result<(), FoundError> {
    let tags = git
        .bare(origin)
        .args([
            "for-each-ref",
            "--format=%(objectname) %(refname)",
            "refs/tags",
        ])
        .answer()?;
    let input = tags.lines().fold(String::new(), |mut text, tag| {
        let id = tag.split(' ').next().unwrap_or_default();
        let _ = writeln!(text, "{} {tag}", "0".repeat(id.len()));
        text
    });
    let environment = git.environment();
    let call = Call {
        program: hook,
        args: Vec::new(),
        folder: origin.to_path_buf(),
        vars: environment.allowed(Purpose::Plumbing),
        input: Some(input.into_bytes()),
        limit: environment.patience.local,
        cancel: Some(environment.interrupt.clone()),
        leftovers: Leftovers::Stay,
    };
    let heard = call.run()?;
    match heard.end {
        End::Exit(0) => Ok(()),
        _ => Err(FoundError::Script(said(&heard, environment))),
    }
}

#[cfg(test)]
mod tests {
    use cascade_tests::Town;

    use super::*;
    use crate::apply::tests::git_of;

    #[test]
    fn a_repository_has_its_past_and_its_hook() {
        let town = Town::new();
        let founding = Founding {
            origin: town.origin("x"),
            clone: town.clone_of("x"),
            history: "commit refs/heads/main\ncommitter a <a@b.example> 1700000000 +0000\n\
                      data 4\nfeat\nM 644 inline a\ndata 2\nhi\n\nreset refs/tags/v1\nfrom :1\n"
                .replace("committer", "mark :1\ncommitter"),
            post_receive: Some("#!/bin/sh\ncat >> heard\n".to_owned()),
        };
        found(&git_of(&town), &founding).unwrap();
        let heard = || fs::read_to_string(town.origin("x").join("heard")).unwrap();
        assert!(heard().ends_with(" refs/tags/v1\n") && heard().starts_with("0000"));
        assert_eq!(town.read("x", "a"), "hi");
        town.commit("x", "fix: it", &[("a", "ho")]);
        town.git("x", &["push", "-q", "origin", "main"]);
        assert!(heard().contains(" refs/heads/main\n"), "{}", heard());
    }
}
