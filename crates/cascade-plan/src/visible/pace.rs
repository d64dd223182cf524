//! How often an index is asked.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The pauses between the readings of an index, and how long it is read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// The shortest pause, and the first.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// How long it is waited for at most.
    pub timeout: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_mins(1),
            timeout: Duration::from_mins(30),
        }
    }
}

impl Pace {
    /// Returns the same pace with another end.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Returns the pause after so many readings that showed the same. It doubles each time; `chance`,
    /// any number, moves it by a quarter to either side, so that those who began together part. Never
    /// shorter than what the index asked for.
    pub fn pause(&self, same: u32, chance: u64, asked: Option<Duration>) -> Duration {
        let factor = 1_u32.checked_shl(same.min(30)).unwrap_or(u32::MAX);
        let whole = self.first.saturating_mul(factor).min(self.longest);
        let share = u32::try_from(chance % 501).unwrap_or(0) + 750;
        let moved = whole.saturating_mul(share) / 1000;
        let bounded = moved.clamp(self.first.min(self.longest), self.longest);
        bounded.max(asked.unwrap_or_default())
    }
}
