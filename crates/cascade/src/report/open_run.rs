//! The release that is not finished, in a line of the status.

use cascade_plan::{Fate, RepoId};
use cascade_run::{End, Story};
use serde::Serialize;

use super::runs::end_word;
use crate::page::{STRONG, WARN, paint};
use crate::shown::Shown;

/// How many repositories are named.
const NAMED: usize = 3;

/// The release that is not finished.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct OpenRun {
    run: String,
    state: &'static str,
    repos: Vec<OpenRepo>,
    next: &'static str,
}

/// A repository that keeps it from being finished.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct OpenRepo {
    repo: RepoId,
    fate: &'static str,
}

impl OpenRun {
    /// Returns what a run's story comes to; `busy` is whether a process carries one out just now.
    pub(crate) fn of(story: &Story, busy: bool) -> Self {
        let (state, next) = match (story.end(), busy) {
            (End::Broken, true) => ("under way", "cascade runs show"),
            (end, _) => (end_word(end), "cascade resume"),
        };
        let fates = story.outcome().fates.into_iter();
        let repos = fates.filter_map(|(repo, fate)| Some((repo, keeps(&fate)?)));
        Self {
            run: story.run.0.clone(),
            state,
            repos: repos.map(|(repo, fate)| OpenRepo { repo, fate }).collect(),
            next,
        }
    }

    /// Returns it in one line, with the next command.
    pub(crate) fn line(&self) -> String {
        let named = self.repos.iter().take(NAMED);
        let named = named.map(|it| format!("{} {}", Shown(it.repo.as_str()), it.fate));
        let mut named: Vec<String> = named.collect();
        if self.repos.len() > NAMED {
            named.push(format!("{} more", self.repos.len() - NAMED));
        }
        let state = paint(WARN, self.state);
        let mut text = format!("run {} of a release is {state}", Shown(&self.run));
        if !named.is_empty() {
            text = format!("{text}: {}", named.join(", "));
        }
        format!("{text} · next: {}", paint(STRONG, self.next))
    }
}

/// Returns the word for what keeps a repository from being done; `None` where nothing of its own does.
fn keeps(fate: &Fate) -> Option<&'static str> {
    match fate {
        Fate::Waiting { .. } => Some("waiting"),
        Fate::Failed { .. } => Some("failed"),
        Fate::Drifted { .. } => Some("drift"),
        Fate::Stopped { .. } => Some("stopped"),
        Fate::Interrupted => Some("interrupted"),
        Fate::Done { .. } | Fate::Nothing | Fate::LeftOut { .. } | Fate::Skipped { .. } => None,
    }
}
