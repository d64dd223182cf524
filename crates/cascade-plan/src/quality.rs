//! Quality gates: from what commands came to, to whether that is good enough.
//!
//! Invariant: what can not be told is a failure, never a pass.

mod advisories;
mod number;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use jiff::civil::Date;

use crate::day::day_of;
use crate::{
    AdvisoryWaiver, CommandEnd, Measure, Measurement, Number, QualityDeclaration, RepoDeclaration,
};

pub use advisories::{Advisory, Rank};

/// How many characters of a last word are told.
const LINE: usize = 240;

/// What a quality gate came to.
#[derive(Debug, Clone)]
pub struct Verdict<'a> {
    /// The gate.
    pub gate: &'a QualityDeclaration,
    /// How long its command took.
    pub took: Duration,
    /// The number that was looked at, where one was found.
    pub value: Option<f64>,
    /// The advisories that it told of, waived ones too, the worst first.
    pub advisories: Vec<Judged>,
    /// Why it did not pass.
    pub fault: Option<Fault>,
}

/// Why a quality gate did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Its command failed, or said nothing that could be judged.
    Failed(String),
    /// Its number is beyond a bound.
    Missed(String),
    /// So many advisories block.
    Advisories(usize),
}

/// An advisory, and whether it counts.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The advisory.
    pub advisory: Advisory,
    /// The waiver that names it, and whether its day has passed.
    pub waiver: Option<(AdvisoryWaiver, Holds)>,
}

/// Whether a waiver still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Its day has not passed.
    Still,
    /// It has.
    NoMore,
}

impl Judged {
    /// Returns whether it counts: nobody waived it, or not for so long.
    pub fn counts(&self) -> bool {
        !matches!(self.waiver, Some((_, Holds::Still)))
    }
}

impl Verdict<'_> {
    /// Returns whether what it came to is good enough.
    pub fn passed(&self) -> bool {
        self.fault.is_none()
    }
}

/// How many gates passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// How many passed.
    pub passed: usize,
    /// How many there are.
    pub total: usize,
    /// How many of the critical ones passed.
    pub critical_passed: usize,
    /// How many critical ones there are.
    pub critical_total: usize,
}

impl Score {
    /// Returns the score of these verdicts.
    pub fn of(verdicts: &[Verdict<'_>]) -> Self {
        let passed = |it: &&Verdict<'_>| it.passed();
        let critical = || verdicts.iter().filter(|it| it.gate.critical);
        Self {
            passed: verdicts.iter().filter(passed).count(),
            total: verdicts.len(),
            critical_passed: critical().filter(passed).count(),
            critical_total: critical().count(),
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} passed, {} of {} critical",
            self.passed, self.total, self.critical_passed, self.critical_total
        )
    }
}

/// Returns the verdicts on the gates of a repository, in the order of the file, at a moment in
/// seconds since 1970. A gate that was not measured did not pass.
pub fn verdicts<'a>(
    declared: &'a RepoDeclaration,
    measured: &[Measurement],
    now: i64,
) -> Vec<Verdict<'a>> {
    let today = day_of(now);
    let of = |gate: &'a QualityDeclaration| match measured.iter().find(|it| it.gate == gate.name) {
        Some(it) => verdict(gate, it, today),
        None => Verdict::failed(gate, Duration::ZERO, "it was not run".to_owned()),
    };
    declared.quality.iter().map(of).collect()
}

fn verdict<'a>(gate: &'a QualityDeclaration, it: &Measurement, today: Date) -> Verdict<'a> {
    let code = match &it.end {
        CommandEnd::Exit(code) => *code,
        CommandEnd::Unable(why) => return Verdict::failed(gate, it.took, why.clone()),
    };
    if !gate.exits.contains(&code) {
        let why = match last(&it.said) {
            Some(word) => format!("it ended with {code}: {word}"),
            None => format!("it ended with {code}"),
        };
        return Verdict::failed(gate, it.took, why);
    }
    match &gate.measure {
        Measure::Exit => Verdict::well(gate, it.took),
        Measure::Number(number) => numbered(gate, number, it),
        Measure::Advisories(how) => {
            let read = it.answer.as_deref().map_err(Clone::clone);
            match read.and_then(|it| advisories::read(how.format, it)) {
                Ok(found) => advised(gate, it.took, judged(found, &how.waived, today)),
                Err(why) => Verdict::failed(gate, it.took, why),
            }
        }
    }
}

