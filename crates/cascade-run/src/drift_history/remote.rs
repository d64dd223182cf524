//! A history on a ref: a commit whose tree holds the file, moved by compare-and-swap.
//!
//! Each commit stands on the one before, so who added what is seen in the ref's own past.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cascade_plan::Oid;
use cascade_plan::drift::history::History;

use super::{HISTORY_FILE, HISTORY_REF, HistoryError, Lines, Recorded, fits, joined};
use crate::approval::Already;
use crate::checkout::outside;
use crate::environment::{Rested, rest};
use crate::exec::shown;
use crate::git::{Git, GitError};
use crate::mirror::{BuildError, Mirror, MirrorError};
use crate::remote::{Answer, Lease, Unity, Wanted, push};
use crate::state::State;

/// What the scratch repository holds before it is thrown away: every observation leaves three objects.
const CROWDED: usize = 4096;
/// How often others may be faster.
const RACES: u32 = 40;
/// How often a remote is asked again that refused while nobody else moved the ref: a lock of its own
/// may have been in the way.
const REFUSALS: u32 = 3;
/// How long another process of this machine is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// The first pause between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// The history of a workspace on its remote, seen through a scratch repository of the state folder's.
#[derive(Debug)]
pub(super) struct Remote {
    git: Git,
    mirror: Mirror,
}

/// The ref as it was read.
struct Tip {
    at: Option<Oid>,
    bytes: Vec<u8>,
}

/// What became of a push.
enum Pushed {
    /// The ref is what was pushed.
    Done,
    /// It is where it was.
    Refused(String),
    /// It is something else.
    Moved,
}

/// Returns where the scratch repository of a workspace's history is.
pub(super) fn scratch(state: &State) -> PathBuf {
    state.folder().join("drift.git")
}

impl Remote {
    /// Returns the history of a workspace.
    ///
    /// # Errors
    /// When its file is in no repository with a remote, or the scratch repository can not be used.
    pub(super) fn of(git: &Git, state: &State) -> Result<Self, HistoryError> {
        let outside = outside(state.file()).ok_or(HistoryError::NoRemote)?;
        // A runner's checkout often has its credentials in its own configuration.
        let git = git.speaking_as(&outside.folder);
        let begin = Instant::now();
        let mirror = loop {
            match Mirror::at(
                &git,
                scratch(state),
                &outside.folder,
                Some(&outside.address),
            ) {
                Err(MirrorError::Busy) if begin.elapsed() < PATIENCE => pause(&git, PAUSE)?,
                other => break other?,
            }
        };
        if mirror.loose() > CROWDED {
            mirror.rebirth()?;
        }
        Ok(Self { git, mirror })
    }

    /// Returns the bytes of the file as the remote has it now.
    ///
    /// # Errors
    /// When it does not answer, or holds no history.
    pub(super) fn read(&self) -> Result<Vec<u8>, HistoryError> {
        let tip = self.tip()?;
        self.mirror.keep(HISTORY_REF, tip.at.as_ref())?;
        Ok(tip.bytes)
    }

    /// Adds lines behind what the remote has, however often others are faster.
    ///
    /// # Errors
    /// When it does not take them, or does not answer.
    pub(super) fn add(&self, lines: &mut Lines<'_>) -> Result<Recorded, HistoryError> {
        let (mut races, mut refusals, mut pushed) = (0, 0, 0);
        loop {
            let tip = self.tip()?;
            let new = lines(&mut History::read(&tip.bytes));
            if new.is_empty() {
                self.mirror.keep(HISTORY_REF, tip.at.as_ref())?;
                return Ok(self.recorded(pushed));
            }
            pushed = new.len();
            match self.push(&tip, &joined(tip.bytes.clone(), &new))? {
                Pushed::Done => return Ok(self.recorded(pushed)),
                Pushed::Refused(why) if refusals + 1 >= REFUSALS => {
                    let remote = self.address();
                    return Err(HistoryError::Refused { remote, why });
                }
                Pushed::Refused(_) => refusals += 1,
                Pushed::Moved if races + 1 >= RACES => {
                    let place = self.place();
                    return Err(HistoryError::Contended { place });
                }
                Pushed::Moved => races += 1,
            }
            pause(&self.git, pause_after(races + refusals))?;
        }
    }

