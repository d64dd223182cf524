//! `cascade check`: every rule, for people, hooks and CI.

use std::collections::{BTreeMap, BTreeSet};

use cascade_plan::{Finding, RepoId, Severity, checks};
use cascade_run::{Depth, Look, Reading, find_commit};
use clap::{Args, ValueEnum};

use super::selection::named;
use super::workspace::{Reach, Workspace};
use super::{Call, fetch};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::report::check::github::github;
use crate::report::check::human::human;
use crate::report::check::json::json;
use crate::report::check::markdown::markdown;
use crate::report::check::sarif::sarif;
use crate::report::check::{Located, located};
use crate::report::findings;
use crate::shown::Shown;

/// Holds every repository against the rules
#[derive(Debug, Args)]
#[command(
    long_about = "Holds every repository against the rules: pins, locks, tags, versions, edges and \
        the checkouts themselves. Each rule has a code that stays the same; `cascade explain CODE` \
        says what it means, why, and what mends it.\n\n\
        It reads what is on this machine and changes nothing; `--fetch` asks the remotes first. It \
        ends with 1 where a finding is as bad as `--fail-on` says.",
    after_help = "Examples:\n  \
        cascade check\n  \
        cascade check --repo server --fail-on block\n  \
        cascade check --select 'pin-*' --ignore pin-behind\n  \
        cascade check --format sarif > cascade.sarif   for a code scanning page\n  \
        cascade check --format github                  annotations in a workflow's log"
)]
pub(crate) struct Check {
    /// How it is written
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Look at these repositories alone; globs, repeatable
    #[arg(long = "repo", short, value_name = "REPO")]
    repos: Vec<String>,
    /// Only these rules; codes or globs of them, repeatable
    #[arg(long, value_name = "CODE")]
    select: Vec<String>,
    /// None of these rules; codes or globs of them, repeatable
    #[arg(long, value_name = "CODE")]
    ignore: Vec<String>,
    /// Exit 1 from this severity on
    #[arg(long, value_name = "SEVERITY", default_value = "warn")]
    fail_on: FailOn,
    /// Judge what this commit, tag or branch holds, and not the working tree
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
    /// Judge what is staged, and not the working tree
    #[arg(long, conflicts_with = "reference")]
    staged: bool,
    /// Fetch every repository first
    #[arg(long)]
    fetch: bool,
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

/// A severity that fails a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// What is in the way of a release.
    Block,
    /// What should be mended.
    Warn,
    /// Anything.
    Info,
}

impl FailOn {
    fn severity(self) -> Severity {
        match self {
            Self::Block => Severity::Block,
            Self::Warn => Severity::Warn,
            Self::Info => Severity::Info,
        }
    }
}

impl Check {
    /// Observes the workspace and shows what is found.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let rules = Rules {
            select: codes(&self.select)?,
            ignore: codes(&self.ignore)?,
        };
        let workspace = Workspace::open_or_alone(call)?;
        let mut chosen = named(&workspace, &self.repos)?;
        if chosen.is_empty() && workspace.reach != Reach::Family {
            chosen.extend(workspace.sites.iter().map(|it| it.repo.clone()));
        }
        if self.fetch {
            fetch::quietly(call, &workspace)?;
        }
        let looks = self.looks(&workspace, &mut chosen)?;
        let seen = workspace.observe_as(call, &looks, Depth::Audit);
        let known = seen.known(&workspace).only(&chosen);
        let found = findings::all(known).into_iter();
        let found: Vec<&Finding> = found.filter(|it| rules.want(it.code.0)).collect();
        let found: Vec<Located<'_>> = located(known, &found);
        match self.format {
            Format::Human => {
                call.printer.report(&human(known, &found))?;
                if let Some(words) = out_of_reach(&workspace.reach) {
                    call.printer.talk(words);
                }
            }
            Format::Json => Printer::json(&json(known, &found))?,
            Format::Sarif => Printer::json(&sarif(&found))?,
            Format::Markdown => call.printer.report(&markdown(known, &found))?,
            Format::Github => call.printer.report(&github(&found))?,
        }
        let fails = |it: &Located<'_>| it.finding.severity >= self.fail_on.severity();
        Ok(if found.iter().any(fails) {
            Exit::Findings
        } else {
            Exit::Done
        })
    }

    /// Returns how the chosen clones are looked at. Of a family, those that have the commit are chosen.
    fn looks(
        &self,
        workspace: &Workspace,
        chosen: &mut BTreeSet<RepoId>,
    ) -> Result<BTreeMap<RepoId, Look>, Failure> {
        let sites = workspace.sites.iter();
        let meant = sites.filter(|it| chosen.is_empty() || chosen.contains(&it.repo));
        let look = |reading| Look {
            reading,
            base: None,
        };
        let Some(name) = &self.reference else {
            let reading = if self.staged {
                Reading::Index
            } else {
                Reading::WorkingTree
            };
            return Ok(meant
                .map(|it| (it.repo.clone(), look(reading.clone())))
                .collect());
        };
        let found = meant.filter_map(|site| {
            let commit = find_commit(&site.folder, name).ok().flatten()?;
            Some((site.repo.clone(), look(Reading::Commit(commit))))
        });
        let looks: BTreeMap<RepoId, Look> = found.collect();
        if looks.is_empty() {
            let what = format!("no repository that is meant has a commit `{}`", Shown(name));
            let help =
                "`cascade fetch` fetches commits and tags; `git tag` and `git branch` list them";
            return Err(Failure::new(Exit::Usage, what, help));
        }
        chosen.extend(looks.keys().cloned());
        chosen.retain(|it| looks.contains_key(it));
        Ok(looks)
    }
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

/// The rules that are meant.
struct Rules {
    select: BTreeSet<&'static str>,
    ignore: BTreeSet<&'static str>,
}

impl Rules {
    fn want(&self, code: &str) -> bool {
        let selected = self.select.is_empty() || self.select.contains(code);
        selected && !self.ignore.contains(code)
    }
}

/// Returns the codes that these globs mean; each means at least one.
fn codes(globs: &[String]) -> Result<BTreeSet<&'static str>, Failure> {
    let mut found = BTreeSet::new();
    for glob in globs {
        let hits = checks::matching(glob).map_err(|error| {
            let what = format!("`{}` is no pattern: {error}", Shown(glob));
            Failure::new(Exit::Usage, what, "`cascade explain` lists all rules")
        })?;
        if hits.is_empty() {
            return Err(super::explain::unknown(glob));
        }
        found.extend(hits);
    }
    Ok(found)
}