fn numbered<'a>(gate: &'a QualityDeclaration, number: &Number, it: &Measurement) -> Verdict<'a> {
    let read = it.answer.as_deref().map_err(Clone::clone);
    let value = match read.and_then(|it| number::read(&number.by, it)) {
        Ok(value) => value,
        Err(why) => return Verdict::failed(gate, it.took, why),
    };
    let below = number.min.filter(|min| value < *min);
    let above = number.max.filter(|max| value > *max);
    let fault = match (below, above) {
        (Some(min), _) => Some(format!("{value} is below {min}")),
        (None, Some(max)) => Some(format!("{value} is above {max}")),
        (None, None) => None,
    };
    Verdict {
        value: Some(value),
        fault: fault.map(Fault::Missed),
        ..Verdict::well(gate, it.took)
    }
}

fn judged(found: Vec<Advisory>, waivers: &[AdvisoryWaiver], today: Date) -> Vec<Judged> {
    let judge = |advisory: Advisory| {
        let waiver = waivers.iter().filter(|it| advisory.is(&it.advisory));
        // Where several name it, the one that holds longest counts.
        let waiver = waiver.max_by_key(|it| it.until).map(|it| {
            let holds = if it.until >= today {
                Holds::Still
            } else {
                Holds::NoMore
            };
            (it.clone(), holds)
        });
        Judged { advisory, waiver }
    };
    let mut all: Vec<Judged> = found.into_iter().map(judge).collect();
    all.sort_by(|a, b| {
        let key = |it: &Judged| (it.advisory.package.clone(), it.advisory.name().to_owned());
        let rank = b.advisory.rank.cmp(&a.advisory.rank);
        rank.then_with(|| key(a).cmp(&key(b)))
    });
    all
}

fn advised(gate: &QualityDeclaration, took: Duration, advisories: Vec<Judged>) -> Verdict<'_> {
    let blocks = |it: &&Judged| it.counts() && it.advisory.rank.blocks();
    let many = advisories.iter().filter(blocks).count();
    Verdict {
        advisories,
        fault: (many > 0).then_some(Fault::Advisories(many)),
        ..Verdict::well(gate, took)
    }
}

impl<'a> Verdict<'a> {
    fn well(gate: &'a QualityDeclaration, took: Duration) -> Self {
        Self {
            gate,
            took,
            value: None,
            advisories: Vec::new(),
            fault: None,
        }
    }

    fn failed(gate: &'a QualityDeclaration, took: Duration, why: String) -> Self {
        Self {
            fault: Some(Fault::Failed(why)),
            ..Self::well(gate, took)
        }
    }
}

/// Returns what the gates of a repository are called in a memory of those that passed: whatever is
/// declared otherwise of one of them, it is another word.
pub fn fingerprint(declared: &RepoDeclaration) -> String {
    let gates = declared.quality.iter().map(|it| {
        let how = (&it.name, &it.run, it.critical, it.timeout);
        format!("{how:?} {:?} {:?} {:?}\n", it.exits, it.file, it.measure)
    });
    let text: String = gates.collect();
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// Returns the last line of a text that says something.
fn last(said: &str) -> Option<String> {
    let line = said
        .lines()
        .rev()
        .map(str::trim)
        .find(|it| !it.is_empty())?;
    Some(line.chars().take(LINE).collect())
}

/// Returns what the rules find in what the gates of one repository came to, the worst first.
pub fn findings(
    id: &crate::RepoId,
    declared: &RepoDeclaration,
    measured: &[Measurement],
    now: i64,
) -> Vec<crate::Finding> {
    crate::checks::quality::findings((id, declared), measured, now)
}
