//! A tag that is judged: what it is, what its commit holds, and what stands about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use cascade_manifest::Version;

use super::{ObservedRepo, TagHit, TrackedFiles};
use crate::Oid;

/// A tag with everything that the rules about tags read.
#[derive(Debug, Clone)]
pub struct JudgedTag {
    /// The name, without `refs/tags/`.
    pub name: String,
    /// The object that the ref names: a tag object, or for a lightweight tag the commit itself.
    pub object: Oid,
    /// What that object is.
    pub kind: TagKind,
    /// The commit that it leads to; `None` where it leads to none.
    pub commit: Option<Oid>,
    /// How it stands to the remote.
    pub standing: TagStanding,
    /// What its commit holds, without tags and history; empty without a commit.
    pub holds: Arc<ObservedRepo>,
    /// The files of its commit, and the texts of those that may say the version once more.
    pub files: Arc<TrackedFiles>,
    /// The packages of that commit that it releases.
    pub claims: Vec<TagClaim>,
    /// Every tag of its commit by name, itself included; read only where a version comes from git.
    pub here: BTreeMap<String, TagKind>,
    /// The branches that may be released and are known here, each with whether it contains the commit.
    pub branches: BTreeMap<String, bool>,
    /// The remote's default branch, where it is known; of a bare repository its own.
    pub default_branch: Option<String>,
    /// Whether the repository lacks history.
    pub shallow: bool,
}

/// What a tag's ref names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagKind {
    /// A tag object.
    Annotated(Annotation),
    /// Something else, without a tag object.
    Lightweight,
}

/// What a tag object says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotation {
    /// The name that it was made with, which may not be that of the ref.
    pub name: String,
    /// Who made it: name and mail; empty where it does not say.
    pub tagger: String,
    /// When, in seconds since 1970; 0 where it does not say.
    pub date: i64,
    /// The message, a signature included.
    pub message: String,
}

/// How a tag stands to the remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagStanding {
    /// The remote lacks it: it is being pushed, or will be.
    New,
    /// The remote has it, at the same object.
    Published,
    /// The remote has it at another object.
    Moved(Oid),
    /// The remote was not asked.
    Unknown,
}

/// A package that a tag releases.
#[derive(Debug, Clone)]
pub struct TagClaim {
    /// The index in the packages of the tag's commit.
    pub package: usize,
    /// The version that the tag stands for.
    pub version: Version,
    /// Other tags of the package that stand for this version, but for build metadata.
    pub twins: Vec<String>,
    /// The highest of its other version tags at or above this one that the commit contains.
    pub contained: Option<TagHit>,
    /// The highest final version among its other tags, contained or not.
    pub highest: Option<TagHit>,
}

impl JudgedTag {
    /// Returns whether it is not out yet, so that it can still be made another way.
    pub fn is_new(&self) -> bool {
        self.standing == TagStanding::New
    }

    /// Returns whether the text of a file of this path is among [`JudgedTag::files`]: those that say a
    /// version by custom, and what release-please keeps.
    pub fn reads(path: &str) -> bool {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let shallow = path.matches('/').count() <= DEEPEST;
        (folder.is_empty() && AT_ROOT.contains(&name)) || (shallow && CARRIERS.contains(&name))
    }

    /// Returns the packages that it releases, each with the version that it stands for there.
    pub fn released(&self) -> impl Iterator<Item = (&super::ObservedPackage, &TagClaim)> {
        let package = |it: &TagClaim| self.holds.packages.get(it.package);
        self.claims
            .iter()
            .filter_map(move |it| Some((package(it)?, it)))
    }
}

/// How deep below the root a file lies that says the version: `python/src/name/__init__.py`.
const DEEPEST: usize = 3;

/// What stands at the root.
const AT_ROOT: &[&str] = &[
    ".release-please-manifest.json",
    "release-please-config.json",
    ".release-please-config.json",
];

/// The names of files that say the version of a package, beside its manifest.
const CARRIERS: &[&str] = &[
    "__init__.py",
    "__about__.py",
    "__version__.py",
    "_version.py",
    "version.py",
    "server.json",
    "plugin.json",
    "gemini-extension.json",
];
