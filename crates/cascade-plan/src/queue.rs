//! The ready-queue: who may start, who can never start. It has no thread and no clock.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;

/// A queue over a graph: an item is ready when everything it stands on is done.
#[derive(Debug, Clone, Default)]
pub struct Queue<K: Ord + Clone> {
    waits: BTreeMap<K, BTreeSet<K>>,
    /// How many items stand on each in its longest chain.
    below: BTreeMap<K, usize>,
    /// Who only comes after whom, and could do without.
    without: BTreeSet<(K, K)>,
    /// How often each was put back.
    sunk: BTreeMap<K, usize>,
    on_failure: OnFailure,
}

/// What becomes of the others when an item fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Only what stands on it can never start.
    #[default]
    GoOn,
    /// Nothing starts any more.
    Stop,
}

impl<K: Ord + Clone> Queue<K> {
    /// Returns a queue of these items, each with what it stands on.
    pub fn new(items: impl IntoIterator<Item = (K, Vec<K>)>) -> Self {
        let waits: BTreeMap<K, BTreeSet<K>> = items
            .into_iter()
            .map(|(k, on)| (k, on.into_iter().collect()))
            .collect();
        Self {
            below: below(&waits),
            waits,
            without: BTreeSet::new(),
            sunk: BTreeMap::new(),
            on_failure: OnFailure::GoOn,
        }
    }

    /// Returns the queue with pairs of an item and one that it stands on and could do without.
    #[must_use]
    pub fn could_do_without(self, pairs: impl IntoIterator<Item = (K, K)>) -> Self {
        Self {
            without: pairs.into_iter().collect(),
            ..self
        }
    }

    /// Returns the queue, with what becomes of the others when an item fails.
    #[must_use]
    pub fn on_failure(self, on_failure: OnFailure) -> Self {
        Self { on_failure, ..self }
    }

    /// Takes the item that is ready and has the longest chain of others on it, the first of them by
    /// name: what everything waits for is not kept waiting itself. One that was put back comes
    /// behind all that were not so often.
    #[expect(
        clippy::should_implement_trait,
        reason = "it may be none now and some later, which no iterator does"
    )]
    pub fn next(&mut self) -> Option<K> {
        let ready = self.waits.iter().filter(|(_, on)| on.is_empty());
        let sunk = |key| Reverse(self.sunk.get(key).copied().unwrap_or_default());
        let ranked = ready.map(|(key, _)| (sunk(key), self.below.get(key), Reverse(key)));
        let (_, _, Reverse(key)) = ranked.max()?;
        let key = key.clone();
        self.waits.remove(&key);
        Some(key)
    }

    /// Puts an item back that was taken and came to nothing yet: it is ready again, behind all that
    /// are.
    pub fn sink(&mut self, item: K) {
        *self.sunk.entry(item.clone()).or_default() += 1;
        self.waits.insert(item, BTreeSet::new());
    }

    /// Marks an item as done: what stood on it alone is ready.
    pub fn done(&mut self, item: &K) {
        for on in self.waits.values_mut() {
            on.remove(item);
        }
    }

    /// Marks an item as failed and returns who can therefore never start, in order.
    pub fn failed(&mut self, item: &K) -> Vec<K> {
        if self.on_failure == OnFailure::Stop {
            return mem::take(&mut self.waits).into_keys().collect();
        }
        self.lost_with(item)
    }

    /// Takes everything out that stands on an item, and returns it in order.
    fn lost_with(&mut self, item: &K) -> Vec<K> {
        let mut lost = Vec::new();
        let mut fallen = vec![item.clone()];
        while let Some(at) = fallen.pop() {
            let on: Vec<K> = self
                .waits
                .iter()
                .filter(|(_, on)| on.contains(&at))
                .map(|(k, _)| k.clone())
                .collect();
            for key in on {
                self.waits.remove(&key);
                fallen.push(key.clone());
                lost.push(key);
            }
        }
        lost.sort();
        lost
    }

    /// Marks an item as left out and returns who can therefore never start, in order: who could do
    /// without it goes on.
    pub fn left_out(&mut self, item: &K) -> Vec<K> {
        for (key, on) in &mut self.waits {
            if self.without.contains(&(key.clone(), item.clone())) {
                on.remove(item);
            }
        }
        self.lost_with(item)
    }

    /// Returns whether nothing is left to start.
    pub fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }
}

