//! `cascade undo`: takes back what a run did, as far as nobody else has it.

use cascade_plan::{Plan as Planned, RepoId};
use cascade_run::{Guard, Kept, Runs, State, Story, Undo as Taken, Undoable, undo, undoable};
use clap::Args;

use super::Call;
use super::apply::same_workspace;
use super::carry::{Confirm, alone, git};
use super::resume::plan_of;
use super::runs::{named, stories};
use super::steer::unwritten;
use super::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::undo::{in_words, left, listed, way_forward};

/// Takes back what a run did, as far as nobody else has it
#[derive(Debug, Args)]
#[command(
    long_about = "Takes back what a run did and nobody else has. Of a bump: the files that it wrote, \
        the commits, and the tags that `cascade tag` made on them, where nothing was changed or \
        committed on top and nothing was pushed. Of a release: what was built and is not pushed, and \
        branches of its own on remotes that are still as cascade made them. It shows what it would do \
        and asks.\n\n\
        Nothing that is pushed or published is ever rolled back: what is out is listed with the way \
        forward, a new version and each registry's own remedy, and the exit code is 5. What a person \
        changed stays, and is named with exit 4.\n\n\
        Without RUN it is the run that was taken up last: `cascade runs` lists them.",
    after_help = "Examples:\n  \
        cascade undo                     the last bump or release\n  \
        cascade undo 3fa2 --yes          without asking"
)]
pub(crate) struct Undo {
    /// The run, or how its id begins [default: the one that was taken up last]
    #[arg(value_name = "RUN")]
    run: Option<String>,
    #[command(flatten)]
    confirm: Confirm,
}

impl Undo {
    /// Looks, asks, and takes back.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let state = workspace.state(call.environment.state()?)?;
        let alone = alone(&state)?;
        let stories = stories(&state)?;
        let story = named(&stories, self.run.as_deref())?;
        let plan = plan_of(story)?;
        same_workspace(&workspace, plan)?;
        let git = git(call)?;
        let mut all = undoable(story, &workspace.sites, &git, &state);
        if !all.acts.is_empty() {
            call.printer.talk(listed(&all.acts).trim_end());
            self.confirm
                .ask(call, &format!("undo that of run {}", story.run.0))?;
        }
        let mut done = Vec::new();
        for act in std::mem::take(&mut all.acts) {
            match undo(&act, story, (&git, &state)) {
                Ok(()) => {
                    remember(&state, &alone, story, &act)?;
                    done.push(act);
                }
                Err(error) => all.kept.push(Kept {
                    repo: act.repo,
                    why: error.why,
                    help: error.help,
                }),
            }
        }
        told(call, plan, (&done, &all))
    }
}

/// Writes down that something was taken back.
fn remember(state: &State, alone: &Guard, story: &Story, act: &Taken) -> Result<(), Failure> {
    let repo: &RepoId = &act.repo;
    let written = Runs::of(state).undone(alone, &story.run, (repo, &in_words(&act.what)));
    written.map_err(|it| unwritten(&it))
}

/// Reports what was taken back, what stays, and the way forward for what is out.
fn told(call: &Call, plan: &Planned, (done, all): (&[Taken], &Undoable)) -> Result<Exit, Failure> {
    let mut text = left(plan, (done, all));
    text.push_str(&way_forward(plan, &all.out));
    call.printer.report(&text)?;
    Ok(if !all.out.is_empty() {
        Exit::Partial
    } else if !all.kept.is_empty() {
        Exit::Refused
    } else {
        Exit::Done
    })
}
