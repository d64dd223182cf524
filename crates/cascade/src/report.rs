//! Reports: what is known, what would happen, what happened; one file per format.
//!
//! Invariant: data in, text out. A format is one file here and one match arm in its command.

pub(crate) mod check;
pub(crate) mod drift;
pub(crate) mod findings;
pub(crate) mod graph;
pub(crate) mod hooks;
pub(crate) mod locks;
pub(crate) mod markdown;
pub(crate) mod markup;
pub(crate) mod open_run;
pub(crate) mod others;
pub(crate) mod outcome;
pub(crate) mod plan_human;
pub(crate) mod plan_markdown;
pub(crate) mod policy;
pub(crate) mod runs;
pub(crate) mod sarif;
pub(crate) mod status_human;
pub(crate) mod status_json;
pub(crate) mod status_markdown;
pub(crate) mod table;
pub(crate) mod undo;
pub(crate) mod wait;
pub(crate) mod why;

#[cfg(test)]
mod sample;
#[cfg(test)]
pub(crate) mod sample_plan;

use std::collections::BTreeSet;

use cascade_manifest::{Level, Scheme, Version};
use cascade_plan::{
    Finding, Graph, ObservedRepo, ReleaseMode, RepoDeclaration, RepoId, RepoSurvey,
};
use cascade_plan::{Snapshot, Survey, TagTemplate, Waived};

use self::open_run::OpenRun;
use crate::page::count;

/// Everything that is known of a workspace: declared, seen, judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    /// What was declared.
    pub(crate) graph: &'a Graph,
    /// What was seen.
    pub(crate) snapshot: &'a Snapshot,
    /// What it comes to.
    pub(crate) survey: &'a Survey,
    /// The repositories that are meant; all, where it is empty.
    chosen: &'a BTreeSet<RepoId>,
    /// The release that is not finished.
    pub(crate) open: Option<&'a OpenRun>,
}

/// Everything that is known of one repository.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownRepo<'a> {
    /// Its name.
    pub(crate) id: &'a RepoId,
    /// What was declared.
    pub(crate) declared: &'a RepoDeclaration,
    /// What was seen.
    pub(crate) seen: &'a ObservedRepo,
    /// What it comes to.
    pub(crate) judged: &'a RepoSurvey,
}

/// Returns whether a repository is meant: one of the chosen ones, or any where none is chosen.
pub(crate) fn means(chosen: &BTreeSet<RepoId>, repo: &RepoId) -> bool {
    chosen.is_empty() || chosen.contains(repo)
}

impl<'a> Known<'a> {
    /// Returns what is known of a whole workspace.
    pub(crate) fn new(graph: &'a Graph, snapshot: &'a Snapshot, survey: &'a Survey) -> Self {
        const ALL: &BTreeSet<RepoId> = &BTreeSet::new();
        Self {
            graph,
            snapshot,
            survey,
            chosen: ALL,
            open: None,
        }
    }

    /// Returns the same with the release that is not finished.
    pub(crate) fn while_open(self, open: Option<&'a OpenRun>) -> Self {
        Self { open, ..self }
    }

    /// Returns the same of these repositories alone; of all, where there are none.
    pub(crate) fn only(self, chosen: &'a BTreeSet<RepoId>) -> Self {
        Self { chosen, ..self }
    }

    /// Returns whether a repository is meant.
    pub(crate) fn is_chosen(self, id: &RepoId) -> bool {
        means(self.chosen, id)
    }

    /// Returns the names of the repositories meant, upstream first.
    pub(crate) fn order(self) -> impl Iterator<Item = &'a RepoId> {
        let order = self.survey.order.iter();
        order.filter(move |it| self.is_chosen(it))
    }

    /// Returns every repository meant, upstream first.
    pub(crate) fn repos(self) -> impl Iterator<Item = KnownRepo<'a>> {
        self.order().filter_map(move |id| self.repo(id))
    }

    /// Returns the findings of the workspace as such, and not of one repository that is not meant.
    pub(crate) fn findings(self) -> impl Iterator<Item = &'a Finding> {
        let findings = self.survey.findings.iter();
        findings.filter(move |it| it.repo.as_ref().is_none_or(|it| self.is_chosen(it)))
    }

    /// Returns the findings that somebody accepts for a while, of what is meant.
    pub(crate) fn waived(self) -> impl Iterator<Item = &'a Waived> {
        let all = self.survey.waived.iter();
        let meant =
            move |it: &&Waived| it.finding.repo.as_ref().is_none_or(|it| self.is_chosen(it));
        all.filter(meant)
    }

    /// Returns how many repositories are meant, and of how many where not of all.
    pub(crate) fn size(self) -> String {
        let all = self.survey.order.len();
        let told = count(all, "repository", "repositories");
        match self.order().count() {
            shown if shown == all => told,
            shown => format!("{shown} of {told}"),
        }
    }

    /// Returns one repository.
    pub(crate) fn repo(self, id: &'a RepoId) -> Option<KnownRepo<'a>> {
        Some(KnownRepo {
            id,
            declared: self.graph.repo(id)?,
            seen: self.snapshot.repos.get(id)?,
            judged: self.survey.repos.get(id)?,
        })
    }
}

impl KnownRepo<'_> {
    /// Returns how far its commits ask it to move, over all packages.
    pub(crate) fn level(self) -> Level {
        let levels = self.judged.packages.iter().map(|it| it.level);
        levels.max().unwrap_or_default()
    }

    /// Returns how many commits came since the last release, over all packages.
    pub(crate) fn since(self) -> usize {
        let counts = self.judged.packages.iter().map(|it| it.since);
        counts.max().unwrap_or_default()
    }
}

/// Returns the latest tags of a repository's packages, each once, in their order; without a package
/// its highest version tag.
pub(crate) fn latest_tags(repo: KnownRepo<'_>) -> Vec<&str> {
    let mut tags: Vec<&str> = Vec::new();
    for tag in repo
        .judged
        .packages
        .iter()
        .filter_map(|it| it.latest.as_ref())
    {
        if !tags.contains(&tag.tag.as_str()) {
            tags.push(&tag.tag);
        }
    }
    if repo.judged.packages.is_empty() {
        tags.extend(highest_tag(repo));
    }
    tags
}

/// Returns the highest final version tag of a repository that has no package.
fn highest_tag(repo: KnownRepo<'_>) -> Option<&str> {
    let default = TagTemplate::parse("v{version}").ok();
    let template = repo.declared.tag.as_ref().or(default.as_ref())?;
    let versions = repo.seen.tags.iter().filter_map(|tag| {
        let version = Version::parse(Scheme::Semver, template.version(&tag.name)?)?;
        version.is_final().then_some((version, tag.name.as_str()))
    });
    versions.max_by(|a, b| a.0.cmp(&b.0)).map(|(_, tag)| tag)
}

/// Returns the word for a release mode.
pub(crate) fn mode_word(mode: ReleaseMode) -> &'static str {
    match mode {
        ReleaseMode::Tag => "tag",
        ReleaseMode::PullRequest => "pull-request",
        ReleaseMode::ReleasePlease => "release-please",
        ReleaseMode::Manual => "manual",
    }
}

/// Returns an age in words of one unit: `now`, `5 min`, `3 h`, `12 d`.
pub(crate) fn age(seconds: i64) -> String {
    match seconds {
        ..60 => "now".to_owned(),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        86_400..63_072_000 => format!("{} d", seconds / 86_400),
        _ => format!("{} y", seconds / 31_536_000),
    }
}
