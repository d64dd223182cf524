//! Threads: takes what is ready from a queue, and tells what happens through one ear.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use cascade_plan::{Event, Fate, Outcome, Queue, RepoId, Way};

/// What a worker tells with while it works on one repository.
#[derive(Debug)]
pub(crate) struct Teller<'a> {
    repo: &'a RepoId,
    events: mpsc::Sender<Event>,
    started: Cell<bool>,
}

impl Teller<'_> {
    /// Says that work began; the first word on anything does so too.
    pub(crate) fn started(&self) {
        if !self.started.replace(true) {
            self.send(Event::Started {
                repo: self.repo.clone(),
            });
        }
    }

    /// Says where it is now.
    pub(crate) fn progress(&self, what: impl Into<String>) {
        self.started();
        self.send(Event::Progress {
            repo: self.repo.clone(),
            what: what.into(),
        });
    }

    /// Says what a person should know of.
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.started();
        self.send(Event::Noted {
            repo: self.repo.clone(),
            what: what.into(),
        });
    }

    /// Says that a lock was brought in step, and which way.
    pub(crate) fn relocked(&self, file: &str, way: Way) {
        self.started();
        self.send(Event::Relocked {
            repo: self.repo.clone(),
            file: file.to_owned(),
            way,
        });
    }

    /// Says which tags are on the remote, whatever becomes of the rest.
    pub(crate) fn out(&self, tags: &[String]) {
        if !tags.is_empty() {
            self.send(Event::Out {
                repo: self.repo.clone(),
                tags: tags.to_vec(),
            });
        }
    }

    fn send(&self, event: Event) {
        // The ear outlives the workers; were it gone, nobody would be left to tell.
        let _ = self.events.send(event);
    }
}

struct Shared<'a, W> {
    board: Mutex<Board>,
    bell: Condvar,
    work: &'a W,
    interrupt: &'a AtomicBool,
}

struct Board {
    queue: Queue<RepoId>,
    running: usize,
}

/// Carries the queue out with `jobs` workers, and returns what it came to.
///
/// A repository that does not end well keeps back what stands on it; its siblings go on. A worker
/// that panics is a repository that failed.
pub(crate) fn drive<W>(
    queue: Queue<RepoId>,
    jobs: usize,
    interrupt: &AtomicBool,
    work: &W,
    on_event: &mut dyn FnMut(Event),
) -> Outcome
where
    W: Fn(&RepoId, &Teller<'_>) -> Fate + Sync,
{
    let shared = Shared {
        board: Mutex::new(Board { queue, running: 0 }),
        bell: Condvar::new(),
        work,
        interrupt,
    };
    let (events, ear) = mpsc::channel();
    let mut heard = Vec::new();
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (events, shared) = (events.clone(), &shared);
            scope.spawn(move || shared.worker(&events));
        }
        drop(events);
        for event in ear {
            heard.push(event.clone());
            on_event(event);
        }
    });
    heard.iter().collect()
}

impl<W> Shared<'_, W>
where
    W: Fn(&RepoId, &Teller<'_>) -> Fate + Sync,
{
    fn worker(&self, events: &mpsc::Sender<Event>) {
        while let Some(repo) = self.take(events) {
            let teller = Teller {
                repo: &repo,
                events: events.clone(),
                started: Cell::new(false),
            };
            let work = || (self.work)(&repo, &teller);
            let fate = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Fate::Failed {
                why: "cascade itself failed here, which is a bug".to_owned(),
                help: Some("report it, with what stands above".to_owned()),
                out: Vec::new(),
            });
            self.end(&repo, fate, events);
        }
    }

    /// Takes what is ready, waiting while others may still make something so.
    fn take(&self, events: &mpsc::Sender<Event>) -> Option<RepoId> {
        let mut board = self.board();
        loop {
            if self.interrupt.load(Ordering::Relaxed) {
                board.give_up(events);
            }
            if let Some(repo) = board.queue.next() {
                board.running += 1;
                return Some(repo);
            }
            if board.running == 0 {
                return None;
            }
            board = self
                .bell
                .wait(board)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn end(&self, repo: &RepoId, fate: Fate, events: &mpsc::Sender<Event>) {
        let mut board = self.board();
        let well = matches!(fate, Fate::Done { .. } | Fate::Nothing);
        tell(events, repo, fate);
        if well {
            board.queue.done(repo);
        } else {
            for lost in board.queue.failed(repo) {
                let because = repo.clone();
                tell(events, &lost, Fate::Skipped { because });
            }
        }
        board.running -= 1;
        self.bell.notify_all();
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Board {
    /// Empties the queue: nothing new is started after an interrupt.
    fn give_up(&mut self, events: &mpsc::Sender<Event>) {
        while let Some(repo) = self.queue.next() {
            let lost = self.queue.failed(&repo);
            for it in std::iter::once(&repo).chain(&lost) {
                tell(events, it, Fate::Interrupted);
            }
        }
    }
}

fn tell(events: &mpsc::Sender<Event>, repo: &RepoId, fate: Fate) {
    let repo = repo.clone();
    let _ = events.send(Event::Ended { repo, fate });
}

#[cfg(test)]
mod tests;
