//! `cascade check`: every rule, for people, hooks and CI.

mod ci;
mod fix;
mod looks;
mod rules;

pub(super) use fix::mended;
pub(super) use looks::ask_remotes;

use std::collections::{BTreeMap, BTreeSet};

use cascade_plan::RepoId;
use cascade_plan::hook::message_severity;
use cascade_run::{Git, Look};
use clap::{Args, ValueEnum};

use self::ci::Job;
use self::looks::Subject;
use self::rules::Rules;
use super::alone::Fetch;
use super::artifacts::Proof;
use super::carry::git;
use super::fail_on::FailOn;
use super::selection::named;
use super::workspace::{Reach, Seen, Workspace};
use super::{Call, fetch};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::count;
use crate::printer::Printer;
use crate::progress::meanwhile;
use crate::report::Known;
use crate::report::check::github::github;
use crate::report::check::human::human;
use crate::report::check::json::json;
use crate::report::check::markdown::markdown;
use crate::report::check::{Located, located, readiness, rows};
use crate::report::sarif::sarif;

/// Holds every repository against the rules
#[derive(Debug, Args)]
#[command(
    long_about = "Holds every repository against the rules: pins, locks, tags, versions, edges and \
        the checkouts themselves. Each rule has a code that stays the same; `cascade explain CODE` \
        says what it means, why, and what mends it. What asks for more than a release needs (the groups \
        `readiness` and `workflows`) is only counted, unless `--readiness` or `--select` asks for it.\n\n\
        It reads what is on this machine and changes nothing; `--fetch` asks the remotes first. \
        Programs are run only where it is asked for, in an export of the commit: with `--quality` the \
        commands that `workspace.toml` declares as quality gates, with `--build` the projects' own \
        builds. What was built, or `--artifact` names, is looked into without unpacking it, then \
        judged by twine, installed in a fresh environment, imported, and asked for its version. It \
        ends with 1 where a finding is as bad as `--fail-on` says.",
    after_help = "Examples:\n  \
        cascade check\n  \
        cascade check --repo server --fail-on block\n  \
        cascade check --select 'pin-*' --ignore pin-behind\n  \
        cascade check --quality --repo server          tests, coverage, audits: what is declared\n  \
        cascade check --build --repo server            build it, install it, ask its version\n  \
        cascade check --artifact dist/                 what a job has built\n  \
        cascade check --format sarif > cascade.sarif   for a code scanning page\n  \
        cascade check --ref v1.4.0                     what a tag holds\n  \
        cascade check --readiness                      what keeps each from 1.0\n  \
        cascade check --ci                             in a job: its tag, or its commits"
)]
pub(crate) struct Check {
    /// How it is written [default: human; with --ci in GitHub Actions, github]
    #[arg(long, short, value_name = "FORMAT")]
    format: Option<Format>,
    /// Look at these repositories alone; globs, repeatable
    #[arg(long = "repo", short, value_name = "REPO")]
    repos: Vec<String>,
    /// Only these rules; codes, globs of them or groups, repeatable
    #[arg(long, value_name = "CODE")]
    select: Vec<String>,
    /// None of these rules; codes, globs of them or groups, repeatable
    #[arg(long, value_name = "CODE")]
    ignore: Vec<String>,
    /// Exit 1 from this severity on
    #[arg(long, value_name = "SEVERITY", default_value = "warn")]
    fail_on: FailOn,
    #[command(flatten)]
    subject: Subject,
    /// Mend what is safe to mend, then judge again
    #[arg(long, conflicts_with_all = ["reference", "staged", "ci"])]
    fix: bool,
    /// How ready each repository is for 1.0: a score, and what keeps it from there
    #[arg(long, conflicts_with = "select")]
    readiness: bool,
    /// Ask the remotes and the declared registries first
    #[arg(long)]
    fetch: bool,
    #[command(flatten)]
    proof: Proof,
}

/// A format of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Grouped by rule, the worst first.
    Human,
    /// `cascade.check/1`, for machines.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// A table for a comment or a page.
    Markdown,
    /// Annotations of GitHub Actions.
    Github,
}

