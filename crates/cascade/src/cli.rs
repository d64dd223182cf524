//! The commands: what can be typed, what it means, and which walk it takes.
//!
//! A command is how far along the line it walks: declare, discover, observe, plan, apply, report.

mod alone;
mod apply;
mod artifacts;
mod bump;
mod carry;
mod check;
mod completions;
mod demo;
mod drift;
mod explain;
mod fail_on;
mod fetch;
mod graph;
mod guard;
mod hook;
mod init;
mod lock;
mod machines;
mod man;
mod plan;
mod policy;
mod quality;
mod refusal;
mod registry;
mod release;
mod resume;
mod rounds;
mod runs;
mod schema;
mod selection;
mod selector;
mod status;
mod steer;
mod tag;
mod undo;
mod unlock;
mod wait;
mod workspace;

use std::fs::File;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use anstream::ColorChoice;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::shown::brief;

pub(crate) use explain::section as explained;
pub(crate) use guard::told;

/// Releases a family of repositories in order, upstream first.
#[derive(Debug, Parser)]
#[command(
    name = "cascade",
    version,
    about,
    long_about = "Releases a family of repositories in order, upstream first.\n\n\
        cascade reads a declared graph of repositories (`workspace.toml`), looks at what is really \
        there, decides what has to happen, does it upstream first, and says what it did.",
    after_help = "Examples:\n  \
        cascade demo                     a small family, released before your eyes\n  \
        cascade init ~/src               declare the clones in a folder\n  \
        cascade status                   how every repository stands\n  \
        cascade plan --repo core=minor   what a release would do, in full\n  \
        cascade release --repo core      do it, and everything that stands on it\n\n\
        Exit codes: 0 done, 1 findings, 2 usage, 3 failed, 4 refused, 5 partial, \
        6 needs confirmation, 7 waiting, 8 drift, 70 a bug, 130 interrupted.",
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The `workspace.toml`, or the folder it is in [default: searched upwards from here]
    #[arg(long, global = true, value_name = "PATH")]
    #[arg(help_heading = "Everywhere")]
    pub(crate) workspace: Option<PathBuf>,
    /// How many repositories are worked on at once [default: as many as there are cores]
    #[arg(
        long,
        short,
        global = true,
        value_name = "N",
        help_heading = "Everywhere"
    )]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Write everything that happens to this file, an object of JSON a line
    #[arg(long, global = true, value_name = "FILE")]
    #[arg(help_heading = "Everywhere")]
    pub(crate) events: Option<PathBuf>,
    /// Act as an automated agent, as `CASCADE_AGENT=1` does: some of what the policy lets people do
    /// is refused to one
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) as_agent: bool,
    /// When to colour what is written
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(help_heading = "Everywhere")]
    color: Color,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On terminals, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Returns the choice, as streams take it.
    fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

/// The commands, in the order in which one meets them.
#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Status(status::Status),
    Check(check::Check),
    Drift(drift::Drift),
    Explain(explain::Explain),
    Policy(policy::Policy),
    Fetch(fetch::Fetch),
    Graph(graph::Graph),
    Hook(hook::Hook),
    Plan(plan::Plan),
    Apply(apply::Apply),
    Bump(bump::Bump),
    Lock(lock::Lock),
    Tag(tag::Tag),
    Release(release::Release),
    Resume(resume::Resume),
    Runs(runs::Runs),
    Retry(steer::Retry),
    Skip(steer::Skip),
    Hold(steer::Hold),
    Unhold(steer::Unhold),
    Undo(undo::Undo),
    Unlock(unlock::Unlock),
    Wait(wait::Wait),
    Demo(demo::Demo),
    Registry(registry::Registry),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

/// How cascade was called: by which options, where, with whom to talk to.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// What every command understands.
    pub(crate) global: Global,
    /// The machine and the moment.
    pub(crate) environment: Environment,
    /// The door to stdout and stderr.
    pub(crate) printer: Printer,
}

impl Call {
    /// Returns how many repositories are worked on at once.
    pub(crate) fn jobs(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(4, NonZeroUsize::get);
        self.global.jobs.map_or(cores, NonZeroUsize::get)
    }

    /// Returns where every event is written to, where a person wants that; it was seen to be
    /// writable when the command began.
    pub(crate) fn stream(&self) -> Option<File> {
        let path = self.environment.here.join(self.global.events.as_ref()?);
        let mut options = File::options();
        options.append(true).create(true).open(path).ok()
    }

