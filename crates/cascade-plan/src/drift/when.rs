//! When a report is made: `Mon 06:00` or five fields of cron, and both of them for those who ask.
//!
//! Invariant: a [`When`] is sets of numbers. Nothing that a person typed is ever written back as it
//! was typed.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use thiserror::Error;

/// Moments of a week, a month, a year: what the five fields of cron say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    minutes: Set,
    hours: Set,
    days: Set,
    months: Set,
    weekdays: Set,
}

/// Why a text says no moments.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WhenError {
    /// It has neither form.
    #[error(
        "`{0}` is neither a day and a time (`Mon 06:00`) nor the five fields of cron (`0 6 * * 1`)"
    )]
    Form(String),
    /// A field of it holds something that is no such number.
    #[error("`{word}` is no {field}")]
    Field {
        /// What the field is of.
        field: &'static str,
        /// What was written.
        word: String,
    },
}

/// Numbers of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Set {
    kind: &'static Kind,
    bits: u64,
}

/// What a field holds.
#[derive(Debug, PartialEq, Eq)]
struct Kind {
    name: &'static str,
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

static MINUTE: Kind = Kind {
    name: "minute of an hour",
    first: 0,
    last: 59,
    names: &[],
};
static HOUR: Kind = Kind {
    name: "hour of a day",
    first: 0,
    last: 23,
    names: &[],
};
static DAY: Kind = Kind {
    name: "day of a month",
    first: 1,
    last: 31,
    names: &[],
};
static MONTH: Kind = Kind {
    name: "month",
    first: 1,
    last: 12,
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
};
static WEEKDAY: Kind = Kind {
    name: "day of a week",
    first: 0,
    last: 6,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

impl When {
    /// Returns the moments that a text says: days of the week, or none, and a time; or cron's fields.
    ///
    /// # Errors
    /// When it has neither form, or a number is out of reach.
    pub fn parse(text: &str) -> Result<Self, WhenError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match *words.as_slice() {
            [time] => Self::at("*", time).unwrap_or_else(|| Err(form(text))),
            [days, time] => {
                let days = if days.eq_ignore_ascii_case("daily") {
                    "*"
                } else {
                    days
                };
                Self::at(days, time).unwrap_or_else(|| Err(form(text)))
            }
            [minutes, hours, days, months, weekdays] => Ok(Self {
                minutes: Set::read(&MINUTE, minutes)?,
                hours: Set::read(&HOUR, hours)?,
                days: Set::read(&DAY, days)?,
                months: Set::read(&MONTH, months)?,
                weekdays: Set::read(&WEEKDAY, weekdays)?,
            }),
            _ => Err(form(text)),
        }
    }

    /// Returns these days of the week at a time; `None` where the time is not written as one.
    fn at(weekdays: &str, time: &str) -> Option<Result<Self, WhenError>> {
        let (hour, minute) = time.split_once(':')?;
        let read = || {
            Ok(Self {
                minutes: Set::read(&MINUTE, minute)?,
                hours: Set::read(&HOUR, hour)?,
                days: Set::all(&DAY),
                months: Set::all(&MONTH),
                weekdays: Set::read(&WEEKDAY, weekdays)?,
            })
        };
        let digits =
            |it: &str| (1..=2).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
        (digits(hour) && digits(minute)).then(read)
    }

    /// Returns the five fields of cron.
    pub fn cron(&self) -> String {
        let sets = [
            self.minutes,
            self.hours,
            self.days,
            self.months,
            self.weekdays,
        ];
        sets.map(|it| it.listed("-", ",")).join(" ")
    }

    /// Returns what systemd calls `OnCalendar`, in UTC. cron takes a day that either of its two fields
    /// of days names; for that, there are two of them.
    pub fn calendars(&self) -> Vec<String> {
        let (any_day, any_weekday) = (Set::all(&DAY), Set::all(&WEEKDAY));
        let both = self.days != any_day && self.weekdays != any_weekday;
        if both {
            let by = |days, weekdays| self.calendar(days, weekdays);
            return vec![by(any_day, self.weekdays), by(self.days, any_weekday)];
        }
        vec![self.calendar(self.days, self.weekdays)]
    }

    fn calendar(&self, days: Set, weekdays: Set) -> String {
        let mut text = String::new();
        if weekdays != Set::all(&WEEKDAY) {
            // A week of systemd's begins on Monday, so that no range may run past Sunday.
            let _ = write!(text, "{} ", weekdays.by_name().join(","));
        }
        let [months, days, hours, minutes] =
            [self.months, days, self.hours, self.minutes].map(|it| it.listed("..", ","));
        let _ = write!(text, "*-{months}-{days} {hours}:{minutes}:00 UTC");
        text
    }
}

impl Set {
    fn all(kind: &'static Kind) -> Self {
        let bits = (kind.first..=kind.last).fold(0, |bits, it| bits | 1 << it);
        Self { kind, bits }
    }

