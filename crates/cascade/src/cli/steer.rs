//! `cascade retry`, `skip`, `hold` and `unhold`: what a person says of one repository of a run.

use std::ffi::OsStr;
use std::time::Duration;

use cascade_plan::{Fate, OnFailure, Plan as Planned, RepoId, Said, Word};
use cascade_run::{
    Against, JournalError, Manner, Runs, Scope, State, StateError, Story, host, standing,
};
use clap::Args;

use super::apply::same_workspace;
use super::carry::{alone, ended, git_waiting, looking};
use super::guard::pass;
use super::machines::{Asking, everywhere};
use super::release::go_on;
use super::resume::{drifted, moved, plan_of};
use super::runs::{named_release, stories};
use super::wait::timeout;
use super::workspace::Workspace;
use super::{Call, quality};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shown::Shown;

/// Which repository, and of which run.
#[derive(Debug, Args)]
struct Target {
    /// The repository
    #[arg(value_name = "REPO")]
    repo: String,
    /// The run, or how its id begins [default: the one that was taken up last]
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
}

/// Tries a repository of a run again, and what stands on it
#[derive(Debug, Args)]
#[command(
    long_about = "Takes a run up for one repository and what stands on it, and leaves the rest as it \
        is. What the repository stands on has to be done. One that was left out is part of the run \
        again.",
    after_help = "Examples:\n  \
        cascade retry lib                of the run that was taken up last\n  \
        cascade retry lib --run 3fa2"
)]
pub(crate) struct Retry {
    #[command(flatten)]
    target: Target,
    /// How long to wait for a merge or a tag that others make, as `90s` or `1h`, before it ends with
    /// exit 7 [default: 10m]
    #[arg(long, value_name = "SPAN", value_parser = timeout)]
    wait: Option<Duration>,
}

/// Leaves a repository out of a run
#[derive(Debug, Args)]
#[command(
    long_about = "Leaves a repository out of a run: its version stays, and who said so, when and why \
        is part of the run's story. What stands on it goes on where its part of the plan does not \
        need the new version; else it can not start, and is named. What is out already can not be \
        left out.\n\n\
        A run that goes on in another terminal hears of it before the repository is begun. `cascade \
        retry` takes it in again, and `cascade resume --replan` plans the rest without it.",
    after_help = "Examples:\n  \
        cascade skip lib --reason \"its maintainer is away\"\n  \
        cascade resume                   does the rest"
)]
pub(crate) struct Skip {
    #[command(flatten)]
    target: Target,
    /// Why, for those who read the story
    #[arg(long, value_name = "TEXT", required = true)]
    reason: String,
}

/// Holds a repository of a run until somebody lets it go on
#[derive(Debug, Args)]
#[command(
    long_about = "Holds a repository of a run: nothing of it is begun, and of what stands on it, until \
        `cascade unhold`. The rest goes on; the run ends as waiting (exit 7), with the reason.\n\n\
        A run that goes on in another terminal hears of it before the repository is begun; what is \
        begun already is carried to its end.",
    after_help = "Examples:\n  \
        cascade hold app --reason \"not before the fair is over\"\n  \
        cascade unhold app"
)]
pub(crate) struct Hold {
    #[command(flatten)]
    target: Target,
    /// Why, for those who wait
    #[arg(long, value_name = "TEXT", required = true)]
    reason: String,
}

/// Lets a repository go on that was held
#[derive(Debug, Args)]
#[command(
    long_about = "Lets a repository of a run go on that was held; `cascade resume` then carries it out.",
    after_help = "Examples:\n  \
        cascade unhold app\n  \
        cascade resume"
)]
pub(crate) struct Unhold {
    #[command(flatten)]
    target: Target,
}

impl Skip {
    /// Says it.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let of = self.target.open(call)?;
        of.open_for("leave it out")?;
        let reason = self.reason.clone();
        of.say(call, Said::Skip { reason }, "is left out of")
    }
}

impl Hold {
    /// Says it.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let of = self.target.open(call)?;
        of.open_for("hold it")?;
        let reason = self.reason.clone();
        of.say(call, Said::Hold { reason }, "is held in")
    }
}

impl Unhold {
    /// Says it, where somebody holds the repository.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let of = self.target.open(call)?;
        if !of.story.steering().holds(&of.repo) {
            let told = format!("{} is not held\n", Shown(of.repo.as_str()));
            call.printer.report(&told)?;
            return Ok(Exit::Done);
        }
        of.say(call, Said::Unhold, "may go on in")
    }
}

