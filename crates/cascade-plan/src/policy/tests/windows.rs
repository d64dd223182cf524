//! When freeze windows hold.

use super::*;
use jiff::Timestamp;
use proptest::prelude::*;

fn window(from: &str, to: &str, zone: &str) -> Freeze {
    let offset = freeze::offset(zone).expect("an offset");
    Freeze {
        window: Freeze::window(from, to, offset).expect("a window"),
        from: from.to_owned(),
        to: to.to_owned(),
        offset,
        reason: "r".to_owned(),
    }
}

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_second()
}

#[test]
fn a_last_day_belongs_to_its_window_and_a_moment_does_not() {
    let days = window("2026-12-20", "2027-01-03", "+01:00");
    assert_eq!(days.until(at("2026-12-19T22:59:59Z")), None);
    assert_eq!(
        days.until(at("2026-12-19T23:00:00Z")),
        Some(at("2027-01-03T23:00:00Z"))
    );
    assert!(days.until(at("2027-01-03T22:59:59Z")).is_some());
    assert_eq!(days.until(at("2027-01-03T23:00:00Z")), None);
    assert_eq!(
        days.spelled(at("2027-01-03T23:00:00Z")),
        "2027-01-04 00:00 +01:00"
    );
    let moments = window(
        "2026-12-20T16:00:00+01:00",
        "2026-12-20T17:00:00+01:00",
        "Z",
    );
    assert!(moments.until(at("2026-12-20T15:00:00Z")).is_some());
    assert_eq!(moments.until(at("2026-12-20T16:00:00Z")), None);
}

#[test]
fn a_weekly_window_goes_over_the_end_of_the_week() {
    let weekend = window("Friday 16:00", "Monday 08:00", "+01:00");
    // 2026-11-20 is a Friday.
    assert_eq!(weekend.until(at("2026-11-20T14:59:59Z")), None);
    assert_eq!(
        weekend.until(at("2026-11-20T15:00:00Z")),
        Some(at("2026-11-23T07:00:00Z"))
    );
    assert!(weekend.until(at("2026-11-22T23:30:00Z")).is_some());
    assert_eq!(weekend.until(at("2026-11-23T07:00:00Z")), None);
    let days = window("mon", "Wednesday 12:00", "Z");
    assert!(days.until(at("2026-11-23T00:00:00Z")).is_some());
    assert_eq!(days.until(at("2026-11-25T12:00:00Z")), None);
}

proptest! {
    /// A window that holds ends at the moment it names, and not before.
    #[test]
    fn a_window_holds_until_it_ends(
        (from, to) in (0..7_usize, 0..7_usize),
        (first, last) in (0..24_i64, 0..24_i64),
        zone in -14..=14_i32,
        now in -4_000_000_000..8_000_000_000_i64,
    ) {
        const NAMES: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let (from, to) = (format!("{} {first:02}:00", NAMES[from]), format!("{} {last:02}:30", NAMES[to]));
        let zone = format!("{}{:02}:00", if zone < 0 { '-' } else { '+' }, zone.abs());
        let weekly = window(&from, &to, &zone);
        if let Some(until) = weekly.until(now) {
            prop_assert!(until > now && until - now <= 7 * 24 * 3600);
            prop_assert_eq!(weekly.until(until), None);
            prop_assert_eq!(weekly.until(until - 1), Some(until));
        }
        prop_assert_eq!(weekly.until(now).is_some(), weekly.until(now + 7 * 24 * 3600).is_some());
    }

    #[test]
    fn no_end_of_a_window_is_a_panic(from in ".{0,24}", to in ".{0,24}", zone in ".{0,8}", now: i64) {
        let offset = freeze::offset(&zone).unwrap_or_default();
        if let Ok(window) = Freeze::window(&from, &to, offset) {
            let freeze = Freeze { window, from, to, offset, reason: String::new() };
            let _ = freeze.until(now).map(|it| freeze.spelled(it));
        }
    }
}
