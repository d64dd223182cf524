//! The lock between machines, as commands take it.

use cascade_plan::{RunId, spelled};
use cascade_run::{Against, Git, Guard, Holder, Lease, LeaseError, State, Terms};

use super::Call;
use super::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{WARN, paint};
use crate::shown::Shown;

/// What a command is, to those who ask for the lock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking<'a> {
    /// The words to type again.
    pub(crate) command: &'a str,
    /// The run, where it is known already.
    pub(crate) run: Option<&'a RunId>,
    /// What is done about a lock that somebody else holds.
    pub(crate) against: Against,
}

/// Returns the right to run on every machine, and git that pushes while it holds.
pub(crate) fn everywhere(
    call: &Call,
    workspace: &Workspace,
    (git, state, guard): (&Git, &State, &Guard),
    asking: Asking<'_>,
) -> Result<(Git, Lease), Failure> {
    let terms = Terms {
        lock: workspace.graph.run_lock(),
        run: asking.run,
        against: asking.against,
    };
    let note = |text: &str| {
        let line = format!("{} {}", paint(WARN, "note:"), Shown(text));
        call.printer.talk(&line);
    };
    let taken = Lease::take(git, (state, guard), &terms, &mut |it| note(&it));
    let lease = taken.map_err(|it| refused(&it, asking.command))?;
    if let Some(remark) = lease.remark() {
        note(remark);
    }
    Ok((lease.guarding(git), lease))
}

/// Returns the failure to have the lock.
pub(crate) fn refused(error: &LeaseError, command: &str) -> Failure {
    let (exit, help) = match error {
        LeaseError::Held(it) => (Exit::Failed, after(it, command)),
        LeaseError::Alive(_) => {
            let help = "it is alive: wait until it ended, then run the same command again";
            (Exit::Failed, help.to_owned())
        }
        LeaseError::Silent { .. } => {
            let help = "run the same command again when it answers; where no other machine releases, \
                `run-lock = \"local\"` in [workspace] of workspace.toml goes without it";
            (Exit::Failed, help.to_owned())
        }
        LeaseError::Jammed { .. } => {
            let help = "a git that was killed there left it: remove that file on the server, then run \
                the same command again";
            (Exit::Failed, help.to_owned())
        }
        LeaseError::Disk(_) => {
            let help = "make room in the state folder, or set its rights";
            (Exit::Failed, help.to_owned())
        }
        LeaseError::Interrupted => {
            let help = "run the same command again";
            (Exit::Interrupted, help.to_owned())
        }
    };
    Failure::new(exit, error.to_string(), help)
}

/// Returns what to type where somebody holds the lock.
fn after(holder: &Holder, command: &str) -> String {
    format!(
        "wait until it ended; if that machine is gone, `{command} --take-over` watches the lock for {} \
         and takes it unless it moves, and whoever knows for certain frees it: `cascade unlock {}`",
        spelled(holder.expires),
        holder.object
    )
}
