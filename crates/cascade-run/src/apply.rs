//! Carries a plan out: in the checkouts (`bump`, `tag`), or against the remotes (`release`).

mod at_tip;
mod await_tag;
mod await_visible;
mod bump;
mod commit;
pub(crate) mod errand;
mod filled;
mod fit;
mod gate;
mod goal;
mod in_reach;
mod lock;
mod others;
mod perform;
mod poll;
mod propose;
mod record;
mod release;
mod remotes;
mod smoke;
mod spelled;
mod standing;
mod steered;
mod tag;
mod try_out;
mod undo;
mod worktree;

#[cfg(test)]
pub(crate) mod tests;

use cascade_plan::{Fate, Oid, Step};

use crate::git::GitError;
use crate::mirror::{BuildError, MirrorError};
use crate::write::WriteError;

pub(crate) use worktree::Worktree;

pub use bump::{CommitHow, Hindrance, Unfit, bump, unfit};
pub use fit::is_branch_name;
pub use lock::{lock, lock_stands};
pub use release::{Manner, release};
pub use remotes::{Difference, Differs, observe_remotes};
pub use spelled::{Misspelt, Spelling, misspelt};
pub use standing::standing;
pub use steered::Scope;
pub use tag::{Tagged, on_remote, tag};
pub use undo::{Kept, Undo, Undoable, Undoing, undo, undoable};

/// Why something in a checkout was not done.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct ApplyError {
    /// Why, lowercase and without a full stop.
    pub why: String,
    /// The next command to type.
    pub help: Option<String>,
}

/// Returns a failure of which nothing is out.
pub(crate) fn failed(why: impl Into<String>, help: impl Into<Option<String>>) -> Fate {
    Fate::Failed {
        why: why.into(),
        help: help.into(),
        out: Vec::new(),
    }
}

pub(crate) fn of_git(error: GitError, help: Option<String>) -> Fate {
    match error {
        GitError::Interrupted => Fate::Interrupted,
        GitError::Fenced(_) => failed(error.to_string(), Some("cascade resume".to_owned())),
        other => failed(other.to_string(), help),
    }
}

pub(crate) fn of_write(step: &Step, error: &WriteError) -> Fate {
    let help = match error {
        WriteError::Drift(_) => {
            let what = error.to_string();
            return Fate::Drifted { what };
        }
        WriteError::ReadOnly(path) => format!("chmod u+w {}/{path}", step.path),
        WriteError::Linked(path) | WriteError::Outside(path) => {
            format!(
                "edit `{path}` by hand, or leave it out with `--skip {}`",
                step.repo
            )
        }
        WriteError::Disk { .. } => "make room or set its rights, then run the same command".into(),
    };
    failed(error.to_string(), help)
}

pub(crate) fn of_build(step: &Step, error: BuildError) -> Fate {
    match error {
        BuildError::Write(error) => of_write(step, &error),
        BuildError::Git(error) => {
            of_git(error, Some(format!("cascade release --repo {}", step.repo)))
        }
        BuildError::Nobody => failed(error.to_string(), INTRODUCE.to_owned()),
        BuildError::Read(_) | BuildError::NoId(_) => failed(
            error.to_string(),
            format!("cascade release --repo {}", step.repo),
        ),
    }
}

pub(crate) fn of_mirror(step: &Step, error: MirrorError) -> Fate {
    let again = format!("cascade release --repo {}", step.repo);
    match error {
        MirrorError::Git(error) => of_git(error, Some(again)),
        MirrorError::NoAddress | MirrorError::Address(_) => {
            let help = format!("set `remote` in [repo.{}] of workspace.toml", step.repo);
            failed(error.to_string(), help)
        }
        MirrorError::Read(_) | MirrorError::Busy | MirrorError::Disk { .. } => {
            failed(error.to_string(), again)
        }
    }
}

/// What is wrong where git has nobody who commits or tags.
const NOBODY: &str = "git does not know who you are";

/// The command that tells git who somebody is.
const INTRODUCE: &str =
    "git config --global user.name NAME && git config --global user.email ADDRESS";

/// Returns ids as people read them: `1a2b3c4`, or that there is none.
pub(crate) fn short(id: Option<&Oid>) -> &str {
    id.map_or("nothing", Oid::short)
}
