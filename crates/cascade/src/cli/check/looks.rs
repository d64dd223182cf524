//! Which state of which clones is judged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cascade_plan::shell::word;
use cascade_plan::{ObservedRepo, RepoId, Snapshot, Trouble};
use cascade_run::{
    Look, Needed, Published, Reading, Site, WhichTags, find_commit, in_parallel, published_tags,
};
use clap::Args;

use super::ci::Job;
use crate::cli::carry::git;
use crate::cli::workspace::Workspace;
use crate::cli::{Call, fetch};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::means;
use crate::shown::Shown;

/// What is judged, where that is not the working tree.
#[derive(Debug, Args)]
pub(super) struct Subject {
    /// Judge what this commit, tag or branch holds, and not the working tree
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
    /// Judge what is staged, and not the working tree
    #[arg(long, conflicts_with = "reference")]
    staged: bool,
    /// Judge what this job of continuous integration is about: its tag, or its commits
    #[arg(long, conflicts_with_all = ["reference", "staged"])]
    ci: bool,
}

impl Subject {
    /// Returns the job that is judged, where one is.
    pub(super) fn job(&self, call: &Call) -> Option<Job> {
        self.ci.then(|| Job::of(&call.environment))
    }

    /// Fetches what clones for reports lack of the commit that is judged.
    pub(super) fn fetch(
        &self,
        call: &Call,
        workspace: &Workspace,
        looks: &BTreeMap<RepoId, Look>,
    ) -> Result<(), Failure> {
        match self.reference {
            Some(_) => fetch::needed(call, workspace, Needed::Looks(looks)),
            None => Ok(()),
        }
    }

    /// Refuses to judge a commit of which a clone for reports lacks files.
    pub(super) fn is_whole(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        let Some(name) = &self.reference else {
            return Ok(());
        };
        let lacks = |(id, seen): (&RepoId, &ObservedRepo)| match &seen.trouble {
            Some(Trouble::Unfetched(why)) => Some((id.clone(), why.clone())),
            _ => None,
        };
        let Some((repo, why)) = snapshot.repos.iter().find_map(lacks) else {
            return Ok(());
        };
        let what = format!(
            "`{}` of `{repo}` can not be judged: the clone is for reports, and {why}",
            Shown(name)
        );
        let help = format!(
            "fetch what it lacks: `cascade check --fetch --ref {}`",
            word(name)
        );
        Err(Failure::new(Exit::Failed, what, help))
    }

    /// Returns how the clones that are meant are looked at.
    pub(super) fn looks(
        &self,
        here: &Path,
        job: Option<&Job>,
        workspace: &Workspace,
        chosen: &mut BTreeSet<RepoId>,
    ) -> Result<BTreeMap<RepoId, Look>, Failure> {
        if let Some(name) = &self.reference {
            return at_commit(name, workspace, chosen);
        }
        let usual = if self.staged {
            Look {
                tags: WhichTags::Nothing,
                ..look(Reading::Index)
            }
        } else {
            Look::default()
        };
        let meant = meant(workspace, chosen).map(|it| (it.repo.clone(), usual.clone()));
        let mut looks: BTreeMap<RepoId, Look> = meant.collect();
        if let Some(job) = job {
            looks.extend(job.look_at(here, workspace)?);
        }
        Ok(looks)
    }
}

/// Returns the clones that are meant: those that are chosen, or all.
fn meant<'w>(
    workspace: &'w Workspace,
    chosen: &BTreeSet<RepoId>,
) -> impl Iterator<Item = &'w Site> {
    let sites = workspace.sites.iter();
    sites.filter(|it| means(chosen, &it.repo))
}

/// Returns how clones are looked at whose commit of this name is judged; of a family, those that have
/// it become the chosen ones.
fn at_commit(
    name: &str,
    workspace: &Workspace,
    chosen: &mut BTreeSet<RepoId>,
) -> Result<BTreeMap<RepoId, Look>, Failure> {
    let found = meant(workspace, chosen).filter_map(|site| {
        let commit = find_commit(&site.folder, name).ok().flatten()?;
        let look = Look {
            tags: WhichTags::Named(tag_name(name)),
            ..look(Reading::Commit(commit))
        };
        Some((site.repo.clone(), look))
    });
    let looks: BTreeMap<RepoId, Look> = found.collect();
    if looks.is_empty() {
        let what = format!("no repository that is meant has a commit `{}`", Shown(name));
        let help = "`cascade fetch` fetches commits and tags; `git tag` and `git branch` list them";
        return Err(Failure::new(Exit::Usage, what, help));
    }
    chosen.extend(looks.keys().cloned());
    chosen.retain(|it| looks.contains_key(it));
    Ok(looks)
}

fn look(reading: Reading) -> Look {
    Look {
        reading,
        ..Look::default()
    }
}

/// Returns the name of the tag that a ref would be.
fn tag_name(reference: &str) -> String {
    let bare = reference.strip_prefix("refs/").unwrap_or(reference);
    bare.strip_prefix("tags/").unwrap_or(bare).to_owned()
}

/// Asks the remotes of the clones that are meant which tags they have; of one that does not answer
/// nothing is known.
pub(in crate::cli) fn ask_remotes(
    call: &Call,
    workspace: &Workspace,
    chosen: &BTreeSet<RepoId>,
    looks: &mut BTreeMap<RepoId, Look>,
) -> Result<(), Failure> {
    let git = git(call)?;
    let answers = in_parallel(meant(workspace, chosen).collect(), |site: &Site| {
        Some((site.repo.clone(), published_tags(&site.folder, &git)?))
    });
    for (repo, tags) in answers.into_iter().flatten() {
        looks.entry(repo).or_default().published = Published::These(tags);
    }
    Ok(())
}
