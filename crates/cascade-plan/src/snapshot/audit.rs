//! What only `check` and the hooks read: files for their own sake, single tags, single commits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{Awaited, DigestSight, PinnedDigest, Sight};

use super::{Changelog, Commit, JudgedTag, ManifestFile};

/// What was read of one repository for the rules alone.
#[derive(Debug, Clone, Default)]
pub struct Audit {
    /// How much was read.
    pub scope: Scope,
    /// When the commit that was read was made, in seconds since 1970.
    pub committed: Option<i64>,
    /// When tags were made, of those that somebody asked for, in seconds since 1970: the date of an
    /// annotated tag, else that of its commit.
    pub tagged: BTreeMap<String, i64>,
    /// Which of cascade's hooks stand in the clone; `None` where nobody looked.
    pub hooks: Option<BTreeSet<String>>,
    /// What registries list of its packages; `None` where none was asked.
    pub listed: Option<Vec<Listed>>,
    /// What registries show of the images and charts of its latest version; `None` where none was
    /// asked.
    pub beyond: Option<Vec<ShownBeyond>>,
    /// What registries show of the digests that its pins on images are held by.
    pub digests: Vec<(PinnedDigest, DigestSight)>,
    /// What would be published; `None` where nobody looked into it.
    pub artifacts: Option<super::Artifacts>,
    /// What the quality gates came to; `None` where they were not run.
    pub quality: Option<Vec<super::Measurement>>,
    /// The files that git tracks there.
    pub files: TrackedFiles,
    /// The commits that are judged, newest first: those that are not released yet, or those of a
    /// range that was asked for.
    pub commits: Vec<JudgedCommit>,
    /// The manifests of the commit that what is judged comes after: that which is checked out for what
    /// is staged, the base of the judged commits, or the nearest release below.
    pub before: Vec<ManifestFile>,
    /// The changelog as the nearest release below had it, with the tag of that release.
    pub released_changelog: Option<(String, Changelog)>,
    /// The tags that are judged.
    pub tags: Vec<JudgedTag>,
    /// What is known of the licences of what its locks hold, where licences are allowed or denied.
    pub licenses: Vec<LockLicenses>,
}

/// How much was read for the rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// What tells of releases: the latest tags, the changelog, release-please's manifest, the owners.
    Releases,
    /// Everything that a rule reads: also workflows, sources and commits.
    #[default]
    Everything,
}

/// What a registry lists of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The package, as its manifest writes it.
    pub package: String,
    /// Its ecosystem.
    pub ecosystem: &'static str,
    /// The versions that can be installed.
    pub versions: Vec<String>,
    /// The versions that are taken back (yanked, deprecated); pins may still hold them.
    pub yanked: Vec<String>,
}

/// What a registry shows of the latest version of an image or chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownBeyond {
    /// What was asked for.
    pub awaited: Awaited,
    /// Where it appears, as people are told.
    pub registry: String,
    /// The tag of the release that it belongs to.
    pub tag: String,
    /// What was shown.
    pub sight: Sight,
}

/// A commit that rules judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedCommit {
    /// Its id and message.
    pub commit: Commit,
    /// The e-mail address of whoever wrote it.
    pub author: String,
    /// The e-mail address of whoever committed it.
    pub committer: String,
    /// The paths that it changes, against its first parent; of a rename both.
    pub changed: Vec<String>,
}

/// What is known of the licences of what one lock holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockLicenses {
    /// The path of the lock.
    pub path: String,
    /// Everything that it holds from elsewhere, by name and version.
    pub packages: Vec<LockedLicense>,
}

/// What is known of the licence of one version of one package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LockedLicense {
    /// The package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What is said of its licence, as it is written; `None` where neither the lock nor what is
    /// installed says anything.
    pub license: Option<String>,
}

/// The files of one commit, of the index or of a checkout.
#[derive(Debug, Clone, Default)]
pub struct TrackedFiles {
    /// Every path from the root, with `/`, sorted.
    pub paths: Vec<String>,
    /// The whole texts of those that rules read, by path; what is no text or is too large is absent.
    pub texts: BTreeMap<String, Arc<str>>,
}

impl TrackedFiles {
    /// The files that tell of releases and owners: release-please's manifest, and CODEOWNERS where a
    /// forge looks for it, in the order of GitHub, then GitLab's own place.
    pub const TELLING: &[&str] = &[
        ".release-please-manifest.json",
        ".github/CODEOWNERS",
        "CODEOWNERS",
        "docs/CODEOWNERS",
        ".gitlab/CODEOWNERS",
    ];

    /// Returns whether a file of this path is tracked.
    pub fn has(&self, path: &str) -> bool {
        self.paths
            .binary_search_by(|it| it.as_str().cmp(path))
            .is_ok()
    }

    /// Returns the text of a file, where rules read it.
    pub fn text(&self, path: &str) -> Option<&Arc<str>> {
        self.texts.get(path)
    }

    /// Returns whether rules read the text of a file of this path.
    pub fn reads(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let folder = path.split('/').next().unwrap_or_default();
        let root = folder == path;
        let script = SCRIPTS.iter().any(|it| name.ends_with(it));
        let told = folder == "LICENSES" || TABLES.contains(&path) || Self::TELLING.contains(&path);
        root || told || folder == ".github" || script || JudgedTag::reads(path)
    }
}

/// Pages below `docs` that say what is supported.
const TABLES: &[&str] = &[
    "docs/compatibility.md",
    "docs/installation.md",
    "docs/support.md",
];

/// How the names of scripts end.
const SCRIPTS: &[&str] = &[
    ".sh",
    ".bash",
    ".ps1",
    "Makefile",
    "justfile",
    "noxfile.py",
    "tox.ini",
];
