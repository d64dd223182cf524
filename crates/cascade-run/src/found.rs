//! Founds a repository with a past: a bare remote and a clone of it, for `demo`.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::git::{Git, GitError};
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
    /// A script that the remote runs after each push.
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
    }
    git.away(here)
        .args(["clone", "--quiet", "--origin", "origin", "--"])
        .args([origin, clone])
        .answer()?;
    Ok(())
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
                      data 4\nfeat\nM 644 inline a\ndata 2\nhi\n"
                .to_owned(),
            post_receive: Some("#!/bin/sh\ntouch heard\n".to_owned()),
        };
        found(&git_of(&town), &founding).unwrap();
        assert_eq!(town.read("x", "a"), "hi");
        town.commit("x", "fix: it", &[("a", "ho")]);
        town.git("x", &["push", "-q", "origin", "main"]);
        assert!(town.origin("x").join("heard").exists());
    }
}
