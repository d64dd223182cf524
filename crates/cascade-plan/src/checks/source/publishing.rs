//! What in a workflow publishes packages or makes releases.

use cascade_manifest::workflow::{Job, Step, Workflow};

use crate::checks::View;
use crate::{Audit, ObservedRepo, RepoId};

/// A workflow that publishes.
pub(super) struct Publishing<'a> {
    pub(super) repo: &'a RepoId,
    pub(super) seen: &'a ObservedRepo,
    pub(super) audit: &'a Audit,
    /// Its path.
    pub(super) path: &'a str,
    pub(super) workflow: Workflow,
}

/// Actions that publish, each with the ecosystem.
const ACTIONS: &[(&str, &str)] = &[
    ("pypa/gh-action-pypi-publish", "python"),
    ("JS-DevTools/npm-publish", "npm"),
    ("katyo/publish-crates", "cargo"),
];

/// Commands that publish, each with the ecosystem.
const COMMANDS: &[(&str, &str)] = &[
    ("twine upload", "python"),
    ("uv publish", "python"),
    ("poetry publish", "python"),
    ("hatch publish", "python"),
    ("flit publish", "python"),
    ("pdm publish", "python"),
    ("maturin publish", "python"),
    ("maturin upload", "python"),
    ("npm publish", "npm"),
    ("pnpm publish", "npm"),
    ("pnpm -r publish", "npm"),
    ("yarn publish", "npm"),
    ("cargo publish", "cargo"),
];

/// Returns the workflows that publish a package.
pub(super) fn workflows<'a>(view: &View<'a>) -> Vec<Publishing<'a>> {
    let mut all = Vec::new();
    for (repo, _, seen, audit) in view.audited() {
        for (path, text) in &audit.files.texts {
            if !Workflow::is_at(path) {
                continue;
            }
            // One that can not be read is nobody's workflow, and its forge says so.
            let Ok(workflow) = Workflow::read(text) else {
                continue;
            };
            all.push(Publishing {
                repo,
                seen,
                audit,
                path,
                workflow,
            });
        }
    }
    all
}

impl Publishing<'_> {
    /// Returns every step with its job.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&Job, &Step)> {
        let jobs = self.workflow.jobs.iter();
        jobs.flat_map(|job| job.steps.iter().map(move |step| (job, step)))
    }

    /// Returns the steps that publish, each with the ecosystem.
    pub(super) fn publishes(&self) -> impl Iterator<Item = (&Job, &Step, &'static str)> {
        self.steps()
            .filter_map(|(job, step)| Some((job, step, published(step)?)))
    }
}

/// Returns the ecosystem whose package a step publishes.
fn published(step: &Step) -> Option<&'static str> {
    let action = ACTIONS
        .iter()
        .find(|(name, _)| step.uses.as_ref().is_some_and(|it| it.is(name)));
    let command = || {
        COMMANDS
            .iter()
            .find(|(words, _)| runs(step, words).next().is_some())
    };
    action.or_else(command).map(|it| it.1)
}

/// Returns the lines of a step that run these words for real: no comment, no message, no rehearsal.
pub(super) fn runs<'s>(step: &'s Step, words: &str) -> impl Iterator<Item = &'s str> {
    let lines = step.run.iter().flat_map(|it| it.value.lines());
    lines.filter(move |line| {
        let line = line.trim_start();
        let said = line.starts_with('#') || line.starts_with("echo ") || line.contains("--dry-run");
        !said && is_command(line, words)
    })
}

/// Returns whether words stand in a line as words of their own: `npm publish` is not in `pnpm publish`.
pub(super) fn is_command(line: &str, words: &str) -> bool {
    line.match_indices(words).any(|(at, _)| {
        let before = line.get(..at).and_then(|it| it.chars().next_back());
        let behind = line
            .get(at + words.len()..)
            .and_then(|it| it.chars().next());
        let is_word = |it: char| it.is_alphanumeric() || it == '-' || it == '_';
        !before.is_some_and(is_word) && !behind.is_some_and(is_word)
    })
}
