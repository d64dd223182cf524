//! What the command of a quality gate came to, unjudged.

use std::sync::Arc;
use std::time::Duration;

/// What the command of a quality gate came to.
#[derive(Debug, Clone)]
pub struct Measurement {
    /// The name of the gate.
    pub gate: String,
    /// How long the command took.
    pub took: Duration,
    /// How it ended.
    pub end: CommandEnd,
    /// Its answer: what it printed, or the file that it wrote; or why there is none.
    pub answer: Result<Arc<str>, String>,
    /// The end of what it said, safe to show.
    pub said: String,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandEnd {
    /// By itself, with this code.
    Exit(i32),
    /// It could not be run to its end: it is not installed, it took too long, it was killed.
    Unable(String),
}
