//! `cascade drift notify webhook`.

use std::fs;
use std::path::PathBuf;

use cascade_plan::drift::{Notice, notice, target_of};
use cascade_run::WebhookError;
use clap::Args;

use super::memory::{Kept, Memory};
use super::{What, environment, variable};
use crate::cli::Call;
use crate::cli::drift::read;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::count;
use crate::report::drift::notice::{filled, generic};

/// A webhook, with what changed since it was told last.
#[derive(Debug, Args)]
#[command(
    long_about = "Posts what changed since the webhook was told last, as `cascade.drift-notice/1` or in the \
        form of a template, and nothing where nothing changed. What was told is remembered in the history: \
        in a folder (`--history`) or on the workspace's remote (`--record`); without one, it is what changed \
        since the latest observation.\n\n\
        It is sent again where no answer comes, or one that asks for patience. Each time it has the same \
        `Idempotency-Key`, which no other change has, so that a receiver can drop what it has already."
)]
pub(super) struct Webhook {
    /// Its address
    #[arg(
        value_name = "URL",
        required_unless_present = "url_from",
        conflicts_with = "url_from"
    )]
    url: Option<String>,
    /// The variable that holds its address
    #[arg(long, value_name = "ENV")]
    url_from: Option<String>,
    #[command(flatten)]
    what: What,
    /// JSON to send instead, with `{{text}}` and other words in it
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Remember what was told in this folder
    #[arg(long, value_name = "DIR", conflicts_with = "record")]
    history: Option<PathBuf>,
    /// Remember what was told on the workspace's remote
    #[arg(long)]
    record: bool,
}

impl Webhook {
    /// Tells it what changed.
    pub(super) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let drift = read(call, &self.what.from)?;
        let least = self.what.severity.severity();
        let webhook = cascade_run::Webhook::new(&environment(call), self.address(call)?);
        let webhook = webhook.map_err(|it| failed(&it))?;
        let target = target_of(&drift.workspace, webhook.address());
        let kept = match (&self.history, self.record) {
            (Some(folder), _) => Kept::Folder(folder),
            (None, true) => Kept::Remote,
            (None, false) => Kept::Nowhere,
        };
        let memory = Memory::open(call, kept)?;
        let heard = memory.heard(&drift, &target, least)?;
        let host = webhook.host();
        let Some(news) = notice(&drift, least, (&target, heard.as_ref())) else {
            call.printer
                .report(&format!("{host}: nothing changed, and nothing is told\n"))?;
            return Ok(Exit::Done);
        };
        let json = self.json(call, &news)?;
        webhook.tell(&json, &news.key).map_err(|it| failed(&it))?;
        let after = heard
            .as_ref()
            .map_or(i64::MIN, |it| it.taken.saturating_add(1));
        memory.keep(&target, &news.digest, call.environment.now.max(after))?;
        call.printer.report(&told(&host, &news))?;
        Ok(Exit::Done)
    }

    fn address<'c>(&'c self, call: &'c Call) -> Result<&'c str, Failure> {
        let name = match (&self.url, &self.url_from) {
            (Some(url), _) => return Ok(url),
            (None, Some(name)) => name,
            (None, None) => "",
        };
        variable(call, name).ok_or_else(|| {
            let what = format!("`{name}` holds no address: it is not set, or empty");
            Failure::new(Exit::Usage, what, "set it to the address of the webhook")
        })
    }

    /// Returns what is sent.
    fn json(&self, call: &Call, news: &Notice<'_>) -> Result<String, Failure> {
        let link = self.what.link().map(str::to_owned);
        let link = link.or_else(|| run_of_a_forge(call));
        let Some(file) = &self.template else {
            return Ok(generic(news, link.as_deref()));
        };
        let refused = |why: String| {
            let what = format!("`{}` is no template: {why}", file.display());
            Failure::new(
                Exit::Usage,
                what,
                "it is JSON, such as {\"text\": \"{{text}}\"}",
            )
        };
        let text = fs::read_to_string(call.environment.here.join(file));
        let text = text.map_err(|it| refused(it.to_string()))?;
        filled(&text, news, link.as_deref()).map_err(|it| refused(it.to_string()))
    }
}

/// Returns the page of the run that this is, where a forge runs it.
fn run_of_a_forge(call: &Call) -> Option<String> {
    let github = || {
        let server = variable(call, "GITHUB_SERVER_URL")?;
        let repo = variable(call, "GITHUB_REPOSITORY")?;
        let run = variable(call, "GITHUB_RUN_ID")?;
        Some(format!("{server}/{repo}/actions/runs/{run}"))
    };
    let gitlab = || variable(call, "CI_JOB_URL").map(str::to_owned);
    github().or_else(gitlab)
}

fn failed(error: &WebhookError) -> Failure {
    let (exit, help) = match error {
        WebhookError::Address(_) => (
            Exit::Usage,
            "say another address, or another `--url-from ENV`",
        ),
        WebhookError::Refused { .. } => (
            Exit::Failed,
            "see what it wants: `--template FILE` says what is sent",
        ),
        WebhookError::Unheard { .. } => (
            Exit::Failed,
            "run the same command again: what it heard already it can drop by its key",
        ),
    };
    Failure::new(exit, error.to_string(), help)
}

fn told(host: &str, news: &Notice<'_>) -> String {
    let new = count(news.new.len(), "new finding", "new findings");
    format!(
        "{host}: told that it {}, {new}, {} gone\n",
        word(news),
        news.gone.len()
    )
}

fn word(news: &Notice<'_>) -> &'static str {
    match news.state {
        cascade_plan::drift::Standing::Drifted => "has drifted",
        cascade_plan::drift::Standing::Clean => "is in step again",
    }
}
