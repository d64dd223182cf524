//! Commits of bare repositories: all but what only a checkout has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cascade_plan::{Content, ObservedRepo, Oid, RepoDeclaration, RepoId, Trouble};

use super::tree::{read_locks, read_tree};
use super::{Depth, Family, commit_files, commit_locks, seen, tags, unreadable};
use crate::checkout::{Checkout, History, git_oid};
use crate::pool::in_parallel;

/// One commit of a bare repository to observe.
#[derive(Debug, Clone)]
pub struct Tip<'a> {
    /// The repository.
    pub repo: RepoId,
    /// Its declaration.
    pub declared: &'a RepoDeclaration,
    /// The folder of the bare repository.
    pub bare: PathBuf,
    /// The commit.
    pub commit: Oid,
}

/// Returns what is seen in these commits: all but what only a checkout has.
pub fn observe_commits(tips: &[Tip<'_>], depth: Depth) -> BTreeMap<RepoId, ObservedRepo> {
    let none = Family::default();
    let first = |tip: &Tip<'_>| observe_commit(tip.declared, &tip.bare, &tip.commit, &none, depth);
    let repos = in_parallel(tips.iter().collect(), first);
    let family = Family::of(&repos);
    let repos = tips.iter().zip(repos).collect();
    let repos = in_parallel(repos, |(tip, mut repo): (&Tip<'_>, ObservedRepo)| {
        if !repo.locks.is_empty() {
            let again = Checkout::open_bare(&tip.bare)
                .and_then(|bare| commit_locks(&bare, &tip.commit, &family, &mut repo));
            repo.trouble = repo.trouble.or(again.err());
        }
        repo
    });
    let names = tips.iter().map(|it| it.repo.clone());
    names.zip(repos).collect()
}

/// Returns what is seen in one commit of a bare repository: all but what only a checkout has.
pub fn observe_commit(
    declared: &RepoDeclaration,
    bare: &Path,
    commit: &Oid,
    family: &Family,
    depth: Depth,
) -> ObservedRepo {
    seen(read_commit(declared, bare, commit, family, depth))
}

fn read_commit(
    declared: &RepoDeclaration,
    bare: &Path,
    commit: &Oid,
    family: &Family,
    depth: Depth,
) -> Result<ObservedRepo, Trouble> {
    let checkout = Checkout::open_bare(bare)?;
    let objects = checkout.objects()?;
    let refs = checkout.refs()?;
    let head = git_oid(commit).ok_or(Trouble::NoCommits)?;
    let mut repo = ObservedRepo {
        content: Content::Commit,
        head: Some(commit.clone()),
        tags: Checkout::tags(&refs, &objects),
        ..ObservedRepo::default()
    };
    let mut history = History::new(&objects, checkout.shallow());
    let mut files = commit_files(&objects, &mut history, head)?;
    read_tree(declared, &mut files, depth, &mut repo);
    read_locks(&mut files, family, &mut repo);
    tags::look_up(&mut repo, head, &mut history).map_err(|it| unreadable(&it))?;
    Ok(repo)
}