    /// Returns when events can be written where a person wants them.
    fn streamable(&self) -> Result<(), Failure> {
        if self.stream().is_some() || self.global.events.is_none() {
            return Ok(());
        }
        let what = "the file of `--events` can not be written";
        let help = "name a file in a folder that is there and yours: `--events FILE`";
        Err(Failure::new(Exit::Usage, what, help))
    }
}

/// Runs what was typed, to its end.
pub(crate) fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return said_by_clap(&error),
    };
    let colour = cli.global.color.choice();
    let ended = catch_unwind(AssertUnwindSafe(|| run(cli, colour)));
    ended.unwrap_or_else(|_| {
        let printer = Printer::new(None, colour);
        printer.talk("cascade itself failed, which is a bug: please report what stands above");
        Exit::Bug
    })
}

/// Runs a command, and says what went wrong if it did.
fn run(cli: Cli, colour: ColorChoice) -> Exit {
    let printer = Printer::new(None, colour);
    let environment = match Environment::read() {
        Ok(environment) => environment,
        Err(failure) => return complained(printer, &failure),
    };
    let call = Call {
        printer: Printer::new(environment.width, colour),
        global: cli.global,
        environment,
    };
    let ready = call.streamable();
    match ready.and_then(|()| dispatch(cli.command, &call)) {
        Ok(exit) => exit,
        Err(failure) => complained(call.printer, &failure),
    }
}

/// Runs the command that was typed.
fn dispatch(command: Command, call: &Call) -> Result<Exit, Failure> {
    match command {
        Command::Init(it) => it.run(call),
        Command::Status(it) => it.run(call),
        Command::Check(it) => it.run(call),
        Command::Drift(it) => it.run(call),
        Command::Explain(it) => it.run(call),
        Command::Policy(it) => it.run(call),
        Command::Fetch(it) => it.run(call),
        Command::Graph(it) => it.run(call),
        Command::Hook(it) => it.run(call),
        Command::Plan(it) => it.run(call),
        Command::Apply(it) => it.run(call),
        Command::Bump(it) => it.run(call),
        Command::Lock(it) => it.run(call),
        Command::Tag(it) => it.run(call),
        Command::Release(it) => it.run(call),
        Command::Resume(it) => it.run(call),
        Command::Runs(it) => it.run(call),
        Command::Retry(it) => it.run(call),
        Command::Skip(it) => it.run(call),
        Command::Hold(it) => it.run(call),
        Command::Unhold(it) => it.run(call),
        Command::Undo(it) => it.run(call),
        Command::Unlock(it) => it.run(call),
        Command::Wait(it) => it.run(call),
        Command::Demo(it) => it.run(call),
        Command::Registry(it) => it.run(call),
        Command::Schema(it) => it.run(call),
        Command::Completions(it) => it.run(call),
        Command::Man(it) => it.run(call),
    }
}

/// Shows a failure and returns how the run ends for it.
fn complained(printer: Printer, failure: &Failure) -> Exit {
    printer.complain(failure.diagnostic());
    failure.exit
}

/// Shows what clap has to say: help and the version to stdout, mistakes to stderr.
fn said_by_clap(error: &clap::Error) -> Exit {
    // A closed pipe leaves nobody to tell.
    if error.use_stderr() {
        let said = error.render().ansi().to_string();
        Printer::new(None, ColorChoice::Auto).talk(brief(&said).trim_end());
        Exit::Usage
    } else {
        let _ = error.print();
        Exit::Done
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_teaches() {
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name}: about");
            assert!(command.get_long_about().is_some(), "{name}: long about");
            let examples = command.get_after_help().map(ToString::to_string);
            let examples = examples.unwrap_or_default();
            assert!(
                examples.contains(&format!("cascade {name}")),
                "{name}: examples"
            );
        }
    }

    #[test]
    fn the_level_may_stand_first() {
        for line in [
            "bump minor --repo x",
            "release patch --repo x",
            "plan v1.2.3 --repo x",
        ] {
            let words = std::iter::once("cascade").chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
        let wrong = Cli::try_parse_from(["cascade", "bump", "mnior", "--repo", "x"]).unwrap_err();
        assert!(
            wrong.to_string().contains("did you mean `minor`?"),
            "{wrong}"
        );
    }
}
