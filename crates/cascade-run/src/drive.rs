//! Threads: takes what is ready from a queue, and tells what happens through one ear.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use cascade_plan::{Event, Fate, Outcome, Queue, RepoId, Way};

use crate::environment::GLANCE;

/// What a worker tells with while it works on one repository.
pub(crate) struct Teller<'a> {
    repo: &'a RepoId,
    events: mpsc::Sender<Event>,
    started: Cell<bool>,
    crew: &'a dyn Crew,
}

/// Those who work beside a worker.
trait Crew {
    /// Lets somebody else work.
    fn leave(&self);
    /// Comes back to work, once there is room.
    fn come_back(&self);
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

    /// Waits for something outside: others work meanwhile in the place of this one.
    pub(crate) fn resting<R>(&self, wait: impl FnOnce() -> R) -> R {
        struct Away<'a>(&'a dyn Crew);
        impl Drop for Away<'_> {
            fn drop(&mut self) {
                self.0.come_back();
            }
        }
        self.crew.leave();
        let _away = Away(self.crew);
        wait()
    }

    fn send(&self, event: Event) {
        // The ear outlives the workers; were it gone, nobody would be left to tell.
        let _ = self.events.send(event);
    }
}

/// What working on a repository came to.
#[derive(Debug)]
pub(crate) enum Turn {
    /// It ended so.
    Ended(Fate),
    /// Somebody did not answer: it ends so, unless another try goes better. All tries together wait
    /// no longer than this.
    Again {
        /// How it ends where none does.
        fate: Fate,
        /// How long they wait.
        patience: Duration,
    },
}

impl From<Fate> for Turn {
    fn from(fate: Fate) -> Self {
        Self::Ended(fate)
    }
}

/// The pauses before another try, in parts of the patience.
const PAUSES: [u32; 3] = [1, 3, 9];
/// How many parts the patience has: as many as the pauses.
const PARTS: u32 = 13;

struct Shared<'a, W> {
    board: Mutex<Board>,
    bell: Condvar,
    work: &'a W,
    interrupt: &'a AtomicBool,
    jobs: usize,
}

struct Board {
    queue: Queue<RepoId>,
    /// How many repositories were begun and did not end.
    running: usize,
    /// How many of them only wait for something outside.
    resting: usize,
    /// How many workers there are: as many as may work, and those that only wait.
    crew: usize,
    /// What is tried again, from this moment on.
    later: Vec<(Instant, RepoId)>,
    tries: BTreeMap<RepoId, usize>,
}

