//! Interrupts: the first one stops in order, the second one at once.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exit::Exit;

/// Returns a flag that the first interrupt raises: Ctrl-C, a wish to end, or a terminal that is
/// closed. The second one ends cascade and all of its children at once.
pub(crate) fn interrupt() -> Arc<AtomicBool> {
    static RAISED: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let raised = RAISED.get_or_init(|| {
        let raised = Arc::new(AtomicBool::new(false));
        listen(Arc::clone(&raised));
        raised
    });
    Arc::clone(raised)
}

fn listen(raised: Arc<AtomicBool>) {
    let mut wanted = vec![SIGINT, SIGTERM];
    // Whoever started it with `nohup` wants it to outlive the terminal.
    if !is_ignored(SIGHUP) {
        wanted.push(SIGHUP);
    }
    // Without a listener an interrupt ends cascade at once, which a run survives as well.
    let Ok(mut signals) = Signals::new(wanted) else {
        return;
    };
    thread::spawn(move || {
        for _ in signals.forever() {
            if raised.swap(true, Ordering::Relaxed) {
                at_once();
            }
        }
    });
}

#[expect(
    clippy::disallowed_methods,
    clippy::exit,
    reason = "a person who interrupts twice waits for nothing"
)]
fn at_once() {
    cascade_run::end_children();
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// Returns whether this process was started to ignore a signal, where the system says so.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignores(&status, signal)
}

fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|it| it.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|it| u64::from_str_radix(it.trim(), 16).ok());
    mask.is_some_and(|it| it >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_is_ignored_is_known_by_its_bit() {
        let status = "Name:\tx\nSigIgn:\t0000000000000001\nSigCgt:\t0000000000000002\n";
        assert!(ignores(status, SIGHUP));
        assert!(!ignores(status, SIGINT) && !ignores("", SIGHUP));
    }
}
