//! A workflow of GitHub Actions, read for what it does: when it runs, with which rights, in which
//! environments, and with what steps.
//!
//! Read as the runner reads it: an unquoted `3.10` is the number 3.1. Nothing is guessed: what only a
//! run can know (`github.ref`, an output of another job) is unknown, and said so.
//!
//! ```
//! use cascade_manifest::workflow::{Truth, Workflow};
//! let workflow = Workflow::read(
//!     "on: push\njobs:\n  test:\n    strategy: {matrix: {python: ['3.13', 3.10]}}\n    \
//!      steps: [{uses: actions/setup-python@v6, with: {python-version: '${{ matrix.python }}'}}]\n",
//! )?;
//! let job = &workflow.jobs[0];
//! let versions = job.entries().into_iter().filter_map(|it| {
//!     it.resolve(&job.steps[0].with["python-version"].value)
//! });
//! assert_eq!(versions.collect::<Vec<_>>(), ["3.13", "3.1"]);
//! assert_eq!(job.runs(&job.entries()[0]), Truth::Yes);
//! # Ok::<(), cascade_manifest::ReadError>(())
//! ```

mod expression;
mod filter;
mod matrix;
mod permissions;
mod read;
mod uses;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::yaml::Yaml;
use crate::{Limit, ReadError};

pub use expression::Truth;
pub use filter::Filter;
pub use matrix::{Entry, Matrix};
pub use permissions::{Access, Permissions};
pub use uses::{Uses, UsesKind};

/// A workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workflow {
    /// Its name, as people see it.
    pub name: Option<String>,
    /// What starts it, in the order of the text.
    pub triggers: Vec<Trigger>,
    /// What its token may do, where no job says another.
    pub permissions: Permissions,
    /// The variables of every step.
    pub env: BTreeMap<String, Scalar>,
    /// Its jobs, in the order of the text.
    pub jobs: Vec<Job>,
}

/// An event that starts a workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trigger {
    /// The event: `push`, `pull_request`, `release`, `workflow_dispatch`.
    pub event: String,
    /// The 1-based line.
    pub line: usize,
    /// Which branches start it.
    pub branches: Filter,
    /// Which tags start it.
    pub tags: Filter,
    /// Which changed files start it.
    pub paths: Filter,
    /// Which kinds of the event start it: `published`.
    pub types: Vec<String>,
    /// When it runs, for `schedule`: lines of cron.
    pub crons: Vec<String>,
}

/// One job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Job {
    /// Its key among the jobs.
    pub id: String,
    /// Its name, as people see it; perhaps with expressions.
    pub name: Option<String>,
    /// The 1-based line of its key.
    pub line: usize,
    /// The jobs that come before it.
    pub needs: Vec<String>,
    /// Where it runs: labels, perhaps with expressions.
    pub runs_on: Vec<Scalar>,
    /// When it runs at all.
    pub condition: Option<Scalar>,
    /// Whether it may fail and nothing else does; perhaps an expression.
    pub continue_on_error: Option<Scalar>,
    /// What its token may do; [`Permissions::Unsaid`] where the workflow's hold.
    pub permissions: Permissions,
    /// The environment that it deploys to.
    pub environment: Option<Scalar>,
    /// The values that it runs with.
    pub matrix: Matrix,
    /// The variables of its steps.
    pub env: BTreeMap<String, Scalar>,
    /// The workflow that it is instead of steps.
    pub uses: Option<Uses>,
    /// What that workflow is given.
    pub with: BTreeMap<String, Scalar>,
    /// The secrets that workflow is given, by name; all of them as the one name `inherit`.
    pub secrets: BTreeMap<String, Scalar>,
    /// What it does.
    pub steps: Vec<Step>,
}

/// One step of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Its name, as people see it.
    pub name: Option<String>,
    /// The 1-based line on which it begins.
    pub line: usize,
    /// When it runs at all.
    pub condition: Option<Scalar>,
    /// Whether it may fail and nothing else does; perhaps an expression.
    pub continue_on_error: Option<Scalar>,
    /// The action that it is.
    pub uses: Option<Uses>,
    /// What the action is given.
    pub with: BTreeMap<String, Scalar>,
    /// The commands that it runs.
    pub run: Option<Scalar>,
    /// Its variables.
    pub env: BTreeMap<String, Scalar>,
}

