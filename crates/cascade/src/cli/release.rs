//! `cascade release`: the whole cascade, against the remotes.

use std::sync::Arc;
use std::time::Duration;

use cascade_plan::{
    Course, Graph, OnFailure, Outcome, Plan as Planned, Purpose, RepoId, Request, RunId, Step,
    Until,
};
use cascade_run::{Against, Depth, Difference, Differs, Git, Manner, State, observe_remotes};
use clap::Args;

use super::carry::{
    Confirm, again, alone, ended, git_waiting, is_resumable, looking, watched_along,
};
use super::guard::pass;
use super::machines::{Asking, everywhere};
use super::plan::make;
use super::quality::Passed;
use super::refusal::{Whose, held, misspelt, refuse, without};
use super::rounds::{ROUNDS, Rounds, next};
use super::selection::Selection;
use super::wait::timeout;
use super::workspace::{Seen, Workspace};
use super::{Call, quality};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{WARN, count, paint};
use crate::report::plan_human::plan_short;
use crate::shown::Shown;

/// Releases, upstream first, and everything that stands on it
#[derive(Debug, Args)]
#[command(
    long_about = "Releases what was asked for and everything that stands on it, upstream first: \
        edits, locks, the repository's own checks, commit, tag and an all-or-nothing push, then \
        everything below as soon as its own upstreams are out, in parallel.\n\n\
        It works from the remotes' branches and never touches your checkouts. It shows the plan \
        and asks before the first act. A failure stops only what stands on it; the same command \
        takes up where the world stands, and `cascade resume` exactly this plan.\n\n\
        One machine releases at a time: another one hears who holds the lock, since when, and how \
        to take it over from one that is dead.\n\n\
        Without `--repo` it releases every repository whose commits ask for it.",
    after_help = "Examples:\n  \
        cascade release --repo core           as core's commits ask, and all below it\n  \
        cascade release patch --repo core\n  \
        cascade release --repo core=2.0.0 --skip documentation\n  \
        cascade release --repo core --only core        core alone, nothing below it
  \
        cascade release --repo core --until proposed   as far as the pull requests
  \
        cascade release --pre rc --until staged        a rehearsal in the staging registry
  \
        cascade release --yes --jobs 8        without asking, eight at once"
)]
pub(crate) struct Release {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    manner: Carried,
    #[command(flatten)]
    confirm: Confirm,
}

/// How a release is carried out, shared by `release`, `resume` and `apply`.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Carried {
    /// Start nothing more once a repository failed [default: siblings go on]
    #[arg(long)]
    fail_fast: bool,
    /// How long to wait for a merge or a tag that others make, as `90s` or `1h`, before it ends with
    /// exit 7 [default: 10m]
    #[arg(long, value_name = "SPAN", value_parser = timeout)]
    pub(crate) wait: Option<Duration>,
    /// Go no further than this step in any repository: `committed` pushes nothing, `proposed` and
    /// `merged` push only what goes by a pull request, `tagged` waits for no package, `visible`
    /// announces nothing (`after`), and `staged` is that for pre-releases in a staging registry.
    /// `cascade resume` goes on
    #[arg(long, value_name = "STEP")]
    until: Option<Until>,
    /// Where another machine holds the lock: watch it, and take it over unless it moves
    #[arg(long)]
    take_over: bool,
}

/// Fails where pre-releases shall be rehearsed, and the plan makes none or no staging registry has
/// them.
pub(crate) fn rehearsable(plan: &Planned, graph: &Graph, manner: Carried) -> Result<(), Failure> {
    if manner.until != Some(Until::Staged) {
        return Ok(());
    }
    if plan.request.pre.is_none() {
        let what = "`--until staged` is for pre-releases, and this would make real ones";
        let help = "say which: `cascade release --pre rc --until staged`";
        return Err(Failure::new(Exit::Usage, what, help));
    }
    let unstaged = |step: &&Step| {
        let declared = graph.repo(&step.repo);
        let moves = step.releases.iter().any(|it| !it.out);
        moves && declared.is_none_or(|it| it.staging.is_empty())
    };
    let Some(step) = plan.steps.iter().find(unstaged) else {
        return Ok(());
    };
    let what = format!("no staging registry has what `{}` publishes", step.repo);
    let help = format!(
        "set `staging` in [workspace] or [repo.{}] of workspace.toml",
        step.repo
    );
    Err(Failure::new(Exit::Usage, what, help))
}

