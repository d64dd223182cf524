//! `cascade runs`: the runs that this machine remembers.

use cascade_plan::Purpose;
use cascade_run::{End, State, Story};
use clap::{Args, Subcommand, ValueEnum};

use super::Call;
use super::carry::alone;
use super::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::count;
use crate::printer::Printer;
use crate::report::runs::{runs_human, runs_json, story_human, story_json};

/// How many days a finished run is remembered, unless another number is said.
const DAYS: i64 = 90;

/// Lists the runs that this machine remembers, and tells their stories
#[derive(Debug, Args)]
#[command(
    long_about = "Lists the releases and bumps that were begun from this machine in this workspace, \
        the last one first, and how each ended. Every run keeps its plan and a journal of what happened in \
        the state folder; to lose them costs nothing but time, because what is done is always asked \
        of the remotes.",
    after_help = "Examples:\n  \
        cascade runs\n  \
        cascade runs show                what happened in the last one, line by line\n  \
        cascade runs show 3fa2\n  \
        cascade runs gc --older-than 30  forget finished runs of more than 30 days"
)]
pub(crate) struct Runs {
    #[command(subcommand)]
    what: Option<What>,
    /// How to show it
    #[arg(long, value_name = "FORMAT", default_value = "human", global = true)]
    format: Format,
}

/// What is done with runs.
#[derive(Debug, Subcommand)]
enum What {
    /// Tells what happened in a run
    Show {
        /// The run, or how its id begins [default: the one that was taken up last]
        #[arg(value_name = "RUN")]
        run: Option<String>,
    },
    /// Forgets finished runs; one that is not finished is kept
    Gc {
        /// Only those that were taken up last more than this many days ago
        #[arg(long, value_name = "DAYS", default_value_t = DAYS)]
        #[arg(value_parser = clap::value_parser!(i64).range(0..))]
        older_than: i64,
    },
}

/// How runs are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// `cascade.runs/1` and `cascade.run/1`, for machines.
    Json,
}

impl Runs {
    /// Lists, tells or forgets.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let state = workspace.state(call.environment.state()?)?;
        let all = stories(&state)?;
        match (&self.what, self.format) {
            (None, Format::Human) => {
                call.printer
                    .report(&runs_human(&all, call.printer.width()))?;
            }
            (None, Format::Json) => Printer::json(&runs_json(&all))?,
            (Some(What::Show { run }), Format::Human) => {
                call.printer
                    .report(&story_human(named(&all, run.as_deref())?))?;
            }
            (Some(What::Show { run }), Format::Json) => {
                Printer::json(&story_json(named(&all, run.as_deref())?))?;
            }
            (Some(What::Gc { older_than }), _) => forget(call, &state, &all, *older_than)?,
        }
        Ok(Exit::Done)
    }
}

/// Returns every run, the one that was taken up last first.
pub(crate) fn stories(state: &State) -> Result<Vec<Story>, Failure> {
    cascade_run::Runs::of(state).all().map_err(|error| {
        let what = format!("the runs can not be read: {error}");
        Failure::new(Exit::Failed, what, "set the rights of the state folder")
    })
}

/// Returns the run that a person means.
pub(crate) fn named<'a>(stories: &'a [Story], run: Option<&str>) -> Result<&'a Story, Failure> {
    let help = "`cascade runs` lists them; `cascade release` begins one";
    match run {
        Some(id) => cascade_run::Runs::find(stories, id)
            .map_err(|error| Failure::new(Exit::Usage, error.to_string(), help)),
        None => stories.first().ok_or_else(none),
    }
}

/// Returns the release that a person means; the last one where they name none.
pub(crate) fn named_release<'a>(
    stories: &'a [Story],
    run: Option<&str>,
) -> Result<&'a Story, Failure> {
    let is_bump = |it: &&Story| {
        let plan = it.plan.as_ref();
        plan.is_some_and(|it| it.request.purpose == Purpose::Bump)
    };
    if run.is_none()
        && let Some(last) = stories.iter().find(|it| !is_bump(it))
    {
        return Ok(last);
    }
    let id = run.ok_or_else(none)?;
    let story = named(stories, Some(id))?;
    if !is_bump(&story) {
        return Ok(story);
    }
    let what = format!("run {} is a bump, not a release", story.run.0);
    let help = "type the same `cascade bump` again, or `cascade undo RUN` to take it back";
    Err(Failure::new(Exit::Usage, what, help))
}

/// Returns the failure to find any run.
fn none() -> Failure {
    let help = "`cascade runs` lists them; `cascade release` begins one";
    Failure::new(Exit::Usage, "no run was begun here yet", help)
}

fn forget(call: &Call, state: &State, all: &[Story], days: i64) -> Result<(), Failure> {
    let _alone = alone(state)?;
    let oldest = call
        .environment
        .now
        .saturating_sub(days.saturating_mul(86_400));
    let is_old = |it: &&Story| it.begun().is_none_or(|at| at / 1000 < oldest);
    let mut gone = 0;
    for story in all
        .iter()
        .filter(|it| matches!(it.end(), End::Finished | End::Undone))
        .filter(is_old)
    {
        let runs = cascade_run::Runs::of(state);
        runs.forget(&story.run).map_err(|error| {
            let what = format!("run {} can not be forgotten: {error}", story.run.0);
            Failure::new(Exit::Failed, what, "set the rights of the state folder")
        })?;
        gone += 1;
    }
    let many = count(gone, "run", "runs");
    call.printer
        .report(&format!("{many} forgotten, {} kept\n", all.len() - gone))
}
