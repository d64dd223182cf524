//! Looks at a remote again and again, until it shows what is waited for.

use std::time::{Duration, Instant};

use cascade_plan::Fate;

use super::of_git;
use crate::environment::rest;
use crate::git::GitError;
use crate::mirror::Mirror;
use crate::remote::Refs;

pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(200);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Returns what is found in these refs of the remote; `None` when the patience is over.
///
/// # Errors
/// When a person interrupts, or with what `find` fails with.
pub(crate) fn poll<T>(
    mirror: &Mirror,
    names: &[String],
    mut find: impl FnMut(&Refs) -> Result<Option<T>, Fate>,
) -> Result<Option<T>, Fate> {
    let until = Instant::now() + mirror.git().environment().patience.tag;
    let mut pause = FIRST_PAUSE;
    loop {
        match mirror.look(names) {
            Ok(refs) => {
                if let Some(found) = find(&refs)? {
                    return Ok(Some(found));
                }
            }
            Err(error @ GitError::Interrupted) => return Err(of_git(error, None)),
            // No answer is not "not there": it is asked again.
            Err(_) => {}
        }
        if mirror.git().interrupted() {
            return Err(Fate::Interrupted);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        rest(&mirror.git().environment().interrupt, pause.min(left));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
