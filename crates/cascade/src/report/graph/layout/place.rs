//! Places what stands in the columns: everything near what it hangs on, nothing on another.

use super::lanes::{Crowd, Item, Items};

/// How often the columns are sorted by where their neighbours stand, there and back.
const SWEEPS: usize = 6;

/// Whose places pull at an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pull {
    /// What it hangs on.
    Before,
    /// What hangs on it.
    After,
    /// Both, and the order in its column stays.
    Both,
}

impl Items {
    /// Places everything in so many columns.
    pub(super) fn settle(&mut self, columns: usize) {
        let mut rows: Vec<Vec<usize>> = vec![Vec::new(); columns];
        for (at, item) in self.all.iter().enumerate() {
            if let Some(row) = rows.get_mut(item.column) {
                row.push(at);
            }
        }
        for row in &rows {
            self.stack(row, |_, _| 0);
        }
        for _ in 0..SWEEPS {
            for row in &mut rows {
                self.arrange(row, Pull::Before);
            }
            for row in rows.iter_mut().rev() {
                self.arrange(row, Pull::After);
            }
        }
        for _ in 0..3 {
            self.find_middle();
            for row in &mut rows {
                self.arrange(row, Pull::Both);
            }
        }
    }

    /// Finds the mean place of all that hangs together.
    fn find_middle(&mut self) {
        let linked = self.all.iter();
        let linked = linked.filter(|it| !(it.before.is_empty() && it.after.is_empty()));
        let (sum, count) = linked.fold((0, 0), |(sum, count), it| (sum + it.centre, count + 1));
        self.middle = sum / i64::max(count, 1);
    }

    /// Sorts a column by where its neighbours stand, and places it.
    fn arrange(&mut self, row: &mut [usize], pull: Pull) {
        if pull != Pull::Both {
            row.sort_by_cached_key(|at| (self.wanted(*at, pull), *at));
        }
        self.stack(row, |items, at| items.wanted(at, pull));
    }

    /// Returns the mean place of an item's neighbours; its own without any.
    fn wanted(&self, at: usize, pull: Pull) -> i64 {
        let Some(item) = self.all.get(at) else {
            return 0;
        };
        let (before, after): (&[usize], &[usize]) = match pull {
            Pull::Before => (&item.before, &[]),
            Pull::After => (&[], &item.after),
            Pull::Both => (&item.before, &item.after),
        };
        let places = || before.iter().chain(after).map(|it| self.centre(*it));
        match (0_i64..).zip(places()).last() {
            Some((last, _)) => {
                let mean = places().sum::<i64>().div_euclid(last + 1);
                self.gathered(mean, pull)
            }
            None if pull == Pull::Both => self.middle,
            None => item.centre,
        }
    }

    /// Returns a place a little nearer to the middle where there is so much that it would scatter.
    fn gathered(&self, place: i64, pull: Pull) -> i64 {
        match self.crowd {
            Crowd::Many if pull == Pull::Both => (place * 3 + self.middle).div_euclid(4),
            _ => place,
        }
    }

    /// Places a column, in its order, as near as may be to what is wanted.
    fn stack(&mut self, row: &[usize], wanted: impl Fn(&Self, usize) -> i64) {
        let items = row.iter().map(|at| {
            let height = self.all.get(*at).map_or(0, |it: &Item| it.height);
            (wanted(self, *at), height)
        });
        let items: Vec<(i64, i64)> = items.collect();
        for (at, centre) in row.iter().zip(stacked(&items)) {
            if let Some(item) = self.all.get_mut(*at) {
                item.centre = centre;
            }
        }
    }
}

/// Returns the middles of things of these wanted middles and heights, in their order, one below the
/// other, so that they are the least off (pools of neighbours that would overlap share a mean).
pub(super) fn stacked(items: &[(i64, i64)]) -> Vec<i64> {
    let mut pools: Vec<(i64, i64)> = Vec::new();
    let mut above = 0;
    for (centre, height) in items {
        let mut pool = (centre - height / 2 - above, 1);
        while let Some(last) = pools.pop_if(|last| last.0 * pool.1 > pool.0 * last.1) {
            pool = (last.0 + pool.0, last.1 + pool.1);
        }
        pools.push(pool);
        above += height;
    }
    let tops = pools.iter().flat_map(|(sum, count)| {
        let top = sum.div_euclid(*count);
        (0..*count).map(move |_| top)
    });
    let mut above = 0;
    let placed = tops.zip(items).map(|(top, (_, height))| {
        let centre = top + above + height / 2;
        above += height;
        centre
    });
    placed.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_stacked_does_not_overlap(
            items in proptest::collection::vec((-500_i64..500, 4_i64..60), 0..30),
        ) {
            let placed = stacked(&items);
            prop_assert_eq!(placed.len(), items.len());
            let mut end = i64::MIN;
            for (centre, (_, height)) in placed.iter().zip(&items) {
                prop_assert!(centre - height / 2 >= end);
                end = centre - height / 2 + height;
            }
        }

        #[test]
        fn what_has_room_stays(
            gaps in proptest::collection::vec((4_i64..60, 60_i64..90), 0..30),
        ) {
            let mut at = 0;
            let items: Vec<(i64, i64)> = gaps.iter().map(|(height, gap)| {
                at += gap;
                (at, *height)
            }).collect();
            let wanted: Vec<i64> = items.iter().map(|it| it.0).collect();
            prop_assert_eq!(stacked(&items), wanted);
        }
    }

    #[test]
    fn two_that_want_one_place_stand_around_it() {
        assert_eq!(stacked(&[(100, 20), (100, 20)]), [90, 110]);
    }
}
