//! Observes: what is really there, as facts. Reads, in parallel, and starts no process.

mod commit;
mod deploys;
mod family;
mod files;
mod glance;
mod judged;
mod lacking;
mod licenses;
mod past;
mod pushed;
mod staged;
mod standing;
mod tags;
#[cfg(test)]
mod tests;
mod tree;
mod trees;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cascade_plan::{
    Audit, Content, Graph, ObservedRepo, Oid, RepoDeclaration, RepoId, Scope, Snapshot, Trouble,
};

use crate::Site;
use crate::checkout::{Absent, Checkout, CommitId, Head, History, Objects, Refs, git_oid, oid};
use crate::pool::in_parallel;

pub use self::commit::{Tip, observe_commit, observe_commits};
pub use self::family::Family;
pub use self::judged::{AskedTag, TagPlace, TagQuestion, judged_tags};
pub use self::pushed::{PushedTip, observe_pushed};
pub use self::staged::{staged_paths, staged_releases};

pub(crate) use self::lacking::lacking;
pub(crate) use self::standing::date_tags;
pub use self::tree::is_of_releases;

use self::files::{Stored, WorkTree};
use self::lacking::whole;
use self::past::Past;
use self::staged::staged;
use self::tree::{read_locks, read_tree};

pub(crate) use self::tree::is_of_interest;
pub use self::trees::committed;
pub(crate) use self::trees::observe_trees;

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What a survey needs.
    Survey,
    /// What a plan needs: also the changelogs.
    Plan,
    /// What tells of releases: also the latest tags, the owners, the hooks, and when things were made.
    Releases,
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

/// Returns what is seen in every declared checkout.
pub fn observe(graph: &Graph, sites: &[Site], depth: Depth, now: i64) -> Snapshot {
    let usual = Look::default();
    observe_each(graph, sites, now, |_| (&usual, depth))
}

/// Returns what is seen in every declared clone: of those in `looks` what the rules look at, in that
/// way, and of the others what a survey needs.
pub fn observe_for_rules(
    graph: &Graph,
    sites: &[Site],
    looks: &BTreeMap<RepoId, Look>,
    now: i64,
) -> Snapshot {
    let usual = Look::default();
    observe_each(graph, sites, now, |repo| match looks.get(repo) {
        Some(look) => (look, Depth::Audit),
        None => (&usual, Depth::Survey),
    })
}

/// Returns what is seen in every declared clone that tells of releases: those in `looks` are looked at
/// in that way.
pub fn observe_releases(
    graph: &Graph,
    sites: &[Site],
    looks: &BTreeMap<RepoId, Look>,
    now: i64,
) -> Snapshot {
    let usual = Look::default();
    observe_each(graph, sites, now, |repo| {
        (looks.get(repo).unwrap_or(&usual), Depth::Releases)
    })
}

fn observe_each<'l>(
    graph: &Graph,
    sites: &[Site],
    now: i64,
    how: impl Fn(&RepoId) -> (&'l Look, Depth) + Sync,
) -> Snapshot {
    let repos = in_parallel(sites.iter().collect(), |site: &Site| {
        let (look, depth) = how(&site.repo);
        match graph.repo(&site.repo) {
            Some(declared) => seen(read_site(declared, &site.folder, look, depth)),
            None => ObservedRepo::default(),
        }
    });
    let family = Family::of(&repos);
    let repos = sites.iter().zip(repos).collect();
    let repos = in_parallel(repos, |(site, mut repo): (&Site, ObservedRepo)| {
        let reading = &how(&site.repo).0.reading;
        let absent = Absent::default();
        let added = add_locks(&site.folder, (reading, &absent), &family, &mut repo);
        let added = whole(added, &site.folder, &absent);
        repo.trouble = repo.trouble.or(added.err());
        repo
    });
    let names = sites.iter().map(|it| it.repo.clone());
    Snapshot {
        taken: now,
        repos: names.zip(repos).collect(),
        ..Snapshot::default()
    }
}

/// Returns the commit that a name leads to in a clone: a tag, a branch, `HEAD~1`, an id; `None` for
/// none.
///
/// # Errors
/// When the clone can not be read.
pub fn find_commit(folder: &Path, name: &str) -> Result<Option<Oid>, Trouble> {
    let absent = Absent::default();
    let clone = Checkout::at(folder, &absent)?;
    Ok(clone.find_commit(name)?.and_then(oid))
}

fn seen(read: Result<ObservedRepo, Trouble>) -> ObservedRepo {
    read.unwrap_or_else(|trouble| ObservedRepo {
        trouble: Some(trouble),
        ..ObservedRepo::default()
    })
}

/// Returns what is seen in what stands at a declared path.
fn read_site(
    declared: &RepoDeclaration,
    folder: &Path,
    look: &Look,
    depth: Depth,
) -> Result<ObservedRepo, Trouble> {
    let absent = Absent::default();
    let read = read_clone(declared, folder, look, (depth, &absent));
    whole(read, folder, &absent)
}