impl Check {
    /// Observes the workspace and shows what is found.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let rules = if self.readiness {
            Rules::of_readiness(&self.ignore)?
        } else {
            Rules::of(&self.select, &self.ignore)?
        };
        let fetch = if self.fetch {
            Fetch::Now
        } else {
            Fetch::Missing
        };
        let workspace = Workspace::open_or_alone(call, fetch)?;
        let mut chosen = named(&workspace, &self.repos)?;
        if chosen.is_empty() && workspace.reach != Reach::Family {
            chosen.extend(workspace.sites.iter().map(|it| it.repo.clone()));
        }
        if self.fetch {
            fetch::quietly(call, &workspace)?;
        }
        let job = self.subject.job(call);
        let here = &call.environment.here;
        let mut looks = (self.subject).looks(here, job.as_ref(), &workspace, &mut chosen)?;
        if self.fetch {
            self.subject.fetch(call, &workspace, &looks)?;
            ask_remotes(call, &workspace, &chosen, &mut looks)?;
        }
        let git = self.fetch.then(|| git(call)).transpose()?;
        let seen = self.observe(call, &workspace, (&looks, &chosen), (&rules, git.as_ref()))?;
        self.subject.is_whole(seen.known(&workspace).snapshot)?;
        let seen = match &job {
            Some(_) => as_hooks_would(call, &workspace, seen),
            None => seen,
        };
        let seen = self.proof.add(call, &workspace, seen, &mut chosen)?;
        let known = seen.known(&workspace).only(&chosen);
        let found: Vec<Located<'_>> = located(known, &rules.among(known));
        if let Some(job) = &job {
            job.summarize(&markdown(known, &found))?;
        }
        self.tell(call, job.as_ref(), (known, &found))?;
        if let Some(words) = out_of_reach(&workspace.reach) {
            call.printer.talk(words);
        }
        let untold = rules.untold(known);
        if untold > 0 && self.select.is_empty() && self.format.is_none_or(|it| it == Format::Human)
        {
            let many = count(untold, "finding", "findings");
            call.printer.talk(&format!(
                "readiness: {many} more: `cascade check --readiness`"
            ));
        }
        let fails = |it: &Located<'_>| self.fail_on.is_met(it.finding.severity);
        Ok(if found.iter().any(fails) {
            Exit::Findings
        } else {
            Exit::Done
        })
    }

    /// Looks, and with `--fix` mends and looks again until nothing is left to mend.
    fn observe(
        &self,
        call: &Call,
        workspace: &Workspace,
        (looks, chosen): (&BTreeMap<RepoId, Look>, &BTreeSet<RepoId>),
        (rules, registries): (&Rules, Option<&Git>),
    ) -> Result<Seen, Failure> {
        let many = count(workspace.sites.len(), "repository", "repositories");
        let told = format!("reading {many}");
        let read = || {
            let read = || workspace.observe_over_time(call, looks, registries);
            meanwhile(&call.environment, &told, read)
        };
        if !self.fix {
            return Ok(read());
        }
        let find = |seen: &Seen| {
            let found = rules.among(seen.known(workspace).only(chosen));
            found.into_iter().cloned().collect()
        };
        mended(call, workspace, &read, &find)
    }

    fn tell(
        &self,
        call: &Call,
        job: Option<&Job>,
        (known, found): (Known<'_>, &[Located<'_>]),
    ) -> Result<(), Failure> {
        let usual = match job {
            Some(job) if job.annotates => Format::Github,
            _ => Format::Human,
        };
        let asked = self.format.unwrap_or(usual);
        if self.readiness {
            let ready = readiness::of(known, found);
            match asked {
                Format::Human => return call.printer.report(&readiness::human(&ready)),
                Format::Json => return Printer::json(&readiness::json(known, &ready)),
                Format::Markdown => {
                    return call.printer.report(&readiness::markdown(known, &ready));
                }
                Format::Sarif | Format::Github => {}
            }
        }
        match asked {
            Format::Human => call.printer.report(&human(known, found)),
            Format::Json => Printer::json(&json(known, found)),
            Format::Sarif => Printer::json(&sarif(rows(found))),
            Format::Markdown => call.printer.report(&markdown(known, found)),
            Format::Github => call.printer.report(&github(found)),
        }
    }
}

/// Returns what was seen in a job, where messages weigh what they weigh to hooks: whoever went past those
/// is caught here.
fn as_hooks_would(call: &Call, workspace: &Workspace, mut seen: Seen) -> Seen {
    for (id, repo) in &mut seen.survey.repos {
        let messages = repo.findings.iter_mut();
        for finding in messages.filter(|it| it.code.0 == "commit-unconventional") {
            let weight = message_severity(&workspace.graph, (id, call.environment.now));
            finding.severity = finding.severity.max(weight.unwrap_or(finding.severity));
        }
    }
    seen
}

/// Returns what was not judged because it is out of reach.
fn out_of_reach(reach: &Reach) -> Option<&'static str> {
    match reach {
        Reach::Family => None,
        Reach::OneOf => Some(
            "judged alone: the other repositories of its family are not here, so pins on them were \
             not held against their tags",
        ),
        Reach::Alone => Some(
            "judged alone: no `workspace.toml` says what family it is of, so pins and edges were not \
             judged; `--workspace PATH` names one, and so does `workspace` in `.cascade.toml`",
        ),
    }
}
