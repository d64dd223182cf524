//! What the rules about tags read: single tags, what their commits hold, and what stands about them.
//!
//! Nothing here walks a whole history: only tags at or above a version are asked for, all in one walk
//! that dates bound, and a branch is walked once for all tags.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use cascade_manifest::{Scheme, Version};
use cascade_plan::{
    Annotation, JudgedTag, ObservedPackage, ObservedRepo, Oid, RepoDeclaration, TagClaim, TagHit,
    TagKind, TagStanding, TrackedFiles, Trouble, VersionSource, may_release,
};

use super::family::Family;
use super::files::{Files, MANIFEST};
use super::tree::{read_locks, read_tree};
use super::{Depth, Look, Published, WhichTags, commit_files, unreadable};
use crate::checkout::{Checkout, CommitId, History, Objects, RawTag, Refs, Target, git_oid, oid};

/// Tags to judge, all of one repository.
#[derive(Debug, Clone)]
pub struct TagQuestion<'a> {
    /// The repository's declaration.
    pub declared: &'a RepoDeclaration,
    /// Where it is.
    pub place: TagPlace<'a>,
    /// The folder of objects that a push brought and that are not taken yet, beside its own.
    pub quarantine: Option<&'a Path>,
    /// The tags.
    pub tags: &'a [AskedTag],
    /// The branches that are pushed with them, as they will be: they count, and not what they were.
    pub branches: &'a BTreeMap<String, Oid>,
}

/// Where a repository is whose tags are judged.
#[derive(Debug, Clone, Copy)]
pub enum TagPlace<'a> {
    /// The checkout in this folder; a linked working tree is one too.
    Checkout(&'a Path),
    /// The bare repository in this folder.
    Bare(&'a Path),
}

impl TagPlace<'_> {
    /// Opens the repository there.
    pub(crate) fn open(self) -> Result<Checkout, Trouble> {
        match self {
            Self::Checkout(folder) => Checkout::open(folder),
            Self::Bare(folder) => Checkout::open_bare(folder),
        }
    }
}

/// One tag to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedTag {
    /// The name, without `refs/tags/`.
    pub name: String,
    /// The object that it names or will name, not peeled.
    pub object: Oid,
    /// How it stands to the remote.
    pub standing: TagStanding,
}

/// Returns the tags with everything that the rules about tags read, in the order asked.
///
/// # Errors
/// When git's files of the repository can not be read. What is wrong with one commit is said there.
pub fn judged_tags(question: &TagQuestion<'_>) -> Result<Vec<JudgedTag>, Trouble> {
    let checkout = question.place.open()?;
    judged_in(&checkout, question)
}

fn judged_in(checkout: &Checkout, question: &TagQuestion<'_>) -> Result<Vec<JudgedTag>, Trouble> {
    let refs = checkout.refs()?;
    let objects = checkout.objects_with(question.quarantine)?;
    let mut tags = refs.below("refs/tags/");
    let mut peeled = refs.tags();
    for asked in question.tags {
        if let Some(object) = git_oid(&asked.object) {
            tags.insert(asked.name.clone(), object);
            peeled.insert(asked.name.clone(), Target::Raw(object));
        }
    }
    let shallow = checkout.shallow();
    let is_shallow = !shallow.is_empty();
    let mut bench = Bench {
        objects: &objects,
        history: History::new(&objects, shallow),
        tags,
        peeled,
        held: HashMap::new(),
    };
    let mut judged: Vec<JudgedTag> = question
        .tags
        .iter()
        .map(|it| bench.judge(question.declared, it, is_shallow))
        .collect();
    let default_branch = default_branch(question, &refs);
    let heads = heads(question, default_branch.as_ref(), &refs);
    bench.add_branches(&heads, &mut judged)?;
    for tag in &mut judged {
        tag.default_branch.clone_from(&default_branch);
    }
    Ok(judged)
}

