//! A pipe that is drained, by a thread of its own and once more when its writer ended, and of which a
//! bounded part is kept.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// How much is read at once, in bytes.
const CHUNK: usize = 64 << 10;
/// How often a pipe is read once its writer ended: more than that no pipe holds.
const CHUNKS: usize = 16;
/// No time at all.
const NOW: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

/// Which part of a stream is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep {
    /// The first bytes.
    Start(usize),
    /// The last bytes.
    End(usize),
}

/// A pipe that is being drained.
#[derive(Debug)]
pub(super) struct Ear(Arc<Shared>);

/// What the thread and who waits for it know. Nothing leaves the pipe but with `held` locked, so
/// what is in neither was not written.
#[derive(Debug)]
struct Shared {
    pipe: OwnedFd,
    keep: Keep,
    held: Mutex<Held>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Held {
    bytes: VecDeque<u8>,
    cut: bool,
    closed: bool,
}

impl Ear {
    /// Starts to drain a pipe.
    pub(super) fn open(pipe: impl Into<OwnedFd>, keep: Keep) -> Self {
        let ear = Self::of(pipe.into(), keep);
        let shared = Arc::clone(&ear.0);
        thread::spawn(move || shared.listen());
        ear
    }

    fn of(pipe: OwnedFd, keep: Keep) -> Self {
        Self(Arc::new(Shared {
            pipe,
            keep,
            held: Mutex::default(),
            bell: Condvar::new(),
        }))
    }

    /// Returns what was kept and whether that is all, waiting for the end until the moment given.
    /// What was written before this was called is there, however late the thread is.
    pub(super) fn heard(self, until: Instant) -> (Vec<u8>, bool) {
        let shared = &*self.0;
        let mut held = shared.held();
        while !held.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            held = shared
                .bell
                .wait_timeout(held, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        let mut chunk = vec![0; CHUNK];
        for _ in 0..CHUNKS {
            if held.closed || !shared.is_ready(Some(&NOW)) {
                break;
            }
            held.read(shared, &mut chunk);
        }
        let whole = !held.cut;
        (std::mem::take(&mut held.bytes).into(), whole)
    }
}

impl Shared {
    fn listen(&self) {
        let mut chunk = vec![0; CHUNK];
        loop {
            if !self.is_ready(None) {
                continue;
            }
            let mut held = self.held();
            held.read(self, &mut chunk);
            if held.closed {
                break;
            }
        }
        self.bell.notify_all();
    }

    /// Returns whether there is something to read, or the end, after this time at most.
    fn is_ready(&self, within: Option<&Timespec>) -> bool {
        let mut pipes = [PollFd::new(&self.pipe, PollFlags::IN)];
        match poll(&mut pipes, within) {
            Ok(ready) => ready > 0,
            // To read from it says what is wrong with it.
            Err(error) => error != Errno::INTR,
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn read(&mut self, shared: &Shared, chunk: &mut [u8]) {
        match rustix::io::read(&shared.pipe, &mut *chunk) {
            Ok(read @ 1..) => self.keep(chunk.get(..read).unwrap_or_default(), shared.keep),
            Err(Errno::INTR) => {}
            Ok(_) | Err(_) => self.closed = true,
        }
    }

    fn keep(&mut self, chunk: &[u8], keep: Keep) {
        match keep {
            Keep::Start(most) => {
                let room = most.saturating_sub(self.bytes.len()).min(chunk.len());
                self.bytes.extend(chunk.get(..room).unwrap_or_default());
                self.cut |= room < chunk.len();
            }
            Keep::End(most) => {
                self.bytes.extend(chunk);
                let over = self.bytes.len().saturating_sub(most);
                self.bytes.drain(..over);
                self.cut |= over > 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_was_written_is_heard_though_the_thread_never_came_to_its_turn() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"the answer").unwrap();
        // A grandchild still holds the other end.
        let ear = Ear::of(reader.into(), Keep::Start(100));
        let (heard, whole) = ear.heard(Instant::now());
        assert_eq!((heard.as_slice(), whole), (&b"the answer"[..], true));
        drop(writer);
    }

    #[test]
    fn a_full_pipe_is_heard_to_its_end() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(&vec![b'x'; 60_000]).unwrap();
        drop(writer);
        let ear = Ear::of(reader.into(), Keep::End(50_000));
        let (heard, whole) = ear.heard(Instant::now());
        assert_eq!((heard.len(), whole), (50_000, false));
    }
}
