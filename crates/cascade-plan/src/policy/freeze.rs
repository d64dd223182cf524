//! Freeze windows: the times in which nothing is released.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// The first moment of 1970 was three days into a week that begins on Monday.
const INTO_THE_WEEK: i64 = 3 * DAY;

const DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// A time in which nothing is released, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// When.
    pub window: Window,
    /// Where it begins, as it is written.
    pub from: String,
    /// Where it ends, as it is written.
    pub to: String,
    /// The offset of its days and hours from UTC, in seconds.
    pub offset: i32,
    /// Why.
    pub reason: String,
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// From one moment up to another one, in seconds since 1970.
    Once {
        /// The first moment of it.
        from: i64,
        /// The first moment after it.
        to: i64,
    },
    /// Every week, in seconds since Monday 00:00 at the window's offset.
    Weekly {
        /// The first moment of it.
        from: i64,
        /// The first moment after it.
        to: i64,
    },
}

/// An end of a window, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Moment(i64),
    Day(Date),
    Week(i64),
}

impl Freeze {
    /// Returns the window between two ends, as people write them.
    ///
    /// # Errors
    /// With what is wrong, and whether that is so with the first, the second, or both.
    pub(crate) fn window(from: &str, to: &str, offset: i32) -> Result<Window, (Fault, String)> {
        let first = End::parse(from).map_err(|it| (Fault::From, it))?;
        let last = End::parse(to).map_err(|it| (Fault::To, it))?;
        let window = match (first, last) {
            (End::Week(from), End::Week(to)) if from != to => Window::Weekly { from, to },
            (End::Week(_), End::Week(_)) => {
                return Err((Fault::Both, "the window ends where it begins".to_owned()));
            }
            (End::Week(_), _) | (_, End::Week(_)) => {
                let what = "one end is a day of the week and the other one a date";
                return Err((Fault::Both, what.to_owned()));
            }
            (from, to) => Window::Once {
                from: from.begins(offset),
                to: to.is_over(offset),
            },
        };
        match window {
            Window::Once { from, to } if from >= to => {
                Err((Fault::Both, "the window ends before it begins".to_owned()))
            }
            window => Ok(window),
        }
    }

    /// Returns until when the window holds, where it holds at this moment.
    pub fn until(&self, at: i64) -> Option<i64> {
        match self.window {
            Window::Once { from, to } => (from <= at && at < to).then_some(to),
            Window::Weekly { from, to } => {
                let into = at
                    .saturating_add(i64::from(self.offset))
                    .saturating_add(INTO_THE_WEEK)
                    .rem_euclid(WEEK);
                let long = (to - from).rem_euclid(WEEK);
                let since = (into - from).rem_euclid(WEEK);
                (since < long).then(|| at.saturating_add(long - since))
            }
        }
    }

    /// Returns a moment at the window's own offset, for people.
    pub fn spelled(&self, moment: i64) -> String {
        let offset = Offset::from_seconds(self.offset).unwrap_or(Offset::UTC);
        let Ok(moment) = Timestamp::from_second(moment) else {
            return "the end of time".to_owned();
        };
        let there = moment.to_zoned(TimeZone::fixed(offset));
        there.strftime("%Y-%m-%d %H:%M %:z").to_string()
    }
}

/// Which end of a window is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    From,
    To,
    Both,
}

impl End {
    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(Self::Moment(moment.as_second()));
        }
        if let Ok(day) = text.parse::<Date>()
            && text.len() == "2026-12-20".len()
        {
            return Ok(Self::Day(day));
        }
        match weekly(text) {
            Some(into) => Ok(Self::Week(into)),
            None => Err(format!(
                "`{}` is no date, moment or day of the week",
                text.escape_debug()
            )),
        }
    }

    fn begins(self, offset: i32) -> i64 {
        match self {
            Self::Moment(at) | Self::Week(at) => at,
            Self::Day(day) => midnight(day, offset),
        }
    }

    /// A last day is one of the window, to its end.
    fn is_over(self, offset: i32) -> i64 {
        match self {
            Self::Day(day) => midnight(day, offset).saturating_add(DAY),
            other => other.begins(offset),
        }
    }
}

/// Returns the first moment of a day at an offset.
fn midnight(day: Date, offset: i32) -> i64 {
    let zone = TimeZone::fixed(Offset::UTC);
    let utc = day
        .to_zoned(zone)
        .map_or(0, |it| it.timestamp().as_second());
    utc.saturating_sub(i64::from(offset))
}

/// Returns the seconds since Monday 00:00 that `Friday 16:00` says; a day alone is its beginning.
fn weekly(text: &str) -> Option<i64> {
    let (day, time) = text.split_once(' ').unwrap_or((text, "00:00"));
    let day = day.to_ascii_lowercase();
    let is_it = |it: &&str| **it == day || (day.len() == 3 && it.starts_with(&day));
    let day = DAYS.iter().position(is_it)?;
    let (hours, minutes) = clock(time.trim())?;
    (hours < 24).then(|| i64::try_from(day).unwrap_or(0) * DAY + hours * HOUR + minutes * MINUTE)
}

/// Returns the hours and minutes of `16:00`.
fn clock(text: &str) -> Option<(i64, i64)> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |it: &str| {
        let digits = it.len() == 2 && it.bytes().all(|it| it.is_ascii_digit());
        digits.then(|| it.parse::<i64>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 24 && minutes < 60).then_some((hours, minutes))
}

/// Returns the seconds from UTC that `+01:00`, `-05:30` or `Z` says.
pub(crate) fn offset(text: &str) -> Option<i32> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = clock(rest)?;
    let seconds = sign * (hours * HOUR + minutes * MINUTE);
    (seconds.abs() <= 14 * HOUR).then(|| i32::try_from(seconds).unwrap_or(0))
}
