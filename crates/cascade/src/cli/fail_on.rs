//! From which severity on findings fail a command.

use cascade_plan::Severity;
use clap::ValueEnum;

/// A severity that fails a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// What is in the way of a release.
    Block,
    /// What should be mended.
    Warn,
    /// Anything.
    Info,
    /// Nothing: it only tells.
    Never,
}

impl FailOn {
    /// Returns whether a finding of this severity fails the command.
    pub(super) fn is_met(self, severity: Severity) -> bool {
        match self {
            Self::Block => severity >= Severity::Block,
            Self::Warn => severity >= Severity::Warn,
            Self::Info => true,
            Self::Never => false,
        }
    }
}