/// Returns the length of the longest chain that stands on each item; 0 on what runs in a circle.
fn below<K: Ord + Clone>(waits: &BTreeMap<K, BTreeSet<K>>) -> BTreeMap<K, usize> {
    let mut standing: BTreeMap<&K, usize> = waits.keys().map(|it| (it, 0)).collect();
    for up in waits.values().flatten() {
        if let Some(count) = standing.get_mut(up) {
            *count += 1;
        }
    }
    let mut open: Vec<&K> = standing
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(key, _)| *key)
        .collect();
    let mut below: BTreeMap<K, usize> = waits.keys().map(|it| (it.clone(), 0)).collect();
    while let Some(key) = open.pop() {
        let here = below.get(key).map_or(0, |it| it + 1);
        for up in waits.get(key).into_iter().flatten() {
            if let Some(longest) = below.get_mut(up) {
                *longest = here.max(*longest);
            }
            if let Some(count) = standing.get_mut(up) {
                *count -= 1;
                if *count == 0 {
                    open.push(up);
                }
            }
        }
    }
    below
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn diamond() -> Queue<&'static str> {
        Queue::new([
            ("root", vec![]),
            ("left", vec!["root"]),
            ("right", vec!["root"]),
            ("top", vec!["left", "right"]),
            ("alone", vec![]),
        ])
    }

    #[test]
    fn a_diamond_joins_when_both_sides_are_done() {
        let mut queue = diamond();
        assert_eq!(queue.next(), Some("root"), "the longest chain first");
        assert_eq!(queue.next(), Some("alone"));
        assert_eq!(queue.next(), None);
        queue.done(&"root");
        assert_eq!((queue.next(), queue.next()), (Some("left"), Some("right")));
        queue.done(&"left");
        assert_eq!(queue.next(), None);
        queue.done(&"right");
        assert_eq!(queue.next(), Some("top"));
        assert!(queue.is_empty());
    }

    #[test]
    fn where_the_first_failure_ends_it_nothing_starts_after() {
        let mut queue = diamond().on_failure(OnFailure::Stop);
        assert_eq!(queue.next(), Some("root"));
        assert_eq!(queue.failed(&"root"), ["alone", "left", "right", "top"]);
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn a_failure_skips_what_stands_on_it_and_siblings_go_on() {
        let mut queue = diamond();
        while queue.next().is_some() {}
        queue.done(&"root");
        assert_eq!(queue.next(), Some("left"));
        assert_eq!(queue.failed(&"left"), ["top"]);
        assert_eq!(queue.next(), Some("right"));
        assert!(queue.is_empty());
        assert_eq!(diamond().failed(&"root"), ["left", "right", "top"]);
    }

    proptest! {
        /// Of what is ready, nothing with a shorter chain comes before a longer one.
        #[test]
        fn the_longest_chain_is_started_first(
            edges in proptest::collection::vec((0u8..12, 0u8..12), 0..30),
        ) {
            let on = |at: u8| edges.iter().filter(|it| it.0 == at && it.1 < at).map(|it| it.1).collect();
            let items: Vec<(u8, Vec<u8>)> = (0..12).map(|at| (at, on(at))).collect();
            let height = |of: u8| {
                let mut heights = [0_usize; 12];
                for (at, on) in items.iter().rev() {
                    for up in on {
                        let up = usize::from(*up);
                        heights[up] = heights[up].max(heights[usize::from(*at)] + 1);
                    }
                }
                heights[usize::from(of)]
            };
            let mut queue = Queue::new(items.clone());
            let mut last = None;
            while let Some(at) = queue.next() {
                // Nothing is done meanwhile: what comes next has no longer chain.
                prop_assert!(last.is_none_or(|it| height(at) <= height(it)));
                last = Some(at);
            }
        }

        /// What sinks comes behind all that is ready and sank less often; nothing is lost by it, and
        /// nothing starts before what it stands on is done.
        #[test]
        fn what_sinks_comes_last_and_is_not_lost(
            edges in proptest::collection::btree_set((0u8..12, 0u8..12), 0..30),
            sinks in proptest::collection::vec(0u8..4, 12),
        ) {
            let edges: BTreeSet<(u8, u8)> = edges.into_iter().filter(|it| it.1 < it.0).collect();
            let on = |at: u8| edges.iter().filter(|it| it.0 == at).map(|it| it.1).collect();
            let mut queue = Queue::new((0..12).map(|at| (at, on(at))));
            let mut left = sinks;
            let mut sunk = [0_usize; 12];
            let mut done = BTreeSet::new();
            while let Some(at) = queue.next() {
                let ready = (0..12_u8).filter(|it| !done.contains(it)).filter(|it| {
                    edges.iter().all(|(item, on)| item != it || done.contains(on))
                });
                let fewest = ready.map(|it| sunk[usize::from(it)]).min();
                let nth = usize::from(at);
                prop_assert_eq!(Some(sunk[nth]), fewest);
                prop_assert!(edges.iter().all(|(item, on)| *item != at || done.contains(on)));
                if left[nth] > 0 {
                    left[nth] -= 1;
                    sunk[nth] += 1;
                    queue.sink(at);
                } else {
                    done.insert(at);
                    queue.done(&at);
                }
            }
            prop_assert!(queue.is_empty());
            prop_assert_eq!(done.len(), 12);
        }

        /// What is left out takes those with it that need it, and nobody else.
        #[test]
        fn only_who_needs_what_is_left_out_is_lost(
            edges in proptest::collection::btree_set((0u8..12, 0u8..12), 0..30),
            loose in proptest::collection::btree_set((0u8..12, 0u8..12), 0..30),
            out in 0u8..12,
        ) {
            let edges: BTreeSet<(u8, u8)> = edges.into_iter().filter(|it| it.1 < it.0).collect();
            let on = |at: u8| edges.iter().filter(|it| it.0 == at).map(|it| it.1).collect();
            let mut queue = Queue::new((0..12).map(|at| (at, on(at))));
            queue = queue.on_failure(OnFailure::Stop).could_do_without(loose.iter().copied());
            let (mut started, mut lost) = (Vec::new(), Vec::new());
            while let Some(at) = queue.next() {
                if at == out {
                    lost.extend(queue.left_out(&at));
                } else {
                    started.push(at);
                    queue.done(&at);
                }
            }
            prop_assert!(queue.is_empty());
            let mut want = BTreeSet::new();
            for at in 0..12 {
                let needs = |it: &&(u8, u8)| it.0 == at && (it.1 == out && !loose.contains(it) || want.contains(&it.1));
                if edges.iter().find(needs).is_some() {
                    want.insert(at);
                }
            }
            prop_assert_eq!(lost.into_iter().collect::<BTreeSet<u8>>(), want);
            prop_assert!(!started.contains(&out));
        }

        #[test]
        fn everything_ends_once_as_started_or_lost(
            edges in proptest::collection::vec((0u8..12, 0u8..12), 0..30),
            bad in proptest::collection::btree_set(0u8..12, 0..4),
        ) {
            let on = |at: u8| edges.iter().filter(|it| it.0 == at && it.1 < at).map(|it| it.1).collect();
            let mut queue = Queue::new((0..12).map(|at| (at, on(at))));
            let (mut started, mut lost) = (Vec::new(), Vec::new());
            while let Some(at) = queue.next() {
                started.push(at);
                if bad.contains(&at) {
                    lost.extend(queue.failed(&at));
                } else {
                    queue.done(&at);
                }
            }
            prop_assert!(queue.is_empty());
            let mut all: Vec<u8> = started.iter().chain(&lost).copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..12).collect::<Vec<u8>>());
        }
    }
}
