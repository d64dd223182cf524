//! What runs before this one saw: a file of lines that only grows.
//!
//! Invariant: the order of the lines, and how often one stands there, change nothing. A line that can
//! not be read is said and passed over; what is of the future does not count yet.

mod facts;
mod line;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cascade_manifest::Limit;

use super::Mark;
use crate::Watched;
use facts::Changes;

pub use facts::{Facts, Known, PinKey, Release};

/// How many lines may stand on one another before one is written whole.
const CHAIN: usize = 64;
/// How many lines that can not be read are named.
const NAMED: usize = 3;
/// How many facts are put together anew, where lines stand on others than the one before: what
/// somebody made to take for ever does not.
const WORK: usize = 4_000_000;
/// Without a word of `workspace.toml`: how many runs have to be known before a silence is one.
const RUNS: usize = 3;
/// The shortest silence that counts where nothing is declared.
const QUIET: i64 = 2 * DAY;
/// A day, in seconds.
pub(super) const DAY: i64 = 86_400;

/// What runs before this one saw, and what was told of it.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// By when they were taken, then by id.
    entries: BTreeMap<(i64, String), Entry>,
    /// When the observation of an id was taken.
    by_id: BTreeMap<String, i64>,
    notifications: BTreeSet<(i64, String, String)>,
    remarks: Vec<String>,
}

/// What one run saw.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Its own name: the digest of all that it says.
    pub id: String,
    /// When it was taken, in seconds since 1970.
    pub taken: i64,
    /// The only repository whose pins it tells of, where it was read from that one's past.
    pub repo: Option<String>,
    /// It in numbers.
    pub mark: Mark,
    /// What was seen.
    pub facts: Facts,
}

/// That somebody was told how the workspace stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notification {
    /// The digest of the address that was told.
    pub target: String,
    /// The state that was told: [`state_of`].
    pub state: String,
    /// When, in seconds since 1970.
    pub taken: i64,
}

/// An observation as it is written: what changed since another one.
#[derive(Debug, Clone)]
struct Entry {
    id: String,
    taken: i64,
    repo: Option<String>,
    on: Option<String>,
    mark: Mark,
    changes: Changes,
    bytes: usize,
}

/// One observation of a walk through the history.
pub(super) struct Step<'a> {
    pub(super) taken: i64,
    pub(super) repo: Option<&'a str>,
    pub(super) mark: &'a Mark,
    pub(super) facts: &'a Facts,
}

/// Returns the digest of what is drifted: the same for the same findings, in any order.
///
/// ```
/// use cascade_plan::drift::history::state_of;
/// assert_eq!(state_of(["b", "a"]), state_of(["a", "b", "a"]));
/// assert_ne!(state_of(["a"]), state_of([]));
/// ```
pub fn state_of<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let ids: BTreeSet<&str> = ids.into_iter().collect();
    let text: String = ids.into_iter().flat_map(|it| [it, "\n"]).collect();
    digest(text.as_bytes())
}

/// Returns 16 hexadecimal digits that stand for these bytes.
pub(super) fn digest(bytes: &[u8]) -> String {
    let hex = blake3::hash(bytes).to_hex();
    hex.get(..16).unwrap_or_default().to_owned()
}

impl Observation {
    /// Returns an observation under its own name; `repo` is the only repository that it tells of.
    pub fn new(taken: i64, repo: Option<String>, mark: Mark, facts: Facts) -> Self {
        let id = String::new();
        let mut it = Self {
            id,
            taken,
            repo,
            mark,
            facts,
        };
        it.id = digest(line::observation(&it, None).as_bytes());
        it
    }
}

impl Notification {
    /// Returns the line of the file that says it, without the line's end.
    pub fn line(&self) -> String {
        line::notification(self)
    }
}

/// How far ahead of this moment an observation may be, in seconds: of a run beside this one, on a clock
/// that is a little ahead.
const SLACK: i64 = 300;

