//! A chart's lock, held against the chart beside it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Row, digest_of, digest_of_helm_2, is_of_one, locked, required, rows, signed, spliced};
use crate::deploy::{Says, respelled, says};
use crate::lock::LineCount;
use crate::yaml::Yaml;
use crate::{Fallback, ReadError, Scheme, Version};

/// A chart's lock as it stands beside the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedChart {
    /// What it holds for each dependency of the chart, in the order of the chart.
    pub rows: Vec<LockedDependency>,
    /// Whose its digest is.
    pub seal: Seal,
}

/// What a lock holds for one dependency of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedDependency {
    /// The bytes of the version in the chart, quotes included.
    pub place: Range<usize>,
    /// The version that is locked.
    pub version: Option<String>,
    /// The 1-based line of the lock on which its record begins.
    pub line: Option<usize>,
    /// Whether the chart admits it.
    pub admitted: bool,
}

/// Whose sum of both lists the digest of a lock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// That of Helm 3 and later: `helm dependency build` takes the lock.
    Right,
    /// That of Helm 2, which sums up the chart alone.
    OfHelm2,
    /// Nobody's: one of the lists was changed without the other, and `helm dependency build` refuses
    /// the lock.
    Wrong,
}

impl LockedChart {
    /// Returns how a lock stands beside a chart; of Helm's older charts the text is that of
    /// `requirements.yaml`.
    ///
    /// # Errors
    /// When one of the texts is not of its format.
    pub fn of(chart: &str, lock: &str) -> Result<Self, ReadError> {
        let (chart, yaml) = (Yaml::parse(chart)?, Yaml::parse(lock)?);
        let wanted: Vec<_> = rows(chart.root()).collect();
        let held: Vec<_> = locked(&yaml)?.collect();
        let is_one = is_of_one(&wanted, &held);
        let mut first: BTreeMap<&str, &Row<'_>> = BTreeMap::new();
        for it in &held {
            first.entry(it.name).or_insert(it);
        }
        let mut lines = LineCount::of(lock);
        let mut found = Vec::new();
        for (nth, it) in wanted.iter().enumerate() {
            let same = held.get(nth).filter(|_| is_one);
            let row = same.or_else(|| first.get(it.name).copied());
            found.extend(it.place().map(|place| LockedDependency {
                place,
                version: row.and_then(Row::version).map(str::to_owned),
                line: row.map(|it| lines.at(it.at)),
                admitted: row.is_none_or(|row| it.admits(row)),
            }));
        }
        Ok(Self {
            seal: Seal::of(&yaml, &wanted, &held),
            rows: found,
        })
    }

    /// Returns what is locked for the dependency whose version stands at a byte of the chart.
    pub fn row(&self, at: usize) -> Option<&LockedDependency> {
        let after = self.rows.partition_point(|it| it.place.start <= at);
        let row = self.rows.get(after.checked_sub(1)?)?;
        (at <= row.place.end).then_some(row)
    }

    /// Returns whether `helm dependency build` takes the lock, and it can be moved.
    pub fn is_sealed(&self) -> bool {
        self.seal == Seal::Right
    }

    /// Returns a lock after its chart was edited: what moves (the byte of its version in the chart
    /// before, and the version that it shall be locked at) moves in it, the digest is that of the new
    /// lists, as Helm 3 sums them up, and every other byte stays.
    ///
    /// # Errors
    /// When the lock does not agree with the chart before, or what is asked for is not admitted by the
    /// chart after.
    pub fn relocked(
        lock: &str,
        (before, after): (&str, &str),
        moves: &BTreeMap<usize, Version>,
    ) -> Result<String, Fallback> {
        let unread = |it: ReadError| Fallback::because(it.message);
        let (old, new) = (Yaml::parse(before), Yaml::parse(after));
        let (old, new) = (old.map_err(unread)?, new.map_err(unread)?);
        let yaml = Yaml::parse(lock).map_err(unread)?;
        let held: Vec<_> = locked(&yaml).map_err(unread)?.collect();
        let old: Vec<_> = rows(old.root()).collect();
        let new: Vec<_> = rows(new.root()).collect();
        if Seal::of(&yaml, &old, &held) != Seal::Right || !is_of_one(&new, &held) {
            return Err(Fallback::because(
                "its digest is not that of the chart as it was",
            ));
        }
        let (mut splices, mut known) = (Vec::new(), 0);
        for ((old, new), held) in old.iter().zip(&new).zip(&held) {
            let place = old.place();
            let to = place.and_then(|it| moves.range(it.start..=it.end).next());
            known += usize::from(to.is_some());
            let next = held.follows((old, new), to.map(|it| it.1))?;
            if Some(next.as_str()) != held.version() {
                splices.push(held.put(&next)?);
            }
        }
        if known != moves.len() {
            return Err(Fallback::because("a dependency has no version of its own"));
        }
        signed(&spliced(lock, &splices)?, &new)
    }
}

impl Row<'_> {
    /// Returns what a row of the lock says once the requirement is another one, and the version that is
    /// to be locked is `to`.
    fn follows(
        &self,
        (old, new): (&Row<'_>, &Row<'_>),
        to: Option<&Version>,
    ) -> Result<String, Fallback> {
        let because = |why: String| Fallback::because(format!("`{}` {why}", self.name));
        let now = self.version().unwrap_or_default();
        let wanted = new.version().unwrap_or_default();
        let is_same = old.version() == new.version();
        if old.version() == self.version() {
            // Helm repeats what is asked for where it looks nothing up.
            return Ok(wanted.to_owned());
        }
        let to = match to {
            Some(to) => to.clone(),
            None if is_same => return Ok(now.to_owned()),
            None => {
                let exact = (says(wanted) == Says::Version)
                    .then(|| new.held())
                    .flatten();
                exact
                    .ok_or_else(|| because(format!("is `{wanted}` now, which names no version")))?
            }
        };
        let bound = Version::parse(Scheme::Semver, to.text());
        let is_later = self.held() >= bound && bound.is_some();
        if is_same && is_later {
            return Ok(now.to_owned());
        }
        let next = respelled(now, &to);
        let next = next.ok_or_else(|| because(format!("is locked at `{now}`")))?;
        super::admits(wanted, &to)
            .then_some(next)
            .ok_or_else(|| because(format!("is `{wanted}` now, which excludes {to}")))
    }
}

impl Seal {
    fn of(lock: &Yaml<'_>, wanted: &[Row<'_>], held: &[Row<'_>]) -> Self {
        let said = lock.root().and_then(|it| it.get("digest")?.str());
        let is = |digest: Option<String>| digest.is_some() && digest.as_deref() == said;
        let right = || is_of_one(wanted, held) && is(digest_of(wanted, held));
        let older = || is(required(wanted, held).as_deref().map(digest_of_helm_2));
        match right() {
            it if it => Self::Right,
            _ if older() => Self::OfHelm2,
            _ => Self::Wrong,
        }
    }
}
