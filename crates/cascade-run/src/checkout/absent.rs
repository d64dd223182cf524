//! Objects that were asked for and are not there, in a clone that lacks some on purpose.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use git2::Oid;

/// The ids of objects that were asked for and are not there. Clones of it are one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Absent(Arc<Mutex<BTreeSet<Oid>>>);

impl Absent {
    /// Notes that an object is not there.
    pub(super) fn add(&self, id: Oid) {
        self.ids().insert(id);
    }

    /// Returns how many are not there.
    pub(crate) fn count(&self) -> usize {
        self.ids().len()
    }

    /// Returns what was noted, as the plan knows it.
    pub(crate) fn taken(&self) -> BTreeSet<cascade_plan::Oid> {
        let ids = std::mem::take(&mut *self.ids());
        ids.into_iter().filter_map(super::oid).collect()
    }

    fn ids(&self) -> MutexGuard<'_, BTreeSet<Oid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
