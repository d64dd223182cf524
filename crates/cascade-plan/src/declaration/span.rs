//! Spans of time, as people write them.

use std::time::Duration;

/// The longest span: a week.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// Returns the span of time that a text says: `30m`, `90s`, `1h30m`; `None` where it says none, or
/// one longer than a week.
pub fn span(text: &str) -> Option<Duration> {
    let mut whole = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (digits, unit) = rest.split_at_checked(end)?;
        let number: u32 = digits.parse().ok()?;
        let one = match unit.chars().next()? {
            's' => Duration::from_secs(1),
            'm' => Duration::from_mins(1),
            'h' => Duration::from_hours(1),
            _ => return None,
        };
        whole = whole.checked_add(one.checked_mul(number)?)?;
        rest = unit.get(1..)?;
    }
    (!text.is_empty() && whole <= LONGEST).then_some(whole)
}

/// Returns a span of time as people write it.
pub fn spelled(span: Duration) -> String {
    let seconds = span.as_secs();
    let parts = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ];
    let words = parts.iter().filter(|it| it.0 > 0);
    let words: Vec<String> = words
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect();
    if words.is_empty() {
        return "0s".to_owned();
    }
    words.concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_span_is_read_as_people_write_it() {
        let seconds = |text| span(text).map(|it| it.as_secs());
        assert_eq!(seconds("30m"), Some(1800));
        assert_eq!(seconds("1h30m5s"), Some(5405));
        assert_eq!(seconds("0s"), Some(0));
        for wrong in [
            "",
            "30",
            "m",
            "1d",
            "-1s",
            "1.5h",
            "999999h",
            "99999999999s",
            "1é",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_spelled_reads_back(seconds in 0..604_800_u64) {
            let time = Duration::from_secs(seconds);
            prop_assert_eq!(span(&spelled(time)), Some(time));
        }
    }
}
