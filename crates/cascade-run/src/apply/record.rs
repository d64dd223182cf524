//! What a `bump` does, written down so that it can be taken back.

use std::sync::OnceLock;

use cascade_plan::{Event, Fate, Plan, Step};
use sha2::{Digest as _, Sha256};

use super::failed;
use super::goal::MAKE_ROOM;
use super::worktree::Standing;
use crate::journal::{Journal, Writing};
use crate::state::State;
use crate::write::Edits;

/// The record of a `bump`: a run like a release's, which is begun before the first file is written.
#[derive(Debug)]
pub(super) struct Record<'a> {
    plan: &'a Plan,
    state: &'a State,
    journal: OnceLock<Journal>,
}

impl<'a> Record<'a> {
    /// Returns the record of a plan, of which nothing is written yet.
    pub(super) fn new(plan: &'a Plan, state: &'a State) -> Self {
        Self {
            plan,
            state,
            journal: OnceLock::new(),
        }
    }

    /// Writes down what happened, once the run is begun.
    pub(super) fn tell(&self, event: &Event) {
        if let Some(journal) = self.journal.get() {
            journal.tell(event);
        }
    }

    /// Writes down that it came to its end, where it was begun.
    pub(super) fn end(&self) {
        if let Some(journal) = self.journal.get() {
            journal.end();
        }
    }

    /// Writes down what is about to be written in a checkout.
    ///
    /// # Errors
    /// With the fate of the step, where it can not be: then nothing may be written.
    pub(super) fn writes(
        &self,
        step: &Step,
        (standing, made): (&Standing, Option<&str>),
        edits: &Edits,
    ) -> Result<(), Fate> {
        let files = edits.iter().map(|(path, it)| (path.clone(), digest(it)));
        let what = Writing {
            base: step.base.clone(),
            before: standing.branch.clone(),
            made: made.map(str::to_owned),
            files: files.collect(),
        };
        let journal = match self.journal.get() {
            Some(journal) => Ok(journal),
            // One checkout at a time: nobody else begins it meanwhile.
            None => Journal::begin(self.state, self.plan).map(|it| self.journal.get_or_init(|| it)),
        };
        let written = journal.and_then(|it| it.writes(&step.repo, what));
        written.map_err(|it| failed(it.to_string(), MAKE_ROOM.to_owned()))
    }
}

/// Returns the SHA-256 of bytes, in hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    let bytes = Sha256::digest(bytes).into_iter();
    bytes.fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}
