//! Everything a plan is made from, and the small questions about it.

use std::sync::Arc;

use cascade_manifest::{Kind, Version};

use crate::branches::Allowed;
use crate::{
    EdgePolicy, Graph, Need, ObservedPackage, ObservedRepo, Oid, PackageId, PackageSurvey, Purpose,
    ReleaseMode, RepoDeclaration, RepoId, RepoSurvey, Request, Snapshot, Survey, TagHit,
};

/// Everything a plan is made from.
#[derive(Clone, Copy)]
pub(super) struct World<'a> {
    pub(super) graph: &'a Graph,
    pub(super) snapshot: &'a Snapshot,
    pub(super) survey: &'a Survey,
    pub(super) request: &'a Request,
}

/// One repository in it.
#[derive(Clone, Copy)]
pub(super) struct Home<'a> {
    pub(super) id: &'a RepoId,
    pub(super) declared: &'a RepoDeclaration,
    pub(super) seen: &'a ObservedRepo,
    pub(super) survey: &'a RepoSurvey,
}

impl<'a> World<'a> {
    /// Returns the repository, if it is declared and was seen.
    pub(super) fn home(&self, id: &'a RepoId) -> Option<Home<'a>> {
        Some(Home {
            id,
            declared: self.graph.repo(id)?,
            seen: self.snapshot.repos.get(id)?,
            survey: self.survey.repos.get(id)?,
        })
    }

    /// Returns whether the plan is for a release.
    pub(super) fn is_release(&self) -> bool {
        self.request.purpose == Purpose::Release
    }

    /// Returns the command that releases what was asked for, or the upstream where nothing was.
    pub(super) fn release_command(&self, upstream: &RepoId) -> String {
        let asks = self.request.asks.iter().map(ToString::to_string);
        let mut asks: Vec<String> = asks.collect();
        if asks.is_empty() {
            asks.push(upstream.to_string());
        }
        let pre = self.request.pre.as_ref().map(|it| format!(" --pre {it}"));
        format!(
            "cascade release --repo {}{}",
            asks.join(" --repo "),
            pre.unwrap_or_default()
        )
    }

    /// Returns whether the repository has to stay as it is.
    pub(super) fn is_frozen(&self, id: &RepoId) -> bool {
        let only = &self.request.only;
        self.request.skip.contains(id) || !(only.is_empty() || only.contains(id))
    }

    /// Returns every package with its repository, in the order of the survey.
    pub(super) fn packages(&self) -> impl Iterator<Item = (Home<'a>, &'a PackageSurvey)> {
        let homes = self.survey.order.iter().filter_map(|id| self.home(id));
        homes.flat_map(|home| home.survey.packages.iter().map(move |it| (home, it)))
    }

    /// Returns whether an image that a repository declares is this package's, by its ecosystem and name.
    pub(super) fn delivers(&self, repo: &RepoId, image: &str, package: (&str, &str)) -> bool {
        let seen = self.snapshot.repos.get(repo);
        let found = seen.and_then(|it| it.delivering(Kind::Image, image, ""));
        found.is_some_and(|it| (it.ecosystem.name, it.name.as_str()) == package)
    }

    /// Returns what is known of a package.
    pub(super) fn package(&self, id: &PackageId) -> Option<&'a PackageSurvey> {
        let repo = self.survey.repos.get(&id.repo)?;
        repo.packages.iter().find(|it| it.id == *id)
    }
}

impl<'a> Home<'a> {
    /// Returns whether something else makes the repository's tags.
    pub(super) fn is_release_please(&self) -> bool {
        self.declared.mode == ReleaseMode::ReleasePlease
    }

    /// Returns what is declared of the edge to an upstream.
    pub(super) fn need(&self, upstream: &RepoId) -> Option<&'a Need> {
        self.declared.needs.iter().find(|it| it.repo == *upstream)
    }

    /// Returns how pins on an upstream move.
    pub(super) fn policy(&self, upstream: &RepoId) -> EdgePolicy {
        let usual = match self.declared.dispatch {
            Some(_) => EdgePolicy::External,
            None => EdgePolicy::default(),
        };
        self.need(upstream).map_or(usual, |it| it.policy)
    }

    /// Returns what was seen of a package.
    pub(super) fn observed(&self, package: &PackageSurvey) -> Option<&'a ObservedPackage> {
        let mut packages = self.seen.packages.iter();
        let name = &package.id.name;
        packages.find(|it| {
            it.manifest == package.manifest && it.ecosystem == package.ecosystem && it.name == *name
        })
    }

    /// Returns the branches that may be released.
    pub(super) fn allowed(&self) -> Allowed {
        Allowed::of(self.declared, self.seen)
    }

    /// Returns the tag that the next version has to stand above: the highest of all, or on a
    /// maintenance branch the highest that the branch contains.
    pub(super) fn base(&self, package: &'a PackageSurvey) -> Option<&'a TagHit> {
        if self.is_maintenance() {
            return package.reachable.as_ref().or(package.highest());
        }
        package.highest()
    }

    /// Returns whether a branch other than the main one is checked out, and may be released.
    pub(super) fn is_maintenance(&self) -> bool {
        let branch = self.seen.branch.as_deref();
        branch.is_some_and(|it| self.allowed().holds(it) && !self.allowed().is_main(it))
    }

    /// Returns the text of a file that was read.
    pub(super) fn text(&self, path: &str) -> Option<&'a Arc<str>> {
        let seen = self.seen;
        let manifest = seen.manifests.iter().find(|it| it.path == path);
        let site = || seen.sites.iter().find(|it| it.path == path);
        let version = || {
            seen.packages.iter().find_map(|it| {
                let (at, _) = it.version_at.as_ref()?;
                it.version_text.as_ref().filter(|_| at == path)
            })
        };
        let deploys = || self.deploy(path).map(|it| &it.text);
        manifest
            .map(|it| &it.text)
            .or_else(deploys)
            .or_else(version)
            .or_else(|| site().map(|it| &it.text))
    }
}

/// A version that pins are held against.
#[derive(Debug, Clone)]
pub(super) struct Travelling {
    /// The version.
    pub(super) to: Version,
    /// How far the package moved to it.
    pub(super) level: cascade_manifest::Level,
    /// The commit of its tag, where the tag is there already.
    pub(super) commit: Option<Oid>,
    /// Whether only pins that are behind are held against it.
    pub(super) hold: Hold,
}

/// Which pins are held against a travelling version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Every one.
    Every,
    /// Those that name an older version than the latest.
    Old,
}
