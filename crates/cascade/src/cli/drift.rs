//! `cascade drift`: what has moved apart, since when, whose it is and what mends it.

mod history;
mod notify;
mod replay;
mod schedule;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cascade_plan::drift::history::{History, Observation};
use cascade_plan::drift::{Drift as Report, SCHEMA};
use cascade_plan::{Purpose, RepoId};
use cascade_run::{Look, Overwrite, plan, save};
use clap::{Args, Subcommand, ValueEnum};

use super::carry::git;
use super::check::{ask_remotes, mended};
use super::fail_on::FailOn;
use super::selection::{Selection, named};
use super::workspace::{Seen, Workspace};
use super::{Call, fetch};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::count;
use crate::printer::Printer;
use crate::progress::meanwhile;
use crate::report::drift::csv::csv;
use crate::report::drift::html::html;
use crate::report::drift::human::human;
use crate::report::drift::junit::junit;
use crate::report::drift::markdown::markdown;
use crate::report::drift::{sarif, verdict};
use crate::report::findings;
use crate::report::sarif::sarif as log;
use crate::report::status_json::pretty;
use history::{Past, Place, Remotes};

/// Tells what has drifted, since when, and what mends it
#[derive(Debug, Args)]
#[command(
    long_about = "Tells what has moved apart: pins that lag, locks that contradict them, tags and \
        versions at odds, work that was never released, edges that nobody declared. Each finding says since \
        when it is so (the date of the first release that a pin missed, of the oldest commit that is \
        not released), who owns the file, and the command that mends it. The rules are those of \
        `cascade check`; `cascade explain CODE` says what one means.\n\n\
        It reads what is on this machine and changes nothing; `--fetch` asks the remotes and the \
        declared registries first. `--history` and `--record` keep what was seen, and say what is new \
        and gone since the look before, how releases are taken up, and whether nothing has run for too \
        long. It ends \
        with 1 where a finding is as bad as `--fail-on` says and is not in the `--baseline`.",
    after_help = "Examples:\n  \
        cascade drift\n  \
        cascade drift --fetch --format markdown\n  \
        cascade drift --out drift.html --out drift.json   several files of one look\n  \
        cascade drift --repo 'lib-*' --fail-on never\n  \
        cascade drift --baseline last-week.json           only what is new fails\n  \
        cascade drift --from drift.json --out drift.html  the page of a report that was kept\n  \
        cascade drift --format csv > drift.csv\n  \
        cascade drift --fetch --record                    and remember it on the workspace's remote\n  \
        cascade drift replay app                          how one repository stood over its whole past\n  \
        cascade drift schedule github --out .             the workflow that makes it each week\n  \
        cascade drift notify github                       one issue that says how it stands",
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Drift {
    #[command(subcommand)]
    what: Option<What>,
    /// How it is written [default: human; of a file, what its name ends in]
    #[arg(long, short, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write it to this file, and only its first line to the terminal; repeatable
    #[arg(long, short, value_name = "FILE")]
    out: Vec<PathBuf>,
    /// Look at these repositories alone; globs, repeatable
    #[arg(long = "repo", short, value_name = "REPO")]
    repos: Vec<String>,
    /// Exit 1 from this severity on
    #[arg(long, value_name = "SEVERITY", default_value = "warn")]
    fail_on: FailOn,
    /// An earlier report as JSON: what it has fails no run
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write an earlier report, kept as JSON, and look at nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["repos", "fetch", "fix", "history", "record"])]
    from: Option<PathBuf>,
    /// Ask the remotes and the declared registries first
    #[arg(long)]
    fetch: bool,
    /// Mend what is safe to mend, then look again
    #[arg(long)]
    fix: bool,
    #[command(flatten)]
    place: Place,
}