/// A scalar of a workflow, at its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scalar {
    /// What the runner takes it for: `3.1`, where `3.10` stands without quotes.
    pub value: String,
    /// How it is written, without quotes.
    pub written: String,
    /// What kind of value it is.
    pub kind: ScalarKind,
    /// The 1-based line on which it begins; of a block its first line of content.
    pub line: usize,
    /// Its bytes, quotes included.
    pub span: Range<usize>,
}

/// What kind of value a scalar is to the runner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScalarKind {
    /// A string.
    #[default]
    Text,
    /// A number.
    Number,
    /// True or false.
    Truth,
    /// Nothing.
    Null,
}

impl Workflow {
    /// Returns what a workflow says. What is not of the form that a workflow has is left out.
    ///
    /// # Errors
    /// When the text is no YAML, too large, or no mapping; with the span at fault.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        Limit::MANIFEST.check(text)?;
        let yaml = Yaml::parse(text)?;
        read::workflow(text, &yaml)
    }

    /// Returns whether a file of this path is a workflow.
    pub fn is_at(path: &str) -> bool {
        let name = path.strip_prefix(".github/workflows/");
        let parts = name.and_then(|it| it.rsplit_once('.'));
        parts.is_some_and(|(stem, end)| !stem.contains('/') && matches!(end, "yml" | "yaml"))
    }

    /// Returns what starts it on this event.
    pub fn on(&self, event: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|it| it.event == event)
    }

    /// Returns what the token of a job may do.
    pub fn permissions_of<'a>(&'a self, job: &'a Job) -> &'a Permissions {
        match &job.permissions {
            Permissions::Unsaid => &self.permissions,
            said => said,
        }
    }

    /// Returns whether a push of this tag starts it.
    pub fn starts_on_tag(&self, tag: &str) -> bool {
        self.on("push").is_some_and(|it| it.starts_on_tag(tag))
    }
}

impl Trigger {
    /// Returns whether a push of this tag starts it: with only a filter of branches, no tag does.
    pub fn starts_on_tag(&self, tag: &str) -> bool {
        starts(&self.tags, &self.branches, tag)
    }

    /// Returns whether a push of this branch starts it, or a request to merge into it: with only a
    /// filter of tags, no branch does.
    pub fn starts_on_branch(&self, branch: &str) -> bool {
        starts(&self.branches, &self.tags, branch)
    }
}

fn starts(own: &Filter, other: &Filter, name: &str) -> bool {
    match own {
        Filter::Any => *other == Filter::Any,
        own => own.admits(name),
    }
}

impl Job {
    /// Returns the values of each of its runs: one without any where it has no matrix, none where only
    /// a run knows them.
    pub fn entries(&self) -> Vec<Entry> {
        self.matrix.entries()
    }

    /// Returns whether a run of it takes place.
    pub fn runs(&self, entry: &Entry) -> Truth {
        holds(self.condition.as_ref(), entry)
    }

    /// Returns whether a run of it may fail and nothing else does.
    pub fn may_fail(&self, entry: &Entry) -> Truth {
        said(self.continue_on_error.as_ref(), entry)
    }
}

impl Step {
    /// Returns whether it is taken in a run of its job.
    pub fn runs(&self, entry: &Entry) -> Truth {
        holds(self.condition.as_ref(), entry)
    }

    /// Returns whether it may fail and nothing else does.
    pub fn may_fail(&self, entry: &Entry) -> Truth {
        said(self.continue_on_error.as_ref(), entry)
    }
}

/// Returns whether a condition holds; where there is none, it does.
fn holds(condition: Option<&Scalar>, entry: &Entry) -> Truth {
    condition.map_or(Truth::Yes, |it| expression::condition(&it.value, entry))
}

/// Returns whether something is said to be so; where nothing is said, it is not.
fn said(value: Option<&Scalar>, entry: &Entry) -> Truth {
    value.map_or(Truth::No, |it| expression::condition(&it.value, entry))
}

impl Scalar {
    /// Returns whether the runner takes it for another text than what is written: `3.10` for 3.1.
    pub fn is_shortened(&self) -> bool {
        self.value != self.written
    }

    /// Returns the names of the secrets that its expressions name.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        expression::bodies(&self.value).flat_map(expression::secrets)
    }
}
