//! `Retry-After`: how long a server asks to be left alone.

use std::time::Duration;

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
