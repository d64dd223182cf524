//! The workflows of a repository, and what they do.

use cascade_manifest::ReadError;
use cascade_manifest::workflow::{Job, Step, UsesKind, Workflow};

use crate::TrackedFiles;

/// What a repository's continuous integration is.
pub(in crate::checks) struct Ci<'a> {
    /// Its workflows, by path.
    pub(in crate::checks) files: Vec<WorkflowFile<'a>>,
    /// Whether another service's configuration is there, which is not read.
    pub(in crate::checks) is_elsewhere: bool,
}

/// A workflow's file.
pub(in crate::checks) struct WorkflowFile<'a> {
    /// Its path.
    pub(in crate::checks) path: &'a str,
    /// Its text.
    pub(in crate::checks) text: &'a std::sync::Arc<str>,
    /// What it says, or why it could not be read.
    pub(in crate::checks) read: Result<Workflow, ReadError>,
}

/// Configurations of other services.
const ELSEWHERE: &[&str] = &[
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "azure-pipelines.yml",
    ".cirrus.yml",
    ".travis.yml",
    "appveyor.yml",
    "Jenkinsfile",
    ".woodpecker.yml",
    ".woodpecker.yaml",
    ".buildkite/pipeline.yml",
    "bitbucket-pipelines.yml",
];

/// Returns the continuous integration of a repository.
pub(in crate::checks) fn ci(files: &TrackedFiles) -> Ci<'_> {
    let texts = files.texts.iter().filter(|it| Workflow::is_at(it.0));
    Ci {
        files: texts
            .map(|(path, text)| WorkflowFile {
                path,
                text,
                read: Workflow::read(text),
            })
            .collect(),
        is_elsewhere: ELSEWHERE.iter().any(|it| files.has(it)),
    }
}

impl<'a> Ci<'a> {
    /// Returns the workflows that could be read.
    pub(in crate::checks) fn read(&self) -> impl Iterator<Item = (&'a str, &Workflow)> {
        let files = self.files.iter();
        files.filter_map(|it| Some((it.path, it.read.as_ref().ok()?)))
    }

    /// Returns whether some workflow does it. What another repository's workflow does is not known: it
    /// may do anything.
    pub(in crate::checks) fn does(&self, what: Does) -> bool {
        let jobs = || self.read().flat_map(|it| &it.1.jobs);
        let file_names = self.read().any(|(path, _)| what.is_named_by(path));
        let of_others = |job: &Job| {
            let uses = job.uses.as_ref();
            uses.is_some_and(|it| it.kind == UsesKind::Action)
        };
        let job = |job: &Job| {
            let by_steps = job.steps.iter().any(|it| what.is_told_by(it));
            of_others(job) || what.is_named_by(&job.id) || by_steps
        };
        file_names || jobs().any(job)
    }
}

/// What workflows do for a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::checks) enum Does {
    /// They run tests.
    Test,
    /// They look at style and types.
    Lint,
    /// They look for known vulnerabilities.
    Audit,
    /// They publish.
    Publish,
    /// They look for secrets.
    ScanSecrets,
}

impl Does {
    /// Returns the words in names of files and jobs, and in commands and actions, that tell it.
    fn words(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Test => (
                &["test", "tests"],
                &[
                    "pytest",
                    "tox",
                    "nox",
                    "unittest",
                    "cargo test",
                    "nextest",
                    "npm test",
                    "npm run test",
                    "npm t ",
                    "pnpm test",
                    "yarn test",
                    "vitest",
                    "jest",
                    "go test",
                    "make test",
                    "just test",
                    "hatch test",
                    "node --test",
                    "npm run ci",
                ],
            ),
            Self::Lint => (
                &[
                    "lint",
                    "linter",
                    "linting",
                    "style",
                    "typecheck",
                    "clippy",
                    "pre-commit",
                    "fmt",
                    "format",
                ],
                &[
                    "ruff",
                    "flake8",
                    "pylint",
                    "mypy",
                    "pyright",
                    "pre-commit",
                    "clippy",
                    "cargo fmt",
                    "rustfmt",
                    "eslint",
                    "biome",
                    "prettier",
                    "golangci-lint",
                    "go vet",
                    "run lint",
                    "make lint",
                    "tsc",
                    "prek",
                ],
            ),
            Self::Audit => (
                &[
                    "security",
                    "audit",
                    "codeql",
                    "vulnerabilities",
                    "scorecard",
                ],
                &[
                    "pip-audit",
                    "uv audit",
                    "safety check",
                    "npm audit",
                    "pnpm audit",
                    "yarn audit",
                    "cargo audit",
                    "cargo-audit",
                    "cargo deny",
                    "cargo-deny",
                    "audit-check",
                    "codeql-action",
                    "osv-scanner",
                    "dependency-review-action",
                    "trivy",
                    "grype",
                    "govulncheck",
                    "snyk",
                    "bandit",
                    "zizmor",
                    "scorecard-action",
                    "semgrep",
                ],
            ),
            Self::Publish => (
                &["publish", "release", "deploy", "pypi", "npm-publish"],
                &[
                    "gh-action-pypi-publish",
                    "twine upload",
                    "uv publish",
                    "poetry publish",
                    "hatch publish",
                    "flit publish",
                    "pdm publish",
                    "maturin upload",
                    "npm publish",
                    "pnpm publish",
                    "yarn npm publish",
                    "cargo publish",
                    "release-plz",
                    "semantic-release",
                    "goreleaser",
                    "gh release create",
                    "changesets/action",
                    "cargo release",
                    "cargo-release",
                ],
            ),
            Self::ScanSecrets => (
                &[
                    "gitleaks",
                    "trufflehog",
                    "secrets-scan",
                    "secret-scan",
                    "secret-scanning",
                ],
                &[
                    "gitleaks",
                    "trufflehog",
                    "detect-secrets",
                    "ggshield",
                    "git-secrets",
                ],
            ),
        }
    }

    /// Returns whether the name of a file or a job says it: one of its words is.
    fn is_named_by(self, name: &str) -> bool {
        let name = name.rsplit('/').next().unwrap_or(name).to_lowercase();
        let stem = name.trim_end_matches(".yml").trim_end_matches(".yaml");
        let (names, _) = self.words();
        let mut parts = stem.split(['-', '_', '.', ' ']);
        names.contains(&stem) || parts.any(|it| names.contains(&it))
    }

    /// Returns whether a step does it, or looks at style or holes by its name: one that publishes results
    /// publishes no package.
    fn is_told_by(self, step: &Step) -> bool {
        let by_name = || step.name.as_deref().is_some_and(|it| self.is_named_by(it));
        self.is_done_by(step) || matches!(self, Self::Lint | Self::Audit) && by_name()
    }

    /// Returns whether a step does it.
    pub(in crate::checks) fn is_done_by(self, step: &Step) -> bool {
        let (_, commands) = self.words();
        let uses = step.uses.as_ref().map(|it| it.name.to_lowercase());
        let run = step.run.as_ref().map(|it| it.value.to_lowercase());
        let mut texts = uses.iter().chain(&run);
        texts.any(|text| commands.iter().any(|it| has_word(text, it)))
    }
}

/// Returns whether words stand in a text, and no letters before or behind them.
fn has_word(text: &str, words: &str) -> bool {
    let is_letter = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    text.match_indices(words).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let behind = text
            .get(at + words.len()..)
            .and_then(|it| it.chars().next());
        !is_letter(before) && !is_letter(behind.filter(|_| !words.ends_with(' ')))
    })
}
