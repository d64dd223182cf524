//! What carrying out needs: git, a person's yes, an ear for events, and the report at the end.

use std::ffi::OsString;
use std::io::{self, BufRead as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use cascade_plan::{Ask, Course, Event, Fate, Outcome, Plan, Purpose, Reason, RepoId, Step, What};
use cascade_run::{Git, Guard, State};
use clap::Args;

use super::Call;
use super::selection::matcher;
use super::selector::typed;
use crate::exit::{Exit, Held};
use crate::failure::Failure;
use crate::page::{STRONG, paint};
use crate::progress::Progress;
use crate::report::outcome::outcome;
use crate::shown::Shown;
use crate::signals::interrupt;

/// The answer to the question before anything changes.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Confirm {
    /// Do it without asking
    #[arg(long, short)]
    pub(crate) yes: bool,
}

impl Confirm {
    /// Returns when a person said yes.
    pub(crate) fn ask(self, call: &Call, question: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !call.environment.asks {
            return Err(Failure::new(
                Exit::Unconfirmed,
                format!(
                    "to {question} needs a yes, and nobody is there to say it: nothing was done"
                ),
                "look at the plan above, and add `--yes` to the same command",
            ));
        }
        call.printer
            .ask(&format!("{}? [y/N] ", paint(STRONG, question)));
        let Some(answer) = answer(&interrupt()) else {
            call.printer.talk("");
            return Err(Failure::new(
                Exit::Interrupted,
                "interrupted at the question, so nothing was done",
                "run the same command again",
            ));
        };
        if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
            return Ok(());
        }
        Err(Failure::new(
            Exit::Unconfirmed,
            "the answer was no, so nothing was done",
            "change the selection, or run the same command again",
        ))
    }
}

/// Returns the line that a person types; `None` where they interrupt instead.
fn answer(raised: &AtomicBool) -> Option<String> {
    let (tell, ear) = mpsc::channel();
    // A read goes on after a signal, so it waits where nobody waits for it.
    thread::spawn(move || {
        let mut answer = String::new();
        let _ = io::stdin().lock().read_line(&mut answer);
        let _ = tell.send(answer);
    });
    while !raised.load(Ordering::Relaxed) {
        match ear.recv_timeout(Duration::from_millis(50)) {
            Ok(answer) => return Some(answer),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return None,
        }
    }
    None
}

/// Returns the user's git, which stops what it does when a person interrupts.
pub(crate) fn git(call: &Call) -> Result<Git, Failure> {
    git_with(call.environment.vars.clone())
}

/// Returns the user's git in an environment of these variables.
pub(crate) fn git_with(vars: Vec<(OsString, OsString)>) -> Result<Git, Failure> {
    git_of(cascade_run::Environment::new(vars))
}

/// Returns the user's git, which waits so long for what others do on a remote; as long as usual where
/// nothing is said.
pub(crate) fn git_waiting(call: &Call, wait: Option<Duration>) -> Result<Git, Failure> {
    let mut environment = cascade_run::Environment::new(call.environment.vars.clone());
    if let Some(wait) = wait {
        environment.patience.tag = wait;
    }
    git_of(environment)
}

fn git_of(mut environment: cascade_run::Environment) -> Result<Git, Failure> {
    environment.interrupt = interrupt();
    Git::find(environment).map_err(|error| {
        let help = "install git, or put its folder into `PATH`";
        Failure::new(Exit::Failed, error.to_string(), help)
    })
}

/// Returns the right to run in the workspace, if no other cascade has it.
pub(crate) fn alone(state: &State) -> Result<Guard, Failure> {
    state.lock().map_err(|error| {
        let help = "wait until it ended, then run the same command again";
        Failure::new(Exit::Failed, error.to_string(), help)
    })
}

/// Runs something that tells events, and shows them as they come.
pub(crate) fn watched<T>(
    call: &Call,
    repos: usize,
    run: impl FnOnce(&mut dyn FnMut(Event)) -> T,
) -> T {
    let progress = Progress::new(&call.environment, call.printer, repos);
    let mut progress = progress.streamed(call.stream());
    let done = run(&mut |event| progress.hear(&event));
    progress.end();
    done
}

/// Runs a plan, and shows events as they come and what the end hangs on.
pub(crate) fn watched_along<T>(
    call: &Call,
    (repos, course): (usize, Course),
    run: impl FnOnce(&mut dyn FnMut(Event)) -> T,
) -> T {
    let progress = Progress::new(&call.environment, call.printer, repos);
    let mut progress = progress.along(course).streamed(call.stream());
    let done = run(&mut |event| progress.hear(&event));
    progress.end();
    done
}

/// Runs something that only looks: what goes well is not told.
pub(crate) fn looking<T>(
    call: &Call,
    repos: usize,
    run: impl FnOnce(&mut dyn FnMut(Event)) -> T,
) -> T {
    let mut progress = Progress::new(&call.environment, call.printer, repos).quiet();
    let done = run(&mut |event| progress.hear(&event));
    progress.end();
    done
}

/// Reports what a plan came to, and returns how the run ends for it.
pub(crate) fn ended(
    call: &Call,
    plan: &Plan,
    told: &Outcome,
    again: &str,
) -> Result<Exit, Failure> {
    call.printer.report(&outcome(plan, told, again))?;
    let held = plan.steps.iter().any(|it| it.held.is_some());
    let held = if held { Held::Some } else { Held::None };
    Ok(Exit::of(told, held))
}

