//! `cascade policy`: what is allowed, whether a command is, and a person's yes to a plan.

mod approve;
mod ask;

use clap::{Args, Subcommand, ValueEnum};

use super::Call;
use super::alone::Fetch;
use super::carry::git;
use super::guard::{Who, file_name};
use super::selection::named;
use super::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::report::means;
use crate::report::policy::{Shown, human, json};

/// Shows what is allowed, and where each line of it comes from
#[derive(Debug, Args)]
#[command(
    long_about = "Shows the policy that holds for each repository, and where each line of it comes \
        from: cascade itself, `[policy]`, or `[repo.NAME.policy]`. `release`, `bump`, `tag`, `apply` \
        and `resume` are held to it, hooks and `cascade check` too, people and automated agents \
        alike. An agent is who says so (`--as-agent`, `CASCADE_AGENT=1`) or commits under an address \
        that `agents` lists.\n\n\
        `ask` says whether a command line may be run: 0 for yes, 4 for no, with the rule, where it \
        stands and what to do. It reads the command and runs nothing. `approve` gives your yes to \
        exactly one saved plan, and `approve --revoke` takes it back.",
    after_help = "Examples:\n  \
        cascade policy\n  \
        cascade policy --repo core --format json       for an agent's own harness\n  \
        cascade policy ask -- twine upload dist/*\n  \
        cascade policy ask -- sh -c 'git tag v2 && git push --tags'\n  \
        cascade --as-agent policy ask -- git push --no-verify\n  \
        cascade policy approve plan.json",
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Policy {
    #[command(subcommand)]
    what: Option<What>,
    /// Show these repositories alone; globs, repeatable
    #[arg(long = "repo", short, value_name = "REPO")]
    repos: Vec<String>,
    /// How it is written
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

/// What is done with the policy.
#[derive(Debug, Subcommand)]
enum What {
    Ask(ask::Ask),
    Approve(approve::Approve),
}

/// How the policy is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// `cascade.policy/1` and `cascade.policy-answer/1`, for machines.
    Json,
}

impl Policy {
    /// Shows, answers or approves.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        match &self.what {
            None => self.show(call),
            Some(What::Ask(it)) => it.run(call),
            Some(What::Approve(it)) => it.run(call),
        }
    }

    fn show(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open_or_alone(call, Fetch::Missing)?;
        let chosen = named(&workspace, &self.repos)?;
        let git = git(call)?;
        let who = Who::new(call, &git, &workspace);
        let file = file_name(&workspace);
        let wanted = |it: &&cascade_plan::RepoId| means(&chosen, it);
        let shown = Shown {
            graph: &workspace.graph,
            file: &file,
            repos: workspace.graph.order().iter().filter(wanted).collect(),
            actor: who.of(None, workspace.graph.policy()),
            now: call.environment.now,
        };
        match self.format {
            Format::Human => call.printer.report(&human::human(&shown))?,
            Format::Json => Printer::json(&json::json(&shown))?,
        }
        Ok(Exit::Done)
    }
}