impl Retry {
    /// Looks, and does what is left of the repository and of what stands on it.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let of = self.target.open(call)?;
        let alone = alone(&of.state)?;
        let git = git_waiting(call, self.wait)?;
        let plan = plan_of(&of.story)?;
        let repos = plan.from_there_on(&of.repo);
        let mine = plan.steps.iter().filter(|it| repos.contains(&it.repo));
        let part = plan.with(mine.cloned().collect());
        let again = format!("cascade retry {} --run {}", of.repo, plan.run.0);
        let asking = Asking {
            command: &again,
            run: Some(&plan.run),
            against: Against::Yield,
        };
        let (git, _lease) = everywhere(call, &of.workspace, (&git, &of.state, &alone), asking)?;
        let with = (&git, &of.state);
        pass(call, &of.workspace, with, (plan, None))?;
        let word = of.word(call, Said::Retry);
        let said = Runs::of(&of.state).say(&plan.run, &word);
        said.map_err(|it| unwritten(&it))?;
        let stands = looking(call, part.steps.len(), |on_event| {
            standing(&part, &git, &of.state, call.jobs(), on_event)
        });
        if stands.fates.values().any(|it| *it == Fate::Interrupted) {
            return ended(call, &part, &stands, &again);
        }
        let moved_away = drifted(&part, &stands, &of.story.steering());
        if !moved_away.is_empty() {
            return Err(moved(&moved_away));
        }
        quality::pass_left(call, &of.workspace, (&part, &stands), with)?;
        let manner = Manner {
            jobs: call.jobs(),
            on_failure: OnFailure::GoOn,
            scope: Some(Scope {
                repos,
                known: of.story.outcome().fates,
            }),
            until: None,
            graph: None,
        };
        let told = go_on(call, (plan, &of.workspace.graph), with, manner)?;
        ended(call, &part, &told, &again)
    }
}

/// A repository of a run.
struct OfRun {
    workspace: Workspace,
    state: State,
    story: Story,
    repo: RepoId,
}

impl Target {
    /// Returns the repository that is meant.
    fn open(&self, call: &Call) -> Result<OfRun, Failure> {
        let workspace = Workspace::open(call)?;
        let state = workspace.state(call.environment.state()?)?;
        let stories = stories(&state)?;
        let story = named_release(&stories, self.run.as_deref())?.clone();
        let plan = plan_of(&story)?;
        same_workspace(&workspace, plan)?;
        let repo = repo_of(plan, &self.repo)?;
        Ok(OfRun {
            workspace,
            state,
            story,
            repo,
        })
    }
}

/// Returns the repository of a plan that has this name.
fn repo_of(plan: &Planned, name: &str) -> Result<RepoId, Failure> {
    let mut names = plan.steps.iter().map(|it| &it.repo);
    if let Some(found) = names.clone().find(|it| it.as_str() == name) {
        return Ok(found.clone());
    }
    let first = names.next().map_or("?", RepoId::as_str);
    let what = format!("run {} has nothing to do with `{name}`", plan.run.0);
    let help = format!("`cascade runs` lists the runs and what they release, such as `{first}`");
    Err(Failure::new(Exit::Usage, what, help))
}

impl OfRun {
    /// Fails where the repository is out, or done.
    fn open_for(&self, what: &str) -> Result<(), Failure> {
        let told = self.story.outcome();
        let done = matches!(told.fates.get(&self.repo), Some(Fate::Done { .. }));
        if !done && !told.is_out(&self.repo) {
            return Ok(());
        }
        let out = told.out.get(&self.repo).into_iter().flatten();
        let out: Vec<&str> = out.map(String::as_str).collect();
        let what = format!(
            "`{}` is out already ({}), so it is too late to {what}",
            self.repo,
            out.join(", ")
        );
        let help =
            "what is out stays out; what stands on it can still be held: `cascade hold REPO`";
        Err(Failure::new(Exit::Refused, what, help))
    }

    /// Returns what is said, with who says it and when.
    fn word(&self, call: &Call, said: Said) -> Word {
        Word {
            repo: self.repo.clone(),
            said,
            by: speaker(call),
            at: call.environment.now.saturating_mul(1000),
        }
    }

    /// Says it, and tells who hears it.
    fn say(&self, call: &Call, said: Said, becomes: &str) -> Result<Exit, Failure> {
        let runs = Runs::of(&self.state);
        let run = &self.story.run;
        let spoken = runs.say(run, &self.word(call, said));
        spoken.map_err(|it| unwritten(&it))?;
        let heard = match self.state.lock() {
            Ok(alone) => {
                let heard = runs.hear(&alone, run);
                heard.map_err(|it| unwritten(&it))?;
                format!("to continue: cascade resume {}", run.0)
            }
            Err(StateError::Busy(busy)) => format!(
                "process {} is at work: if it carries the run out, it hears of this before the \
                 repository is begun",
                busy.pid
            ),
            Err(error) => {
                let help = "make the state folder writable, then run the same command again";
                return Err(Failure::new(Exit::Failed, error.to_string(), help));
            }
        };
        let name = Shown(self.repo.as_str());
        let told = format!("{name} {becomes} run {}\n{}\n", run.0, Shown(&heard));
        call.printer.report(&told)?;
        Ok(Exit::Done)
    }
}

/// Returns who types, as this machine knows them.
fn speaker(call: &Call) -> String {
    let vars = &call.environment.vars;
    let var = |name: &str| {
        let found = vars.iter().find(|(it, _)| it == OsStr::new(name))?;
        found.1.to_str().filter(|it| !it.is_empty())
    };
    let name = var("USER").or_else(|| var("LOGNAME")).unwrap_or("somebody");
    format!("{name}@{}", host())
}

/// Returns the failure to write down what was said.
pub(crate) fn unwritten(error: &JournalError) -> Failure {
    let help = "make room in the state folder, or set its rights, and say it again";
    Failure::new(Exit::Failed, error.to_string(), help)
}
