//! What stays and is asked for otherwise by what moves: its block answers another request.

use std::collections::{BTreeMap, BTreeSet};

use super::{When, Work, put};
use crate::npm::outline::Entry;
use crate::npm::published::admits;
use crate::npm::spec::Spec;
use crate::npm::yarn_lock::blocks::Block;
use crate::npm::yarn_lock::plain;
use crate::{Fallback, Splice};

/// A request that a package makes anew, and the one that it made in its place.
struct Reworded {
    old: String,
    new: String,
}

impl<'a> Work<'a> {
    /// Returns whether the range of a dependency that a moving package words otherwise takes what is
    /// locked: what moves along, or what stays.
    pub(super) fn takes(&self, block: &Block, alias: &str, range: &str) -> bool {
        let spec = Spec::of(range);
        let name = spec.name.as_deref().unwrap_or(alias);
        if let Some(along) = self.bump.moves.iter().find(|it| it.name == name) {
            return admits(range, &along.to);
        }
        let held = block.dependencies.iter().find(|(it, _)| it == alias);
        let old = held.map(|(alias, range)| format!("{alias}@{range}"));
        let below = old.and_then(|it| self.answering(&it));
        below.is_some_and(|(_, it)| it.is_from_registry() && admits(plain(range), &it.version))
    }

    /// Returns the splices of the requests that the blocks of what stays answer.
    pub(super) fn below(&self) -> Result<Vec<Splice>, Fallback> {
        let mut changed = BTreeMap::new();
        for it in self.reworded()? {
            let Some((entry, block)) = self.answering(&it.old) else {
                return Err(Fallback(format!("no block answers `{}`", it.old)));
            };
            let held_by = self.answering(&it.new);
            if held_by.is_some_and(|(other, _)| other.key != entry.key) {
                return Err(Fallback(format!("`{}` is another version now", it.new)));
            }
            let key = entry.key_span.start;
            let (_, _, new) = changed
                .entry(key)
                .or_insert_with(|| (entry, block, BTreeSet::new()));
            new.insert(it.new);
        }
        let changed = changed.into_values();
        let splice = |(entry, block, new)| self.answers(entry, block, new);
        changed.map(splice).collect()
    }

    /// Returns the requests of moving packages for what stays that they word otherwise.
    fn reworded(&self) -> Result<Vec<Reworded>, Fallback> {
        let mut all = Vec::new();
        for it in self.bump.moves {
            let Some(turn) = self.turns.get(it.name.as_str()) else {
                continue;
            };
            let (_, block) = self.block_of(it)?;
            for (alias, held) in &block.dependencies {
                let Some(range) = turn.reworded(alias) else {
                    continue;
                };
                let name = Spec::of(plain(&range)).name;
                let name = name.as_deref().unwrap_or(alias);
                if !self.bump.moves.iter().any(|it| it.name == name) {
                    all.push(Reworded {
                        old: format!("{alias}@{held}"),
                        new: format!("{alias}@{range}"),
                    });
                }
            }
        }
        Ok(all)
    }

    /// Returns the block that answers a request.
    fn answering(&self, request: &str) -> Option<&(Entry<'a>, Block)> {
        let mut entries = self.entries.iter();
        entries.find(|(_, it)| it.descriptors.iter().any(|it| it == request))
    }

    /// Returns the splice of the requests of a block, these among them.
    fn answers(
        &self,
        entry: &Entry<'_>,
        block: &Block,
        mut requests: BTreeSet<String>,
    ) -> Result<Splice, Fallback> {
        let name = block.name();
        self.is_free(name)?;
        let before = self.asked(name, When::Before)?;
        let after = self.asked(name, When::After)?;
        if let Some(it) = block.descriptors.iter().find(|it| !before.contains(*it)) {
            return Err(Fallback(format!(
                "the lock does not show who asks for `{it}`"
            )));
        }
        let held = block.descriptors.iter();
        requests.extend(held.filter(|it| after.contains(*it)).cloned());
        let requests: Vec<_> = requests.into_iter().collect();
        Ok(put(&entry.key_span, requests.join(", ")))
    }
}
