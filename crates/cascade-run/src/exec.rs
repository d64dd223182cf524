//! The one place where children start: own process group, clean environment, a deadline.

mod ear;
mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use ear::{Ear, Keep};
pub use shown::is_hidden;
pub(crate) use shown::{shown, tail};

/// How much of a child's answer is kept.
const ANSWER: usize = 64 << 20;
/// How much of what a child says beside it is kept: the end of it.
const SAYING: usize = 64 << 10;
/// How long a child may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);
/// How long its pipes are listened to after it ended, since a grandchild may hold them.
const ECHO: Duration = Duration::from_millis(300);

/// The groups of the children that run just now.
static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Ends every child that runs, with its whole group, at once: for whoever is about to end itself.
pub fn end_children() {
    let groups = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    for group in groups.iter() {
        signal(Pid::from_raw(*group), Signal::KILL);
    }
}

/// A child among those that run; it is taken off with the value.
struct Running(i32);

impl Running {
    fn of(child: &Child) -> Self {
        let group = i32::try_from(child.id()).unwrap_or_default();
        let mut groups = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        groups.insert(group);
        Self(group)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut groups = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        groups.remove(&self.0);
    }
}

/// A child to be started.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The absolute path of the program.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) args: Vec<OsString>,
    /// The folder that it runs in.
    pub(crate) folder: PathBuf,
    /// Its whole environment.
    pub(crate) vars: BTreeMap<OsString, OsString>,
    /// What it reads; nothing without.
    pub(crate) input: Option<Vec<u8>>,
    /// How long it may take.
    pub(crate) limit: Duration,
    /// What ends it early; nothing without.
    pub(crate) cancel: Option<Arc<AtomicBool>>,
    /// What becomes of processes that it leaves behind.
    pub(crate) leftovers: Leftovers,
}

/// What becomes of processes that a child leaves behind when it ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leftovers {
    /// They go on: the hook of a remote on this machine, a connection that ssh keeps.
    Stay,
    /// They are ended with it.
    Swept,
}

/// What a child came to.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    /// How it ended.
    pub(crate) end: End,
    /// Its answer, from the start.
    pub(crate) answer: Vec<u8>,
    /// Whether the answer is all of it.
    pub(crate) whole: bool,
    /// The end of what it said beside it; not yet made safe to show.
    pub(crate) saying: String,
}

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself, with this code.
    Exit(i32),
    /// By a signal that cascade did not send.
    Signal(i32),
    /// By cascade, because it took longer than this.
    Late(Duration),
    /// By cascade, because a person interrupted.
    Interrupted,
}

impl Call {
    /// Runs the child to its end, or ends it and its whole group.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn run(self) -> io::Result<Heard> {
        let mut child = self.start()?;
        let _running = Running::of(&child);
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let answer = child
            .stdout
            .take()
            .map(|it| Ear::open(it, Keep::Start(ANSWER)));
        let saying = child
            .stderr
            .take()
            .map(|it| Ear::open(it, Keep::End(SAYING)));
        feed(child.stdin.take(), self.input.clone());
        let end = self.wait(&mut child, group)?;
        let by_itself = matches!(end, End::Exit(_) | End::Signal(_));
        if self.leftovers == Leftovers::Swept || !by_itself {
            signal(group, Signal::KILL);
        }
        let until = Instant::now() + ECHO;
        let (answer, whole) = answer.map(|it| it.heard(until)).unwrap_or_default();
        let (saying, _) = saying.map(|it| it.heard(until)).unwrap_or_default();
        Ok(Heard {
            end,
            answer,
            whole,
            saying: String::from_utf8_lossy(&saying).into_owned(),
        })
    }

    fn start(&self) -> io::Result<Child> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        let mut command = Command::new(&self.program);
        let input = match self.input {
            Some(_) => Stdio::piped(),
            None => Stdio::null(),
        };
        command
            .args(&self.args)
            .current_dir(&self.folder)
            .env_clear()
            .envs(&self.vars)
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
    }

    fn wait(&self, child: &mut Child, group: Option<Pid>) -> io::Result<End> {
        let begin = Instant::now();
        // Looked for in pauses that grow with the time it takes, so that none costs much of it.
        let mut pause = Duration::from_micros(250);
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(ended(status));
            }
            let stopped = self
                .cancel
                .as_ref()
                .is_some_and(|it| it.load(Ordering::Relaxed));
            if stopped || begin.elapsed() >= self.limit {
                stop(child, group)?;
                return Ok(if stopped {
                    End::Interrupted
                } else {
                    End::Late(self.limit)
                });
            }
            thread::sleep(pause);
            pause = (pause * 5 / 4).min(Duration::from_millis(20));
        }
    }
}

/// Asks the whole group to end, and ends it when the grace is over.
fn stop(child: &mut Child, group: Option<Pid>) -> io::Result<()> {
    signal(group, Signal::TERM);
    let begin = Instant::now();
    while begin.elapsed() < GRACE {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(10));
    }
    signal(group, Signal::KILL);
    child.wait().map(|_| ())
}

fn signal(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        // The group may be gone already, which is what is wanted.
        let _ = kill_process_group(group, signal);
    }
}

fn ended(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Exit(code),
        (None, signal) => End::Signal(signal.unwrap_or_default()),
    }
}

fn feed(pipe: Option<ChildStdin>, input: Option<Vec<u8>>) {
    if let (Some(mut pipe), Some(input)) = (pipe, input) {
        // In a thread of its own: a child that reads nothing must not hold its run up.
        thread::spawn(move || pipe.write_all(&input));
    }
}

#[cfg(test)]
mod tests;