/// Returns the tags that are judged where a clone is looked at: the one that was named, else the latest
/// of each package and the version tags of the commit.
pub(super) fn of_clone(
    (declared, folder): (&RepoDeclaration, &Path),
    checkout: &Checkout,
    look: &Look,
    (refs, repo): (&Refs<'_>, &ObservedRepo),
) -> Result<Vec<JudgedTag>, Trouble> {
    let objects = refs.below("refs/tags/");
    let names = match &look.tags {
        WhichTags::Named(name) if objects.contains_key(name) => BTreeSet::from([name.clone()]),
        WhichTags::Named(_) | WhichTags::Latest => usual(repo),
        WhichTags::Nothing => BTreeSet::new(),
    };
    let tags: Vec<AskedTag> = names
        .into_iter()
        .filter_map(|name| {
            let object = oid(*objects.get(&name)?)?;
            let standing = standing(&look.published, &name, &object);
            Some(AskedTag {
                name,
                object,
                standing,
            })
        })
        .collect();
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    let place = if checkout.is_bare() {
        TagPlace::Bare(folder)
    } else {
        TagPlace::Checkout(folder)
    };
    let question = TagQuestion {
        declared,
        place,
        quarantine: None,
        tags: &tags,
        branches: &BTreeMap::new(),
    };
    judged_in(checkout, &question)
}

/// Returns the latest tag of each package, and the version tags of the commit that is looked at.
fn usual(repo: &ObservedRepo) -> BTreeSet<String> {
    let latest = repo.packages.iter().filter_map(ObservedPackage::highest);
    let latest = latest.map(|it| it.tag.clone());
    let here = repo.tags.iter().filter(|tag| {
        let mut packages = repo.packages.iter();
        Some(&tag.commit) == repo.head.as_ref()
            && packages.any(|it| it.version_of(&tag.name).is_some())
    });
    latest.chain(here.map(|it| it.name.clone())).collect()
}

/// Returns how a tag that names an object stands to the remote.
pub(super) fn standing(published: &Published, name: &str, object: &Oid) -> TagStanding {
    match published {
        Published::Unasked => TagStanding::Unknown,
        Published::JustNow => TagStanding::New,
        Published::These(tags) => match tags.get(name) {
            None => TagStanding::New,
            Some(there) if there == object => TagStanding::Published,
            Some(there) => TagStanding::Moved(there.clone()),
        },
    }
}

/// Returns the remote's default branch; of a bare repository its own.
fn default_branch(question: &TagQuestion<'_>, refs: &Refs<'_>) -> Option<String> {
    let own = || match question.place {
        TagPlace::Bare(_) => refs.head().ok()?.branch,
        TagPlace::Checkout(_) => None,
    };
    Checkout::default_branch(refs).or_else(own)
}

/// Returns the tips of the branches that may be released, several where the remote's is another.
fn heads(
    question: &TagQuestion<'_>,
    default_branch: Option<&String>,
    refs: &Refs<'_>,
) -> BTreeMap<String, Vec<CommitId>> {
    let seen = ObservedRepo {
        default_branch: default_branch.cloned(),
        branch: refs.head().ok().and_then(|it| it.branch),
        ..ObservedRepo::default()
    };
    let mut heads: BTreeMap<String, Vec<CommitId>> = BTreeMap::new();
    let mut add = |name: String, tip: CommitId| heads.entry(name).or_default().push(tip);
    let pushed = question.branches;
    let known = |name: &str| pushed.contains_key(name);
    for folder in ["refs/heads/", "refs/remotes/origin/"] {
        let all = refs.below(folder).into_iter();
        all.filter(|(name, _)| !known(name))
            .for_each(|(name, tip)| add(name, tip));
    }
    for (name, tip) in pushed {
        if let Some(tip) = git_oid(tip) {
            add(name.clone(), tip);
        }
    }
    heads.retain(|name, _| may_release(question.declared, &seen, name));
    heads
}

/// What is read once for all tags.
struct Bench<'r> {
    objects: &'r Objects<'r>,
    history: History<'r>,
    /// The object that each tag names.
    tags: BTreeMap<String, CommitId>,
    /// The same, as far as git peeled them already.
    peeled: BTreeMap<String, Target>,
    /// What commits hold.
    held: HashMap<CommitId, (Arc<ObservedRepo>, Arc<TrackedFiles>)>,
}

