//! What git hands to its hooks, read into types: the refs of a push, the message of a commit.
//!
//! Invariant: pure, and foreign text never breaks it. What is judged of a tag stands in the rules
//! ([`crate::checks`]); here stands what only a hook sees.

mod message;
mod push;
#[cfg(test)]
mod tests;

pub use message::{Cleanup, CommentMark, Conventional, Unconventional, conventional, written};
pub use push::{Change, NotALine, Ref, RefChange, pre_push, pre_receive};
