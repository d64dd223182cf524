//! `cascade completions`: what a shell needs to complete commands.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Call, Cli};
use crate::exit::Exit;
use crate::failure::Failure;

/// Prints completions for a shell
#[derive(Debug, Args)]
#[command(
    long_about = "Prints a script that lets a shell complete cascade's commands and options. Put \
        it where your shell looks for completions.",
    after_help = "Examples:\n  \
        cascade completions bash > ~/.local/share/bash-completion/completions/cascade\n  \
        cascade completions zsh > ~/.zfunc/_cascade\n  \
        cascade completions fish > ~/.config/fish/completions/cascade.fish"
)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "cascade", &mut script);
        call.printer.report(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}
