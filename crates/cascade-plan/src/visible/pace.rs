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

    /// Returns the pause after so many readings that showed the same. It grows by an eightieth each
    /// time, so that what appears is seen within an eightieth of the time that it was waited for;
    /// `chance`, any number, moves it by a quarter to either side, so that those who began together
    /// part. Never shorter than what the index asked for.
    pub fn pause(&self, same: u32, chance: u64, asked: Option<Duration>) -> Duration {
        let growth = 1.0125_f64.powi(i32::try_from(same).unwrap_or(i32::MAX));
        let whole = self.first.as_secs_f64() * growth;
        let whole = Duration::try_from_secs_f64(whole).unwrap_or(self.longest);
        self.moved(whole, chance, asked)
    }

    /// Returns the pause after so many readings in a row that had no answer. It doubles each time:
    /// who does not answer has enough to do.
    pub fn pause_in_silence(&self, same: u32, chance: u64, asked: Option<Duration>) -> Duration {
        let factor = 1_u32.checked_shl(same.min(30)).unwrap_or(u32::MAX);
        self.moved(self.first.saturating_mul(factor), chance, asked)
    }

    fn moved(&self, whole: Duration, chance: u64, asked: Option<Duration>) -> Duration {
        let share = u32::try_from(chance % 501).unwrap_or(0) + 750;
        let moved = whole.min(self.longest).saturating_mul(share) / 1000;
        let bounded = moved.clamp(self.first.min(self.longest), self.longest);
        bounded.max(asked.unwrap_or_default())
    }
}
