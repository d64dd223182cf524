//! `cascade man`: the manual, from the same text as `--help`.

use clap::{Args, CommandFactory as _};
use clap_mangen::Man as Page;

use super::{Call, Cli};
use crate::exit::Exit;
use crate::failure::Failure;

/// Prints the manual page
#[derive(Debug, Args)]
#[command(
    long_about = "Prints the manual page of cascade, or of one command, in roff.",
    after_help = "Examples:\n  \
        cascade man > cascade.1\n  \
        cascade man release > cascade-release.1\n  \
        cascade man status | man -l -"
)]
pub(crate) struct Man {
    /// A command [default: cascade itself]
    command: Option<String>,
}

impl Man {
    /// Prints the page.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let mut roff = Vec::new();
        let page = Page::new(self.page()?);
        page.render(&mut roff).map_err(|error| {
            let help = "run `cascade --help` instead";
            Failure::new(Exit::Failed, format!("no page came out: {error}"), help)
        })?;
        call.printer.report(&String::from_utf8_lossy(&roff))?;
        Ok(Exit::Done)
    }

    /// Returns the command that the page is about.
    fn page(&self) -> Result<clap::Command, Failure> {
        let mut cascade = Cli::command();
        cascade.build();
        let Some(name) = &self.command else {
            return Ok(cascade);
        };
        let found = cascade.find_subcommand(name).cloned();
        let renamed = found.map(|it| it.name(format!("cascade-{name}")));
        renamed.ok_or_else(|| {
            let what = format!("no command is called `{name}`");
            Failure::new(Exit::Usage, what, "`cascade --help` names them all")
        })
    }
}
