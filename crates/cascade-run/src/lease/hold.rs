//! A lock that is held: renewed while its holder lives, and asked for before each push.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cascade_plan::{Oid, RunId, spelled};

use super::moment::Moment;
use super::note::{Note, Word};
use super::place::{Place, Swapped};
use crate::git::Fence;

/// A lock that this process holds.
#[derive(Debug)]
pub(super) struct Hold {
    expires: Duration,
    /// What talks to the remote; held while it does.
    talk: Mutex<Talk>,
    /// What is known of it; never held for long.
    known: Mutex<Known>,
    bell: Condvar,
}

#[derive(Debug)]
struct Talk {
    place: Place,
    note: Note,
    /// The objects that the lock may be and still be ours, the last one first: an answer that was
    /// lost leaves two.
    ours: Vec<Oid>,
}

#[derive(Debug)]
struct Known {
    /// When the lock was moved last, for certain no earlier.
    moved: Moment,
    /// Why it is not ours any more.
    lost: Option<String>,
    run: Option<RunId>,
    /// Whether there is something to say before the next renewal is due.
    news: bool,
    over: bool,
}

/// Why a renewal did not come about.
#[derive(Debug)]
enum Stale {
    /// The lock is somebody else's.
    Lost(String),
    /// The lock is ours, and the server did not let it move.
    Still,
    /// The remote did not answer.
    Silent(String),
}

impl Hold {
    /// Returns the hold on a lock that is this object since then.
    pub(super) fn new(place: Place, note: Note, at: Oid, since: Moment) -> Self {
        Self {
            expires: Duration::from_secs(note.expires),
            known: Mutex::new(Known {
                moved: since,
                lost: None,
                run: None,
                news: false,
                over: false,
            }),
            talk: Mutex::new(Talk {
                place,
                note,
                ours: vec![at],
            }),
            bell: Condvar::new(),
        }
    }

    /// Renews the lock at a third of its expiry, sooner after a failure, until it is over.
    pub(super) fn beat(&self) {
        let mut due = self.expires / 3;
        while self.rest(due) {
            due = match self.renew() {
                Ok(()) => self.expires / 3,
                Err(Stale::Lost(_)) => return,
                Err(Stale::Still | Stale::Silent(_)) => self.expires / 12,
            };
        }
    }

    /// Ends the beats.
    pub(super) fn stop(&self) {
        lock(&self.known).over = true;
        self.bell.notify_all();
    }

    /// Frees the lock, where it is still ours. What can not be freed is over after its expiry.
    pub(super) fn free(&self) {
        let mut talk = lock(&self.talk);
        if lock(&self.known).lost.is_some() {
            return;
        }
        let free = talk.note.freed();
        // After a lost answer the first try may be from the wrong one of two.
        for _ in 0..2 {
            let Some(from) = talk.ours.first().cloned() else {
                return;
            };
            match talk.place.swap(Some(&from), &free) {
                Ok(Swapped::Moved(Some(at))) if talk.ours.contains(&at) => talk.ours = vec![at],
                _ => return,
            }
        }
    }

    /// Rests until something is to be said; returns whether there still is somebody to say it.
    fn rest(&self, due: Duration) -> bool {
        let known = lock(&self.known);
        let waits = |it: &mut Known| !it.over && !it.news;
        let rested = self.bell.wait_timeout_while(known, due, waits);
        let (mut known, _) = rested.unwrap_or_else(PoisonError::into_inner);
        known.news = false;
        !known.over
    }

    /// Moves the lock on to the next note.
    fn renew(&self) -> Result<(), Stale> {
        let mut talk = lock(&self.talk);
        let mut note = talk.note.next();
        if let Some(run) = &lock(&self.known).run {
            note.set_run(run);
        }
        let since = Moment::now();
        let from = talk.ours.first().cloned();
        match talk.place.swap(from.as_ref(), &note) {
            Ok(Swapped::Ours(at)) => {
                talk.ours = vec![at];
                talk.note = note;
                lock(&self.known).moved = since;
                Ok(())
            }
            Ok(Swapped::Moved(Some(at))) if talk.ours.contains(&at) => {
                // An earlier answer was lost, and its push arrived.
                talk.ours = vec![at];
                Err(Stale::Still)
            }
            Ok(Swapped::Moved(to)) => Err(self.lose(&talk, to.is_some())),
            Ok(Swapped::Refused { .. }) => Err(Stale::Still),
            Ok(Swapped::Unknown { ours, why }) => {
                talk.ours.push(ours);
                Err(Stale::Silent(why))
            }
            Err(error) => Err(Stale::Silent(error.to_string())),
        }
    }

    /// Learns who has the lock now.
    fn lose(&self, talk: &Talk, there: bool) -> Stale {
        let now = if there { talk.place.read() } else { Ok(None) };
        let who = match now {
            Ok(Some(seen)) => match &seen.note {
                Some(it) if it.state == Word::Free => "it was freed".to_owned(),
                _ => format!("it is held: {}", seen.holder(self.expires).who),
            },
            Ok(None) => "it was deleted".to_owned(),
            Err(_) => "somebody else moved it".to_owned(),
        };
        let lost = format!("the lock between machines is not this run's any more: {who}");
        lock(&self.known).lost = Some(lost.clone());
        Stale::Lost(lost)
    }

    /// Returns whether the lock is ours for certain, by the clock of here alone.
    fn is_fresh(&self) -> Result<bool, String> {
        let known = lock(&self.known);
        match &known.lost {
            Some(lost) => Err(lost.clone()),
            // A push takes its time, so the last part of it is no time to begin one.
            None => Ok(known.moved.age() < self.expires * 5 / 6),
        }
    }
}

impl Fence for Hold {
    fn passes(&self) -> Result<(), String> {
        if self.is_fresh()? {
            return Ok(());
        }
        match self.renew() {
            Ok(()) | Err(Stale::Still) => Ok(()),
            Err(Stale::Lost(why)) => Err(why),
            Err(Stale::Silent(why)) => Err(format!(
                "the lock between machines was not renewed for {}, so it may be somebody else's: {why}",
                spelled(lock(&self.known).moved.age())
            )),
        }
    }

    fn names(&self, run: &RunId) {
        let mut known = lock(&self.known);
        if known.run.as_ref() != Some(run) {
            known.run = Some(run.clone());
            known.news = true;
            self.bell.notify_all();
        }
    }
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}
