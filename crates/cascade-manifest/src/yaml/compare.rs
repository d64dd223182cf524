//! What two texts have in common, and what stands in one place for several.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Item, Shape, Yaml};

impl Yaml<'_> {
    /// Returns whether another text says the same in the same order, but for the scalars of this one
    /// in which these bytes lie: they may say anything, as one scalar each.
    pub(crate) fn is_same_but(&self, other: &Yaml<'_>, touched: &[Range<usize>]) -> bool {
        let mut touched: Vec<_> = touched.iter().collect();
        touched.sort_by_key(|it| it.start);
        let is_touched = |it: &Item<'_>| {
            let next = touched.partition_point(|at| at.start < it.span.start);
            touched.get(next).is_some_and(|at| at.end <= it.span.end)
        };
        let is_scalar = |it: &Item<'_>| matches!(it.shape, Shape::Scalar { .. });
        let mut pairs = self.items.iter().zip(&other.items);
        self.items.len() == other.items.len()
            && self.roots == other.roots
            && pairs.all(|(a, b)| {
                let is_free = is_scalar(a) && is_scalar(b) && is_touched(a);
                a.anchored == b.anchored && (a.shape == b.shape || is_free)
            })
    }

    /// Returns how many aliases stand for each value that has any, by where it begins.
    pub(crate) fn aliased(&self) -> BTreeMap<usize, usize> {
        let mut counts = BTreeMap::new();
        for item in &self.items {
            let Shape::Alias(Some(at)) = item.shape else {
                continue;
            };
            if let Some(target) = self.items.get(at) {
                *counts.entry(target.span.start).or_default() += 1;
            }
        }
        counts
    }
}
