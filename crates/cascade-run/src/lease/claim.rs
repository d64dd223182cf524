//! How the lock is taken.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use cascade_plan::{Oid, spelled};

use super::moment::Moment;
use super::note::{Note, Word};
use super::place::{Place, Seen, Swapped};
use super::{Against, Holder, LeaseError};
use crate::environment::{Rested, rest};
use crate::git::GitError;

/// How often a lock that nobody holds is reached for: each time somebody else was a moment earlier,
/// or the server was busy with them.
const TRIES: u32 = 10;
/// How often a server says no before that is its last word.
const REFUSALS: u32 = 3;
/// The first pause between two tries; each next one is longer.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest pause between two looks at a lock that is watched.
const GLANCES: Duration = Duration::from_secs(10);

/// Somebody who wants the lock.
pub(super) struct Claim<'a> {
    pub(super) me: Note,
    pub(super) against: Against,
    pub(super) interrupt: &'a AtomicBool,
    pub(super) tell: &'a mut dyn FnMut(String),
}

/// What became of a claim.
#[derive(Debug)]
pub(super) enum Made {
    /// The lock is this object, and was moved no earlier than at this moment.
    Held(Oid, Moment),
    /// The server takes no such ref, in its words.
    Refused(String),
}

impl Claim<'_> {
    /// Takes the lock.
    ///
    /// # Errors
    /// When somebody else has it, or nobody can say.
    pub(super) fn make(&mut self, place: &Place) -> Result<Made, LeaseError> {
        let mut refusals = 0;
        let mut jam = None;
        for attempt in 1..=TRIES {
            let seen = place.read()?;
            let from = self.admitted(place, seen)?;
            let since = Moment::now();
            match place.swap(from.as_ref(), &self.me)? {
                Swapped::Ours(at) => return Ok(Made::Held(at, since)),
                Swapped::Moved(_) => {}
                Swapped::Unknown { why, .. } => return Err(place.silent(why)),
                Swapped::Refused { why, jammed } => {
                    refusals += u32::from(!jammed);
                    if refusals >= REFUSALS {
                        return Ok(Made::Refused(why));
                    }
                    jam = Some(why);
                }
            }
            self.me = self.me.next();
            if rest(self.interrupt, PAUSE * attempt) == Rested::Interrupted {
                return Err(LeaseError::Interrupted);
            }
        }
        Err(match jam {
            Some(why) => place.jammed(why),
            None => place.silent("it moved each time it was reached for".to_owned()),
        })
    }

    /// Returns where the lock may be moved from.
    ///
    /// # Errors
    /// When somebody else has it.
    fn admitted(&mut self, place: &Place, seen: Option<Seen>) -> Result<Option<Oid>, LeaseError> {
        let Some(seen) = seen else {
            return Ok(None);
        };
        let free = |it: &Note| it.state == Word::Free || it.is_of_my_seat(&self.me);
        if seen.note.as_ref().is_some_and(free) {
            return Ok(Some(seen.id));
        }
        let holder = seen.holder(Duration::from_secs(self.me.expires));
        match self.against {
            Against::Yield => Err(LeaseError::Held(holder)),
            Against::TakeOver => {
                // Who comes after it is not what was watched.
                self.against = Against::Yield;
                self.watch(place, &holder)
            }
        }
    }

    /// Watches the lock until it stood unchanged for as long as its expiry, by the clock of here;
    /// returns where it may be moved from.
    fn watch(&mut self, place: &Place, holder: &Holder) -> Result<Option<Oid>, LeaseError> {
        let begin = Instant::now();
        (self.tell)(format!(
            "watching the lock for {}; it is taken over unless it moves: {}",
            spelled(holder.expires),
            holder.who
        ));
        let pause = (holder.expires / 10).min(GLANCES);
        loop {
            if rest(self.interrupt, pause) == Rested::Interrupted {
                return Err(LeaseError::Interrupted);
            }
            let watched = begin.elapsed();
            match place.at() {
                Ok(at) if at.as_ref() != Some(&holder.object) => {
                    return moved(place, holder.expires);
                }
                // A lock that is at the same object never moved: no two objects are alike.
                Ok(at) if watched >= holder.expires => return Ok(at),
                Err(GitError::Interrupted) => return Err(LeaseError::Interrupted),
                Err(error) if watched >= holder.expires * 2 => {
                    return Err(place.silent(error.to_string()));
                }
                Ok(_) | Err(_) => {}
            }
        }
    }
}

/// Returns where a lock that moved while it was watched may be moved from: its holder may have freed
/// it.
///
/// # Errors
/// When somebody holds it.
fn moved(place: &Place, expires: Duration) -> Result<Option<Oid>, LeaseError> {
    match place.read()? {
        Some(seen) if seen.is_held() => Err(LeaseError::Alive(seen.holder(expires))),
        seen => Ok(seen.map(|it| it.id)),
    }
}
