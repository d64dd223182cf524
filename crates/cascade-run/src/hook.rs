//! The hooks of a repository: where git looks for them, what stands there, and the shim that cascade
//! puts beside it.
//!
//! Invariant: nothing that somebody else wrote is lost. A hook that is there is kept beside and run
//! first; a tool that manages hooks keeps its files, and gets an entry where a person wants that.

mod brought;
mod entry;
mod home;
mod install;
mod journal;
mod message;
mod pushed;
mod shim;
mod standing;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use self::brought::{Brought, brought};
pub use self::home::{HookHome, Neighbour};
pub use self::install::{Installed, Removed, Scribe};
pub use self::journal::{BYPASSES, record_bypass};
pub use self::message::{MessageSettings, message_settings};
pub use self::pushed::{Push, PushPlace, Rewritten, forgets};
pub use self::standing::{HookStanding, SELF_TEST};

use crate::git::GitError;

/// A hook that cascade has something to say in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HookType {
    /// Before a commit is made.
    PreCommit,
    /// Once its message is written.
    CommitMsg,
    /// Before anything is pushed.
    PrePush,
    /// On the server, before anything is taken.
    PreReceive,
}

impl HookType {
    /// Every one of them.
    pub const ALL: &'static [Self] = &[
        Self::PreCommit,
        Self::CommitMsg,
        Self::PrePush,
        Self::PreReceive,
    ];

    /// Returns git's name for it, which is that of its file.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }

    /// Returns whether git hands it refs to read.
    pub(crate) fn reads(self) -> bool {
        matches!(self, Self::PrePush | Self::PreReceive)
    }
}

/// Why nothing can be done about a repository's hooks.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// git has no answer.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The hooks lie in a folder that other repositories share.
    #[error(
        "its hooks are in `{}` (`core.hooksPath`), which is not this repository's own",
        .0.display()
    )]
    Shared(PathBuf),
    /// What is there is neither a file nor a link.
    #[error("`{}` is not a file", .0.display())]
    NotAFile(PathBuf),
    /// A hook stands there again, and one is kept already.
    #[error("`{}` was replaced since cascade kept `{}`", hook.display(), kept.display())]
    Twice {
        /// The hook.
        hook: PathBuf,
        /// The one that was kept.
        kept: PathBuf,
    },
    /// The tool's file is written in a way that cascade does not edit.
    #[error("`{0}` is written in a way that cascade does not edit")]
    Entry(String),
    /// The disk said no.
    #[error("`{}`: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
