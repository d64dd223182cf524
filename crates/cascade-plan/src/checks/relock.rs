//! What mends a lock.

use super::{Told, View};
use crate::planner::update;
use crate::{Fix, LockMode, PinSurvey, RepoId};

/// Adds what mends the lock beside a pin, and that cascade leaves it alone by itself, where it does.
pub(super) fn relocked(view: &View<'_>, (id, pin): (&RepoId, &PinSurvey), mut told: Told) -> Told {
    if let (None, Some(lock)) = (pin.ecosystem, &pin.lock) {
        return told.mend(format!("in `{id}`: {}", update(&lock.file)));
    }
    let mode = view.graph.repo(id).map(|it| it.lock).unwrap_or_default();
    if mode == LockMode::Off {
        told.what
            .push_str("; cascade leaves it alone (`lock = \"off\"`)");
    }
    let told = told.mend(relock(id, mode));
    if mode == LockMode::Off {
        return told;
    }
    told.fix(Fix::Relock)
}

/// Returns the command that brings the locks of a repository in step.
pub(crate) fn relock(id: &RepoId, mode: LockMode) -> String {
    let mode = match mode {
        LockMode::Off => " --mode auto",
        LockMode::Auto | LockMode::Native | LockMode::Tool => "",
    };
    format!("cascade lock --repo {id}{mode}")
}
