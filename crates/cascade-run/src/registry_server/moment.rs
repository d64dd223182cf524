//! Moments, as registries write them.

use std::time::{SystemTime, UNIX_EPOCH};

/// A moment, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u128);

const SECOND: u128 = 1_000_000_000;
const DAY: u64 = 86_400;

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        Self(
            time.duration_since(UNIX_EPOCH)
                .map_or(0, |it| it.as_nanos()),
        )
    }
}

impl Moment {
    /// Returns the moment that a text in RFC 3339 says; `None` where it says none after 1970.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once(['T', 't', ' '])?;
        let (year, month, day) = three(date, '-')?;
        let in_range = (1970..=9999).contains(&year) && (1..=12).contains(&month);
        if !in_range || !(1..=31).contains(&day) {
            return None;
        }
        let zone = time.find(['Z', 'z', '+', '-'])?;
        let (clock, zone) = time.split_at_checked(zone)?;
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
        let (hour, minute, second) = three(clock, ':')?;
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let seconds = days(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
        let seconds = i64::try_from(seconds).ok()?.checked_sub(offset(zone)?)?;
        Some(Self(
            u128::try_from(seconds).ok()? * SECOND + nanoseconds(fraction)?,
        ))
    }

    /// Returns the moment in RFC 3339, with so many digits behind the second.
    pub(super) fn text(self, digits: usize) -> String {
        let seconds = u64::try_from(self.0 / SECOND).unwrap_or(u64::MAX);
        let (year, month, day) = date(seconds / DAY);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        let fraction = format!("{:09}", self.0 % SECOND);
        let fraction = fraction.get(..digits.min(9)).unwrap_or_default();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction}Z")
    }
}

/// Returns three numbers.
fn three(text: &str, between: char) -> Option<(u64, u64, u64)> {
    let mut parts = text.split(between).map(|it| {
        let digits = it.bytes().all(|it| it.is_ascii_digit());
        it.parse().ok().filter(|_| digits)
    });
    let three = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(three)
}

/// Returns how far a zone is from UTC, in seconds.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.trim_start_matches(['+', '-']).split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let in_range = (0..24).contains(&hours) && (0..60).contains(&minutes);
    in_range.then_some(sign * (hours * 3600 + minutes * 60))
}

fn nanoseconds(fraction: &str) -> Option<u128> {
    let digits = fraction.bytes().all(|it| it.is_ascii_digit());
    let nine: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    digits.then(|| nine.parse().ok()).flatten()
}

/// Returns the days from 1970 to a date, by the calendar's cycle of 400 years.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Returns the date that lies so many days after 1970 began.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_back() {
        for text in [
            "1970-01-01T00:00:00.000000Z",
            "2000-02-29T23:59:59.999999Z",
            "2026-01-01T00:00:00.123456Z",
            "2100-03-01T12:30:01.000001Z",
        ] {
            assert_eq!(Moment::parse(text).unwrap().text(6), text);
        }
        let zoned = Moment::parse("2026-01-01T02:00:00.5+02:00").unwrap();
        assert_eq!(zoned.text(3), "2026-01-01T00:00:00.500Z");
        assert_eq!(zoned, Moment::parse("2026-01-01T00:00:00.500Z").unwrap());
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "2026",
            "2026-01-01",
            "2026-13-01T00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T25:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-01-01T00:00:00.xZ",
            "2026-01-01T00:00:00+é",
            "2026-01-01T00:00:00+99:99",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
