//! What a step wants of its remote.

use crate::{Action, Oid, Step};

/// What a step wants of its remote, as far as deciding needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The commit that the step was made for.
    pub base: Oid,
    /// The branch that holds it.
    pub branch: String,
    /// What becomes of that branch.
    pub work: Work,
    /// The tags that cascade makes, in order.
    pub tags: Vec<String>,
    /// What follows once branch and tags are out, in order.
    pub rest: Vec<Rest>,
}

/// What a step does to its branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Nothing: the base itself is released.
    None,
    /// Edits are committed and pushed.
    Push,
    /// Edits are committed and go by a pull request.
    Propose,
}

/// What is waited for or run after a step is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// The tags that others make.
    Tag,
    /// The packages, where they appear.
    Visible,
    /// What others are asked for, and do.
    Others,
    /// The commands that are only told of.
    After,
}

impl Task {
    /// Returns what the actions of a step come to; `None` where its remote is asked for nothing.
    pub fn of(step: &Step) -> Option<Self> {
        let acts = || step.actions.iter();
        let commits = acts().any(|it| matches!(it, Action::Commit { .. }));
        let proposed = acts().find_map(|it| match it {
            Action::Propose { base } => Some(base),
            _ => None,
        });
        let pushed = acts().any(|it| matches!(it, Action::Push { .. }));
        let awaits = |it: &Action| matches!(it, Action::AwaitTag { name: None, .. });
        if !(pushed || proposed.is_some() || acts().any(awaits)) {
            return None;
        }
        let tags = acts().filter_map(|it| match it {
            Action::Tag { name, .. } => Some(name.clone()),
            _ => None,
        });
        let mut rest: Vec<Rest> = acts().filter_map(Rest::of).collect();
        rest.dedup();
        Some(Self {
            base: step.base.clone(),
            branch: proposed.or(step.branch.as_ref())?.clone(),
            work: match (commits, proposed) {
                (false, _) => Work::None,
                (true, None) => Work::Push,
                (true, Some(_)) => Work::Propose,
            },
            tags: tags.collect(),
            rest,
        })
    }
}

impl Rest {
    fn of(action: &Action) -> Option<Self> {
        match action {
            Action::AwaitTag { name: None, .. } => Some(Self::Tag),
            Action::AwaitVisible(_) => Some(Self::Visible),
            Action::After { .. } => Some(Self::After),
            it if it.is_of_others() => Some(Self::Others),
            _ => None,
        }
    }
}
