//! Exit codes: the whole table, and nothing else ends a run.

use std::process::ExitCode;

use cascade_plan::{Fate, Outcome};

/// How a run of cascade ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done,
    /// There are findings, and a check was asked for.
    Findings,
    /// The command line or the declaration can not be used.
    Usage,
    /// It failed, and nothing irreversible was done.
    Failed,
    /// A rule of the workspace forbids it.
    Refused,
    /// Something is out, and something is not.
    Partial,
    /// A question had to be asked, and nobody was there to answer, or the answer was no.
    Unconfirmed,
    /// It waits for something outside; the same command continues.
    Waiting,
    /// The world moved since the plan was made.
    Drift,
    /// cascade is at fault.
    Bug,
    /// A person interrupted.
    Interrupted,
}

impl Exit {
    /// Every way to end, in the order of the codes.
    #[cfg(test)]
    pub(crate) const ALL: &'static [Self] = &[
        Self::Done,
        Self::Findings,
        Self::Usage,
        Self::Failed,
        Self::Refused,
        Self::Partial,
        Self::Unconfirmed,
        Self::Waiting,
        Self::Drift,
        Self::Bug,
        Self::Interrupted,
    ];

    /// Returns the code that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::Refused => 4,
            Self::Partial => 5,
            Self::Unconfirmed => 6,
            Self::Waiting => 7,
            Self::Drift => 8,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }

    /// Returns what an outcome comes to; `held` says whether the plan had steps that cascade may
    /// not carry out.
    pub(crate) fn of(outcome: &Outcome, held: Held) -> Self {
        let any = |test: fn(&Fate) -> bool| outcome.fates.values().any(test);
        let failed = any(|it| matches!(it, Fate::Failed { .. }));
        let drifted = any(|it| matches!(it, Fate::Drifted { .. }));
        let out = || !outcome.out.is_empty() || any(is_out);
        if any(|it| matches!(it, Fate::Interrupted)) {
            Self::Interrupted
        } else if (failed || drifted) && out() {
            Self::Partial
        } else if drifted {
            Self::Drift
        } else if failed {
            Self::Failed
        } else if any(|it| matches!(it, Fate::Waiting { .. } | Fate::Stopped { .. })) {
            Self::Waiting
        } else if held == Held::Some || any(|it| matches!(it, Fate::Skipped { .. })) {
            if out() { Self::Partial } else { Self::Refused }
        } else {
            Self::Done
        }
    }
}

/// Whether a plan had steps that cascade may not carry out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// None.
    None,
    /// At least one.
    Some,
}

/// Returns whether a fate left a tag on a remote.
fn is_out(fate: &Fate) -> bool {
    match fate {
        Fate::Done { out, .. } | Fate::Failed { out, .. } => !out.is_empty(),
        _ => false,
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use cascade_plan::RepoId;

    use super::*;

    fn outcome(fates: &[(&str, Fate)]) -> Outcome {
        Outcome {
            fates: fates
                .iter()
                .map(|(repo, fate)| (RepoId::new(*repo), fate.clone()))
                .collect(),
            ..Outcome::default()
        }
    }

    fn out() -> Fate {
        Fate::Done {
            commit: None,
            out: vec!["v1.0.0".to_owned()],
        }
    }

    fn failed() -> Fate {
        Fate::Failed {
            why: "no".to_owned(),
            help: None,
            out: Vec::new(),
        }
    }

    fn waiting() -> Fate {
        Fate::Waiting {
            what: "v2".to_owned(),
            help: None,
        }
    }

    fn drifted() -> Fate {
        Fate::Drifted {
            what: "the branch".to_owned(),
        }
    }

    #[test]
    fn codes_are_the_table_and_distinct() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|it| it.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 70, 130]);
    }

    #[test]
    fn an_outcome_ends_by_its_worst_fate() {
        let skipped = Fate::Skipped {
            because: RepoId::new("a"),
        };
        let of = |fates: &[(&str, Fate)]| Exit::of(&outcome(fates), Held::None);
        assert_eq!(of(&[]), Exit::Done);
        assert_eq!(of(&[("a", out()), ("b", Fate::Nothing)]), Exit::Done);
        assert_eq!(of(&[("a", failed()), ("b", skipped.clone())]), Exit::Failed);
        assert_eq!(of(&[("a", out()), ("b", failed())]), Exit::Partial);
        assert_eq!(of(&[("a", out()), ("b", waiting())]), Exit::Waiting);
        assert_eq!(of(&[("a", drifted())]), Exit::Drift);
        assert_eq!(of(&[("a", out()), ("b", drifted())]), Exit::Partial);
        assert_eq!(
            of(&[("a", Fate::Interrupted), ("b", failed())]),
            Exit::Interrupted
        );
    }

    #[test]
    fn held_steps_are_a_refusal_unless_something_is_out() {
        assert_eq!(Exit::of(&outcome(&[]), Held::Some), Exit::Refused);
        assert_eq!(
            Exit::of(&outcome(&[("a", out())]), Held::Some),
            Exit::Partial
        );
    }
}
