//! What the end of a run hangs on.

use std::collections::{BTreeMap, BTreeSet};

use crate::{RepoId, Step};

/// What stands on what in a run, and what of it ended.
#[derive(Debug, Clone, Default)]
pub struct Course {
    /// The repositories that something is done in, upstream first, each with what it stands on.
    steps: Vec<(RepoId, Vec<RepoId>)>,
    ended: BTreeSet<RepoId>,
}

impl Course {
    /// Returns the course of these steps, upstream first, of which none ended.
    pub fn of<'a>(steps: impl IntoIterator<Item = &'a Step>) -> Self {
        let steps = steps.into_iter().filter(|it| it.changes());
        Self {
            steps: steps
                .map(|it| (it.repo.clone(), it.after.clone()))
                .collect(),
            ended: BTreeSet::new(),
        }
    }

    /// Takes in that a repository ended, well or not.
    pub fn end(&mut self, repo: &RepoId) {
        self.ended.insert(repo.clone());
    }

    /// Returns the longest chain of repositories that did not end yet, each of which stands on the
    /// one before: the run lasts as long as that does. The first of several, in order.
    pub fn critical(&self) -> Vec<&RepoId> {
        let open = |it: &RepoId| !self.ended.contains(it);
        // How long the chain from each on is, and who is the next in it.
        let mut from: BTreeMap<&RepoId, (usize, Option<&RepoId>)> = BTreeMap::new();
        for (repo, after) in self.steps.iter().rev().filter(|it| open(&it.0)) {
            let (length, _) = *from.entry(repo).or_insert((1, None));
            for upstream in after.iter().filter(|it| open(it)) {
                let known = from.entry(upstream).or_insert((1, None));
                if known.0 <= length {
                    *known = (length + 1, Some(repo));
                }
            }
        }
        let heads = self.steps.iter().rev().map(|it| &it.0);
        let head = heads.filter_map(|it| Some((from.get(it)?.0, it)));
        let first = head.max_by_key(|it| it.0).map(|it| it.1);
        let next = |it: &&RepoId| from.get(*it)?.1;
        std::iter::successors(first, next).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(nth: u8) -> RepoId {
        RepoId::new(format!("r{nth:02}"))
    }

    proptest! {
        /// It is a chain of what is open, and no chain of that is longer.
        #[test]
        fn no_chain_is_longer(
            edges in proptest::collection::btree_set((0u8..12, 0u8..12), 0..40),
            ended in proptest::collection::btree_set(0u8..12, 0..8),
        ) {
            let on = |at: u8| edges.iter().filter(move |it| it.0 == at && it.1 < at).map(|it| it.1);
            let steps = (0..12).map(|at| (id(at), on(at).map(id).collect())).collect();
            let course = Course { steps, ended: ended.iter().map(|it| id(*it)).collect() };
            let mut longest = [0_usize; 12];
            for at in (0..12_u8).filter(|it| !ended.contains(it)) {
                let below = on(at).filter(|it| !ended.contains(it));
                let below = below.map(|it| longest[usize::from(it)]).max();
                longest[usize::from(at)] = below.unwrap_or(0) + 1;
            }
            let chain = course.critical();
            prop_assert_eq!(chain.len(), longest.into_iter().max().unwrap_or(0));
            prop_assert!(chain.iter().all(|it| !course.ended.contains(*it)));
            for pair in chain.windows(2) {
                let step = course.steps.iter().find(|it| it.0 == *pair[1]).unwrap();
                prop_assert!(step.1.contains(pair[0]), "{:?}", chain);
            }
        }
    }
}
