//! What a workspace says of its own drift.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::fault::DeclareError;
use super::file::Text;
use super::resolve::Room;

/// The longest time between two looks that can be declared: a year.
const LONGEST: u64 = 366 * DAY;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// How drift is watched.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct DriftTable {
    /// The longest time that nothing may look for drift: `8 days`, `36 hours`.
    #[schemars(with = "Option<String>")]
    pub(super) expect_every: Option<Text>,
}

/// How drift is watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DriftDeclaration {
    /// The longest time that nothing may look for drift, where one is declared.
    pub expect_every: Option<Duration>,
}

impl Room<'_> {
    /// Returns how drift is watched.
    pub(super) fn drift(&mut self, table: Option<&DriftTable>) -> DriftDeclaration {
        let said = table.and_then(|it| it.expect_every.as_ref());
        let expect_every = said.and_then(|text| {
            self.keep(text, |it| {
                let help = "write something like `8 days`";
                let error = || DeclareError::new("this is no time of an hour to a year").help(help);
                long_span(it).ok_or_else(error)
            })
        });
        DriftDeclaration { expect_every }
    }
}

/// Returns the span of time that a text says: `8 days`, `36 hours`, `2 weeks`, `8d`.
fn long_span(text: &str) -> Option<Duration> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(end)?;
    let one = match unit.trim_start() {
        "h" | "hour" | "hours" => HOUR,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => 7 * DAY,
        _ => return None,
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(one)?;
    (HOUR..=LONGEST)
        .contains(&seconds)
        .then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_span_is_read_as_people_write_it() {
        let hours = |text| long_span(text).map(|it| it.as_secs() / HOUR);
        for (text, want) in [
            ("8 days", 192),
            ("36 hours", 36),
            ("1 week", 168),
            ("8d", 192),
        ] {
            assert_eq!(hours(text), Some(want), "{text}");
        }
        for wrong in [
            "",
            "8",
            "days",
            "0 days",
            "400 days",
            "8 d ays",
            "-1d",
            "99999999999999999999d",
        ] {
            assert_eq!(hours(wrong), None, "{wrong}");
        }
    }
}
