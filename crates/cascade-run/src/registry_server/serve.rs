//! Connections: how many, how long, and one thread each.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::answer::Answer;
use super::request::{Fault, Inlet, Request};
use super::route::route;
use super::{Shared, lock};

/// What a client may send, hold and wait for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// How many connections there may be at once.
    pub(super) connections: usize,
    /// How many bytes a request's line and headers may have.
    pub(super) head: usize,
    /// How many bytes a body may have.
    pub(super) body: usize,
    /// How long a connection may wait for its next request.
    pub(super) idle: Duration,
    /// How long a request's line and headers may take to arrive.
    pub(super) patience: Duration,
    /// How long a body may take to arrive, and an answer to be taken.
    pub(super) transfer: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 256,
            head: 32 << 10,
            body: 64 << 20,
            idle: Duration::from_secs(30),
            patience: Duration::from_secs(10),
            transfer: Duration::from_mins(1),
        }
    }
}

/// The connections that are open, so that they can be closed from outside.
#[derive(Debug, Default)]
pub(super) struct Live {
    next: AtomicU64,
    open: Mutex<BTreeMap<u64, TcpStream>>,
}

impl Live {
    /// Closes every connection.
    pub(super) fn close(&self) {
        for stream in lock(&self.open).values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Remembers a connection, unless there are this many.
    fn enter(&self, stream: &TcpStream, most: usize) -> io::Result<Option<u64>> {
        let mut open = lock(&self.open);
        if open.len() >= most {
            return Ok(None);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        open.insert(number, stream.try_clone()?);
        Ok(Some(number))
    }

    fn leave(&self, number: u64) {
        lock(&self.open).remove(&number);
    }
}

/// Accepts connections until the server stops, and waits for those that are open.
pub(super) fn listen(shared: &Shared, listener: &TcpListener) {
    thread::scope(|scope| {
        while !shared.stopped.load(Ordering::SeqCst) {
            let Ok((stream, _)) = listener.accept() else {
                // Too many open files, most likely: others are about to close theirs.
                thread::sleep(Duration::from_millis(20));
                continue;
            };
            let number = match shared.live.enter(&stream, shared.bounds.connections) {
                Ok(Some(number)) => number,
                Ok(None) => {
                    full(stream);
                    continue;
                }
                Err(_) => continue,
            };
            let started = thread::Builder::new()
                .name("registry-client".to_owned())
                .spawn_scoped(scope, move || {
                    // One bad request must not take the server with it.
                    let _ = catch_unwind(AssertUnwindSafe(|| converse(shared, stream)));
                    shared.live.leave(number);
                });
            if started.is_err() {
                shared.live.leave(number);
            }
        }
        shared.live.close();
    });
}

/// Says that there are too many connections.
fn full(mut stream: TcpStream) {
    let _ = stream.set_write_timeout(Some(Duration::from_millis(100)));
    let answer = Answer::text(503, "too many connections").with("Retry-After", "1");
    let _ = stream.write_all(&answer.bytes(None, Keep::Close));
}

/// Whether a connection stays open after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// For the next request.
    Open,
    /// It is closed.
    Close,
}

/// Answers the requests of a connection until either side has enough.
fn converse(shared: &Shared, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut inlet = Inlet::new(stream);
    loop {
        let request = match inlet.request(&shared.bounds) {
            Ok(request) => request,
            Err(Fault::Gone) => return,
            Err(Fault::Bad(status, why)) => {
                let answer = Answer::text(status, why);
                let bytes = answer.bytes(None, Keep::Close);
                if said(inlet.stream(), &bytes, shared.bounds.transfer).is_ok() {
                    linger(inlet.stream());
                }
                return;
            }
        };
        shared.remember(&request.method, &request.target);
        let keep = if shared.stopped.load(Ordering::SeqCst) {
            Keep::Close
        } else {
            request.keep
        };
        let bytes = answered(shared, &request).bytes(Some(&request), keep);
        let sent = said(inlet.stream(), &bytes, shared.bounds.transfer);
        if sent.is_err() || keep == Keep::Close {
            return;
        }
    }
}

/// Returns the answer to a request, as long as it may be kept.
fn answered(shared: &Shared, request: &Request) -> Answer {
    if let Some(wait) = shared.is_busy() {
        let seconds = wait.as_secs().to_string();
        return Answer::text(503, "too much to do").with("Retry-After", seconds);
    }
    let fresh = shared.fresh_for.load(Ordering::Relaxed);
    let opens = lock(&shared.opens).clone();
    route(&shared.folder, &opens, request).fresh_for(fresh)
}

/// Sends bytes to a client that takes them in time.
fn said(stream: &mut TcpStream, mut bytes: &[u8], time: Duration) -> io::Result<()> {
    let deadline = Instant::now() + time;
    while !bytes.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_write_timeout(Some(left))?;
        let sent = match stream.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => sent,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(error),
        };
        bytes = bytes.get(sent..).unwrap_or_default();
    }
    Ok(())
}

/// Reads away what a client still sends, for a moment: a connection that is closed with unread
/// bytes takes the answer with it.
fn linger(stream: &mut TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    let deadline = Instant::now() + Duration::from_secs(1);
    let mut scrap = [0; 16 << 10];
    while Instant::now() < deadline {
        let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
        match stream.read(&mut scrap) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