impl History {
    /// Returns what a file says: what of it can be read, and remarks about the rest.
    pub fn read(bytes: &[u8]) -> Self {
        let mut history = Self::default();
        if let Some(refusal) = too_large(bytes.len()) {
            history.remarks.push(refusal);
            return history;
        }
        let mut broken = Vec::new();
        let whole = bytes.is_empty() || bytes.ends_with(b"\n");
        let lines = bytes.split(|it| *it == b'\n').enumerate();
        let last = lines.clone().count();
        for (at, text) in lines.filter(|(_, it)| !it.trim_ascii().is_empty()) {
            let read = str::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned());
            match read.and_then(line::read) {
                Ok(line) => history.take(line),
                Err(_) if at + 1 == last && !whole => history.remarks.push(
                    "the last line is torn: the run that wrote it was ended, and is not counted"
                        .to_owned(),
                ),
                Err(why) => broken.push((at + 1, why)),
            }
        }
        history.remark(&broken);
        history
    }

    fn take(&mut self, line: line::Line) {
        match line {
            line::Line::Observation(entry) => self.keep(entry),
            line::Line::Notification(it) => {
                self.notifications.insert((it.taken, it.target, it.state));
            }
            line::Line::Unknown => {}
        }
    }

    /// Keeps an observation; of two that differ under one name, as nobody honest writes them, always the
    /// same one.
    fn keep(&mut self, entry: Entry) {
        if let Some(taken) = self.by_id.get(&entry.id) {
            let key = (*taken, entry.id.clone());
            let known = self.entries.get(&key).map(|it| format!("{it:?}"));
            if known >= Some(format!("{entry:?}")) {
                return;
            }
            self.entries.remove(&key);
        }
        self.by_id.insert(entry.id.clone(), entry.taken);
        self.entries.insert((entry.taken, entry.id.clone()), entry);
    }

    fn remark(&mut self, broken: &[(usize, String)]) {
        for (at, why) in broken.iter().take(NAMED) {
            let remark = format!("line {at} can not be read, and is passed over: {why}");
            self.remarks.push(remark);
        }
        let more = broken.len().saturating_sub(NAMED);
        if more > 0 {
            let remark = format!("{more} more lines can not be read, and are passed over");
            self.remarks.push(remark);
        }
    }

    /// Returns what is odd about the file, at this moment: a sentence each, without a full stop.
    pub fn remarks(&self, now: i64) -> Vec<String> {
        let mut remarks = self.remarks.clone();
        let ahead = self
            .entries
            .keys()
            .filter(|(taken, _)| *taken > now.saturating_add(SLACK));
        match ahead.count() {
            0 => {}
            1 => remarks.push(
                "one observation is of the future, and does not count yet: a clock was wrong"
                    .to_owned(),
            ),
            many => remarks.push(format!(
                "{many} observations are of the future, and do not count yet: a clock was wrong"
            )),
        }
        remarks
    }

    /// Returns whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.notifications.is_empty()
    }

    /// Returns how many observations are known, those of a single repository's past included.
    pub fn observations(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether an observation is known.
    pub fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Returns whether it is known that somebody was told.
    pub fn has_told(&self, it: &Notification) -> bool {
        let key = (it.taken, it.target.clone(), it.state.clone());
        self.notifications.contains(&key)
    }

    /// Returns what an address was told last.
    pub fn told(&self, target: &str) -> Option<Notification> {
        let mut all = self.notifications.iter().rev();
        let (taken, target, state) = all.find(|(_, it, _)| it == target)?.clone();
        Some(Notification {
            target,
            state,
            taken,
        })
    }

    /// Adds an observation, and returns the line of the file that says it, without the line's end;
    /// `None` where it is known already. It holds what changed since the newest one before, or
    /// everything where that is shorter in the long run.
    pub fn add(&mut self, it: &Observation) -> Option<String> {
        if self.has(&it.id) {
            return None;
        }
        let base = self.base(it);
        let since = base.as_ref().map(|(id, facts)| (id.as_str(), facts));
        let text = line::observation(it, since);
        if let Ok(line) = line::read(&text) {
            self.take(line);
        }
        Some(text)
    }

    /// Returns the observation that a new one stands on: the newest of its kind before it, unless the
    /// lines since the last whole one are as long as that.
    fn base(&self, it: &Observation) -> Option<(String, Facts)> {
        let before = self.entries.range(..(it.taken, it.id.clone())).rev();
        let newest = before.map(|(_, it)| it).find(|old| old.repo == it.repo)?;
        let chain = self.chain(newest)?;
        let whole = chain.last()?;
        let since: usize = chain.iter().rev().skip(1).map(|it| it.bytes).sum();
        if chain.len() >= CHAIN || since > whole.bytes {
            return None;
        }
        Some((newest.id.clone(), facts_of(&chain)))
    }

    /// Returns the newest observation of the whole workspace before a moment that can be put together,
    /// and when it was taken.
    pub(super) fn latest(&self, before: i64) -> Option<(i64, Facts)> {
        let all = self.entries.range(..(before, String::new())).rev();
        let mut whole = all.map(|it| it.1).filter(|it| it.repo.is_none());
        whole.find_map(|it| Some((it.taken, facts_of(&self.chain(it)?))))
    }

    /// Returns an observation and what it stands on, the whole one last; `None` where that is not
    /// known, or stands on too many.
    fn chain<'a>(&'a self, newest: &'a Entry) -> Option<Vec<&'a Entry>> {
        let mut chain = vec![newest];
        let mut on = newest.on.as_deref();
        while let Some(id) = on {
            if chain.len() > CHAIN {
                return None;
            }
            let taken = self.by_id.get(id)?;
            let entry = self.entries.get(&(*taken, id.to_owned()))?;
            chain.push(entry);
            on = entry.on.as_deref();
        }
        Some(chain)
    }

    /// Walks through the observations before a moment, in their order. One that stands on what is not
    /// known is passed over.
    pub(super) fn walk(&self, before: i64, mut see: impl FnMut(&Step<'_>)) {
        let mut last: BTreeMap<Option<&str>, (&str, Facts)> = BTreeMap::new();
        let mut work = 0;
        for entry in self.entries.range(..(before, String::new())).map(|it| it.1) {
            let repo = entry.repo.as_deref();
            let known = last.remove(&repo);
            let facts = match (known, &entry.on) {
                (Some((id, mut facts)), Some(on)) if id == on => {
                    facts.apply(&entry.changes);
                    Some(facts)
                }
                _ => self.rebuilt(entry, &mut work),
            };
            let Some(facts) = facts else { continue };
            see(&Step {
                taken: entry.taken,
                repo,
                mark: &entry.mark,
                facts: &facts,
            });
            last.insert(repo, (&entry.id, facts));
        }
    }

    /// Returns what an observation saw, put together from what it stands on.
    fn rebuilt(&self, entry: &Entry, work: &mut usize) -> Option<Facts> {
        let chain = self.chain(entry)?;
        // A whole line costs what it is long; only chains can be named again and again.
        if chain.len() > 1 {
            *work += chain.iter().map(|it| it.changes.count()).sum::<usize>();
        }
        (*work <= WORK).then(|| facts_of(&chain))
    }

    /// Returns when the whole workspace was looked at before a moment, and how often it should be; by
    /// what is declared, else by twice the median distance of the runs that are known.
    pub fn watched(&self, now: i64, declared: Option<Duration>) -> Option<Watched> {
        let whole = self.entries.range(..(now, String::new()));
        let whole = whole.filter(|(_, it)| it.repo.is_none());
        let taken: Vec<i64> = whole.map(|((taken, _), _)| *taken).collect();
        let last = *taken.last()?;
        let declared = declared.map(|it| i64::try_from(it.as_secs()).unwrap_or(i64::MAX));
        let expected = declared.or_else(|| usual(&taken))?;
        Some(Watched { last, expected })
    }
}

/// Returns the longest distance of runs that is nothing unusual, in seconds.
fn usual(taken: &[i64]) -> Option<i64> {
    if taken.len() < RUNS {
        return None;
    }
    let pairs = taken.iter().zip(taken.iter().skip(1));
    let mut apart: Vec<i64> = pairs.map(|(a, b)| b.saturating_sub(*a)).collect();
    apart.sort_unstable();
    let median = apart.get(apart.len().checked_sub(1)? / 2)?;
    Some(median.saturating_mul(2).max(QUIET))
}

/// Returns what is known after all of these, the whole one last.
fn facts_of(chain: &[&Entry]) -> Facts {
    let mut facts = Facts::default();
    for entry in chain.iter().rev() {
        facts.apply(&entry.changes);
    }
    facts
}

/// Returns why a history of so many bytes is not read.
pub fn too_large(bytes: usize) -> Option<String> {
    let limit = Limit::HISTORY;
    (!limit.takes(bytes as u64)).then(|| limit.refusal(bytes as u64))
}
