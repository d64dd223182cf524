//! `cascade drift notify github` and `gitlab`.

use std::fmt::Write as _;

use cascade_plan::drift::marker;
use cascade_run::{Forge, ForgeError, ForgeKind, IssueDone, KeptIssue, TokenKind};
use clap::Args;

use super::{What, environment, variable};
use crate::cli::Call;
use crate::cli::drift::read;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::drift::issue::issue;

/// One issue on GitHub.
#[derive(Debug, Args)]
pub(super) struct Github {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    place: Place,
}

/// One issue on GitLab.
#[derive(Debug, Args)]
pub(super) struct Gitlab {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    place: Place,
}

/// Where the issue is.
#[derive(Debug, Args)]
struct Place {
    /// The project [default: that of the job: `GITHUB_REPOSITORY`, `CI_PROJECT_PATH`]
    #[arg(long, value_name = "OWNER/NAME")]
    repo: Option<String>,
    /// The address of the API [default: that of the job, `GITHUB_API_URL` or `CI_API_V4_URL`, else of
    /// the public forge]
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// Only look among issues with this label, and give it to the one
    #[arg(long, value_name = "NAME")]
    label: Option<String>,
}

/// What a forge's own jobs say of it, and where it is for others.
struct Habits {
    kind: ForgeKind,
    api: (&'static str, &'static str),
    repo: &'static str,
    tokens: [(&'static str, TokenKind); 2],
}

const GITHUB: Habits = Habits {
    kind: ForgeKind::GitHub,
    api: ("GITHUB_API_URL", "https://api.github.com"),
    repo: "GITHUB_REPOSITORY",
    tokens: [
        ("GITHUB_TOKEN", TokenKind::Made),
        ("GH_TOKEN", TokenKind::Made),
    ],
};

const GITLAB: Habits = Habits {
    kind: ForgeKind::GitLab,
    api: ("CI_API_V4_URL", "https://gitlab.com/api/v4"),
    repo: "CI_PROJECT_PATH",
    tokens: [
        ("GITLAB_TOKEN", TokenKind::Made),
        ("CI_JOB_TOKEN", TokenKind::Job),
    ],
};

impl Github {
    /// Sees to the issue.
    pub(super) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        self.place.keep(call, &self.what, &GITHUB)
    }
}

impl Gitlab {
    /// Sees to the issue.
    pub(super) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        self.place.keep(call, &self.what, &GITLAB)
    }
}

impl Place {
    fn keep(&self, call: &Call, what: &What, habits: &Habits) -> Result<Exit, Failure> {
        let drift = read(call, &what.from)?;
        let repo = self.repo.as_deref().or_else(|| variable(call, habits.repo));
        let repo = repo.ok_or_else(|| {
            let what = "no project is named whose issue it is";
            Failure::new(Exit::Usage, what, "say it: `--repo OWNER/NAME`")
        })?;
        let (said, usual) = habits.api;
        let api = self
            .api
            .as_deref()
            .or_else(|| variable(call, said))
            .unwrap_or(usual);
        let mut tokens = habits.tokens.iter();
        let token = tokens.find_map(|(name, kind)| Some((variable(call, name)?, *kind)));
        let token = token.ok_or_else(|| {
            let [(first, _), (second, _)] = habits.tokens;
            let what = format!("neither `{first}` nor `{second}` is set");
            Failure::new(
                Exit::Usage,
                what,
                "set one to a token that may write issues",
            )
        })?;
        let forge = Forge::new(&environment(call), habits.kind, (api, repo), token);
        let forge = forge
            .map_err(|it| failed(&it))?
            .labelled(self.label.clone());
        let text = issue(&drift, what.severity.severity(), what.link());
        let kept = forge.keep_issue(&marker(&drift.workspace), text.as_ref());
        let kept = kept.map_err(|it| failed(&it))?;
        call.printer.report(&told(repo, &kept))?;
        Ok(Exit::Done)
    }
}

fn failed(error: &ForgeError) -> Failure {
    let (exit, help) = match error {
        ForgeError::Address(_) => (Exit::Usage, "say that of the REST API: `--api https://...`"),
        ForgeError::Project(_) => (Exit::Usage, "say it as that: `--repo OWNER/NAME`"),
        ForgeError::Absent { .. } => (
            Exit::Usage,
            "say another: `--repo OWNER/NAME`; or give the token the right to read it",
        ),
        ForgeError::Denied { .. } => (Exit::Failed, "use a token that may write issues"),
        ForgeError::Limited { .. } => (Exit::Failed, "run the same command again then"),
        ForgeError::Unheard { .. } => (
            Exit::Failed,
            "run the same command again: it makes no second issue",
        ),
        ForgeError::Endless { .. } => (Exit::Failed, "say which are meant: `--label NAME`"),
    };
    Failure::new(exit, error.to_string(), help)
}

fn told(repo: &str, kept: &KeptIssue) -> String {
    let mut text = match (kept.number, kept.done) {
        (None, _) => format!("{repo}: nothing drifts, and no issue says so\n"),
        (Some(number), done) => {
            let word = match done {
                IssueDone::Nothing => "is as it should be",
                IssueDone::Made => "was made",
                IssueDone::Changed => "was changed",
                IssueDone::Closed => "was closed: nothing drifts",
                IssueDone::Reopened => "was opened again",
            };
            format!("{repo}#{number} {word}\n")
        }
    };
    for double in &kept.doubles {
        let _ = writeln!(text, "{repo}#{double} was a double, and was closed");
    }
    text
}
