//! The values that a job runs with, one run each.

use std::collections::BTreeMap;

use super::{Scalar, expression};

/// The most runs of one matrix: GitHub's own bound.
const RUNS: usize = 256;

/// The values that a job runs with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matrix {
    /// Each axis with its values; a value that is a mapping has several fields.
    pub axes: Vec<(String, Vec<Entry>)>,
    /// Runs, or values, that are added.
    pub include: Vec<Entry>,
    /// Runs that are taken out.
    pub exclude: Vec<Entry>,
    /// How much of it only a run knows: an expression in place of values.
    pub unknown: Option<Scalar>,
}

/// The values of one run, by their place among the contexts: `matrix.python-version`, `inputs.os`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Each value.
    pub values: BTreeMap<String, Scalar>,
}

impl Matrix {
    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the values of each run, at most 256.
    pub(super) fn entries(&self) -> Vec<Entry> {
        if self.is_empty() {
            return vec![Entry::default()];
        }
        let mut runs = self.product();
        runs.retain(|it| !self.exclude.iter().any(|out| out.is_within(it)));
        let drawn: Vec<Entry> = runs.clone();
        for added in &self.include {
            // Values of an axis are never overwritten; what was added before may be.
            let fits = |of: &Entry| !drawn.is_empty() && added.agrees(of);
            let mut taken = false;
            for (run, of) in runs.iter_mut().zip(&drawn).filter(|(_, of)| fits(of)) {
                taken = true;
                run.values.extend(added.only_beyond(of));
            }
            if !taken && runs.len() < RUNS {
                runs.push(added.clone());
            }
        }
        runs
    }

    /// Returns every combination of the axes' values.
    fn product(&self) -> Vec<Entry> {
        if self.axes.is_empty() {
            return Vec::new();
        }
        let start = vec![Entry::default()];
        self.axes.iter().fold(start, |runs, (_, values)| {
            let with = |run| values.iter().map(move |it| Entry::and(run, it));
            runs.iter().flat_map(with).take(RUNS).collect()
        })
    }
}

impl Entry {
    /// Returns the value at a place: `matrix.os`.
    pub fn get(&self, place: &str) -> Option<&Scalar> {
        self.values.get(place)
    }

    /// Returns a text with every expression in it resolved; `None` where only a run knows one.
    pub fn resolve(&self, text: &str) -> Option<String> {
        expression::resolve(text, self)
    }

    /// Returns its values and those of another, which win.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut values = self.values.clone();
        values.extend(other.values.clone());
        Self { values }
    }

    /// Returns whether another has all its values.
    fn is_within(&self, other: &Self) -> bool {
        let mut values = self.values.iter();
        values.all(|(place, it)| other.get(place).is_some_and(|that| that.value == it.value))
    }

    /// Returns whether nothing of it is another value than another has there.
    fn agrees(&self, other: &Self) -> bool {
        let mut values = self.values.iter();
        values.all(|(place, it)| other.get(place).is_none_or(|that| that.value == it.value))
    }

    fn only_beyond(&self, other: &Self) -> BTreeMap<String, Scalar> {
        let beyond = self.values.iter().filter(|it| other.get(it.0).is_none());
        beyond
            .map(|(place, it)| (place.clone(), it.clone()))
            .collect()
    }
}
