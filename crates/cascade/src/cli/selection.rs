//! The options that say what a plan is for, shared by `plan`, `bump` and `release`.

use std::collections::BTreeSet;

use cascade_plan::{Ask, Purpose, RepoId, Request, What, name_pattern};
use clap::Args;

use super::selector::{ask, what, with_first};
use super::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;

/// What moves, how far, and what stays as it is.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Selection {
    /// How far: `patch`, `minor`, `major`, or a version; for every `--repo` that says nothing
    #[arg(value_name = "LEVEL|VERSION", value_parser = what)]
    first: Option<What>,
    /// What moves; globs, repeatable [default: what asks for it]
    #[arg(long = "repo", short, value_name = "REPO[/PACKAGE][=LEVEL|VERSION]", value_parser = ask)]
    pub(crate) repos: Vec<Ask>,
    /// Change these repositories alone, and nothing below them; globs, repeatable
    #[arg(long, value_name = "REPO")]
    only: Vec<String>,
    /// Leave these repositories as they are; globs, repeatable
    #[arg(long, value_name = "REPO")]
    skip: Vec<String>,
    /// Move pins only, no versions of what stands below
    #[arg(long)]
    pins_only: bool,
    /// Make a pre-release with this label (`rc`, `beta`)
    #[arg(long, value_name = "LABEL")]
    pre: Option<String>,
    /// Let pins move down, which they never do by themselves
    #[arg(long, requires = "reason")]
    allow_downgrade: bool,
    /// Take a lock in which more moved than was named; it is shown all the same
    #[arg(long)]
    allow_churn: bool,
    /// Why pins may move down
    #[arg(long, value_name = "TEXT", requires = "allow_downgrade")]
    reason: Option<String>,
}

impl Selection {
    /// Returns what was asked for.
    pub(crate) fn request(
        &self,
        workspace: &Workspace,
        purpose: Purpose,
    ) -> Result<Request, Failure> {
        Ok(Request {
            purpose,
            asks: with_first(&self.repos, self.first.as_ref())?,
            only: named(workspace, &self.only)?,
            skip: named(workspace, &self.skip)?,
            pins_only: self.pins_only,
            allow_churn: self.allow_churn,
            pre: self.pre.clone(),
            downgrade: self.reason.clone(),
        })
    }

    /// Returns the options as they were typed, for the command that continues; the asks aside.
    pub(crate) fn typed(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (flag, names) in [("--only", &self.only), ("--skip", &self.skip)] {
            for name in names {
                words.push(format!("{flag} {name}"));
            }
        }
        if self.pins_only {
            words.push("--pins-only".to_owned());
        }
        if self.allow_churn {
            words.push("--allow-churn".to_owned());
        }
        if let Some(pre) = &self.pre {
            words.push(format!("--pre {pre}"));
        }
        words
    }
}

/// Returns the repositories that these names or globs mean; each means at least one.
pub(crate) fn named(workspace: &Workspace, globs: &[String]) -> Result<BTreeSet<RepoId>, Failure> {
    let mut found = BTreeSet::new();
    for glob in globs {
        let before = found.len();
        let matcher = matcher(glob)?;
        let repos = workspace.graph.repos().keys();
        let hits: Vec<RepoId> = repos
            .filter(|it| matcher.is_match(it.as_str()))
            .cloned()
            .collect();
        if hits.is_empty() && found.len() == before {
            return Err(workspace.unknown(glob));
        }
        found.extend(hits);
    }
    Ok(found)
}

/// Returns what matches names by a glob.
pub(crate) fn matcher(glob: &str) -> Result<globset::GlobMatcher, Failure> {
    name_pattern(glob).map_err(|error| {
        let help = "`*` stands for any text, `?` for one character";
        Failure::new(Exit::Usage, format!("`{glob}` is no glob: {error}"), help)
    })
}