    /// Reads a field: numbers, names, ranges and steps, with commas between them.
    fn read(kind: &'static Kind, text: &str) -> Result<Self, WhenError> {
        let mut bits = 0;
        for part in text.split(',') {
            let wrong = || WhenError::Field {
                field: kind.name,
                word: part.to_owned(),
            };
            bits |= kind.part(part).ok_or_else(wrong)?;
        }
        Ok(Self { kind, bits })
    }

    fn has(self, number: u32) -> bool {
        self.bits & 1 << number != 0
    }

    /// Returns the numbers as ranges, in order; `*` where they are all there are.
    fn listed(self, to: &str, and: &str) -> String {
        if self == Self::all(self.kind) {
            return "*".to_owned();
        }
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for number in (self.kind.first..=self.kind.last).filter(|it| self.has(*it)) {
            match ranges.last_mut() {
                Some(range) if range.1 + 1 == number => range.1 = number,
                _ => ranges.push((number, number)),
            }
        }
        let words = ranges.into_iter().map(|(first, last)| match last - first {
            0 => first.to_string(),
            1 => format!("{first}{and}{last}"),
            _ => format!("{first}{to}{last}"),
        });
        words.collect::<Vec<_>>().join(and)
    }

    /// Returns the names of the numbers, Sunday last.
    fn by_name(self) -> Vec<String> {
        let count = self.kind.names.len();
        let turned = self
            .kind
            .names
            .iter()
            .enumerate()
            .cycle()
            .skip(1)
            .take(count);
        turned
            .filter(|(at, _)| self.has(u32::try_from(*at).unwrap_or_default()))
            .map(|(_, name)| {
                let mut letters = name.chars();
                let first = letters.next().map(|it| it.to_ascii_uppercase());
                first.into_iter().chain(letters).collect()
            })
            .collect()
    }
}

impl Kind {
    /// Reads `*`, `5`, `Mon`, `1-5`, `*/15`, `10-50/20`.
    fn part(&self, text: &str) -> Option<u64> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, number(step).filter(|it| *it > 0)?),
            None => (text, 1),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.first, self.last),
            Some((first, last)) => (self.number(first)?, self.number(last)?),
            // A step without an end goes on to the end of the field.
            None if text != range => (self.number(range)?, self.last),
            None => (self.number(range)?, self.number(range)?),
        };
        // `Fri-Mon` runs over the end of the week; of other fields nothing does.
        let end = self.last - self.first + 1;
        let last = match last < first {
            true if self.names.len() == 7 => last + end,
            true => return None,
            false => last,
        };
        let numbers = (first..=last).step_by(usize::try_from(step).ok()?);
        Some(numbers.fold(0, |bits, it| bits | 1 << self.wrapped(it)))
    }

    /// Returns a number as the field counts: 7 is a Sunday.
    fn wrapped(&self, number: u32) -> u32 {
        if number > self.last {
            number - (self.last - self.first + 1)
        } else {
            number
        }
    }

    fn number(&self, text: &str) -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        let named = self.names.iter().position(|it| {
            lower == *it || (lower.len() > 3 && long(it).is_some_and(|it| it == lower))
        });
        let named = named.and_then(|it| u32::try_from(it).ok());
        let read = named.map(|it| it + self.first).or_else(|| number(text))?;
        let most = if self.names.len() == 7 { 7 } else { self.last };
        (self.first..=most).contains(&read).then_some(read)
    }
}

/// Returns the whole name of a day.
fn long(name: &str) -> Option<&'static str> {
    let days = [
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    days.into_iter().find(|it| it.starts_with(name))
}

/// Reads a number of one or two digits.
fn number(text: &str) -> Option<u32> {
    let fits = (1..=2).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

fn form(text: &str) -> WhenError {
    WhenError::Form(text.to_owned())
}
