//! The history of a workspace's drift, as commands take it.

use std::path::PathBuf;

use cascade_plan::drift::history::{History, Observation};
use cascade_run::{Already, HistoryError, HistoryPlace};
use clap::Args;

use crate::cli::Call;
use crate::cli::carry::git;
use crate::cli::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{WARN, paint};
use crate::shown::Shown;

/// Where the history is.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Place {
    /// Take what changed from the history in this folder (`DIR/drift.jsonl`), and add this look to it
    #[arg(long, value_name = "DIR", conflicts_with = "record")]
    history: Option<PathBuf>,
    /// Add this look to the history on the ref `refs/cascade/drift` of the workspace's remote
    #[arg(long)]
    record: bool,
}

/// A history, and where this look is added to it.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// What was seen before.
    pub(crate) history: History,
    place: Option<HistoryPlace>,
}

/// Whether remotes are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remotes {
    /// They are.
    Asked,
    /// They are not.
    Unasked,
}

impl Place {
    /// Returns what was seen before: of the folder, of the remote where this look is recorded or remotes
    /// are asked, else what was last seen of that on this machine.
    pub(crate) fn read(
        &self,
        call: &Call,
        workspace: &Workspace,
        remotes: Remotes,
    ) -> Result<Past, Failure> {
        let past = match (&self.history, self.record) {
            (Some(folder), _) => {
                let place = HistoryPlace::folder(&call.environment.here.join(folder));
                Past::of(place)?
            }
            (None, true) => Past::of(remote(call, workspace)?)?,
            (None, false) => Past {
                history: seen(call, workspace, remotes),
                place: None,
            },
        };
        for remark in past.history.remarks(call.environment.now) {
            note(call, &format!("the history: {remark}"));
        }
        Ok(past)
    }
}

impl Past {
    fn of(place: HistoryPlace) -> Result<Self, Failure> {
        let history = place.read().map_err(|it| refused(&it))?;
        let place = Some(place);
        Ok(Self { history, place })
    }

    /// Adds a look to the history, where it is to be added; says where it is.
    pub(crate) fn record(&self, call: &Call, seen: &Observation) -> Result<(), Failure> {
        let Some(place) = &self.place else {
            return Ok(());
        };
        let recorded = place.record(seen).map_err(|it| refused(&it))?;
        let word = match recorded.already {
            Already::New => "recorded in",
            Already::There => "recorded already in",
        };
        call.printer
            .talk(&format!("{word} {}", Shown(&recorded.place)));
        Ok(())
    }
}

fn remote(call: &Call, workspace: &Workspace) -> Result<HistoryPlace, Failure> {
    let state = workspace.state(call.environment.state()?)?;
    HistoryPlace::of_workspace(&git(call)?, &state).map_err(|it| refused(&it))
}

/// Returns the history of the remote, as far as it is at hand: a look without one is a look.
fn seen(call: &Call, workspace: &Workspace, remotes: Remotes) -> History {
    if remotes == Remotes::Asked {
        match remote(call, workspace).and_then(Past::of) {
            Ok(past) => return past.history,
            Err(failure) => note(call, &failure.diagnostic().to_string()),
        }
    }
    let home = call.environment.state();
    let state = home.and_then(|it| workspace.state(it));
    state.map_or_else(|_| History::default(), |it| HistoryPlace::last_seen(&it))
}

fn note(call: &Call, text: &str) {
    let line = format!("{} {}", paint(WARN, "note:"), Shown(text));
    call.printer.talk(&line);
}

/// Returns the failure to read a history, or to add to it.
pub(crate) fn refused(error: &HistoryError) -> Failure {
    let (exit, help) = match error {
        HistoryError::NoRemote => (
            Exit::Usage,
            "push the repository of workspace.toml somewhere (`git remote add origin ADDRESS`), or keep the \
             history in a folder: `--history DIR`",
        ),
        HistoryError::Silent { .. } | HistoryError::Unknown { .. } => (
            Exit::Failed,
            "run the same command again when it answers: nothing is recorded twice",
        ),
        HistoryError::Refused { .. } => (
            Exit::Failed,
            "let whoever runs this write `refs/cascade/*` there (in GitHub Actions `contents: write`), or \
             keep the history in a folder: `--history DIR`",
        ),
        HistoryError::Contended { .. } => (Exit::Failed, "run the same command again"),
        HistoryError::Foreign { .. } => (
            Exit::Failed,
            "see what is there (`git ls-remote ADDRESS refs/cascade/drift`), and move it away",
        ),
        HistoryError::Scratch(_) => (
            Exit::Failed,
            "make room in the state folder, or set its rights; then run the same command again",
        ),
        HistoryError::File { .. } => (
            Exit::Failed,
            "make it a file that you may write, or say another folder: `--history DIR`",
        ),
        HistoryError::Interrupted => (Exit::Interrupted, "run the same command again"),
    };
    Failure::new(exit, error.to_string(), help)
}
