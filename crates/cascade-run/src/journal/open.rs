//! The release that is not finished, for those who only look: a mark beside the runs names it, so
//! that where there is none one look at a folder tells.

use std::fs;
use std::path::PathBuf;

use cascade_plan::RunId;

use super::runs::story;
use super::{End, Runs, Story};
use crate::write::{Overwrite, save};

/// The name of the mark.
const MARK: &str = "open";

impl Runs {
    /// Returns the release that was begun last, unless it is finished or was taken back. One that is
    /// under way ends as one that was broken off.
    pub fn open(&self) -> Option<Story> {
        let run = RunId(fs::read_to_string(self.mark()).ok()?);
        let story = story(&self.folder_of(&run)).ok()?;
        matches!(story.end(), End::Unfinished | End::Broken).then_some(story)
    }

    /// Marks a release as the one that was begun last. Where it can not be, only a line of `status` is
    /// missing.
    pub(crate) fn opened(&self, run: &RunId) {
        let _ = save(&self.mark(), &run.0, Overwrite::Replace);
    }

    /// Takes the mark away from a release that is finished.
    pub(crate) fn closed(&self, run: &RunId) {
        let story = story(&self.folder_of(run));
        if story.is_ok_and(|it| it.end() == End::Finished) {
            let _ = fs::remove_file(self.mark());
        }
    }

    fn mark(&self) -> PathBuf {
        self.folder().join(MARK)
    }
}