/// Returns whether taking the same plan up again is what continues: it waits or was interrupted, or
/// something of it is out. Where nothing is, a new plan fits better what is mended meanwhile.
pub(crate) fn is_resumable(plan: &Plan, told: &Outcome) -> bool {
    let any_out = told.fates.keys().any(|it| told.is_out(it));
    let open = plan.steps.iter().filter(|it| it.held.is_none());
    open.filter_map(|it| told.fates.get(&it.repo))
        .any(|it| match it {
            Fate::Waiting { .. } | Fate::Stopped { .. } | Fate::Interrupted => true,
            Fate::Failed { .. } | Fate::Drifted { .. } => any_out,
            Fate::Done { .. } | Fate::Nothing | Fate::Skipped { .. } | Fate::LeftOut { .. } => {
                false
            }
        })
}

/// Returns the command that continues: the same one, without a level for what is out.
pub(crate) fn again(command: &str, plan: &Plan, told: &Outcome, options: &[String]) -> String {
    let mut words = vec![format!("cascade {command}")];
    for ask in unfinished(plan, told) {
        words.push(format!("--repo {}", typed(&ask)));
    }
    words.extend(options.iter().map(|it| Shown(it).to_string()));
    words.join(" ")
}

/// Returns what was asked for, without a level for what is out. Where nothing was named, what is
/// out asks for nothing any more, and is named so that it travels on.
pub(crate) fn unfinished(plan: &Plan, told: &Outcome) -> Vec<Ask> {
    let release = plan.request.purpose == Purpose::Release;
    if release && plan.request.asks.is_empty() && told.fates.keys().any(|it| told.is_out(it)) {
        let roots = plan.steps.iter().filter(|it| moves_by_itself(it));
        return roots.map(|it| unsaid(it.repo.as_str(), None)).collect();
    }
    let asks = plan.request.asks.iter();
    asks.flat_map(|it| left(it, plan, told)).collect()
}

/// Returns what is left of an ask: a glob whose repositories ended differently is spelled out.
fn left(ask: &Ask, plan: &Plan, told: &Outcome) -> Vec<Ask> {
    let named = |repo: &RepoId| matcher(&ask.repo).is_ok_and(|it| it.is_match(repo.as_str()));
    let repos = plan.steps.iter().map(|it| &it.repo).filter(|it| named(it));
    let (out, open): (Vec<&RepoId>, Vec<&RepoId>) = repos.partition(|it| told.is_out(it));
    let unsaid = |repo: &str| unsaid(repo, ask.package.clone());
    if open.is_empty() && !out.is_empty() {
        return vec![unsaid(&ask.repo)];
    }
    if out.is_empty() || ask.what == What::Unsaid {
        return vec![ask.clone()];
    }
    let out = out.iter().map(|it| unsaid(it.as_str()));
    let open = open.iter().map(|it| Ask {
        repo: it.to_string(),
        ..ask.clone()
    });
    out.chain(open).collect()
}

/// Returns an ask that says nothing of how far.
fn unsaid(repo: &str, package: Option<String>) -> Ask {
    Ask {
        repo: repo.to_owned(),
        package,
        what: What::Unsaid,
    }
}

/// Returns whether a step moves for its own sake, not only because an upstream does.
fn moves_by_itself(step: &Step) -> bool {
    let own = |it: &Reason| !matches!(it, Reason::Upstream { .. });
    step.releases.iter().any(|it| own(&it.reason))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cascade_manifest::Level;

    use super::*;
    use crate::report::sample_plan::plan;

    #[test]
    fn what_is_out_is_named_where_nothing_was() {
        let mut plan = plan();
        plan.request.asks.clear();
        let fates = |urn: Fate| BTreeMap::from([(RepoId::new("urn"), urn)]);
        let told = |urn| Outcome {
            fates: fates(urn),
            ..Outcome::default()
        };
        let out = Fate::Done {
            commit: None,
            out: vec!["v1.5.0".to_owned()],
        };
        let command = again("release", &plan, &told(out), &[]);
        assert_eq!(command, "cascade release --repo urn");
        let command = again("release", &plan, &told(Fate::Interrupted), &[]);
        assert_eq!(command, "cascade release");
    }

    #[test]
    fn the_command_that_continues_has_no_level_for_what_is_out() {
        let mut plan = plan();
        plan.request.asks[0].what = What::Level(Level::Minor);
        let out = Fate::Done {
            commit: None,
            out: vec!["v1.5.0".to_owned()],
        };
        let told = |fate| Outcome {
            fates: BTreeMap::from([(RepoId::new("urn"), fate)]),
            ..Outcome::default()
        };
        let nothing = again("release", &plan, &told(Fate::Interrupted), &[]);
        assert_eq!(nothing, "cascade release --repo urn=minor");
        let first = again(
            "release",
            &plan,
            &told(out.clone()),
            &["--skip site".to_owned()],
        );
        assert_eq!(first, "cascade release --repo urn --skip site");
        plan.request.asks[0].repo = "*".to_owned();
        assert_eq!(
            again("release", &plan, &told(out), &[]),
            "cascade release --repo urn --repo app=minor --repo site=minor"
        );
    }
}
