//! What two texts have in common, and what stands in one place for several.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Item, Node, Shape, Yaml};

impl Yaml<'_> {
    /// Returns whether another text says the same in the same order, but for the scalars of this one
    /// in which these bytes lie: they may say anything, as one scalar each. Of a literal block that
    /// holds YAML that is said of the scalars within it.
    pub(crate) fn is_same_but(&self, other: &Yaml<'_>, touched: &[Range<usize>]) -> bool {
        let mut touched: Vec<_> = touched.iter().collect();
        touched.sort_by_key(|it| it.start);
        let is_touched = |it: &Item<'_>| {
            let next = touched.partition_point(|at| at.start < it.span.start);
            touched.get(next).is_some_and(|at| at.end <= it.span.end)
        };
        let is_scalar = |it: &Item<'_>| matches!(it.shape, Shape::Scalar { .. });
        let mut pairs = self.items.iter().zip(&other.items).enumerate();
        self.items.len() == other.items.len()
            && self.roots == other.roots
            && pairs.all(|(nth, (a, b))| {
                let is_edited = is_scalar(a) && is_scalar(b) && is_touched(a);
                let is_same =
                    a.shape == b.shape || (is_edited && self.is_same_within(nth, other, &touched));
                is_same && a.anchored == b.anchored
            })
    }

    /// Returns whether an item that is edited says the same within, if it is a literal block that holds
    /// YAML.
    fn is_same_within(&self, nth: usize, other: &Yaml<'_>, touched: &[&Range<usize>]) -> bool {
        let Some(node) = self.node(nth) else {
            return false;
        };
        let Some(block) = node.literal() else {
            return true;
        };
        let Ok(before) = Yaml::parse(block.value) else {
            return true;
        };
        let span = node.span();
        let inside = touched
            .iter()
            .filter(|it| span.start <= it.start && it.end <= span.end);
        let inside: Vec<_> = inside
            .map(|it| block.said(it.start)..block.said(it.end))
            .collect();
        let after = other.node(nth).and_then(Node::literal);
        let after = after.and_then(|it| Yaml::parse(it.value).ok());
        after.is_some_and(|after| before.is_same_but(&after, &inside))
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
