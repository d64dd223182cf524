//! What git hands to its hooks, read into types: the refs of a push, the message of a commit.
//!
//! Invariant: pure, and foreign text never breaks it. What is judged of a tag stands in the rules
//! ([`crate::checks`]); here stands what only a hook sees.

mod commits;
mod message;
mod push;
mod rules;
#[cfg(test)]
mod tests;
mod verdict;

pub use commits::{commit_findings, file_findings, is_of_files, message_severity};
pub use message::{
    Cleanup, CommentMark, Conventional, Unconventional, begun, conventional, written,
};
pub use push::{Change, NotALine, Ref, RefChange, pre_push, pre_receive};
pub use rules::tag_findings;
pub use verdict::{Door, Meaning, Refusal, branch_deletion, branch_rewrite, meaning, tag_refusal};
