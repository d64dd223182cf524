//! The files that a clone for reports is filled with: those that are read, as reading tells of them.

use std::collections::BTreeSet;
use std::fs;

use cascade_plan::{Oid, Trouble};

use super::{ReportClone, ReportError, torn};
use crate::drift_replay::lacking_past;
use crate::git::GitError;
use crate::observe::{Depth, Look, lacking};

/// How often what is read tells of more that has to be fetched: files, what they name, and both at tags.
const ROUNDS: usize = 16;
/// How clones are read that nothing happened to: as `status`, `plan` and `drift` do.
const USUAL: &[Depth] = &[Depth::Releases];
/// In what depths clones are read at all. A new one belongs here: what it reads is fetched for it.
const DEEPER: &[Depth] = &[Depth::Releases, Depth::Audit];
/// The file that says as what it was filled.
const FILLED: &str = "cascade.filled";
/// Makes git fetch what is asked for, and not ask what else is there.
const NOTHING_ELSE: &[&str] = &["fetch.negotiationAlgorithm=noop"];

/// What a clone for reports is to hold for once, beside what every report reads.
#[derive(Debug, Clone, Copy)]
pub(in crate::fetch) enum Extra<'a> {
    /// What this look reads: another commit, another tag.
    Look(&'a Look),
    /// Every state that its branch went through, from a moment on where one is said.
    Past(Option<i64>),
}

impl ReportClone<'_> {
    /// Fetches the files that every report reads.
    pub(super) fn fill(&self) -> Result<(), ReportError> {
        // What was filled as it is now is not looked at as closely again.
        let filled = fs::read_to_string(self.folder.join(FILLED)).ok();
        let mut depths = if filled == Some(self.sign()?) {
            USUAL
        } else {
            DEEPER
        };
        let look = Look::default();
        let lacks = || {
            let lacks = lacking(self.declared, self.folder, (&look, depths));
            depths = DEEPER;
            lacks
        };
        match self.fill_with(lacks) {
            Err(Unfilled::Empty) => Ok(()),
            Err(Unfilled::For(error)) => Err(error),
            Ok(()) => self.write(FILLED, &self.sign()?),
        }
    }

    /// Fetches the files that are needed for once.
    pub(in crate::fetch) fn fill_extra(&self, extra: Extra<'_>) -> Result<(), ReportError> {
        let _alone = self.alone()?;
        self.sound()?;
        let lacks = || match extra {
            Extra::Look(look) => lacking(self.declared, self.folder, (look, DEEPER)),
            Extra::Past(since) => lacking_past(self.declared, self.folder, since),
        };
        match self.fill_with(lacks) {
            Ok(()) | Err(Unfilled::Empty) => Ok(()),
            Err(Unfilled::For(error)) => Err(error),
        }
    }

    /// Fetches what is told to lack, until nothing is.
    fn fill_with(
        &self,
        mut lacks: impl FnMut() -> Result<BTreeSet<Oid>, Trouble>,
    ) -> Result<(), Unfilled> {
        let mut asked = BTreeSet::new();
        for _ in 0..ROUNDS {
            let lacks = match lacks() {
                Ok(lacks) => lacks,
                Err(Trouble::NoCommits) => return Err(Unfilled::Empty),
                Err(trouble) => return Err(torn(trouble).into()),
            };
            if lacks.is_empty() {
                return Ok(());
            }
            let (known, many) = (asked.len(), lacks.len());
            let wanted = lacks.iter().flat_map(|it| [it.as_str(), "\n"]);
            let wanted: String = wanted.collect();
            asked.extend(lacks);
            if asked.len() == known {
                return Err(ReportError::Withheld(many).into());
            }
            self.ask_for(&wanted, many).map_err(ReportError::from)?;
        }
        Err(ReportError::Withheld(asked.len()).into())
    }

    /// Fetches objects by their ids, one a line, and nothing else.
    fn ask_for(&self, wanted: &str, many: usize) -> Result<(), GitError> {
        let files = if many == 1 { "file" } else { "files" };
        self.teller.progress(format!("fetching {many} {files}"));
        let call = self.fetching(&["--filter=blob:none", "--stdin"]);
        let call = call.configured(NOTHING_ELSE).args(["--", "origin"]);
        call.input(wanted).answer().map(drop)
    }
}

/// Why a clone was not filled.
enum Unfilled {
    /// It has no commit yet.
    Empty,
    /// This stood in the way.
    For(ReportError),
}

impl From<ReportError> for Unfilled {
    fn from(error: ReportError) -> Self {
        Self::For(error)
    }
}
