//! A thread that drains a pipe and keeps a bounded part of it.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

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
pub(super) struct Ear {
    shared: Arc<(Mutex<Held>, Condvar)>,
}

#[derive(Debug, Default)]
struct Held {
    bytes: VecDeque<u8>,
    cut: bool,
    closed: bool,
}

impl Ear {
    /// Starts to drain a pipe.
    pub(super) fn open(mut pipe: impl Read + Send + 'static, keep: Keep) -> Self {
        let shared = Arc::new((Mutex::new(Held::default()), Condvar::new()));
        let theirs = Arc::clone(&shared);
        thread::spawn(move || {
            let mut chunk = vec![0; 16 << 10];
            while let Ok(read @ 1..) = pipe.read(&mut chunk) {
                lock(&theirs.0).keep(chunk.get(..read).unwrap_or_default(), keep);
            }
            lock(&theirs.0).closed = true;
            theirs.1.notify_all();
        });
        Self { shared }
    }

    /// Returns what was kept and whether that is all, waiting for the end until the moment given.
    pub(super) fn heard(self, until: Instant) -> (Vec<u8>, bool) {
        let (held, bell) = &*self.shared;
        let mut held = lock(held);
        while !held.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            held = bell
                .wait_timeout(held, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        let whole = !held.cut;
        (std::mem::take(&mut held.bytes).into(), whole)
    }
}

impl Held {
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

fn lock(held: &Mutex<Held>) -> std::sync::MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
