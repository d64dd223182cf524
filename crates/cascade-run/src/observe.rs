//! Observes: what is really there, as facts. Reads, in parallel, and starts no process.

mod family;
mod files;
mod judged;
mod licenses;
mod past;
mod tags;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cascade_plan::{
    Audit, Content, Graph, ObservedRepo, Oid, RepoDeclaration, RepoId, Snapshot, Trouble,
};

use crate::Site;
use crate::checkout::{Checkout, CommitId, Head, History, Index, Objects, Refs, git_oid, oid};
use crate::pool::in_parallel;

pub use self::family::Family;
pub use self::judged::{AskedTag, TagPlace, TagQuestion, judged_tags};

use self::files::{Stored, WorkTree};
use self::past::Past;
use self::tree::{read_locks, read_tree, releases};

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What a survey needs.
    Survey,
    /// What a plan needs: also the changelogs.
    Plan,
    /// What the rules look at: also other files, for their own sake.
    Audit,
}

/// Which state of a clone's files is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reading {
    /// The tracked files, as they lie in the working tree.
    #[default]
    WorkingTree,
    /// The files as they are staged.
    Index,
    /// The files as they are staged in an index of another name, which a commit of some files has.
    IndexAt(PathBuf),
    /// The files of a commit.
    Commit(Oid),
}

/// How a clone is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Which state of its files is read.
    pub reading: Reading,
    /// The commit that the judged commits come after; the latest version tag below unless said.
    pub base: Option<Oid>,
    /// Which tags are judged.
    pub tags: WhichTags,
    /// What is known of the tags that the remote has.
    pub published: Published,
}

/// Which tags of a clone are judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WhichTags {
    /// The latest of each package, and those of the commit that is looked at.
    #[default]
    Latest,
    /// This one.
    Named(String),
    /// None: commits are looked at.
    Nothing,
}

/// What is known of the tags that a remote has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Published {
    /// It was not asked.
    #[default]
    Unasked,
    /// It has these, each at this object, and no other.
    These(BTreeMap<String, Oid>),
    /// What is judged was just pushed: it counts as new.
    JustNow,
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
    observe_as(graph, sites, &BTreeMap::new(), depth, now)
}

/// Returns what is seen in every declared clone; those in `looks` are looked at in that way.
pub fn observe_as(
    graph: &Graph,
    sites: &[Site],
    looks: &BTreeMap<RepoId, Look>,
    depth: Depth,
    now: i64,
) -> Snapshot {
    let usual = Look::default();
    let look = |site: &Site| looks.get(&site.repo).unwrap_or(&usual);
    let repos = in_parallel(sites.iter().collect(), |site| {
        match graph.repo(&site.repo) {
            Some(declared) => seen(read_checkout(declared, &site.folder, look(site), depth)),
            None => ObservedRepo::default(),
        }
    });
    let family = Family::of(&repos);
    let repos = sites.iter().zip(repos).collect();
    let repos = in_parallel(repos, |(site, mut repo): (&Site, ObservedRepo)| {
        let added = add_locks(&site.folder, &look(site).reading, &family, &mut repo);
        repo.trouble = repo.trouble.or(added.err());
        repo
    });
    let names = sites.iter().map(|it| it.repo.clone());
    Snapshot {
        taken: now,
        repos: names.zip(repos).collect(),
    }
}

