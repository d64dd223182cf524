//! The lock between machines: a ref on the remote of the repository that tracks `workspace.toml`.
//!
//! Whoever moves `refs/cascade/lock` by compare-and-swap from what they saw to an object of their own,
//! and reads exactly that object back, has the right to run. They move it again and again while they
//! run, so that others see that they live; what stands unchanged for as long as its expiry, by the
//! clock of who watches it, is dead. The ref is never deleted: its history is the record.
//!
//! It keeps runs from crossing. What keeps every single repository right is that each push is a
//! compare-and-swap of its own.

mod claim;
mod hold;
mod moment;
mod note;
mod place;
mod seat;

use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cascade_plan::{LockReach, Oid, RunId, RunLock};

use crate::exec::shown;
use crate::git::{Git, GitError};
use crate::mirror::MirrorError;
use crate::state::{Guard, State};

use claim::Claim;
use hold::Hold;
use note::Note;
use place::{Place, Seen};

/// The full name of the lock on its remote.
pub const LOCK_REF: &str = "refs/cascade/lock";

/// How the lock is asked for.
#[derive(Debug, Clone)]
pub struct Terms<'a> {
    /// What the workspace declares of it.
    pub lock: RunLock,
    /// The run that is taken up, where it is known already.
    pub run: Option<&'a RunId>,
    /// What is done about a lock that somebody holds.
    pub against: Against,
}

/// What is done about a lock that somebody else holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// It is left to them.
    Yield,
    /// It is watched, and taken over when it stands unchanged for as long as its expiry.
    TakeOver,
}

/// The right to run in a workspace, on every machine: it ends with the value.
#[derive(Debug)]
pub struct Lease {
    hold: Option<Arc<Hold>>,
    beat: Option<JoinHandle<()>>,
    remark: Option<String>,
}

/// Somebody who holds the lock, in words that are safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who, where, since when and for which run.
    pub who: String,
    /// The object that the lock is, in full: it changes whenever they show that they live.
    pub object: Oid,
    /// How long it has to stand unchanged until it may be taken over.
    pub expires: Duration,
}

/// Why there is no right to run.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Somebody else runs.
    #[error("another cascade runs in this workspace: {}", .0.who)]
    Held(Holder),
    /// Somebody else runs, and moved the lock while it was watched.
    #[error("the lock was not taken over, for it moved while it was watched: {}", .0.who)]
    Alive(Holder),
    /// The remote does not answer.
    #[error(
        "whether another machine runs in this workspace is not known, for its remote `{remote}` does not answer: {why}"
    )]
    Silent {
        /// Its address.
        remote: String,
        /// What was heard.
        why: String,
    },
    /// The server itself keeps a lock file in the way.
    #[error(
        "the server of `{remote}` has a lock file of its own in the way of `{LOCK_REF}`: {why}"
    )]
    Jammed {
        /// Its address.
        remote: String,
        /// What it said.
        why: String,
    },
    /// The scratch repository of the lock can not be used.
    #[error("{0}")]
    Disk(String),
    /// A person interrupted.
    #[error("interrupted")]
    Interrupted,
}

/// What became of a lock that somebody wanted freed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlocked {
    /// It is free now; these had it.
    Freed(Holder),
    /// Nobody held it.
    Free,
    /// It is another object than the one named.
    Other(Holder),
    /// The server did not let it be freed, in its words.
    Refused(String),
}

/// How the lock stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There is no remote to keep one.
    Nowhere,
    /// Nobody holds it.
    Free,
    /// Somebody does.
    Held(Holder),
}

impl Lease {
    /// Takes the right to run, if nobody has it. Where the workspace has no remote, or its remote
    /// takes no such ref, the lock of this machine is all there is.
    ///
    /// `tell` hears what a person should know while this waits.
    ///
    /// # Errors
    /// When somebody else has it, or nobody can say.
    pub fn take(
        git: &Git,
        (state, guard): (&State, &Guard),
        terms: &Terms<'_>,
        tell: &mut dyn FnMut(String),
    ) -> Result<Self, LeaseError> {
        if terms.lock.reach == LockReach::Local {
            return Ok(Self::local(None));
        }
        let place = match Place::of(git, (state, guard), terms.lock.expires) {
            Ok(Some(place)) => place,
            Ok(None) => return Ok(Self::local(None)),
            Err(MirrorError::Address(error)) => {
                let remark =
                    format!("the workspace's remote keeps no lock between machines: {error}");
                return Ok(Self::local(Some(remark)));
            }
            Err(error) => return Err(of_mirror(error)),
        };
        let mut claim = Claim {
            me: Note::mine(git.environment(), state, terms),
            against: terms.against,
            interrupt: &git.environment().interrupt,
            tell,
        };
        match claim.make(&place)? {
            claim::Made::Held(at, since) => Ok(Self::held(Hold::new(place, claim.me, at, since))),
            claim::Made::Refused(why) => {
                let why: Vec<&str> = why.lines().map(str::trim).collect();
                Ok(Self::local(Some(format!(
                    "`{}` takes no `{LOCK_REF}`, so only the lock of this machine holds others off: {}",
                    place.address(),
                    why.join("; ")
                ))))
            }
        }
    }

