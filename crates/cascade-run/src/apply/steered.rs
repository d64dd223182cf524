//! What people said of a run, heard before each repository begins.

use std::collections::{BTreeMap, BTreeSet};

use cascade_plan::{Fate, RepoId, Step};

use super::failed;
use super::goal::MAKE_ROOM;
use super::standing::stood;
use crate::drive::Teller;
use crate::git::Git;
use crate::journal::Journal;
use crate::state::State;

/// The part of a plan that is carried out; what ended before is known of the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The repositories that are carried out.
    pub repos: BTreeSet<RepoId>,
    /// How all others ended that did.
    pub known: BTreeMap<RepoId, Fate>,
}

impl Scope {
    /// Returns how a repository ended before; `None` where it is carried out now.
    pub(super) fn known(&self, repo: &RepoId) -> Option<Fate> {
        let before = || self.known.get(repo).cloned();
        let open = || Fate::Waiting {
            what: "another command, which carries it out".to_owned(),
            help: Some(format!("cascade retry {repo}")),
        };
        (!self.repos.contains(repo)).then(|| before().unwrap_or_else(open))
    }
}

/// Returns when no word keeps the repository from being begun.
///
/// # Errors
/// With its fate: left out, or waiting until it is let go on. What is out already goes on, whoever
/// leaves it out.
pub(super) fn steered(
    step: &Step,
    run: &cascade_plan::RunId,
    (git, state): (&Git, &State),
    (journal, teller): (&Journal, &Teller<'_>),
) -> Result<(), Fate> {
    let heard = journal.hear();
    let steering = heard.map_err(|it| failed(it.to_string(), MAKE_ROOM.to_owned()))?;
    let Some(fate) = steering.fate(&step.repo) else {
        return Ok(());
    };
    if !matches!(fate, Fate::LeftOut { .. }) || !journal.was_pushed(&step.repo) {
        return Err(fate);
    }
    match stood((step, run), (git, state), teller)? {
        Fate::Done { out, .. } if !out.is_empty() => {
            let what = format!("{} is out already, so it is not left out", out.join(", "));
            teller.note(what);
            Ok(())
        }
        _ => Err(fate),
    }
}