fn read_clone(
    declared: &RepoDeclaration,
    folder: &Path,
    look: &Look,
    (depth, absent): (Depth, &Absent),
) -> Result<ObservedRepo, Trouble> {
    let checkout = Checkout::at(folder, absent)?;
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
            git_oid(commit)
        }
        Reading::WorkingTree if checkout.is_bare() => {
            let tip = read_branch(&checkout, &refs, &mut history, &mut repo)?;
            repo.content = Content::Commit;
            repo.default_branch.clone_from(&repo.branch);
            tip
        }
        Reading::WorkingTree => read_branch(&checkout, &refs, &mut history, &mut repo)?,
        Reading::Index | Reading::IndexAt(_) if checkout.is_bare() => {
            let why = "it is a bare repository, where nothing is staged";
            return Err(Trouble::Unreadable(why.to_owned()));
        }
        Reading::Index | Reading::IndexAt(_) => {
            repo.content = Content::Index;
            read_branch(&checkout, &refs, &mut history, &mut repo)?
        }
    };
    let clone = Clone {
        declared,
        folder,
        look,
        checkout: &checkout,
        objects: &objects,
    };
    // What is staged for the first commit stands on nothing.
    let Some(head) = head else {
        return clone.read_first(depth, repo);
    };
    repo.head = oid(head);
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
            Reading::WorkingTree if repo.content == Content::WorkingTree => {
                let tree = history.tree(head).map_err(|it| unreadable(&it))?;
                let index = self.checkout.index()?;
                repo.dirty = self.checkout.is_dirty(&index, tree)?;
                let mut files = WorkTree::new(self.folder, Some(&index));
                read_tree(declared, &mut files, depth, repo);
                if let Some(audit) = &mut repo.audit {
                    licenses::add_installed(self.folder, &repo.locks, &mut audit.licenses);
                }
            }
            Reading::Index | Reading::IndexAt(_) => self.read_staged(depth, repo)?,
            Reading::WorkingTree | Reading::Commit(_) => {
                let mut files = commit_files(self.objects, history, head)?;
                read_tree(declared, &mut files, depth, repo);
            }
        }
        Ok(())
    }

    /// Reads what is staged in a repository that has no commit yet.
    fn read_first(&self, depth: Depth, mut repo: ObservedRepo) -> Result<ObservedRepo, Trouble> {
        if repo.content != Content::Index {
            return Err(Trouble::NoCommits);
        }
        self.read_staged(depth, &mut repo)?;
        Ok(repo)
    }

    fn read_staged(&self, depth: Depth, repo: &mut ObservedRepo) -> Result<(), Trouble> {
        let index = staged(self.checkout, &self.look.reading)?;
        let mut files = Stored::new(self.objects, index.blobs());
        read_tree(self.declared, &mut files, depth, repo);
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
        audit.committed = standing::committed(head, history);
        if repo.content != Content::Commit {
            audit.hooks = Some(standing::hooks(self.folder, self.checkout));
        }
        if audit.scope == Scope::Releases {
            let seen = (refs, repo);
            let read = (self.objects, &mut *history);
            audit.tags = glance::latest_tags(self.declared, self.look, seen, read);
            return Ok(audit);
        }
        let mut past = Past::of((self.declared, repo), head, (self.objects, history));
        let range = past.read(self.look.base.as_ref(), &mut audit);
        let range = range.map_err(|it| unreadable(&it))?;
        audit.commits = self.checkout.judged_commits(&range, None)?;
        audit.tags = judged::of_clone(
            (self.declared, self.folder),
            self.checkout,
            self.look,
            (refs, repo),
        )?;
        Ok(audit)
    }
}

/// Reads the branch that is checked out and how it stands to its upstream; returns its tip, where it
/// has a commit.
fn read_branch(
    checkout: &Checkout,
    refs: &Refs<'_>,
    history: &mut History<'_>,
    repo: &mut ObservedRepo,
) -> Result<Option<CommitId>, Trouble> {
    let Head { branch, id: head } = refs.head().map_err(Trouble::Unreadable)?;
    let upstream = branch.as_deref().and_then(|it| checkout.upstream(refs, it));
    // An upstream whose commits are gone is as good as none.
    let parted = head.zip(upstream);
    if let Some(parted) = parted.and_then(|(head, it)| history.parted(head, it).ok()) {
        (repo.ahead, repo.behind) = (Some(parted.left.len()), Some(parted.right));
    }
    repo.branch = branch;
    Ok(head)
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
    (reading, absent): (&Reading, &Absent),
    family: &Family,
    repo: &mut ObservedRepo,
) -> Result<(), Trouble> {
    if repo.locks.is_empty() {
        return Ok(());
    }
    match reading {
        Reading::WorkingTree if repo.content == Content::Commit => {
            let tip = repo.head.clone().ok_or(Trouble::NoCommits)?;
            commit_locks(&Checkout::at(folder, absent)?, &tip, family, repo)?;
        }
        Reading::WorkingTree => read_locks(&mut WorkTree::new(folder, None), family, repo),
        Reading::Index | Reading::IndexAt(_) => {
            let checkout = Checkout::open(folder)?;
            let objects = checkout.objects()?;
            let mut files = Stored::new(&objects, staged(&checkout, reading)?.blobs());
            read_locks(&mut files, family, repo);
        }
        Reading::Commit(commit) => {
            commit_locks(&Checkout::at(folder, absent)?, commit, family, repo)?;
        }
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
