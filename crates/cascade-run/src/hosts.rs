//! How much is asked of one server at once: a few things, however many repositories are worked on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::environment::GLANCE;

/// How many things are asked of one server at once.
const AT_ONCE: usize = 4;

/// What is asked of servers just now, by their names.
#[derive(Debug)]
pub(crate) struct Hosts {
    asked: Mutex<BTreeMap<String, usize>>,
    bell: Condvar,
}

/// The right to ask one thing of a server; it ends with the value.
#[derive(Debug)]
pub(crate) struct Leave<'a> {
    hosts: &'a Hosts,
    host: String,
}

impl Hosts {
    const fn new() -> Self {
        Self {
            asked: Mutex::new(BTreeMap::new()),
            bell: Condvar::new(),
        }
    }

    /// Returns what this process asks of servers.
    pub(crate) fn of_process() -> &'static Self {
        static HOSTS: Hosts = Hosts::new();
        &HOSTS
    }

    /// Returns the right to ask a server one thing, once it is there; `None` where a person
    /// interrupts before. Without a flag nobody can.
    pub(crate) fn leave(&self, host: &str, interrupt: Option<&AtomicBool>) -> Option<Leave<'_>> {
        let mut asked = self.asked();
        while asked.get(host).is_some_and(|it| *it >= AT_ONCE) {
            if interrupt.is_some_and(|it| it.load(Ordering::Relaxed)) {
                return None;
            }
            let waited = self.bell.wait_timeout(asked, GLANCE);
            asked = waited.map_or_else(|it| it.into_inner().0, |it| it.0);
        }
        *asked.entry(host.to_owned()).or_default() += 1;
        Some(Leave {
            hosts: self,
            host: host.to_owned(),
        })
    }

    fn asked(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut asked = self.hosts.asked();
        if let Some(count) = asked.get_mut(&self.host) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                asked.remove(&self.host);
            }
        }
        drop(asked);
        self.hosts.bell.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_server_is_asked_a_few_things_at_once_and_nothing_is_left_over() {
        let hosts = Hosts::new();
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| {
                    let leave = hosts.leave("a.example", None);
                    let here = now.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(here, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(5));
                    now.fetch_sub(1, Ordering::SeqCst);
                    drop(leave);
                });
            }
        });
        assert_eq!(most.into_inner(), AT_ONCE);
        assert!(hosts.asked().is_empty());
    }

    #[test]
    fn nobody_waits_for_another_server_or_past_an_interrupt() {
        let hosts = Hosts::new();
        let full: Vec<_> = (0..AT_ONCE)
            .map(|_| hosts.leave("a.example", None))
            .collect();
        assert!(hosts.leave("b.example", None).is_some());
        assert!(
            hosts
                .leave("a.example", Some(&AtomicBool::new(true)))
                .is_none()
        );
        drop(full);
        assert!(hosts.leave("a.example", None).is_some());
    }
}