impl Bench<'_> {
    fn judge(&mut self, declared: &RepoDeclaration, asked: &AskedTag, shallow: bool) -> JudgedTag {
        let commit = self.commit(&asked.name);
        let (holds, files) = match commit {
            Some(commit) => self.held(declared, commit),
            None => Default::default(),
        };
        let claims = commit.map(|it| self.claims(&holds, &asked.name, it));
        let mut packages = holds.packages.iter();
        let by_git = packages
            .any(|it| it.source == VersionSource::Vcs && it.ecosystem.scheme == Scheme::Pep440);
        JudgedTag {
            name: asked.name.clone(),
            object: asked.object.clone(),
            kind: self.kind(&asked.name),
            commit: commit.and_then(oid),
            standing: asked.standing.clone(),
            claims: claims.unwrap_or_default(),
            here: commit
                .filter(|_| by_git)
                .map(|it| self.here(it))
                .unwrap_or_default(),
            branches: BTreeMap::new(),
            default_branch: None,
            holds,
            files,
            shallow,
        }
    }

    /// Returns the commit that a tag leads to.
    fn commit(&self, tag: &str) -> Option<CommitId> {
        git_oid(&self.objects.peel(self.peeled.get(tag)?.clone())?)
    }

    fn kind(&self, tag: &str) -> TagKind {
        let object = self.tags.get(tag);
        object.map_or(TagKind::Lightweight, |it| kind(self.objects, *it))
    }

    fn held(
        &mut self,
        declared: &RepoDeclaration,
        commit: CommitId,
    ) -> (Arc<ObservedRepo>, Arc<TrackedFiles>) {
        if let Some(known) = self.held.get(&commit) {
            return known.clone();
        }
        let (repo, files) = match read(declared, self.objects, &mut self.history, commit) {
            Ok(read) => read,
            Err(trouble) => {
                let trouble = Some(trouble);
                let repo = ObservedRepo {
                    trouble,
                    ..ObservedRepo::default()
                };
                (repo, TrackedFiles::default())
            }
        };
        let held = (Arc::new(repo), Arc::new(files));
        self.held.insert(commit, held.clone());
        held
    }

    /// Returns the packages that a tag of a commit releases.
    fn claims(&mut self, holds: &ObservedRepo, tag: &str, commit: CommitId) -> Vec<TagClaim> {
        let packages = holds.packages.iter().enumerate();
        let claims = packages.filter_map(|(package, it)| {
            let version = it.version_of(tag)?;
            let others = self.others(it, tag);
            let (twins, others): (Vec<_>, Vec<_>) = others
                .into_iter()
                .partition(|(other, _)| version.is_twin(other));
            let above: Vec<_> = others.iter().filter(|it| it.0 > version).collect();
            Some(TagClaim {
                package,
                twins: twins.into_iter().map(|it| it.1).collect(),
                contained: self.contained(commit, &above),
                highest: others
                    .iter()
                    .filter(|it| it.0.is_final())
                    .find_map(|it| self.hit(it)),
                version,
            })
        });
        claims.collect()
    }

    /// Returns the other version tags of a package, the highest first.
    fn others(&self, package: &ObservedPackage, tag: &str) -> Vec<(Version, String)> {
        let names = self.tags.keys().filter(|it| *it != tag);
        let versions = names.filter_map(|it| Some((package.version_of(it)?, it.clone())));
        let mut versions: Vec<_> = versions.collect();
        versions.sort_by(|a, b| b.cmp(a));
        versions
    }

    /// Returns the highest of these tags, the highest first, that a commit contains.
    fn contained(&mut self, commit: CommitId, above: &[&(Version, String)]) -> Option<TagHit> {
        let commits = above.iter().filter_map(|it| self.commit(&it.1));
        let commits: Vec<CommitId> = commits.collect();
        if commits.is_empty() {
            return None;
        }
        // A history with a hole is told of its commit, not of every tag.
        let reached = self.history.reached(commit, &commits).ok()?;
        let is_reached = |it: &str| self.commit(it).is_some_and(|it| reached.contains(&it));
        let found = above.iter().find(|it| is_reached(&it.1))?;
        self.hit(found)
    }

    fn hit(&self, (version, tag): &(Version, String)) -> Option<TagHit> {
        Some(TagHit {
            tag: tag.clone(),
            version: version.clone(),
            commit: oid(self.commit(tag)?)?,
        })
    }

    /// Returns every tag of a commit.
    fn here(&self, commit: CommitId) -> BTreeMap<String, TagKind> {
        let its = |tag: &&String| self.commit(tag) == Some(commit);
        let names = self.tags.keys().filter(its);
        names.map(|it| (it.clone(), self.kind(it))).collect()
    }

    /// Says of each tag which branches contain it.
    fn add_branches(
        &mut self,
        heads: &BTreeMap<String, Vec<CommitId>>,
        judged: &mut [JudgedTag],
    ) -> Result<(), Trouble> {
        let commits = judged.iter().map(|it| git_oid(it.commit.as_ref()?));
        let commits: Vec<Option<CommitId>> = commits.collect();
        let all: Vec<CommitId> = commits.iter().copied().flatten().collect();
        for (name, tips) in heads {
            for tip in tips {
                let reached = self
                    .history
                    .reached(*tip, &all)
                    .map_err(|it| unreadable(&it))?;
                for (tag, commit) in judged.iter_mut().zip(&commits) {
                    let contains = commit.is_some_and(|it| reached.contains(&it));
                    *tag.branches.entry(name.clone()).or_default() |= contains;
                }
            }
        }
        Ok(())
    }
}

/// Returns what the object of a tag is.
pub(super) fn kind(objects: &Objects<'_>, object: CommitId) -> TagKind {
    let tag = objects.tag(object);
    tag.map_or(TagKind::Lightweight, |it| {
        TagKind::Annotated(annotation(it))
    })
}

fn annotation(tag: RawTag) -> Annotation {
    Annotation {
        name: tag.name,
        tagger: tag.tagger,
        date: tag.time,
        message: tag.message,
    }
}

/// Reads what a commit holds.
fn read(
    declared: &RepoDeclaration,
    objects: &Objects<'_>,
    history: &mut History<'_>,
    commit: CommitId,
) -> Result<(ObservedRepo, TrackedFiles), Trouble> {
    let mut files = commit_files(objects, history, commit)?;
    let mut repo = ObservedRepo {
        head: oid(commit),
        ..ObservedRepo::default()
    };
    read_tree(declared, &mut files, Depth::Plan, &mut repo);
    read_locks(&mut files, &Family::default(), &mut repo);
    let carriers = files.paths(&JudgedTag::reads);
    let texts = carriers.into_iter().filter_map(|path| {
        let text = files.text(&path, MANIFEST).ok()?;
        Some((path, text.into()))
    });
    let texts = texts.collect();
    let paths = files.paths(&|_| true);
    Ok((repo, TrackedFiles { paths, texts }))
}

#[cfg(test)]
mod tests;
