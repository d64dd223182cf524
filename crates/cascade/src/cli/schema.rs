//! `cascade schema`: what the files look like, for editors and machines.

use clap::{Args, ValueEnum};

use super::Call;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::status_json::pretty;

/// Prints the JSON Schema of a file
#[derive(Debug, Args)]
#[command(
    long_about = "Prints the JSON Schema of a file that people write, made from the types that \
        read it. Editors complete and check `workspace.toml` with it.",
    after_help = "Examples:\n  \
        cascade schema workspace > workspace.schema.json"
)]
pub(crate) struct Schema {
    /// Which file
    of: Of,
}

/// A file that has a schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Of {
    /// `workspace.toml`
    Workspace,
}

impl Schema {
    /// Prints the schema.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let schema = match self.of {
            Of::Workspace => cascade_plan::schema(),
        };
        call.printer.report(&pretty(&schema))?;
        Ok(Exit::Done)
    }
}