/// Carries the queue out, `jobs` repositories at once and those that only wait for something outside,
/// and returns what it came to.
///
/// A repository that does not end well keeps back what stands on it; its siblings go on. A worker
/// that panics is a repository that failed. One to which nobody answers is tried again some times,
/// behind those that are ready, before it counts as failed.
pub(crate) fn drive<W, T>(
    queue: Queue<RepoId>,
    jobs: usize,
    interrupt: &AtomicBool,
    work: &W,
    on_event: &mut dyn FnMut(Event),
) -> Outcome
where
    W: Fn(&RepoId, &Teller<'_>) -> T + Sync,
    T: Into<Turn>,
{
    let shared = Shared {
        board: Mutex::new(Board {
            queue,
            running: 0,
            resting: 0,
            crew: jobs.max(1),
            later: Vec::new(),
            tries: BTreeMap::new(),
        }),
        bell: Condvar::new(),
        work,
        interrupt,
        jobs: jobs.max(1),
    };
    let (events, ear) = mpsc::channel();
    let mut heard = Vec::new();
    thread::scope(|scope| {
        for _ in 0..shared.jobs {
            begin(scope, &shared, events.clone());
        }
        drop(events);
        for event in ear {
            heard.push(event.clone());
            on_event(event);
        }
    });
    heard.iter().collect()
}

/// Sets one more worker to work.
fn begin<'scope, W, T>(
    scope: &'scope Scope<'scope, '_>,
    shared: &'scope Shared<'scope, W>,
    events: mpsc::Sender<Event>,
) where
    W: Fn(&RepoId, &Teller<'_>) -> T + Sync,
    T: Into<Turn>,
{
    scope.spawn(move || {
        let worker = Worker {
            shared,
            scope,
            events,
        };
        worker.work();
    });
}

/// One of those who carry a queue out.
struct Worker<'scope, 'env, W> {
    shared: &'scope Shared<'scope, W>,
    scope: &'scope Scope<'scope, 'env>,
    events: mpsc::Sender<Event>,
}

impl<W, T> Crew for Worker<'_, '_, W>
where
    W: Fn(&RepoId, &Teller<'_>) -> T + Sync,
    T: Into<Turn>,
{
    fn leave(&self) {
        let mut board = self.shared.board();
        board.resting += 1;
        let crew = self.shared.jobs + board.resting;
        let relief = board.crew < crew && !board.queue.is_empty();
        board.crew += usize::from(relief);
        self.shared.bell.notify_all();
        drop(board);
        if relief {
            begin(self.scope, self.shared, self.events.clone());
        }
    }

    fn come_back(&self) {
        let mut board = self.shared.board();
        while board.working() >= self.shared.jobs && !self.shared.interrupted() {
            let waited = self.shared.bell.wait_timeout(board, GLANCE);
            board = waited.map_or_else(|it| it.into_inner().0, |it| it.0);
        }
        board.resting -= 1;
    }
}

impl<W, T> Worker<'_, '_, W>
where
    W: Fn(&RepoId, &Teller<'_>) -> T + Sync,
    T: Into<Turn>,
{
    fn work(&self) {
        let (shared, events) = (self.shared, &self.events);
        while let Some(repo) = shared.take(events) {
            let teller = Teller {
                repo: &repo,
                events: events.clone(),
                started: Cell::new(false),
                crew: self,
            };
            let work = || -> Turn { (shared.work)(&repo, &teller).into() };
            let turn = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
                Turn::Ended(Fate::Failed {
                    why: "cascade itself failed here, which is a bug".to_owned(),
                    help: Some("report it, with what stands above".to_owned()),
                    out: Vec::new(),
                })
            });
            match turn {
                Turn::Ended(fate) => shared.end(&repo, fate, events),
                Turn::Again { fate, patience } => match shared.pause(&repo, patience) {
                    None => shared.end(&repo, fate, events),
                    Some(pause) => shared.put_off(repo.clone(), pause, &teller),
                },
            }
        }
    }
}

impl<W> Shared<'_, W> {
    fn interrupted(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }

    /// Returns how long a repository waits for another try; `None` where it had all of them.
    fn pause(&self, repo: &RepoId, patience: Duration) -> Option<Duration> {
        let mut board = self.board();
        let tries = board.tries.entry(repo.clone()).or_default();
        let parts = PAUSES.get(*tries).filter(|_| !patience.is_zero())?;
        *tries += 1;
        Some(patience * *parts / PARTS)
    }

    fn put_off(&self, repo: RepoId, pause: Duration, teller: &Teller<'_>) {
        let pause_shown = pause.as_secs_f32();
        teller.progress(format!("no answer; another try in {pause_shown:.0} s"));
        let mut board = self.board();
        board.later.push((Instant::now() + pause, repo));
        board.running -= 1;
        self.bell.notify_all();
    }

    /// Takes what is ready, waiting while others may still make something so.
    fn take(&self, events: &mpsc::Sender<Event>) -> Option<RepoId> {
        let mut board = self.board();
        loop {
            if self.interrupted() {
                board.give_up(events);
            }
            board.surface(Instant::now());
            let room = board.working() < self.jobs;
            if let Some(repo) = room.then(|| board.queue.next()).flatten() {
                board.running += 1;
                return Some(repo);
            }
            if board.running == 0 && board.later.is_empty() {
                return None;
            }
            board = if board.later.is_empty() {
                let waited = self.bell.wait(board);
                waited.unwrap_or_else(PoisonError::into_inner)
            } else {
                let waited = self.bell.wait_timeout(board, GLANCE);
                waited.map_or_else(|it| it.into_inner().0, |it| it.0)
            };
        }
    }

    fn end(&self, repo: &RepoId, fate: Fate, events: &mpsc::Sender<Event>) {
        let mut board = self.board();
        let lost = match fate {
            Fate::Done { .. } | Fate::Nothing => {
                board.queue.done(repo);
                Vec::new()
            }
            Fate::Stopped { after } if after.lets_on() => {
                board.queue.done(repo);
                Vec::new()
            }
            Fate::LeftOut { .. } => board.queue.left_out(repo),
            _ => board.queue.failed(repo),
        };
        tell(events, repo, fate);
        for lost in lost {
            let because = repo.clone();
            tell(events, &lost, Fate::Skipped { because });
        }
        board.running -= 1;
        self.bell.notify_all();
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Board {
    /// Returns how many repositories are worked on.
    fn working(&self) -> usize {
        self.running.saturating_sub(self.resting)
    }

    /// Puts back what is tried again now.
    fn surface(&mut self, now: Instant) {
        for (_, repo) in self.later.extract_if(.., |it| it.0 <= now) {
            self.queue.sink(repo);
        }
    }

    /// Empties the queue: nothing new is started after an interrupt.
    fn give_up(&mut self, events: &mpsc::Sender<Event>) {
        for (_, repo) in mem::take(&mut self.later) {
            self.queue.sink(repo);
        }
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
