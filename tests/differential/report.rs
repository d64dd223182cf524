//! What all bumps came to, as a table.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::bump::{Outcome, Tried};
use crate::cases::kinds;

/// Where the table stands in `docs/locks.md`.
const MARKS: (&str, &str) = ("<!-- differential -->\n", "<!-- /differential -->\n");

/// All bumps, by format.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<(&'static str, Vec<Tried>)>,
    notes: Vec<String>,
    failures: usize,
    skipped: usize,
}

impl Report {
    pub(crate) fn add(&mut self, lock: &'static str, tried: Vec<Tried>) {
        let different = tried
            .iter()
            .filter(|it| matches!(it.outcome, Outcome::Different(_)));
        self.failures += different.count();
        self.rows.push((lock, tried));
    }

    pub(crate) fn skipped(&mut self, lock: &str, why: &str) {
        self.skipped += 1;
        self.notes.push(format!("`{lock}` was skipped: {why}"));
    }

    pub(crate) fn broken(&mut self, lock: &str, why: &str) {
        self.failures += 1;
        self.notes.push(format!("`{lock}`: no first lock: {why}"));
    }

    /// Returns whether something ran, and nothing differs.
    pub(crate) fn holds(&self) -> bool {
        self.failures == 0 && self.rows.iter().any(|(_, it)| !it.is_empty())
    }

    /// Returns the last line.
    pub(crate) fn closing(&self) -> String {
        let all: usize = self.rows.iter().map(|(_, it)| it.len()).sum();
        let different = self.rows.iter().flat_map(|(_, it)| it);
        let different = different
            .filter(|it| matches!(it.outcome, Outcome::Different(_)))
            .count();
        let (passed, failed) = (all - different, self.failures);
        format!("{passed} passed, {failed} failed, {} skipped", self.skipped)
    }

    /// Returns the table, the reasons and the notes.
    pub(crate) fn table(&self) -> String {
        let mut text = String::from(
            "| lock | bumps | equal | fell back | neither way | tool churns | different | tool : native |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for (lock, tried) in &self.rows {
            let count =
                |is: fn(&Outcome) -> bool| tried.iter().filter(|it| is(&it.outcome)).count();
            text += &format!(
                "| `{lock}` | {} | {} | {} | {} | {} | {} | {} |\n",
                tried.len(),
                count(|it| *it == Outcome::Equal),
                count(|it| matches!(it, Outcome::FellBack(_))),
                count(|it| matches!(it, Outcome::Refused(_))),
                count(|it| matches!(it, Outcome::Churned(_))),
                count(|it| matches!(it, Outcome::Different(_))),
                ratio(tried),
            );
        }
        text += &self.shapes();
        for (lock, tried) in &self.rows {
            text += &reasons(lock, tried);
        }
        for note in &self.notes {
            text += &format!("\n- {note}");
        }
        text
    }

    /// Returns what became of every kind of bump in every format that was bumped.
    fn shapes(&self) -> String {
        let bumped =
            |tried: &Vec<Tried>| tried.iter().any(|it| kinds().any(|kind| kind == it.what));
        let rows: Vec<_> = self.rows.iter().filter(|it| bumped(&it.1)).collect();
        let locks: String = rows
            .iter()
            .map(|(lock, _)| format!(" `{lock}` |"))
            .collect();
        let line = "---|".repeat(rows.len());
        let mut text = format!("\n| the new release, or the project |{locks}\n|---|{line}\n");
        for what in kinds() {
            let of = |tried: &[Tried]| tried.iter().find(|it| it.what == what).map(sign);
            let signs: Vec<_> = rows.iter().map(|(_, tried)| of(tried)).collect();
            if signs.iter().any(Option::is_some) {
                let cell = |it: Option<&str>| format!(" {} |", it.unwrap_or(""));
                let signs: String = signs.into_iter().map(cell).collect();
                text += &format!("| {what} |{signs}\n");
            }
        }
        text
    }

    /// Puts the tables into the page about locks.
    pub(crate) fn write(&self, own: &Path) {
        let page = own.join("../../docs/locks.md");
        let text = fs::read_to_string(&page).expect("docs/locks.md");
        let (before, rest) = text.split_once(MARKS.0).expect("the first mark");
        let (_, after) = rest.split_once(MARKS.1).expect("the second mark");
        let new = format!("{before}{}{}\n{}{after}", MARKS.0, self.table(), MARKS.1);
        #[expect(clippy::disallowed_methods, reason = "a page of the house, on demand")]
        fs::write(page, new).expect("docs/locks.md");
    }
}

/// Returns the sign of an outcome.
fn sign(tried: &Tried) -> &'static str {
    match tried.outcome {
        Outcome::Equal => "=",
        Outcome::FellBack(_) => "tool",
        Outcome::Refused(_) => "neither",
        Outcome::Churned(_) => "native",
        Outcome::Different(_) => "DIFFERENT",
    }
}

/// Returns why bumps fell back or differ, counted, the commonest first.
fn reasons(lock: &str, tried: &[Tried]) -> String {
    let mut counted: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for it in tried {
        let (word, why) = match &it.outcome {
            Outcome::FellBack(why) => ("fell back", why),
            Outcome::Refused(why) => ("neither", why),
            Outcome::Churned(why) => ("the tool churns", why),
            Outcome::Different(why) => ("different", why),
            Outcome::Equal => continue,
        };
        *counted
            .entry((word, format!("{}: {why}", it.what)))
            .or_default() += 1;
    }
    if counted.is_empty() {
        return String::new();
    }
    let mut rows: Vec<_> = counted.into_iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut text = format!("\n`{lock}`:\n\n");
    for ((word, why), count) in rows {
        text += &format!("- {word}, {count}: {why}\n");
    }
    text
}

/// Returns how many times longer the tool took, by medians of the bumps that both ways made.
fn ratio(tried: &[Tried]) -> String {
    let both = || tried.iter().filter(|it| it.outcome == Outcome::Equal);
    let (native, tool) = (
        median(both().map(|it| it.native)),
        median(both().map(|it| it.tool)),
    );
    match (native, tool) {
        (Some(native), Some(tool)) if !tool.is_zero() => {
            format!("{:.0}", tool.as_secs_f64() / native.as_secs_f64())
        }
        _ => "-".to_owned(),
    }
}

fn median(all: impl Iterator<Item = Duration>) -> Option<Duration> {
    let mut all: Vec<_> = all.collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied()
}
