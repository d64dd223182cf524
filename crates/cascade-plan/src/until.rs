//! How far a run goes in each repository.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::decide::{Act, Rest};

/// The step that no repository goes beyond, in the order of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// Its commit is made, with its locks in step and its checks passed; nothing is pushed.
    Committed,
    /// What goes by a pull request is proposed; nothing else is pushed.
    Proposed,
    /// What goes by a pull request is merged; nothing else is pushed.
    Merged,
    /// Its commit and its tags are on the remote.
    Tagged,
    /// Its packages are visible; nothing is announced.
    Visible,
    /// Its pre-releases are visible in the staging registry; nothing is announced.
    Staged,
}

/// No step of a run has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is none of: {}", names(), text = .0)]
pub struct NoStep(pub String);

impl Until {
    /// Every step that a run can end after, in order.
    pub const ALL: &[Self] = &[
        Self::Committed,
        Self::Proposed,
        Self::Merged,
        Self::Tagged,
        Self::Visible,
        Self::Staged,
    ];

    /// Returns whether an act comes before the end of the step, or only looks.
    pub fn allows(self, act: &Act) -> bool {
        let from = match act {
            Act::Look | Act::Build | Act::End(_) => Self::Committed,
            Act::Propose(_) => Self::Proposed,
            Act::AwaitMerge => Self::Merged,
            Act::Ready(_) | Act::Push(_) | Act::Then(Rest::Tag, _) => Self::Tagged,
            Act::Then(Rest::Visible, _) => Self::Visible,
            // Whoever rehearses promotes nothing.
            Act::Then(Rest::Others | Rest::After, _) => return false,
        };
        from <= self
    }

    /// Returns whether what stands on a repository may begin once it came so far.
    pub fn lets_on(self) -> bool {
        self >= Self::Visible
    }

    fn name(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Proposed => "proposed",
            Self::Merged => "merged",
            Self::Tagged => "tagged",
            Self::Visible => "visible",
            Self::Staged => "staged",
        }
    }
}

fn names() -> String {
    let names: Vec<&str> = Until::ALL.iter().map(|it| it.name()).collect();
    names.join(", ")
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Until {
    type Err = NoStep;

    fn from_str(text: &str) -> Result<Self, NoStep> {
        let found = Self::ALL.iter().find(|it| it.name() == text);
        found.copied().ok_or_else(|| NoStep(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Oid;
    use crate::decide::Push;

    #[test]
    fn a_name_reads_back_and_nothing_else_does() {
        for until in Until::ALL {
            assert_eq!(until.to_string().parse(), Ok(*until));
        }
        let error = "pushed".parse::<Until>().unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("merged, tagged, visible, staged"),
            "{error}"
        );
    }

    /// A later step allows everything that an earlier one does; none announces, and none before
    /// `tagged` pushes.
    #[test]
    fn who_goes_further_does_no_less() {
        let oid = Oid::parse(&"a".repeat(40)).unwrap();
        let push = Push {
            commit: oid.clone(),
            branch: true,
            tag: None,
        };
        let acts = [
            Act::Look,
            Act::Build,
            Act::Propose(oid.clone()),
            Act::AwaitMerge,
            Act::Ready(oid.clone()),
            Act::Push(push.clone()),
            Act::Then(Rest::Tag, oid.clone()),
            Act::Then(Rest::Visible, oid.clone()),
        ];
        for pair in Until::ALL.windows(2) {
            for act in &acts {
                assert!(
                    !pair[0].allows(act) || pair[1].allows(act),
                    "{act:?} {pair:?}"
                );
            }
        }
        for until in Until::ALL {
            assert!(!until.allows(&Act::Then(Rest::After, oid.clone())));
            assert!(!until.allows(&Act::Then(Rest::Others, oid.clone())));
            assert_eq!(
                until.allows(&Act::Push(push.clone())),
                *until >= Until::Tagged
            );
        }
    }
}
