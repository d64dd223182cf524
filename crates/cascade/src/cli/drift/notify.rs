//! `cascade drift notify`: how it stands, told to a forge's issue or to a webhook.

mod issue;
mod memory;
mod webhook;

use std::path::PathBuf;

use cascade_plan::Severity;
use clap::{Args, Subcommand, ValueEnum};

use crate::cli::Call;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::signals::interrupt;

/// Tells others how it stands: one issue, or a webhook
#[derive(Debug, Args)]
#[command(
    long_about = "Tells others how it stands, by a report that `cascade drift --out drift.json` wrote.\n\n\
        On GitHub and GitLab one issue of the workspace, known by a hidden marker, is made when something \
        drifts, changed when its text would change, closed when nothing drifts, and opened again. A webhook \
        is told what changed since it was told last, once.\n\n\
        Tokens come from the environment alone: `GITHUB_TOKEN` or `GH_TOKEN`; `GITLAB_TOKEN` or \
        `CI_JOB_TOKEN`. They go to the API that is named and to no other server.",
    after_help = "Examples:\n  \
        cascade drift notify github --repo acme/workspace\n  \
        cascade drift notify gitlab --repo acme/workspace --api https://gitlab.example/api/v4\n  \
        cascade drift notify webhook --url-from WEBHOOK --record\n  \
        cascade drift notify webhook https://hooks.example/x --template slack.json"
)]
pub(super) struct Notify {
    #[command(subcommand)]
    whom: Whom,
}

/// Who is told.
#[derive(Debug, Subcommand)]
enum Whom {
    /// One issue on GitHub
    Github(issue::Github),
    /// One issue on GitLab
    Gitlab(issue::Gitlab),
    /// A webhook, with what changed since it was told last
    Webhook(webhook::Webhook),
}

/// What is told.
#[derive(Debug, Args)]
struct What {
    /// The report
    #[arg(long, value_name = "FILE", default_value = "drift.json")]
    from: PathBuf,
    /// Only findings from this severity on say that something drifts
    #[arg(long, value_name = "SEVERITY", default_value = "warn")]
    severity: Least,
    /// Where the page is
    #[arg(long, value_name = "URL")]
    link: Option<String>,
}

impl What {
    /// Returns where the page is; an empty address, of a page that was not published, is none.
    fn link(&self) -> Option<&str> {
        self.link.as_deref().filter(|it| !it.is_empty())
    }
}

/// From which severity on something drifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Least {
    /// What is in the way of a release.
    Block,
    /// What should be mended.
    Warn,
    /// Anything.
    Info,
}

impl Least {
    fn severity(self) -> Severity {
        match self {
            Self::Block => Severity::Block,
            Self::Warn => Severity::Warn,
            Self::Info => Severity::Info,
        }
    }
}

impl Notify {
    /// Tells.
    pub(super) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        match &self.whom {
            Whom::Github(it) => it.run(call),
            Whom::Gitlab(it) => it.run(call),
            Whom::Webhook(it) => it.run(call),
        }
    }
}

/// Returns the way to servers, which a person can interrupt.
fn environment(call: &Call) -> cascade_run::Environment {
    let mut environment = cascade_run::Environment::new(call.environment.vars.clone());
    environment.interrupt = interrupt();
    environment
}

/// Returns a variable that is set and not empty.
fn variable<'c>(call: &'c Call, name: &str) -> Option<&'c str> {
    let value = call.environment.var(name)?.to_str()?;
    (!value.is_empty()).then_some(value)
}
