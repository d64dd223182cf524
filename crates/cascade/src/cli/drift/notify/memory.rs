//! What was told before: in a folder, on the workspace's remote, or nowhere.

use std::path::Path;

use cascade_plan::Severity;
use cascade_plan::drift::history::Notification;
use cascade_plan::drift::{Drift, Heard, heard, heard_by_nobody};
use cascade_run::HistoryPlace;

use crate::cli::Call;
use crate::cli::carry::git;
use crate::cli::drift::history::refused;
use crate::cli::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;

/// Where what was told is remembered.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kept<'p> {
    /// In a folder.
    Folder(&'p Path),
    /// On the workspace's remote.
    Remote,
    /// Nowhere.
    Nowhere,
}

/// What remembers what was told.
pub(super) struct Memory(Option<HistoryPlace>);

impl Memory {
    /// Returns the memory that is asked for.
    pub(super) fn open(call: &Call, kept: Kept<'_>) -> Result<Self, Failure> {
        Ok(Self(match kept {
            Kept::Nowhere => None,
            Kept::Folder(folder) => {
                let folder = call.environment.here.join(folder);
                Some(HistoryPlace::folder(&folder))
            }
            Kept::Remote => {
                let workspace = Workspace::open(call)?;
                let state = workspace.state(call.environment.state()?)?;
                let place = HistoryPlace::of_workspace(&git(call)?, &state);
                Some(place.map_err(|it| refused(&it))?)
            }
        }))
    }

    /// Returns what an address heard last; without a memory, what the latest observation says.
    pub(super) fn heard(
        &self,
        drift: &Drift,
        target: &str,
        least: Severity,
    ) -> Result<Option<Heard>, Failure> {
        let Some(place) = &self.0 else {
            return Ok(heard_by_nobody(drift, least));
        };
        let history = place.read().map_err(|it| refused(&it))?;
        Ok(heard(&history, target, least))
    }

    /// Remembers that an address was told this.
    pub(super) fn keep(&self, target: &str, state: &str, taken: i64) -> Result<(), Failure> {
        let Some(place) = &self.0 else {
            return Ok(());
        };
        let told = Notification {
            target: target.to_owned(),
            state: state.to_owned(),
            taken,
        };
        place.tell(&told).map(drop).map_err(|error| {
            let what = format!("it was told, but that is not remembered: {error}");
            let help = "run the same command again: it sends the same key, by which a receiver can drop it";
            Failure::new(Exit::Failed, what, help)
        })
    }
}
