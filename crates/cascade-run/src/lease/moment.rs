//! Moments of this machine's clock that nobody sets and that goes on while it sleeps.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The clock that goes on while a laptop's lid is closed: a lease grows old meanwhile.
#[cfg(target_os = "linux")]
const CLOCK: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const CLOCK: ClockId = ClockId::Monotonic;

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(Duration);

impl Moment {
    /// Returns this moment.
    pub(super) fn now() -> Self {
        let now = clock_gettime(CLOCK);
        let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
        let nanos = u32::try_from(now.tv_nsec).unwrap_or_default();
        Self(Duration::new(seconds, nanos))
    }

    /// Returns how long ago it was.
    pub(super) fn age(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}
