//! Observes: what is really there, as facts. Reads, in parallel, and starts no process.

mod family;
mod files;
mod tags;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cascade_plan::{Graph, ObservedRepo, Oid, RepoDeclaration, RepoId, Snapshot, Trouble};

use crate::Site;
use crate::checkout::{Checkout, Head, History, Objects, git_oid, oid};
use crate::pool::in_parallel;

pub use self::family::Family;

use self::files::{CommitTree, WorkTree};
use self::tree::{read_locks, read_tree};

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What a survey needs.
    Survey,
    /// What a plan needs: also the changelogs.
    Plan,
}

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

/// Returns what is seen in every declared checkout.
pub fn observe(graph: &Graph, sites: &[Site], depth: Depth, now: i64) -> Snapshot {
    let declared = |site: &Site| graph.repo(&site.repo);
    let repos = in_parallel(sites.iter().collect(), |site| match declared(site) {
        Some(declared) => observe_checkout(declared, &site.folder, depth),
        None => ObservedRepo::default(),
    });
    let family = Family::of(&repos);
    let repos = sites.iter().zip(repos).collect();
    let repos = in_parallel(repos, |(site, mut repo)| {
        add_locks(&site.folder, &family, &mut repo);
        repo
    });
    let names = sites.iter().map(|it| it.repo.clone());
    Snapshot {
        taken: now,
        repos: names.zip(repos).collect(),
    }
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
            let again = commit_locks(&tip.bare, &tip.commit, &family, &mut repo);
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

fn observe_checkout(declared: &RepoDeclaration, folder: &Path, depth: Depth) -> ObservedRepo {
    seen(read_checkout(declared, folder, depth))
}

fn seen(read: Result<ObservedRepo, Trouble>) -> ObservedRepo {
    read.unwrap_or_else(|trouble| ObservedRepo {
        trouble: Some(trouble),
        ..ObservedRepo::default()
    })
}

fn read_checkout(
    declared: &RepoDeclaration,
    folder: &Path,
    depth: Depth,
) -> Result<ObservedRepo, Trouble> {
    let checkout = Checkout::open(folder)?;
    let refs = checkout.refs()?;
    let Head { branch, id } = refs.head().map_err(Trouble::Unreadable)?;
    let head = id.ok_or(Trouble::NoCommits)?;
    let objects = checkout.objects()?;
    let shallow = checkout.shallow();
    let mut repo = ObservedRepo {
        head: oid(head),
        fetched: checkout.fetched(),
        default_branch: Checkout::default_branch(&refs),
        shallow: !shallow.is_empty(),
        tags: Checkout::tags(&refs, &objects),
        ..ObservedRepo::default()
    };
    let mut history = History::new(&objects, shallow);
    let tree = history.tree(head).map_err(|it| unreadable(&it))?;
    let index = checkout.index()?;
    repo.dirty = checkout.is_dirty(&index, tree)?;
    let upstream = branch.as_deref();
    let upstream = upstream.and_then(|branch| checkout.upstream(&refs, branch));
    // An upstream whose commits are gone is as good as none.
    if let Some(parted) = upstream.and_then(|it| history.parted(head, it).ok()) {
        (repo.ahead, repo.behind) = (Some(parted.left.len()), Some(parted.right));
    }
    repo.branch = branch;
    let mut files = WorkTree::new(folder, Some(&index));
    read_tree(declared, &mut files, depth, &mut repo);
    tags::look_up(&mut repo, head, &mut history).map_err(|it| unreadable(&it))?;
    Ok(repo)
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

fn commit_files<'a>(
    objects: &'a Objects<'a>,
    history: &mut History<'_>,
    commit: crate::checkout::CommitId,
) -> Result<CommitTree<'a>, Trouble> {
    let tree = history.tree(commit).map_err(|it| unreadable(&it))?;
    let files = objects.files(tree).map_err(Trouble::Unreadable)?;
    Ok(CommitTree::new(objects, files))
}

/// Reads the locks of a checkout, now that the family's names are known.
fn add_locks(folder: &Path, family: &Family, repo: &mut ObservedRepo) {
    if repo.locks.is_empty() {
        return;
    }
    read_locks(&mut WorkTree::new(folder, None), family, repo);
}

fn commit_locks(
    bare: &Path,
    commit: &Oid,
    family: &Family,
    repo: &mut ObservedRepo,
) -> Result<(), Trouble> {
    let checkout = Checkout::open_bare(bare)?;
    let objects = checkout.objects()?;
    let commit = git_oid(commit).ok_or(Trouble::NoCommits)?;
    let mut history = History::new(&objects, checkout.shallow());
    let mut files = commit_files(&objects, &mut history, commit)?;
    read_locks(&mut files, family, repo);
    Ok(())
}

fn unreadable(error: &dyn std::error::Error) -> Trouble {
    Trouble::Unreadable(error.to_string())
}
