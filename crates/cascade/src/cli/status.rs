//! `cascade status`: how every repository stands.

use std::mem;

use cascade_run::{Depth, Runs, State};
use clap::{Args, ValueEnum};

use super::selection::named;
use super::workspace::Workspace;
use super::{Call, fetch};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::report::open_run::OpenRun;
use crate::report::status_human::status_human;
use crate::report::status_json::status_json;
use crate::report::status_markdown::status_markdown;
use crate::report::why::why;
use crate::report::{Known, findings};

/// Shows how every repository stands
#[derive(Debug, Args)]
#[command(
    long_about = "Shows how every repository stands, one row each, upstream first: branch, state, \
        latest tag, the commits since and the level they ask for, pins, locks, and what blocks it. \
        Below the table stands everything that should be mended, with the command that mends it, and \
        a release of this machine that is not finished.\n\n\
        It reads what is on this machine, starts no process and changes nothing; `--fetch` asks \
        the remotes first.",
    after_help = "Examples:\n  \
        cascade status\n  \
        cascade status --fetch\n  \
        cascade status --repo server --repo 'lib-*'\n  \
        cascade status --why runtime          everything known about one repository\n  \
        cascade status --check                exit 1 when something should be mended\n  \
        cascade status --format json | jq '.repos[].packages[].latest'"
)]
pub(crate) struct Status {
    /// How it is written
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Exit 1 when a finding should be mended
    #[arg(long)]
    check: bool,
    /// Show these repositories alone; globs, repeatable
    #[arg(long = "repo", short, value_name = "REPO")]
    repos: Vec<String>,
    /// Say everything about one repository, with the evidence
    #[arg(long, value_name = "REPO", conflicts_with = "repos")]
    why: Option<String>,
    /// Fetch every repository first
    #[arg(long)]
    fetch: bool,
}

/// A format of the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people.
    Human,
    /// `cascade.status/1`, for machines.
    Json,
    /// A table for a comment or a page.
    Markdown,
}

impl Status {
    /// Observes the workspace and shows it.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let chosen = named(&workspace, &self.repos)?;
        if self.fetch {
            fetch::quietly(call, &workspace)?;
        }
        let asked = self.why.as_deref().map(|it| workspace.repo(it));
        let asked = asked.transpose()?;
        let seen = workspace.observe(call, Depth::Survey);
        let open = open(call, &workspace);
        let known = seen.known(&workspace).only(&chosen);
        let known = known.while_open(open.as_ref());
        let printer = call.printer;
        match (asked.and_then(|it| known.repo(it)), self.format) {
            (Some(repo), Format::Human) => printer.report(&why(known, repo))?,
            (_, Format::Human) => printer.report(&status_human(known, printer.width()))?,
            (_, Format::Json) => {
                let mut status = status_json(known);
                let repos = status.take_repos();
                Printer::long_json(&status, ("repos", &repos))?;
                mem::forget(repos);
            }
            (_, Format::Markdown) => printer.report(&status_markdown(known))?,
        }
        let exit = self.exit(known);
        // The process ends here: giving a thousand repositories back piece by piece takes a while.
        mem::forget(seen);
        Ok(exit)
    }

    /// Returns how the run ends: findings count only when a check was asked for.
    fn exit(&self, known: Known<'_>) -> Exit {
        if self.check && findings::fails(&findings::all(known)) {
            return Exit::Findings;
        }
        Exit::Done
    }
}

/// Returns the release of this workspace that was begun here and is not finished.
fn open(call: &Call, workspace: &Workspace) -> Option<OpenRun> {
    let state = State::seen(call.environment.state().ok()?, &workspace.file)?;
    let story = Runs::of(&state).open()?;
    Some(OpenRun::of(&story, state.is_busy()))
}
