//! Moments, as registries write them.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A moment, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u128);

const SECOND: u128 = 1_000_000_000;

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
        if year < 1970 {
            return None;
        }
        let zone = time.find(['Z', 'z', '+', '-'])?;
        let (clock, zone) = time.split_at_checked(zone)?;
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
        let (hour, minute, second) = three(clock, ':')?;
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let clock = i64::try_from(hour * 3600 + minute * 60 + second).ok()?;
        let seconds = (midnight(year, month, day)? + clock).checked_sub(offset(zone)?)?;
        Some(Self(
            u128::try_from(seconds).ok()? * SECOND + nanoseconds(fraction)?,
        ))
    }

    /// Returns the moment in RFC 3339, with so many digits behind the second.
    pub(super) fn text(self, digits: usize) -> String {
        let seconds = i64::try_from(self.0 / SECOND).unwrap_or(i64::MAX);
        let moment = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        let fraction = format!("{:09}", self.0 % SECOND);
        let fraction = fraction.get(..digits.min(9)).unwrap_or_default();
        format!("{}.{fraction}Z", moment.strftime("%Y-%m-%dT%H:%M:%S"))
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

/// Returns the seconds from 1970 to the beginning of a date.
fn midnight(year: u64, month: u64, day: u64) -> Option<i64> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let date = Date::new(i16::try_from(year).ok()?, month, day).ok()?;
    let zoned = date.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_second())
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
