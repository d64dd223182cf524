//! What came before what is judged: the commits since, and what the files said then.

use std::collections::BTreeMap;
use std::rc::Rc;

use cascade_plan::{Audit, Changelog, ObservedPackage, ObservedRepo, Oid, RepoDeclaration};

use super::Depth;
use super::files::{MANIFEST, Stored};
use super::tree::read_tree;
use crate::checkout::{CommitId, History, Lost, Objects, git_oid};

/// How many commits are judged, the newest first.
const ENOUGH: usize = 1_000;
/// How many tags of a package are asked for, the highest first.
const ASKED: usize = 64;

/// A repository that was read, and its history.
pub(super) struct Past<'a, 'r> {
    declared: &'a RepoDeclaration,
    repo: &'a ObservedRepo,
    /// The commit that was read, or that what was read stands on.
    head: CommitId,
    objects: &'r Objects<'r>,
    history: &'a mut History<'r>,
    /// The releases below the head, as far as they were looked for, by the package's manifest.
    below: BTreeMap<&'a str, Option<Rc<Release>>>,
}

/// The release below: its tag, its commit, and the commits since.
struct Release {
    tag: String,
    commit: CommitId,
    since: Vec<usize>,
}

impl<'a, 'r> Past<'a, 'r> {
    /// Returns what came before a commit of a repository that was read.
    pub(super) fn of(
        (declared, repo): (&'a RepoDeclaration, &'a ObservedRepo),
        head: CommitId,
        (objects, history): (&'r Objects<'r>, &'a mut History<'r>),
    ) -> Self {
        Self {
            declared,
            repo,
            head,
            objects,
            history,
            below: BTreeMap::new(),
        }
    }

    /// Fills in what was said before; returns the commits that are judged, newest first: those after
    /// `base`, without one those that no release has, and where the head is released, its release's.
    pub(super) fn read(
        &mut self,
        base: Option<&Oid>,
        audit: &mut Audit,
    ) -> Result<Vec<CommitId>, Lost> {
        audit.released_changelog = self.released_changelog()?;
        let said = base.and_then(git_oid);
        let before = match (self.repo.content, said) {
            (cascade_plan::Content::Index, _) => Some(self.head),
            (_, Some(said)) => Some(said),
            (_, None) => self.nearest()?.map(|it| it.commit),
        };
        if let Some(before) = before {
            audit.before = self.manifests(before)?;
        }
        let mut range = match said {
            Some(base) => self.history.parted(self.head, base)?.left,
            None if self.repo.commits.is_empty() => {
                let nearest = self.nearest()?;
                nearest.map(|it| it.since.clone()).unwrap_or_default()
            }
            None => {
                let unreleased = self.repo.commits.iter();
                let unreleased = unreleased.filter_map(|it| git_oid(&it.id));
                return Ok(unreleased.take(ENOUGH).collect());
            }
        };
        let history = &*self.history;
        let time = |number: &usize| history.commit(*number).map(|(_, it)| it.time);
        range.sort_by_key(|it| std::cmp::Reverse(time(it)));
        let commit = |number: usize| history.commit(number).map(|(id, _)| id);
        Ok(range.into_iter().filter_map(commit).take(ENOUGH).collect())
    }

    /// Returns the manifests of a commit.
    fn manifests(&mut self, commit: CommitId) -> Result<Vec<cascade_plan::ManifestFile>, Lost> {
        let tree = self.history.tree(commit)?;
        let files = self.objects.files(tree).map_err(|_| Lost(commit))?;
        let mut then = ObservedRepo::default();
        let mut files = Stored::new(self.objects, files);
        read_tree(self.declared, &mut files, Depth::Survey, &mut then);
        Ok(then.manifests)
    }

    /// Returns the release below the head of whichever package's is nearest.
    fn nearest(&mut self) -> Result<Option<Rc<Release>>, Lost> {
        let mut nearest: Option<Rc<Release>> = None;
        for package in &self.repo.packages {
            if let Some(found) = self.release_below(package)?
                && nearest
                    .as_ref()
                    .is_none_or(|it| found.since.len() < it.since.len())
            {
                nearest = Some(found);
            }
        }
        Ok(nearest)
    }

    /// Returns the highest final version of a package that lies below the head and is not it.
    fn release_below(&mut self, package: &'a ObservedPackage) -> Result<Option<Rc<Release>>, Lost> {
        if let Some(known) = self.below.get(package.manifest.as_str()) {
            return Ok(known.clone());
        }
        let found = self.look_below(package)?.map(Rc::new);
        self.below.insert(&package.manifest, found.clone());
        Ok(found)
    }

    fn look_below(&mut self, package: &ObservedPackage) -> Result<Option<Release>, Lost> {
        let finals = package.versions(&self.repo.tags);
        let mut below: Vec<_> = finals
            .filter(|(version, _)| version.is_final())
            .filter_map(|(version, tag)| Some((version, tag, git_oid(&tag.commit)?)))
            .filter(|(.., commit)| *commit != self.head)
            .collect();
        below.sort_by(|a, b| b.0.cmp(&a.0));
        for (_, tag, commit) in below.into_iter().take(ASKED) {
            if self.history.number(commit).is_err() {
                continue;
            }
            let parted = self.history.parted(self.head, commit)?;
            if parted.contained {
                let (tag, since) = (tag.name.clone(), parted.left);
                return Ok(Some(Release { tag, commit, since }));
            }
        }
        Ok(None)
    }

    /// Returns the changelog as the release below had it, with the tag of that release.
    fn released_changelog(&mut self) -> Result<Option<(String, Changelog)>, Lost> {
        let repo = self.repo;
        let (Some(now), Some(package)) = (&repo.changelog, repo.root_package()) else {
            return Ok(None);
        };
        let Some(release) = self.release_below(package)? else {
            return Ok(None);
        };
        let text = self.history.file(release.commit, &now.path, MANIFEST);
        let text = text.and_then(|it| String::from_utf8(it).ok());
        Ok(text.map(|text| {
            let (path, text) = (now.path.clone(), text.into());
            (release.tag.clone(), Changelog { path, text })
        }))
    }
}