impl Carried {
    /// Returns how the lock between machines is asked for.
    pub(crate) fn asking<'a>(self, command: &'a str, run: Option<&'a RunId>) -> Asking<'a> {
        let against = if self.take_over {
            Against::TakeOver
        } else {
            Against::Yield
        };
        Asking {
            command,
            run,
            against,
        }
    }

    /// Returns how a whole plan is carried out.
    pub(crate) fn manner(self, call: &Call) -> Manner {
        Manner {
            jobs: call.jobs(),
            on_failure: if self.fail_fast {
                OnFailure::Stop
            } else {
                OnFailure::GoOn
            },
            scope: None,
            until: self.until,
            graph: None,
        }
    }
}

impl Release {
    /// Plans from the remotes, asks, and does it.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let request = self.selection.request(&workspace, Purpose::Release)?;
        let state = workspace.state(call.environment.state()?)?;
        let alone = alone(&state)?;
        let git = git_waiting(call, self.manner.wait)?;
        let asking = self.manner.asking("cascade release", None);
        let (git, _lease) = everywhere(call, &workspace, (&git, &state, &alone), asking)?;
        let rounds = self.rounds(call, &workspace, (&git, &state), &request)?;
        let options = self.selection.typed();
        let again = if is_resumable(&rounds.plan, &rounds.told) {
            "cascade resume".to_owned()
        } else {
            again("release", &rounds.plan, &rounds.told, &options)
        };
        ended(call, &rounds.plan, &rounds.told, &again)
    }

    /// Releases, and again what stands on a version that release-please made otherwise.
    fn rounds(
        &self,
        call: &Call,
        workspace: &Workspace,
        with: (&Git, &State),
        request: &Request,
    ) -> Result<Rounds, Failure> {
        let (plan, told) = self.round(call, workspace, with, request, Round::First)?;
        let mut further = next(&plan, &told);
        let mut rounds = Rounds { plan, told };
        for _ in 1..ROUNDS {
            let Some(request) = further else { break };
            call.printer
                .talk("what stands on another version than foreseen is planned anew");
            let (plan, told) = self.round(call, workspace, with, &request, Round::Later)?;
            further = next(&plan, &told);
            rounds.add(plan, told);
        }
        Ok(rounds)
    }

    /// Looks at the remotes, plans, asks, and does it.
    #[expect(
        clippy::too_many_arguments,
        reason = "the walk of a release: where, with what, for what, and which round"
    )]
    fn round(
        &self,
        call: &Call,
        workspace: &Workspace,
        with: (&Git, &State),
        request: &Request,
        round: Round,
    ) -> Result<(Planned, Outcome), Failure> {
        let seen = remotes(call, workspace, with.0, with.1)?;
        let plan = make(workspace, &seen, request)?;
        rehearsable(&plan, &workspace.graph, self.manner)?;
        let culprits = held(&plan);
        let go_on = without("release", &plan, &self.selection.typed(), &culprits);
        refuse(&culprits, Whose::Plan, &go_on)?;
        pass(call, workspace, with, (&plan, None))?;
        if round == Round::First {
            let culprits = misspelt(call, &plan, with.0, with.1);
            let go_on = without("release", &plan, &self.selection.typed(), &culprits);
            refuse(&culprits, Whose::Plan, &go_on)?;
        }
        let how = (self.manner, round.confirm(self.confirm));
        let passed = match round {
            Round::First => Passed::Again,
            Round::Later => Passed::Counts,
        };
        let told = carry(call, (&plan, &workspace.graph), with, how, || {
            quality::pass(call, (&workspace.graph, &seen), (&plan, passed), with)
        })?;
        Ok((plan, told))
    }
}

