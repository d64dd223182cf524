//! The lock where it is kept: read, and moved by compare-and-swap.

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cascade_plan::Oid;

use super::note::{Note, Word};
use super::{Holder, LOCK_REF, LeaseError};
use crate::checkout::outside;
use crate::exec::shown;
use crate::git::{Git, GitError};
use crate::mirror::{Mirror, MirrorError};
use crate::remote::{Answer, Lease as From, Unity, Wanted, push};
use crate::state::{Guard, State};

/// What the scratch repository holds before it is thrown away: every beat leaves two objects.
const CROWDED: usize = 4096;
/// How often a ref is read that has to be read.
const READINGS: u32 = 3;
/// The least time that a remote is given for one answer.
const SHORTEST: Duration = Duration::from_secs(20);

/// The lock on its remote, seen through a scratch repository of the state folder's.
#[derive(Debug)]
pub(super) struct Place {
    git: Git,
    mirror: Mirror,
}

/// The lock as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// The object that it is.
    pub(super) id: Oid,
    /// What it says; `None` where that is nothing of cascade's.
    pub(super) note: Option<Note>,
    who: String,
}

/// What became of a swap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Swapped {
    /// The lock is the object that was pushed.
    Ours(Oid),
    /// It is where it was, in the server's words.
    Refused {
        /// Why.
        why: String,
        /// Whether a lock file of the server's own was in the way.
        jammed: bool,
    },
    /// It is something else.
    Moved(Option<Oid>),
    /// The remote did not say; the lock may be this object.
    Unknown {
        /// The object that was pushed.
        ours: Oid,
        /// What was heard.
        why: String,
    },
}

impl Seen {
    /// Returns whether somebody holds the lock; what can not be read counts as held.
    pub(super) fn is_held(&self) -> bool {
        self.note.as_ref().is_none_or(|it| it.state == Word::Held)
    }

    /// Returns who holds it; `expires` is how long it is watched at least.
    pub(super) fn holder(&self, expires: Duration) -> Holder {
        let said = self.note.as_ref().map_or(Duration::ZERO, Note::expires);
        Holder {
            who: self.who.clone(),
            object: self.id.clone(),
            expires: expires.max(said),
        }
    }
}

impl Place {
    /// Returns the place of a workspace's lock; `None` where it has none.
    ///
    /// # Errors
    /// When its scratch repository can not be used, or the address is none.
    pub(super) fn of(
        git: &Git,
        (state, _guard): (&State, &Guard),
        expires: Duration,
    ) -> Result<Option<Self>, MirrorError> {
        let Some(outside) = outside(state.file()) else {
            return Ok(None);
        };
        let git = git.prompt((expires / 6).max(SHORTEST));
        let path = state.folder().join("lock.git");
        let mirror = Mirror::at(&git, path, &outside.folder, Some(&outside.address))?;
        if mirror.loose() > CROWDED {
            mirror.rebirth()?;
        }
        Ok(Some(Self { git, mirror }))
    }

    /// Returns the address, safe to show.
    pub(super) fn address(&self) -> String {
        shown(self.mirror.remote().address(), self.git.environment())
    }

    /// Returns where the lock is.
    ///
    /// # Errors
    /// When the remote does not answer.
    pub(super) fn at(&self) -> Result<Option<Oid>, GitError> {
        let refs = self.mirror.look(&[LOCK_REF.to_owned()])?;
        Ok(refs.named(LOCK_REF).cloned())
    }

    /// Returns the lock, with what it says.
    ///
    /// # Errors
    /// When the remote does not answer.
    pub(super) fn read(&self) -> Result<Option<Seen>, LeaseError> {
        let mut reading = 1;
        loop {
            let heard = match self.at() {
                Ok(None) => return Ok(None),
                Ok(Some(at)) => self.notice(at),
                Err(error) => Err(error),
            };
            match heard {
                Ok((id, said)) => return Ok(Some(self.seen(id, said.as_deref()))),
                Err(GitError::Interrupted) => return Err(LeaseError::Interrupted),
                Err(error) if reading >= READINGS => return Err(self.silent(error.to_string())),
                Err(_) => pause(reading),
            }
            reading += 1;
        }
    }

