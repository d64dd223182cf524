//! What the lock says: small JSON in the message of a commit.

use std::time::Duration;

use cascade_plan::RunId;
use serde::{Deserialize, Serialize};

use super::{Terms, harmless, seat};
use crate::environment::Environment;
use crate::git::Git;
use crate::state::{State, host, now};

/// The longest expiry that is believed of somebody else.
const LONGEST: Duration = Duration::from_hours(1);

/// What the lock says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// Whether somebody holds it.
    pub(super) state: Word,
    /// The run, where it is planned already.
    pub(super) run: Option<String>,
    /// Who moved it last.
    pub(super) holder: Who,
    /// When they took it, by their clock: only to be shown.
    pub(super) since: String,
    /// What no other note has.
    pub(super) nonce: String,
    /// How often they showed that they live.
    pub(super) beat: u64,
    /// How many seconds it has to stand unchanged until they count as dead.
    pub(super) expires: u64,
}

/// Whether somebody holds the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Word {
    /// Somebody does.
    Held,
    /// Nobody does.
    Free,
}

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Who {
    /// The account.
    pub(super) user: String,
    /// The machine.
    pub(super) host: String,
    /// The process.
    pub(super) process: u32,
    /// The state folder: whoever has its file lock knows that others who had it are gone.
    pub(super) seat: String,
}

impl Note {
    /// Returns the note of this process.
    pub(super) fn mine(environment: &Environment, state: &State, terms: &Terms<'_>) -> Self {
        let of = |name: &str| environment.vars.get(std::ffi::OsStr::new(name));
        let user = of("USER").or_else(|| of("LOGNAME"));
        let user = user.map_or("somebody".into(), |it| it.to_string_lossy());
        Self {
            state: Word::Held,
            run: terms.run.map(|it| it.0.clone()),
            holder: Who {
                user: user.into_owned(),
                host: host(),
                process: std::process::id(),
                seat: seat::of(state.folder()),
            },
            since: now(),
            nonce: seat::unique(),
            beat: 0,
            // What is read back is whole seconds, and never less than what is waited for.
            expires: terms.lock.expires.as_secs().max(1),
        }
    }

    /// Returns the next note of the same holder.
    pub(super) fn next(&self) -> Self {
        Self {
            nonce: seat::unique(),
            beat: self.beat.saturating_add(1),
            ..self.clone()
        }
    }

    /// Returns the note with which this holder frees the lock.
    pub(super) fn freed(&self) -> Self {
        Self {
            state: Word::Free,
            ..self.next()
        }
    }

    /// Returns its text.
    pub(super) fn text(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{json}\n")
    }

    /// Returns the note that a text is; `None` where it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Returns whether the one who wrote it is a process of this state folder: with the folder's
    /// file lock held, such a process is gone.
    pub(super) fn is_of_my_seat(&self, me: &Self) -> bool {
        self.holder.seat == me.holder.seat && self.holder.host == me.holder.host
    }

    /// Returns how long it has to stand unchanged, as far as that is believed.
    pub(super) fn expires(&self) -> Duration {
        Duration::from_secs(self.expires).min(LONGEST)
    }

    /// Returns who wrote it, in words.
    pub(super) fn who(&self, git: &Git) -> String {
        let Who {
            user,
            host,
            process,
            ..
        } = &self.holder;
        let run = match &self.run {
            Some(run) => {
                let id: String = run.chars().take(12).collect();
                format!("run {}", harmless(&id, git))
            }
            None => "its run is not planned yet".to_owned(),
        };
        format!(
            "{}@{}, process {process}, since {}, {run}",
            harmless(user, git),
            harmless(host, git),
            harmless(&self.since, git),
        )
    }

    /// Sets the run.
    pub(super) fn set_run(&mut self, run: &RunId) {
        self.run = Some(run.0.clone());
    }
}