/// Returns what the remotes show now, and names the checkouts that differ.
pub(crate) fn remotes(
    call: &Call,
    workspace: &Workspace,
    git: &Git,
    state: &State,
) -> Result<Seen, Failure> {
    let (graph, sites) = (&workspace.graph, &workspace.sites);
    let now = call.environment.now;
    let seen = looking(call, sites.len(), |on_event| {
        observe_remotes(
            graph,
            sites,
            git,
            state,
            call.jobs(),
            Depth::Plan,
            now,
            on_event,
        )
    });
    let (snapshot, differences) = seen.map_err(|error| {
        let help = "mend the remote, or leave the repository out: `--skip REPO`";
        Failure::new(Exit::Failed, error.to_string(), help)
    })?;
    for difference in &differences {
        call.printer.talk(&differs(difference));
    }
    Ok(Seen::new(graph, snapshot))
}

/// Returns a line about a checkout that differs from its remote.
fn differs(difference: &Difference) -> String {
    let mut text = difference.to_string();
    if matches!(difference.how, Differs::Commits { unpushed, .. } if unpushed > 0) {
        text.push_str(", which is not released: push first what should be");
    }
    format!("{} {}", paint(WARN, "note:"), Shown(&text))
}

/// Which round of a release it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// Nothing is out yet.
    First,
    /// Something may be out; it is the same release.
    Later,
}

impl Round {
    /// Returns what asks: the answer was given for this release, and only a version is another one.
    fn confirm(self, first: Confirm) -> Confirm {
        match self {
            Self::First => first,
            Self::Later => Confirm { yes: true },
        }
    }
}

/// Shows a release plan, asks, makes sure that what it releases is fit, and carries it out.
pub(crate) fn carry(
    call: &Call,
    (plan, graph): (&Planned, &Graph),
    (git, state): (&Git, &State),
    (manner, confirm): (Carried, Confirm),
    fit: impl FnOnce() -> Result<(), Failure>,
) -> Result<Outcome, Failure> {
    match agreed(call, plan, confirm)? {
        Agreed::Nothing => Ok(Outcome::default()),
        Agreed::Yes => {
            fit()?;
            go_on(call, (plan, graph), (git, state), manner.manner(call))
        }
    }
}

/// What a person said to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreed {
    /// Yes.
    Yes,
    /// There is nothing to say yes to.
    Nothing,
}

/// Shows a release plan and asks; fails where the answer is no.
pub(crate) fn agreed(call: &Call, plan: &Planned, confirm: Confirm) -> Result<Agreed, Failure> {
    let moving = plan.steps.iter();
    let moving = moving
        .filter(|it| it.changes() && it.held.is_none())
        .count();
    if moving == 0 {
        return Ok(Agreed::Nothing);
    }
    call.printer.talk(plan_short(plan).trim_end());
    let many = count(moving, "repository", "repositories");
    confirm.ask(call, &format!("release {many}"))?;
    Ok(Agreed::Yes)
}

/// Carries a release plan out that a person said yes to.
pub(crate) fn go_on(
    call: &Call,
    (plan, graph): (&Planned, &Graph),
    (git, state): (&Git, &State),
    mut manner: Manner,
) -> Result<Outcome, Failure> {
    manner.graph = Some(Arc::new(graph.clone()));
    let concerns = |it: &RepoId| {
        manner
            .scope
            .as_ref()
            .is_none_or(|all| all.repos.contains(it))
    };
    let moving = plan
        .steps
        .iter()
        .filter(|it| it.changes() && concerns(&it.repo));
    let (moving, course) = (moving.clone().count(), Course::of(moving));
    let told = watched_along(call, (moving, course), |on_event| {
        cascade_run::release(plan, git, state, manner, on_event)
    });
    told.map_err(|error| {
        let help = "make room in the state folder, or set its rights; nothing was done";
        Failure::new(Exit::Failed, error.to_string(), help)
    })
}