/// What else there is to do about drift.
#[derive(Debug, Subcommand)]
enum What {
    Replay(replay::Replay),
    Schedule(schedule::Schedule),
    Notify(notify::Notify),
}

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, on a terminal.
    Human,
    /// `cascade.drift/1`, for machines.
    Json,
    /// Tables for an issue or a page.
    Markdown,
    /// A page for a browser, in one file.
    Html,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML, which every CI shows.
    Junit,
    /// A row a finding, for a spreadsheet.
    Csv,
}

impl Format {
    /// Returns the format that the name of a file says.
    fn of(file: &Path) -> Option<Self> {
        match file.extension()?.to_str()? {
            "txt" => Some(Self::Human),
            "json" => Some(Self::Json),
            "md" => Some(Self::Markdown),
            "html" => Some(Self::Html),
            "sarif" => Some(Self::Sarif),
            "xml" => Some(Self::Junit),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

impl Drift {
    /// Looks, and tells.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        match &self.what {
            Some(What::Replay(it)) => it.run(call),
            Some(What::Schedule(it)) => it.run(call),
            Some(What::Notify(it)) => it.run(call),
            None => self.look(call),
        }
    }

    /// Looks, and tells.
    fn look(&self, call: &Call) -> Result<Exit, Failure> {
        let files = self.files()?;
        let baseline = self.baseline.as_deref().map(|it| read(call, it));
        let baseline = baseline.transpose()?;
        let (mut report, kept) = if let Some(file) = &self.from {
            (read(call, file)?, None)
        } else {
            let (report, seen, past) = self.looked(call)?;
            (report, Some((seen, past)))
        };
        if let Some(baseline) = &baseline {
            report.accept(baseline);
        }
        self.tell(call, &files, &report)?;
        if let Some((seen, past)) = &kept {
            past.record(call, seen)?;
        }
        let fails = |it: &&_| is_open(it) && self.fail_on.is_met(it.severity);
        let failed = report.findings.iter().filter(fails).count();
        Ok(if failed > 0 {
            Exit::Findings
        } else {
            Exit::Done
        })
    }

    /// Writes the report to the files, or to the terminal.
    fn tell(
        &self,
        call: &Call,
        files: &[(PathBuf, Format)],
        report: &Report,
    ) -> Result<(), Failure> {
        for (file, format) in files {
            let path = call.environment.here.join(file);
            let written = save(&path, &text(report, *format, None), Overwrite::Replace);
            written.map_err(|error| {
                let what = format!("`{}` can not be written: {error}", file.display());
                Failure::new(Exit::Failed, what, "say another file: `--out FILE`")
            })?;
        }
        let printer = call.printer;
        if files.is_empty() {
            match self.format.unwrap_or(Format::Human) {
                // Never whole in memory twice.
                Format::Json => Printer::json(report)?,
                format => printer.report(&text(report, format, printer.width()))?,
            }
        } else {
            let names: Vec<String> = files.iter().map(|it| it.0.display().to_string()).collect();
            printer.report(&format!("{}: {}\n", verdict(report), names.join(", ")))?;
        }
        Ok(())
    }

    /// Looks at the workspace; returns what it shows, all that was seen of it, and where that is kept.
    fn looked(&self, call: &Call) -> Result<(Report, Observation, Past), Failure> {
        let workspace = Workspace::open(call)?;
        let chosen = named(&workspace, &self.repos)?;
        let remotes = if self.fetch {
            Remotes::Asked
        } else {
            Remotes::Unasked
        };
        let past = self.place.read(call, &workspace, remotes)?;
        let first = First {
            fetch: self.fetch,
            fix: self.fix,
        };
        let mut report = observed(call, &workspace, (&chosen, first), &past.history)?;
        let seen = report.observation();
        only(&mut report, &chosen);
        Ok((report, seen, past))
    }

    /// Returns the files to write, each with its format.
    fn files(&self) -> Result<Vec<(PathBuf, Format)>, Failure> {
        let format = |file: &PathBuf| {
            let format = self.format.or_else(|| Format::of(file));
            let format = format.ok_or_else(|| {
                let what = format!("the name of `{}` says no format", file.display());
                let help = "say it: `--format json`; or let the name end in .json, .md, .html, .csv, .sarif, .xml or .txt";
                Failure::new(Exit::Usage, what, help)
            })?;
            Ok((file.clone(), format))
        };
        self.out.iter().map(format).collect()
    }
}

fn is_open(finding: &cascade_plan::drift::DriftFinding) -> bool {
    !finding.accepted
}

/// What is done before it is told what has drifted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct First {
    /// The remotes and the declared registries are asked.
    pub(super) fetch: bool,
    /// What is safe to mend is mended.
    pub(super) fix: bool,
}