    fn local(remark: Option<String>) -> Self {
        Self {
            hold: None,
            beat: None,
            remark,
        }
    }

    fn held(hold: Hold) -> Self {
        let hold = Arc::new(hold);
        let beating = Arc::clone(&hold);
        // Without a thread it is renewed before a push alone.
        let beat = thread::Builder::new().spawn(move || beating.beat());
        Self {
            hold: Some(hold),
            beat: beat.ok(),
            remark: None,
        }
    }

    /// Returns the same git, which pushes nothing once this right is lost.
    pub fn guarding(&self, git: &Git) -> Git {
        match &self.hold {
            Some(hold) => git.behind(Arc::clone(hold) as _),
            None => git.clone(),
        }
    }

    /// Returns why the lock of this machine is all there is, where a person should know.
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// Returns how the lock of a workspace stands.
    ///
    /// # Errors
    /// When its remote does not answer.
    pub fn look(
        git: &Git,
        (state, guard): (&State, &Guard),
        lock: RunLock,
    ) -> Result<Standing, LeaseError> {
        let place = Place::of(git, (state, guard), lock.expires).map_err(of_mirror)?;
        let Some(place) = place else {
            return Ok(Standing::Nowhere);
        };
        Ok(match place.read()? {
            Some(seen) if seen.is_held() => Standing::Held(seen.holder(lock.expires)),
            _ => Standing::Free,
        })
    }

    /// Frees the lock where it is exactly this object, whoever holds it.
    ///
    /// # Errors
    /// When its remote does not answer.
    pub fn unlock(
        git: &Git,
        (state, guard): (&State, &Guard),
        (lock, object): (RunLock, &Oid),
    ) -> Result<Unlocked, LeaseError> {
        let place = Place::of(git, (state, guard), lock.expires).map_err(of_mirror)?;
        let Some(place) = place else {
            return Ok(Unlocked::Free);
        };
        let Some(seen) = place.read()?.filter(Seen::is_held) else {
            return Ok(Unlocked::Free);
        };
        let holder = seen.holder(lock.expires);
        if seen.id != *object {
            return Ok(Unlocked::Other(holder));
        }
        let terms = Terms {
            lock,
            run: None,
            against: Against::Yield,
        };
        let free = Note::mine(git.environment(), state, &terms).freed();
        Ok(match place.swap(Some(object), &free)? {
            place::Swapped::Ours(_) => Unlocked::Freed(holder),
            place::Swapped::Refused { why, .. } => Unlocked::Refused(why),
            place::Swapped::Moved(_) => match place.read()? {
                Some(now) if now.is_held() => Unlocked::Other(now.holder(lock.expires)),
                _ => Unlocked::Free,
            },
            place::Swapped::Unknown { why, .. } => return Err(place.silent(why)),
        })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(hold) = &self.hold else { return };
        hold.stop();
        if let Some(beat) = self.beat.take() {
            // A beat that panicked left the lock to its expiry, as a kill does.
            let _ = beat.join();
        }
        hold.free();
    }
}

fn of_mirror(error: MirrorError) -> LeaseError {
    match error {
        MirrorError::Git(GitError::Interrupted) => LeaseError::Interrupted,
        other => LeaseError::Disk(format!("the scratch of the lock between machines: {other}")),
    }
}

/// Returns a text of somebody else's, of one line, cut and safe to show.
fn harmless(text: &str, git: &Git) -> String {
    const LONGEST: usize = 120;
    let line: String = text.chars().take(LONGEST).collect();
    shown(&line, git.environment()).replace(['\n', '\t'], " ")
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("this workspace has no remote that could keep a lock"),
            Self::Free => f.write_str("nobody holds the lock"),
            Self::Held(it) => write!(f, "the lock is held: {}", it.who),
        }
    }
}

#[cfg(test)]
mod tests;
