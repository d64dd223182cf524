//! `cascade fetch`: brings every clone up to date.

use cascade_plan::{Fate, Outcome, Trouble};
use cascade_run::{FastForward, Mode, Needed, fetch_needed};
use clap::{Args, ValueEnum};

use super::Call;
use super::carry::{git, watched};
use super::workspace::Workspace;
use crate::exit::{Exit, Held};
use crate::failure::Failure;
use crate::report::outcome::outcome_of;

/// Fetches every repository, and clones what is missing
#[derive(Debug, Args)]
#[command(
    long_about = "Fetches branches and tags of every repository, all at once, and clones what is \
        missing from its declared `remote`. Checkouts stay as they are unless `--ff` moves them.\n\n\
        With `--mode report` what is missing is cloned bare, with its history and tags, and of its \
        files those alone that reports read: enough for `status`, `graph`, `plan` and `drift` on a \
        machine that has `workspace.toml` and nothing else. Such a clone says what its remote says, \
        and what is changed in it is lost; commands that write want a checkout.",
    after_help = "Examples:\n  \
        cascade fetch\n  \
        cascade fetch --ff            and fast-forward clean checkouts\n  \
        cascade fetch --jobs 16\n  \
        cascade fetch --mode report && cascade status"
)]
pub(crate) struct Fetch {
    /// Fast-forward clean checkouts to their upstream branch
    #[arg(long)]
    ff: bool,
    /// What is made where nothing stands
    #[arg(long, value_name = "MODE", default_value = "checkout")]
    mode: Made,
}

/// What is made where nothing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Made {
    /// A checkout, to work in.
    Checkout,
    /// A bare clone that only reports are made of; those that are there are fetched too.
    Report,
}

impl Fetch {
    /// Fetches, and reports what it came to.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let ff = if self.ff {
            FastForward::Clean
        } else {
            FastForward::Never
        };
        let (mode, again) = match self.mode {
            Made::Checkout => (Mode::Checkout, "cascade fetch"),
            Made::Report => (Mode::Report, Trouble::FETCH),
        };
        let outcome = fetch(call, &workspace, (mode, ff))?;
        let order = workspace.graph.order();
        call.printer.report(&outcome_of(order, &outcome, again))?;
        Ok(Exit::of(&outcome, Held::None))
    }
}

/// Fetches before another command; what failed is said, and the command goes on with what is there.
pub(crate) fn quietly(call: &Call, workspace: &Workspace) -> Result<(), Failure> {
    let outcome = fetch(call, workspace, (Mode::AsTheyAre, FastForward::Never))?;
    tell_failed(call, workspace, outcome);
    Ok(())
}

/// Fetches what clones for reports lack for one command; what failed is said.
pub(crate) fn needed(
    call: &Call,
    workspace: &Workspace,
    needed: Needed<'_>,
) -> Result<(), Failure> {
    let git = git(call)?;
    let (graph, sites) = (&workspace.graph, &workspace.sites);
    let outcome = watched(call, sites.len(), |on_event| {
        fetch_needed(graph, sites, (&git, call.jobs()), needed, on_event)
    });
    tell_failed(call, workspace, outcome);
    Ok(())
}

/// Says what could not be fetched.
fn tell_failed(call: &Call, workspace: &Workspace, mut outcome: Outcome) {
    outcome
        .fates
        .retain(|_, fate| !matches!(fate, Fate::Done { .. } | Fate::Nothing));
    if !outcome.fates.is_empty() {
        let order = workspace.graph.order();
        call.printer
            .talk(&outcome_of(order, &outcome, "cascade fetch"));
    }
}

/// Fetches, showing progress.
fn fetch(call: &Call, workspace: &Workspace, how: (Mode, FastForward)) -> Result<Outcome, Failure> {
    let git = git(call)?;
    let (graph, sites) = (&workspace.graph, &workspace.sites);
    Ok(watched(call, sites.len(), |on_event| {
        cascade_run::fetch(graph, sites, &git, call.jobs(), how, on_event)
    }))
}
