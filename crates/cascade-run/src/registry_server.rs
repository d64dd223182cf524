//! A registry server of cascade's own: a folder, served to real clients. For tests and rehearsals.
//!
//! Invariant: it listens on the loopback and nowhere else, reads and writes inside its folder and
//! nowhere else, and bounds what a client may send, hold and wait for.
//!
//! | word | where |
//! |---|---|
//! | a connection: bounds, deadlines, keep-alive | `serve`, `request` |
//! | what is said back: ETag, ranges, `HEAD` | `answer` |
//! | the folder: safe names, upload times, yanked files | `folder`, `moment` |
//! | the protocols | `python`, `npm`, `cargo`, `oci`, `fixed` |

mod answer;
mod cargo;
mod fixed;
mod folder;
mod moment;
mod npm;
mod oci;
mod python;
mod request;
mod route;
mod serve;
mod tarball;
pub(crate) mod untrusted;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use folder::Folder;
pub use oci::Opens;
use serve::{Bounds, Live};

/// How many requests are remembered, the latest.
const REMEMBERED: usize = 100_000;

/// A registry that serves a folder to Python, npm, Cargo and Go clients, and to those of images and
/// charts, until it is dropped.
pub struct RegistryServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

/// What every connection knows.
struct Shared {
    folder: Folder,
    bounds: Bounds,
    stopped: AtomicBool,
    fresh_for: AtomicU64,
    busy: Mutex<(u32, Duration)>,
    opens: Mutex<Opens>,
    asked: Mutex<VecDeque<String>>,
    live: Live,
}

impl RegistryServer {
    /// Serves a folder on a port of the loopback; port 0 takes any that is free. The folder is
    /// made where it is missing.
    ///
    /// # Errors
    /// When the folder can not be made or the port is taken.
    pub fn start(root: &Path, port: u16) -> io::Result<Self> {
        Self::bounded(root, port, Bounds::default())
    }

    /// Serves a folder within these bounds.
    fn bounded(root: &Path, port: u16, bounds: Bounds) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            folder: Folder::open(root)?,
            bounds,
            stopped: AtomicBool::new(false),
            fresh_for: AtomicU64::new(0),
            busy: Mutex::default(),
            opens: Mutex::default(),
            asked: Mutex::default(),
            live: Live::default(),
        });
        let theirs = Arc::clone(&shared);
        let listening = thread::Builder::new()
            .name("registry".to_owned())
            .spawn(move || serve::listen(&theirs, &listener))?;
        Ok(Self {
            address,
            shared,
            listening: Some(listening),
        })
    }

    /// Returns its address without a slash at the end: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns what was asked so far, the oldest first: method and path, as they were sent.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared.asked).iter().cloned().collect()
    }

    /// Lets clients keep what they are told from now on for this long, as public registries do;
    /// at first they are told to ask each time.
    pub fn fresh_for(&self, time: Duration) {
        self.shared
            .fresh_for
            .store(time.as_secs(), Ordering::Relaxed);
    }

    /// Serves images and charts to these alone from now on.
    pub fn opens(&self, opens: Opens) {
        *lock(&self.shared.opens) = opens;
    }

    /// Answers the next so many requests with 503, and asks to be left alone for this long, in
    /// seconds, as a registry does that has too much to do.
    pub fn busy_for(&self, requests: u32, wait: Duration) {
        *lock(&self.shared.busy) = (requests, wait);
    }
}

impl Drop for RegistryServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Whoever accepts sleeps in it: one more connection wakes it.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        self.shared.live.close();
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

impl fmt::Debug for RegistryServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Returns how long a client is asked to leave this server alone, if it is now.
    fn is_busy(&self) -> Option<Duration> {
        let mut busy = lock(&self.busy);
        busy.0 = busy.0.checked_sub(1)?;
        Some(busy.1)
    }

    /// Remembers what was asked.
    fn remember(&self, method: &str, target: &str) {
        let mut asked = lock(&self.asked);
        if asked.len() >= REMEMBERED {
            asked.pop_front();
        }
        asked.push_back(format!("{method} {target}"));
    }
}

/// Returns what a lock holds, whoever panicked with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