    /// Returns what the lock says, fetched where it is not known; it may move meanwhile, so what was
    /// fetched is what was read.
    fn notice(&self, at: Oid) -> Result<(Oid, Option<String>), GitError> {
        if let Some(said) = self.mirror.said(&at) {
            return Ok((at, Some(said)));
        }
        let fetched = self.mirror.fetch_notice(LOCK_REF).or_else(|error| {
            // The remote answers, so the fault may be the scratch's own: torn, or of another hash.
            self.mirror.rebirth().map_err(|_| error)?;
            self.mirror.fetch_notice(LOCK_REF)
        });
        let id = fetched?.unwrap_or(at);
        let said = self.mirror.said(&id);
        Ok((id, said))
    }

    fn seen(&self, id: Oid, said: Option<&str>) -> Seen {
        let note = said.and_then(Note::parse);
        let who = match &note {
            Some(note) => note.who(&self.git),
            None => format!("`{LOCK_REF}` is nothing that this cascade wrote"),
        };
        Seen { id, note, who }
    }

    /// Moves the lock from where it was seen to a note, and reads back what became of it.
    ///
    /// # Errors
    /// When the note can not be made, or git does not start.
    pub(super) fn swap(&self, from: Option<&Oid>, to: &Note) -> Result<Swapped, LeaseError> {
        let disk = |it: String| LeaseError::Disk(format!("the lock between machines: {it}"));
        let ours = self.mirror.notice(&to.text(), from, seconds());
        let ours = ours.map_err(|it| disk(it.to_string()))?;
        let wanted = [Wanted {
            name: LOCK_REF.to_owned(),
            to: ours.clone(),
            lease: from.map_or(From::Absent, |it| From::At(it.clone())),
        }];
        let (call, to) = (self.mirror.call(), self.mirror.remote().address());
        let answer = push(call, &self.git, to, &wanted, Unity::Loose);
        let answer = answer.map_err(|it| disk(it.to_string()))?;
        // A remote that was silent for so long is asked once more, not again and again.
        let readings = match answer {
            Answer::Silence(_) => 1,
            _ => READINGS,
        };
        Ok(match self.reread(readings) {
            Ok(Some(at)) if at == ours => Swapped::Ours(ours),
            Ok(at) if at.as_ref() == from => refused(answer),
            Ok(at) => Swapped::Moved(at),
            Err(error) => Swapped::Unknown {
                ours,
                why: error.to_string(),
            },
        })
    }

    /// Returns where the lock is after a push, whatever it takes and whoever interrupts.
    fn reread(&self, readings: u32) -> Result<Option<Oid>, GitError> {
        let names = [LOCK_REF.to_owned()];
        let mut reading = 1;
        loop {
            match self.mirror.look_uninterrupted(&names) {
                Ok(refs) => return Ok(refs.named(LOCK_REF).cloned()),
                Err(error) if reading >= readings => return Err(error),
                Err(_) => pause(reading),
            }
            reading += 1;
        }
    }

    /// Returns the failure of a remote that does not answer.
    pub(super) fn silent(&self, why: String) -> LeaseError {
        LeaseError::Silent {
            remote: self.address(),
            why,
        }
    }

    /// Returns the failure of a server that jams itself.
    pub(super) fn jammed(&self, why: String) -> LeaseError {
        LeaseError::Jammed {
            remote: self.address(),
            why,
        }
    }
}

/// Returns what became of a swap that left the lock where it was.
fn refused(answer: Answer) -> Swapped {
    let why = match answer {
        Answer::Refused { why, .. } | Answer::Silence(why) => why,
        Answer::Taken { .. } | Answer::NotAtomic => {
            "git says that it pushed, and the remote does not have it".to_owned()
        }
    };
    // A path, which is no matter of language: what git makes to lock a ref, or all that are packed.
    let jammed = [format!("{LOCK_REF}.lock"), "packed-refs.lock".to_owned()];
    let jammed = jammed.iter().any(|it| why.contains(it.as_str()));
    Swapped::Refused { why, jammed }
}

/// Rests between two readings.
fn pause(reading: u32) {
    const STEP: Duration = Duration::from_millis(200);
    thread::sleep(STEP * reading);
}

/// Returns the seconds since 1970: the date of a commit, only to be shown.
fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| i64::try_from(it.as_secs()).unwrap_or(i64::MAX))
}
