//! `cascade drift replay`: how one repository stood over its whole past.

use std::path::PathBuf;

use cascade_plan::drift::replay::Replay as Report;
use cascade_plan::shell::word;
use cascade_plan::{RepoId, Trouble};
use cascade_run::{HistoryPlace, Needed, Overwrite, find_commit, replay, save};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::history::refused;
use crate::cli::workspace::Workspace;
use crate::cli::{Call, fetch};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::meanwhile;
use crate::report::drift::replay::csv::csv;
use crate::report::drift::replay::human::human;
use crate::report::drift::replay::markdown::markdown;
use crate::report::drift::replay::svg::svg;

/// Replays the past of one repository: how its pins stood on every day
#[derive(Debug, Args)]
#[command(
    long_about = "Walks the first-parent line of a repository commit by commit, and judges its pins and \
        locks as `cascade status` does, each commit against the tags that its upstreams had on that \
        day: by the date of an annotated tag, else by that of its commit. Only commits that touch \
        manifests, locks or declared sites make a state. It shows for each package how many releases \
        the repository was behind over time, how fast releases were taken up, and in how many states \
        something was behind, excluded, or held by a lock against the pin beside it.\n\n\
        Packages go by the names and tag templates that they have today. No checkout is touched. A clone for \
        reports (`cascade fetch --mode report`) lacks most files of the past: `--fetch` fetches those \
        that are read, in one go.",
    after_help = "Examples:\n  \
        cascade drift replay app\n  \
        cascade drift replay app --since 2025-01-01\n  \
        cascade drift replay app --since v2.0.0 --format json | jq .summary\n  \
        cascade drift replay app --format svg > app.svg\n  \
        cascade drift replay app --history drift      and adoption is known from the first run on"
)]
pub(crate) struct Replay {
    /// The repository
    #[arg(value_name = "REPO")]
    repo: String,
    /// Begin here: a day (`2025-01-01`), or a tag, branch or commit of the repository
    #[arg(long, value_name = "DAY|REF")]
    since: Option<String>,
    /// How it is written
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Fetch first what a clone for reports lacks of the past
    #[arg(long)]
    fetch: bool,
    /// Write it to this file
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Add what it saw to the history in this folder, so that adoption is known from the past
    #[arg(long, value_name = "DIR")]
    history: Option<PathBuf>,
}

/// A format of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A chart for people.
    Human,
    /// `cascade.drift-replay/1`, for machines.
    Json,
    /// A row for each pin of each state.
    Csv,
    /// A picture.
    Svg,
    /// Tables for an issue or a page.
    Markdown,
}

impl Replay {
    /// Replays, and tells.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let repo = workspace.repo(&self.repo)?;
        let since = self.since.as_deref();
        let since = since.map(|it| begin(&workspace, repo, it)).transpose()?;
        let now = call.environment.now;
        if self.fetch {
            fetch::needed(call, &workspace, Needed::Past(repo, since))?;
        }
        let told = format!("replaying {repo}");
        let (graph, sites) = (&workspace.graph, &workspace.sites);
        let report = meanwhile(&call.environment, &told, || {
            replay(graph, sites, repo, since, now)
        });
        let report = report.map_err(|trouble| {
            let what = format!("the past of `{repo}` can not be read: {trouble}");
            let help = match trouble {
                Trouble::Unfetched(_) => self.with_fetch(),
                _ => "see what is wrong: `cascade status`".to_owned(),
            };
            Failure::new(Exit::Failed, what, help)
        })?;
        self.tell(call, &report)?;
        self.seed(call, &report)?;
        Ok(Exit::Done)
    }

    /// Returns the same command, which fetches first.
    fn with_fetch(&self) -> String {
        let since = self.since.as_deref();
        let since = since.map(|it| format!(" --since {}", word(it)));
        format!(
            "fetch what it lacks: `cascade drift replay {} --fetch{}`",
            self.repo,
            since.unwrap_or_default()
        )
    }

    fn tell(&self, call: &Call, report: &Report) -> Result<(), Failure> {
        let Some(file) = &self.out else {
            return match self.format {
                Format::Json => Printer::json(report),
                _ => call
                    .printer
                    .report(&self.text(report, call.printer.width())),
            };
        };
        let path = call.environment.here.join(file);
        let written = save(&path, &self.text(report, None), Overwrite::Replace);
        written.map_err(|error| {
            let what = format!("`{}` can not be written: {error}", file.display());
            Failure::new(Exit::Failed, what, "say another file: `--out FILE`")
        })
    }

    fn text(&self, report: &Report, width: Option<usize>) -> String {
        match self.format {
            Format::Human => human(report, width),
            Format::Json => crate::report::status_json::pretty(report),
            Format::Csv => csv(report),
            Format::Svg => svg(report),
            Format::Markdown => markdown(report),
        }
    }

    /// Adds what was seen to the history of a folder.
    fn seed(&self, call: &Call, report: &Report) -> Result<(), Failure> {
        let Some(folder) = &self.history else {
            return Ok(());
        };
        let place = HistoryPlace::folder(&call.environment.here.join(folder));
        let observations = report.observations();
        let recorded = place.record_all(&observations).map_err(|it| refused(&it))?;
        let many = crate::page::count(recorded.lines, "observation", "observations");
        call.printer
            .talk(&format!("{many} added to {}", recorded.place));
        Ok(())
    }
}

/// Returns the moment that a text means: a day, or when a commit was made.
fn begin(workspace: &Workspace, repo: &RepoId, text: &str) -> Result<i64, Failure> {
    if let Ok(day) = text.parse::<Date>()
        && let Ok(begin) = day.to_zoned(TimeZone::UTC)
    {
        return Ok(begin.timestamp().as_second());
    }
    let found = workspace.folder(repo).map(|it| find_commit(it, text));
    let commit = found.and_then(Result::ok).flatten();
    let date = commit.zip(workspace.folder(repo));
    let date = date.and_then(|(commit, folder)| cascade_run::committed(folder, &commit));
    date.ok_or_else(|| {
        let what = format!("`{text}` is no day, and no commit of `{repo}`");
        Failure::new(
            Exit::Usage,
            what,
            "say a day: `--since 2025-01-01`; or a tag",
        )
    })
}
