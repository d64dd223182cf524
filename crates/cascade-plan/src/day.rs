//! Days of the calendar, in UTC: by them waivers end.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Returns the moment of so many seconds since 1970; the first or last that there is, for one beyond.
pub(crate) fn moment(seconds: i64) -> Timestamp {
    let seconds = seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(seconds).unwrap_or_default()
}

/// Returns the day of a moment in seconds since 1970.
pub(crate) fn day_of(seconds: i64) -> Date {
    moment(seconds).to_zoned(TimeZone::UTC).date()
}