/// Returns the commit that a name leads to in a clone: a tag, a branch, `HEAD~1`, an id; `None` for
/// none.
///
/// # Errors
/// When the clone can not be read.
pub fn find_commit(folder: &Path, name: &str) -> Result<Option<Oid>, Trouble> {
    Ok(Checkout::open(folder)?.find_commit(name)?.and_then(oid))
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

fn seen(read: Result<ObservedRepo, Trouble>) -> ObservedRepo {
    read.unwrap_or_else(|trouble| ObservedRepo {
        trouble: Some(trouble),
        ..ObservedRepo::default()
    })
}

fn read_checkout(
    declared: &RepoDeclaration,
    folder: &Path,
    look: &Look,
    depth: Depth,
) -> Result<ObservedRepo, Trouble> {
    let checkout = Checkout::open(folder)?;
    let refs = checkout.refs()?;
    let objects = checkout.objects()?;
    let shallow = checkout.shallow();
    let mut repo = ObservedRepo {
        fetched: checkout.fetched(),
        default_branch: Checkout::default_branch(&refs),
        shallow: !shallow.is_empty(),
        tags: Checkout::tags(&refs, &objects),
        ..ObservedRepo::default()
    };
    let mut history = History::new(&objects, shallow);
    let head = match &look.reading {
        Reading::Commit(commit) => {
            repo.content = Content::Commit;
            git_oid(commit).ok_or(Trouble::NoCommits)?
        }
        Reading::WorkingTree => read_branch(&checkout, &refs, &mut history, &mut repo)?,
        Reading::Index | Reading::IndexAt(_) => {
            repo.content = Content::Index;
            read_branch(&checkout, &refs, &mut history, &mut repo)?
        }
    };
    repo.head = oid(head);
    let clone = Clone {
        declared,
        folder,
        look,
        checkout: &checkout,
        objects: &objects,
    };
    clone.read_files(depth, head, &mut history, &mut repo)?;
    tags::look_up(&mut repo, head, &mut history).map_err(|it| unreadable(&it))?;
    if let Some(audit) = repo.audit.take() {
        repo.audit = Some(clone.audit(audit, (&refs, &repo), head, &mut history)?);
    }
    Ok(repo)
}

/// A clone that is being looked at.
struct Clone<'a, 'r> {
    declared: &'a RepoDeclaration,
    folder: &'a Path,
    look: &'a Look,
    checkout: &'a Checkout,
    objects: &'r Objects<'r>,
}

impl<'r> Clone<'_, 'r> {
    /// Reads the files in the state that is asked for.
    fn read_files(
        &self,
        depth: Depth,
        head: CommitId,
        history: &mut History<'r>,
        repo: &mut ObservedRepo,
    ) -> Result<(), Trouble> {
        let declared = self.declared;
        match &self.look.reading {
            Reading::WorkingTree => {
                let tree = history.tree(head).map_err(|it| unreadable(&it))?;
                let index = self.checkout.index()?;
                repo.dirty = self.checkout.is_dirty(&index, tree)?;
                let mut files = WorkTree::new(self.folder, Some(&index));
                read_tree(declared, &mut files, depth, repo);
                if let Some(audit) = &mut repo.audit {
                    licenses::add_installed(self.folder, &repo.locks, &mut audit.licenses);
                }
            }
            reading @ (Reading::Index | Reading::IndexAt(_)) => {
                let index = staged(self.checkout, reading)?;
                let mut files = Stored::new(self.objects, index.blobs());
                read_tree(declared, &mut files, depth, repo);
            }
            Reading::Commit(_) => {
                let mut files = commit_files(self.objects, history, head)?;
                read_tree(declared, &mut files, depth, repo);
            }
        }
        Ok(())
    }

    /// Adds what came before, and the tags that are judged.
    fn audit(
        &self,
        mut audit: Box<Audit>,
        (refs, repo): (&Refs<'_>, &ObservedRepo),
        head: CommitId,
        history: &mut History<'r>,
    ) -> Result<Box<Audit>, Trouble> {
        let mut past = Past {
            declared: self.declared,
            repo,
            head,
            objects: self.objects,
            history,
        };
        let range = past.read(self.look.base.as_ref(), &mut audit);
        let range = range.map_err(|it| unreadable(&it))?;
        audit.commits = self.checkout.judged_commits(&range)?;
        audit.tags = judged::of_clone(self.declared, self.folder, self.look, (refs, repo))?;
        Ok(audit)
    }
}

/// Returns the index that is meant.
fn staged(checkout: &Checkout, reading: &Reading) -> Result<Index, Trouble> {
    match reading {
        Reading::IndexAt(file) => checkout.index_at(file),
        _ => checkout.index(),
    }
}

/// Returns the paths of manifests, locks, changelogs and their like that are staged: what the index
/// holds of them in another way than the commit that is checked out. `index` is the file that git reads.
///
/// # Errors
/// When git's files can not be read.
pub fn staged_releases(folder: &Path, index: Option<&Path>) -> Result<Vec<String>, Trouble> {
    staged_among(folder, index, releases)
}

/// Returns every path that is staged: what the index holds in another way than the commit that is
/// checked out. `index` is the file that git reads.
///
/// # Errors
/// When git's files can not be read.
pub fn staged_paths(folder: &Path, index: Option<&Path>) -> Result<Vec<String>, Trouble> {
    staged_among(folder, index, |_| true)
}

fn staged_among(
    folder: &Path,
    index: Option<&Path>,
    wanted: fn(&str) -> bool,
) -> Result<Vec<String>, Trouble> {
    let checkout = Checkout::open(folder)?;
    let index = match index {
        Some(file) => checkout.index_at(file)?,
        None => checkout.index()?,
    };
    let (objects, now) = (checkout.objects()?, index.blobs());
    let head = checkout.refs()?.head().map_err(Trouble::Unreadable)?.id;
    let tree = head.and_then(|it| Some(objects.commit(it)?.tree));
    // git notes the tree of what is staged: nearly always nothing of it has to be read.
    if tree.is_some() && index.root == tree {
        return Ok(Vec::new());
    }
    let before = match tree {
        Some(tree) => objects.files(tree).map_err(Trouble::Unreadable)?,
        None => BTreeMap::new(),
    };
    let paths = before.keys().chain(now.keys());
    let changed = paths.filter(|it| before.get(*it) != now.get(*it) && wanted(it));
    let changed: std::collections::BTreeSet<String> = changed.cloned().collect();
    Ok(changed.into_iter().collect())
}

/// Reads the branch that is checked out and how it stands to its upstream; returns its tip.
fn read_branch(
    checkout: &Checkout,
    refs: &Refs<'_>,
    history: &mut History<'_>,
    repo: &mut ObservedRepo,
) -> Result<CommitId, Trouble> {
    let Head { branch, id } = refs.head().map_err(Trouble::Unreadable)?;
    let head = id.ok_or(Trouble::NoCommits)?;
    let upstream = branch.as_deref();
    let upstream = upstream.and_then(|branch| checkout.upstream(refs, branch));
    // An upstream whose commits are gone is as good as none.
    if let Some(parted) = upstream.and_then(|it| history.parted(head, it).ok()) {
        (repo.ahead, repo.behind) = (Some(parted.left.len()), Some(parted.right));
    }
    repo.branch = branch;
    Ok(head)
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

fn commit_files<'a>(
    objects: &'a Objects<'a>,
    history: &mut History<'_>,
    commit: CommitId,
) -> Result<Stored<'a>, Trouble> {
    let tree = history.tree(commit).map_err(|it| unreadable(&it))?;
    let files = objects.files(tree).map_err(Trouble::Unreadable)?;
    Ok(Stored::new(objects, files))
}

/// Reads the locks of a clone, now that the family's names are known.
fn add_locks(
    folder: &Path,
    reading: &Reading,
    family: &Family,
    repo: &mut ObservedRepo,
) -> Result<(), Trouble> {
    if repo.locks.is_empty() {
        return Ok(());
    }
    match reading {
        Reading::WorkingTree => read_locks(&mut WorkTree::new(folder, None), family, repo),
        Reading::Index | Reading::IndexAt(_) => {
            let checkout = Checkout::open(folder)?;
            let objects = checkout.objects()?;
            let mut files = Stored::new(&objects, staged(&checkout, reading)?.blobs());
            read_locks(&mut files, family, repo);
        }
        Reading::Commit(commit) => commit_locks(&Checkout::open(folder)?, commit, family, repo)?,
    }
    Ok(())
}

fn commit_locks(
    checkout: &Checkout,
    commit: &Oid,
    family: &Family,
    repo: &mut ObservedRepo,
) -> Result<(), Trouble> {
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
