//! What stands in the columns: nodes, and lanes of the edges that pass.

use std::collections::BTreeMap;

use super::{Column, HEIGHT};

/// How high a node and a lane are with the space around them.
const ROOM: i64 = HEIGHT + 12;
const LANE: i64 = 8;
/// How high the word on an edge is.
pub(super) const WORD: i64 = 12;
/// How many lanes are many, and how high each is then.
const MANY: usize = 150;
const NARROW: i64 = 3;

/// Everything that stands in the columns; the first are the nodes, in their order.
#[derive(Debug)]
pub(super) struct Items {
    pub(super) all: Vec<Item>,
    /// For every edge what it touches, from its upstream to its downstream.
    pub(super) ways: Vec<Option<Vec<usize>>>,
    /// The mean place of all that hangs together.
    pub(super) middle: i64,
    /// Whether there is so much that it has to be gathered.
    pub(super) crowd: Crowd,
}

/// How much there is to place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crowd {
    /// Not more than a page shows.
    Few,
    /// More than that.
    Many,
}

/// A node or a lane.
#[derive(Debug, Clone, Default)]
pub(super) struct Item {
    pub(super) column: usize,
    pub(super) height: i64,
    /// What it hangs on in the column before it.
    pub(super) before: Vec<usize>,
    /// What hangs on it in the column after it.
    pub(super) after: Vec<usize>,
    /// Where its middle is.
    pub(super) centre: i64,
}

impl Items {
    /// Returns the nodes of the columns, and the lanes between their ends.
    pub(super) fn of(columns: &[Column], ends: &[Option<(usize, usize)>], worded: &[bool]) -> Self {
        let count = columns.iter().map(|it| it.nodes.len()).sum();
        let mut items = Self {
            all: vec![Item::default(); count],
            ways: Vec::new(),
            middle: 0,
            crowd: Crowd::Few,
        };
        for (number, column) in columns.iter().enumerate() {
            for at in &column.nodes {
                if let Some(item) = items.all.get_mut(*at) {
                    item.column = number;
                    item.height = ROOM;
                }
            }
        }
        items.make_room(ends, worded);
        let mut sorted: Vec<_> = ends.iter().flatten().copied().collect();
        sorted.sort_unstable();
        let mut lanes = BTreeMap::new();
        let ways = sorted.into_iter();
        let ways = ways.map(|(from, to)| ((from, to), items.way(from, to, &mut lanes)));
        let ways: BTreeMap<_, _> = ways.collect();
        let way = |it: &Option<(usize, usize)>| ways.get(&(*it)?).cloned();
        items.ways = ends.iter().map(way).collect();
        items.narrow(count);
        for item in &mut items.all {
            item.before.sort_unstable();
            item.before.dedup();
            item.after.sort_unstable();
            item.after.dedup();
        }
        items
    }

    /// Gives nodes room for the words on the edges that end at them.
    fn make_room(&mut self, ends: &[Option<(usize, usize)>], worded: &[bool]) {
        let mut heights: BTreeMap<usize, i64> = BTreeMap::new();
        for (ends, _) in ends.iter().zip(worded).filter(|(_, worded)| **worded) {
            if let Some((_, to)) = ends {
                *heights.entry(*to).or_insert(2) += WORD;
            }
        }
        for (at, height) in heights {
            if let Some(item) = self.all.get_mut(at) {
                item.height = ROOM.max(height + height % 2);
            }
        }
    }

    /// Returns the way from a node to another, in lanes that it shares with all ways from there.
    fn way(
        &mut self,
        from: usize,
        to: usize,
        lanes: &mut BTreeMap<(usize, usize), usize>,
    ) -> Vec<usize> {
        let mut way = vec![from];
        let mut last = from;
        for column in self.column(from) + 1..self.column(to) {
            let lane = *lanes.entry((from, column)).or_insert(self.all.len());
            if lane == self.all.len() {
                self.all.push(Item {
                    column,
                    height: LANE,
                    ..Item::default()
                });
            }
            self.link(last, lane);
            way.push(lane);
            last = lane;
        }
        // Edges of a circle run back; they pull at nothing.
        if self.column(from) < self.column(to) {
            self.link(last, to);
        }
        way.push(to);
        way
    }

    /// Gives lanes less room where there are many; the first items are so many nodes.
    fn narrow(&mut self, nodes: usize) {
        if self.all.len() > nodes + MANY {
            self.crowd = Crowd::Many;
            for lane in self.all.iter_mut().skip(nodes) {
                lane.height = NARROW;
            }
        }
    }

    fn link(&mut self, before: usize, after: usize) {
        if let Some(item) = self.all.get_mut(before) {
            item.after.push(after);
        }
        if let Some(item) = self.all.get_mut(after) {
            item.before.push(before);
        }
    }

    /// Returns the column of an item.
    pub(super) fn column(&self, at: usize) -> usize {
        self.all.get(at).map_or(0, |it| it.column)
    }

    /// Returns where the middle of an item is.
    pub(super) fn centre(&self, at: usize) -> i64 {
        self.all.get(at).map_or(0, |it| it.centre)
    }

    /// Returns where the highest of all begins.
    pub(super) fn top(&self) -> i64 {
        let tops = self.all.iter().map(|it| it.centre - it.height / 2);
        tops.min().unwrap_or_default()
    }

    /// Returns where the lowest of all ends.
    pub(super) fn bottom(&self) -> i64 {
        let ends = self.all.iter().map(|it| it.centre + it.height / 2);
        ends.max().unwrap_or_default()
    }

    /// Closes the bands, from left to right, in which nothing stands.
    pub(super) fn close(&mut self) {
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        order.sort_by_key(|it| self.edges_of(*it));
        let (mut end, mut gone) = (None, 0);
        for at in order {
            let (top, bottom) = self.edges_of(at);
            gone += end.map_or(0, |end| i64::max(top - end, 0));
            end = end.max(Some(bottom));
            if let Some(item) = self.all.get_mut(at) {
                item.centre -= gone;
            }
        }
    }

    /// Returns where an item begins and where it ends.
    pub(super) fn edges_of(&self, at: usize) -> (i64, i64) {
        let Some(item) = self.all.get(at) else {
            return (0, 0);
        };
        let top = item.centre - item.height / 2;
        (top, top + item.height)
    }

    /// Moves everything down.
    pub(super) fn lift(&mut self, by: i64) {
        for item in &mut self.all {
            item.centre += by;
        }
    }
}