    /// Returns the ref as the remote has it; what is not known of it is fetched.
    fn tip(&self) -> Result<Tip, HistoryError> {
        let names = [HISTORY_REF.to_owned()];
        let refs = self.mirror.look(&names).map_err(|it| self.silent(&it))?;
        let Some(at) = refs.named(HISTORY_REF).cloned() else {
            return Ok(Tip {
                at: None,
                bytes: Vec::new(),
            });
        };
        if let Ok(Some(bytes)) = self.mirror.of_sheet(&at, HISTORY_FILE) {
            let at = Some(at);
            return Ok(Tip { at, bytes });
        }
        let fetched = self.mirror.fetch_notice(HISTORY_REF).or_else(|error| {
            // The remote answers, so the fault may be the scratch's own: torn, or of another hash.
            self.mirror.rebirth().map_err(|_| error)?;
            self.mirror.fetch_notice(HISTORY_REF)
        });
        // It may have moved meanwhile, so what was fetched is what is read.
        let fetched = fetched.map_err(|it| self.silent(&it))?;
        let at = fetched.unwrap_or(at);
        let bytes = self.mirror.of_sheet(&at, HISTORY_FILE);
        let bytes = bytes.map_err(|why| self.foreign(why))?;
        let none = || self.foreign(format!("its tree has no `{HISTORY_FILE}`"));
        Ok(Tip {
            bytes: bytes.ok_or_else(none)?,
            at: Some(at),
        })
    }

    /// Moves the ref from where it was read to a commit of these bytes, and reads back what became of
    /// it.
    fn push(&self, tip: &Tip, bytes: &[u8]) -> Result<Pushed, HistoryError> {
        fits(bytes, &self.place())?;
        let scratch = |it: BuildError| HistoryError::Scratch(it.to_string());
        let file = (HISTORY_FILE, bytes);
        let said = ("chore: what a run saw", seconds());
        let ours = self.mirror.sheet(file, tip.at.as_ref(), said);
        let ours = ours.map_err(scratch)?;
        let wanted = [Wanted {
            name: HISTORY_REF.to_owned(),
            to: ours.clone(),
            lease: tip.at.clone().map_or(Lease::Absent, Lease::At),
        }];
        let (call, to) = (self.mirror.call(), self.mirror.remote().address());
        let answer = push(call, &self.git, to, &wanted, Unity::Loose);
        let answer = answer.map_err(|it| self.silent(&it))?;
        let names = [HISTORY_REF.to_owned()];
        let now = self.mirror.look_uninterrupted(&names);
        let now = now.map_err(|it| HistoryError::Unknown {
            remote: self.address(),
            why: it.to_string(),
        })?;
        let now = now.named(HISTORY_REF);
        if now == Some(&ours) {
            self.mirror.keep(HISTORY_REF, Some(&ours))?;
            return Ok(Pushed::Done);
        }
        if now == tip.at.as_ref() {
            return Ok(Pushed::Refused(words(answer)));
        }
        Ok(Pushed::Moved)
    }

    fn recorded(&self, lines: usize) -> Recorded {
        let already = if lines == 0 {
            Already::There
        } else {
            Already::New
        };
        Recorded {
            place: self.place(),
            already,
            lines,
        }
    }

    fn place(&self) -> String {
        format!("{HISTORY_REF} on {}", self.address())
    }

    /// Returns the address, safe to show.
    fn address(&self) -> String {
        shown(self.mirror.remote().address(), self.git.environment())
    }

    fn silent(&self, error: &GitError) -> HistoryError {
        if matches!(error, GitError::Interrupted) {
            return HistoryError::Interrupted;
        }
        HistoryError::Silent {
            remote: self.address(),
            why: error.to_string(),
        }
    }

    fn foreign(&self, why: String) -> HistoryError {
        HistoryError::Foreign {
            place: self.place(),
            why,
        }
    }
}

/// Returns why a ref is where it was.
fn words(answer: Answer) -> String {
    match answer {
        Answer::Refused { why, .. } | Answer::Silence(why) => why,
        Answer::Taken { .. } | Answer::NotAtomic => {
            "git says that it pushed, and the remote does not have it".to_owned()
        }
    }
}

/// Returns a pause that is not everybody's: whoever lost a race together would lose the next one.
fn pause_after(tries: u32) -> Duration {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanos = nanos.map_or(0, |it| it.subsec_nanos()) ^ std::process::id();
    let most = PAUSE * tries.min(20);
    most.mul_f64(f64::from(nanos % 1000) / 1000.0)
}

fn pause(git: &Git, pause: Duration) -> Result<(), HistoryError> {
    match rest(&git.environment().interrupt, pause) {
        Rested::Whole => Ok(()),
        Rested::Interrupted => Err(HistoryError::Interrupted),
    }
}

/// Returns the seconds since 1970: the date of a commit, only to be shown.
fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| i64::try_from(it.as_secs()).unwrap_or(i64::MAX))
}
