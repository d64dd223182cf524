//! How long a server asks to be left alone: `Retry-After`, and the limits of GitHub.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns how long a server asks to be left alone by its headers: by `Retry-After`, else until an
/// allowance that is spent is filled again, as `X-RateLimit-Reset` says it in seconds since 1970.
pub(super) fn asked(header: &dyn Fn(&str) -> Option<String>) -> Option<Duration> {
    let date = header("date");
    if let Some(said) = header("retry-after") {
        return pause(&said, date.as_deref());
    }
    let number = |name: &str| header(name)?.trim().parse::<i64>().ok();
    if number("x-ratelimit-remaining") != Some(0) {
        return None;
    }
    let own = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let own = || i64::try_from(own?.as_secs()).ok();
    let now = date.and_then(|it| jiff::fmt::rfc2822::parse(it.trim()).ok());
    let now = now.map_or_else(own, |it| Some(it.timestamp().as_second()))?;
    let seconds = number("x-ratelimit-reset")?.saturating_sub(now);
    // A second more, since both are told in whole ones.
    Some(Duration::from_secs(
        u64::try_from(seconds).map_or(0, |it| it.saturating_add(1)),
    ))
}

/// Returns how long a server asks to be left alone: in seconds, or until a date by its own clock.
pub(super) fn pause(said: &str, date: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = said.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = |it: &str| jiff::fmt::rfc2822::parse(it.trim()).ok();
    let (until, now) = (moment(said)?.timestamp(), moment(date?)?.timestamp());
    let seconds = until.as_second().checked_sub(now.as_second())?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_that_is_spent_is_waited_for() {
        let after = |pairs: &[(&str, &str)]| {
            let header = |name: &str| {
                let found = pairs.iter().find(|it| it.0 == name);
                found.map(|it| it.1.to_owned())
            };
            asked(&header).map(|it| it.as_secs())
        };
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let [spent, left] = ["0", "7"].map(|it| ("x-ratelimit-remaining", it));
        let reset = ("x-ratelimit-reset", "784111837");
        assert_eq!(after(&[date, spent, reset]), Some(61));
        assert_eq!(after(&[date, left, reset]), None);
        assert_eq!(after(&[date, reset]), None);
        assert_eq!(after(&[date, spent, ("x-ratelimit-reset", "1")]), Some(0));
        assert_eq!(after(&[date, spent, ("x-ratelimit-reset", "soon")]), None);
        assert_eq!(after(&[date, spent, reset, ("retry-after", "5")]), Some(5));
        let most = ("x-ratelimit-reset", "9223372036854775807");
        assert!(after(&[date, spent, most]).is_some());
    }

    #[test]
    fn a_server_says_seconds_or_a_date() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        let asked = |said| pause(said, date).map(|it| it.as_secs());
        assert_eq!(asked(" 120 "), Some(120));
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60));
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(asked("soon"), None);
        assert_eq!(pause("Sun, 06 Nov 1994 08:50:37 GMT", None), None);
    }
}
