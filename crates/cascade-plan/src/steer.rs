//! Words that steer a run: what people say of one of its repositories while it lasts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Action, Fate, LockMode, PinFate, Plan, Reason, RepoId, Step};

/// What a person said of a repository of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Word {
    /// The repository.
    pub repo: RepoId,
    /// What was said.
    pub said: Said,
    /// Who said it, as the machine knows them: `name@host`.
    pub by: String,
    /// When, in milliseconds since 1970 by the clock of their machine: only to be shown.
    pub at: i64,
}

/// What is said of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "kebab-case")]
pub enum Said {
    /// Nothing of it is begun until somebody lets it go on.
    Hold {
        /// Why.
        reason: String,
    },
    /// It may go on.
    Unhold,
    /// It is left out of the run: its version stays.
    Skip {
        /// Why.
        reason: String,
    },
    /// It is tried again, and is part of the run where it was left out.
    Retry,
}

/// What holds after every word that was said: the last one of a kind counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steering {
    held: BTreeMap<RepoId, String>,
    left_out: BTreeMap<RepoId, String>,
}

impl<'a> FromIterator<&'a Word> for Steering {
    fn from_iter<I: IntoIterator<Item = &'a Word>>(words: I) -> Self {
        let mut steering = Self::default();
        words.into_iter().for_each(|it| steering.hear(it));
        steering
    }
}

impl Steering {
    fn hear(&mut self, word: &Word) {
        let Word { repo, said, by, .. } = word;
        match said {
            Said::Hold { reason } => {
                let why = format!("{by} holds it: {reason}");
                self.held.insert(repo.clone(), why);
            }
            Said::Skip { reason } => {
                let why = format!("{by} left it out: {reason}");
                self.left_out.insert(repo.clone(), why);
            }
            Said::Unhold => drop(self.held.remove(repo)),
            Said::Retry => drop(self.left_out.remove(repo)),
        }
    }

    /// Returns how the part of a repository ends that is not begun because of a word; `None` where
    /// nothing keeps it back.
    pub fn fate(&self, repo: &RepoId) -> Option<Fate> {
        if let Some(why) = self.left_out.get(repo) {
            return Some(Fate::LeftOut { why: why.clone() });
        }
        let why = self.held.get(repo)?;
        Some(Fate::Waiting {
            what: format!("somebody to let it go on: {why}"),
            help: Some(format!("cascade unhold {repo}")),
        })
    }

    /// Returns whether a repository is held.
    pub fn holds(&self, repo: &RepoId) -> bool {
        self.held.contains_key(repo)
    }

    /// Returns whether a repository is left out.
    pub fn leaves_out(&self, repo: &RepoId) -> bool {
        self.left_out.contains_key(repo)
    }

    /// Returns the repositories that are left out.
    pub fn left_out(&self) -> impl Iterator<Item = &RepoId> {
        self.left_out.keys()
    }
}

impl Step {
    /// Returns whether what the step writes or tests holds a version that another one makes: then
    /// it can not be carried out without it. Where that only has to come first, it can.
    pub fn needs(&self, upstream: &Self) -> bool {
        let repo = &upstream.repo;
        let pinned =
            |it: &crate::PinMove| it.upstream.repo == *repo && !matches!(it.fate, PinFate::Kept(_));
        let moved = |it: &crate::Release| matches!(&it.reason, Reason::Upstream { package, .. } if package.repo == *repo);
        let tested = |it: &Action| matches!(it, Action::Gate { after, .. } if after.contains(repo));
        let awaited = |it: &Action| match it {
            Action::Dispatch(it) => it.packages.iter().any(|it| it.repository == *repo),
            Action::AwaitPins(it) => it.pins.iter().any(|it| it.upstream.repo == *repo),
            _ => false,
        };
        self.pins.iter().any(pinned)
            || self.actions.iter().any(awaited)
            || self.releases.iter().any(moved)
            || self.actions.iter().any(tested)
            || self.locks.iter().any(|it| locks(it, upstream))
    }
}

/// Returns whether a lock takes a version that a step makes.
fn locks(lock: &crate::LockMove, upstream: &Step) -> bool {
    let made = |name: &str| {
        let mut all = upstream.releases.iter().map(|it| &it.package);
        all.any(|it| it.ecosystem == lock.ecosystem && it.name == name)
    };
    lock.mode != LockMode::Off && lock.moves.iter().any(|it| made(&it.name))
}

impl Plan {
    /// Returns a repository of the plan and all that stand on it, however far up.
    pub fn from_there_on(&self, repo: &RepoId) -> BTreeSet<RepoId> {
        let mut found = BTreeSet::from([repo.clone()]);
        // Steps stand in order, upstream first.
        for step in &self.steps {
            if step.after.iter().any(|it| found.contains(it)) {
                found.insert(step.repo.clone());
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said() -> impl Strategy<Value = Said> {
        prop_oneof![
            "[a-z]{1,3}".prop_map(|reason| Said::Hold { reason }),
            Just(Said::Unhold),
            "[a-z]{1,3}".prop_map(|reason| Said::Skip { reason }),
            Just(Said::Retry),
        ]
    }

    fn words() -> impl Strategy<Value = Vec<Word>> {
        let word = (0_u8..3, said()).prop_map(|(repo, said)| Word {
            repo: RepoId::new(format!("r{repo}")),
            said,
            by: "max@desk".to_owned(),
            at: 0,
        });
        proptest::collection::vec(word, 0..12)
    }

    proptest! {
        /// The last word of a kind counts, and what is said of one says nothing of another.
        #[test]
        fn the_last_word_of_a_kind_counts(words in words()) {
            let steering: Steering = words.iter().collect();
            for repo in (0..3).map(|it| RepoId::new(format!("r{it}"))) {
                let own = || words.iter().rev().filter(|it| it.repo == repo).map(|it| &it.said);
                let held = own().find(|it| matches!(it, Said::Hold { .. } | Said::Unhold));
                let out = own().find(|it| matches!(it, Said::Skip { .. } | Said::Retry));
                prop_assert_eq!(steering.holds(&repo), matches!(held, Some(Said::Hold { .. })));
                prop_assert_eq!(steering.leaves_out(&repo), matches!(out, Some(Said::Skip { .. })));
                let kept = steering.holds(&repo) || steering.leaves_out(&repo);
                prop_assert_eq!(steering.fate(&repo).is_some(), kept);
            }
        }

        /// A word is heard once or twice: the same holds.
        #[test]
        fn what_is_heard_twice_counts_once(words in words()) {
            let twice: Vec<&Word> = words.iter().flat_map(|it| [it, it]).collect();
            prop_assert_eq!(twice.into_iter().collect::<Steering>(), words.iter().collect());
        }
    }

    #[test]
    fn a_word_says_who_and_why() {
        let hold = Word {
            repo: RepoId::new("lib"),
            said: Said::Hold {
                reason: "the fair is today".to_owned(),
            },
            by: "max@desk".to_owned(),
            at: 0,
        };
        let steering: Steering = [&hold].into_iter().collect();
        let Some(Fate::Waiting { what, help }) = steering.fate(&hold.repo) else {
            panic!("it is not held");
        };
        assert!(
            what.ends_with("max@desk holds it: the fair is today"),
            "{what}"
        );
        assert_eq!(help.as_deref(), Some("cascade unhold lib"));
    }
}