/// Leaves only what is of the repositories that were chosen, where some were.
fn only(report: &mut Report, chosen: &BTreeSet<RepoId>) {
    if !chosen.is_empty() {
        let names = chosen.iter().map(|it| it.as_str().to_owned());
        report.only(&names.collect());
    }
}

/// Returns what has drifted in a workspace, what would mend its pins, and what a history says about it:
/// of the chosen repositories the remotes are asked where they are to be.
pub(super) fn observed(
    call: &Call,
    workspace: &Workspace,
    (chosen, first): (&BTreeSet<RepoId>, First),
    history: &History,
) -> Result<Report, Failure> {
    let mut looks: BTreeMap<RepoId, Look> = BTreeMap::new();
    let git = first.fetch.then(|| git(call)).transpose()?;
    if first.fetch {
        fetch::quietly(call, workspace)?;
        ask_remotes(call, workspace, chosen, &mut looks)?;
    }
    let many = count(workspace.sites.len(), "repository", "repositories");
    let told = format!("reading {many}");
    let look = || {
        meanwhile(&call.environment, &told, || {
            workspace.observe_releases(call, &looks, (git.as_ref(), history))
        })
    };
    let seen = if first.fix {
        let find = |seen: &Seen| {
            let found = findings::all(seen.known(workspace).only(chosen));
            found.into_iter().cloned().collect()
        };
        mended(call, workspace, &look, &find)?
    } else {
        look()
    };
    let mut report = Report::of(&workspace.graph, &seen.snapshot, &seen.survey);
    if let Some(plan) = mending(workspace, &seen) {
        report.mended_by(&plan);
    }
    report.remember(history);
    Ok(report)
}

/// Returns the plan that mends every pin; nothing where none can be made, which findings tell.
fn mending(workspace: &Workspace, seen: &Seen) -> Option<cascade_plan::Plan> {
    let request = Selection::default()
        .request(workspace, Purpose::Bump)
        .ok()?;
    plan(&workspace.graph, &seen.snapshot, &seen.survey, &request).ok()
}

/// Reads an earlier report.
fn read(call: &Call, file: &Path) -> Result<Report, Failure> {
    let refused = |why: String| {
        let what = format!("`{}` is no report of drift: {why}", file.display());
        let help = "write one: `cascade drift --format json --out drift.json`";
        Failure::new(Exit::Usage, what, help)
    };
    let text = fs::read_to_string(call.environment.here.join(file));
    let text = text.map_err(|it| refused(it.to_string()))?;
    let report: Report = serde_json::from_str(&text).map_err(|it| refused(it.to_string()))?;
    if report.schema != SCHEMA {
        return Err(refused(format!("its schema is `{}`", report.schema)));
    }
    Ok(report)
}

/// Returns the report in a format, for a terminal of this width.
fn text(report: &Report, format: Format, width: Option<usize>) -> String {
    match format {
        Format::Human => human(report, width),
        Format::Json => pretty(report),
        Format::Markdown => markdown(report),
        Format::Html => html(report),
        Format::Sarif => pretty(&log(sarif::rows(report))),
        Format::Junit => junit(report),
        Format::Csv => csv(report),
    }
}
