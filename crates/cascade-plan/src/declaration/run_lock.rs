//! The lock of a workspace's runs: how far it reaches, and when one that nobody renews is over.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::DeclareError;
use super::file::WorkspaceTable;
use super::resolve::Room;

/// The shortest time after which a lock is over.
const SHORTEST: Duration = Duration::from_secs(1);

/// The lock that lets one run in at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLock {
    /// How far it reaches.
    pub reach: LockReach,
    /// How long it stands unchanged before it may be taken over.
    pub expires: Duration,
}

impl Default for RunLock {
    fn default() -> Self {
        Self {
            reach: LockReach::Shared,
            // Renewed at a third of it: two renewals may be lost on a bad line, a laptop may nod
            // off, and who takes over a dead one waits no longer than for a kettle.
            expires: Duration::from_mins(5),
        }
    }
}

/// How far the lock of a workspace's runs reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LockReach {
    /// To every machine, by a ref on the remote of the repository that holds `workspace.toml`.
    #[default]
    Shared,
    /// To this machine alone.
    Local,
}

impl Room<'_> {
    /// Returns the lock that a workspace declares.
    pub(super) fn run_lock(&mut self, workspace: &WorkspaceTable) -> RunLock {
        let usual = RunLock::default();
        let said = workspace.run_lock_expires.as_ref();
        let expires = self.span(said).unwrap_or(usual.expires);
        if let Some(text) = said.filter(|_| expires < SHORTEST) {
            let help = "write something like `5m`";
            let error = DeclareError::new("a lock that is over at once holds nobody off");
            self.keep(text, |_| Err::<(), _>(error.help(help)));
        }
        let reach = self.word(workspace.run_lock.as_ref(), "reach of the run lock");
        RunLock {
            reach: reach.unwrap_or_default(),
            expires,
        }
    }
}
