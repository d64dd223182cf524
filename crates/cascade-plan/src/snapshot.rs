//! What was seen: facts of one moment, without judgement.

mod artifact;
mod audit;
mod beside;
mod by_tags;
mod delivering;
mod deploys;
mod judged_tag;
mod measurement;
mod packages;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use cascade_manifest::deploy::{Key, Reference};
use cascade_manifest::{Ecosystem, LockFacts, Manifest, ReadError, SiteRegex, Version};

use crate::{Oid, PackageId, RepoId, SiteDeclaration, SiteFinder, TagTemplate};

pub use artifact::{Artifact, Artifacts, Contents, Trial, TrialEnd, Tried};
pub use audit::{
    Audit, JudgedCommit, Listed, LockLicenses, LockedLicense, Scope, ShownBeyond, TrackedFiles,
};
pub(crate) use beside::{Beside, beside, commands};
pub use deploys::{BesideChart, ChartLockFile, DeployFile};
pub use judged_tag::{Annotation, JudgedTag, TagClaim, TagKind, TagStanding};
pub use measurement::{CommandEnd, Measurement};
pub use packages::{Several, packages_of};
pub(crate) use packages::{
    default_template, folder_of, has_auxiliary_folder, is_within, several, tag_name,
};

/// What was seen of the whole workspace.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// When it was taken, in seconds since 1970 (UTC). The only clock that planning knows.
    pub taken: i64,
    /// Every declared repository.
    pub repos: BTreeMap<RepoId, ObservedRepo>,
    /// When the workspace was looked at before, and how often it should be; `None` where nobody knows,
    /// or asked.
    pub watched: Option<Watched>,
}

/// When a workspace was looked at last, and how often it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// When it was looked at last, in seconds since 1970.
    pub last: i64,
    /// The longest time without a look that is as it should be, in seconds.
    pub expected: i64,
}

impl Snapshot {
    /// Returns a package as it was seen in its repository.
    pub(crate) fn package(&self, id: &PackageId) -> Option<&ObservedPackage> {
        let mut packages = self.repos.get(&id.repo)?.packages.iter();
        packages.find(|it| it.name == id.name && it.ecosystem.name == id.ecosystem)
    }
}

/// What was seen of one repository.
#[derive(Debug, Clone, Default)]
pub struct ObservedRepo {
    /// Why it could not be read; the rest is then empty.
    pub trouble: Option<Trouble>,
    /// Which state of its files was read.
    pub content: Content,
    /// The commit that was read, or that what was read stands on.
    pub head: Option<Oid>,
    /// The branch checked out; `None` on a detached head.
    pub branch: Option<String>,
    /// The remote's default branch, where it is known (`origin/HEAD`).
    pub default_branch: Option<String>,
    /// Whether tracked files differ from the commit or untracked files lie about.
    pub dirty: bool,
    /// Commits that the upstream branch lacks; `None` without one.
    pub ahead: Option<usize>,
    /// Commits that only the upstream branch has; `None` without one.
    pub behind: Option<usize>,
    /// When it was last fetched, in seconds since 1970; `None` when never.
    pub fetched: Option<i64>,
    /// Whether the clone lacks history.
    pub shallow: bool,
    /// The manifests that git tracks, by path.
    pub manifests: Vec<ManifestFile>,
    /// The settings of locks that git tracks, by path.
    pub settings: Vec<SettingsFile>,
    /// The locks that git tracks, by path.
    pub locks: Vec<LockFile>,
    /// The packages it publishes, by manifest path then ecosystem.
    pub packages: Vec<ObservedPackage>,
    /// Every tag, by name.
    pub tags: Vec<Tag>,
    /// The commits that some package has not released yet, newest first.
    pub commits: Vec<Commit>,
    /// What the declared sites matched.
    pub sites: Vec<SiteMatch>,
    /// The files that name images, charts, actions, modules and submodules of the family, by path.
    pub deploys: Vec<DeployFile>,
    /// The changelog, where one was asked for and exists.
    pub changelog: Option<Changelog>,
    /// Whether a release-please configuration exists at the root.
    pub release_please: bool,
    /// What only `check` reads; `None` where nobody asked for it.
    pub audit: Option<Box<Audit>>,
}

impl ObservedRepo {
    /// Returns the package that what stands at the root tells of: the only one, or the one there.
    pub fn root_package(&self) -> Option<&ObservedPackage> {
        match &self.packages[..] {
            [only] => Some(only),
            all => all.iter().find(|it| !it.manifest.contains('/')),
        }
    }
}

/// Which state of a repository's files was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Content {
    /// The tracked files, as they lie in the working tree.
    #[default]
    WorkingTree,
    /// The files as they are staged.
    Index,
    /// The files of a commit; of a working tree nothing is known.
    Commit,
}

/// Why a repository could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing stands at its path.
    Missing,
    /// Something stands there that git does not know.
    NotARepository,
    /// It has no commit yet.
    NoCommits,
    /// git refused: another owner, a format it can not read. Its own words.
    Unreadable(String),
    /// A clone for reports lacks something that is read, or is torn; a fetch mends it. What.
    Unfetched(String),
}

impl Trouble {
    /// The command that mends what a clone for reports lacks.
    pub const FETCH: &str = "cascade fetch --mode report";
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("no clone stands at its path"),
            Self::NotARepository => f.write_str("its folder is not a git repository"),
            Self::NoCommits => f.write_str("it has no commit yet"),
            Self::Unreadable(why) | Self::Unfetched(why) => {
                write!(f, "it can not be read: {why}")
            }
        }
    }
}

/// A manifest as it was read.
#[derive(Debug, Clone)]
pub struct ManifestFile {
    /// The path from the repository's root, with `/`.
    pub path: String,
    /// The whole text; empty where it could not be read.
    pub text: Arc<str>,
    /// Its ecosystem.
    pub ecosystem: &'static Ecosystem,
    /// What it says, or why it could not be read.
    pub read: Result<Manifest, ReadError>,
    /// Whether it is auxiliary: private, or below tests, examples, docs and the like.
    pub auxiliary: bool,
}

impl ManifestFile {
    /// Returns whether it is a list of requirements, which names no package and has no lock.
    pub(crate) fn is_requirements(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let format = self.ecosystem.format(name);
        format.is_some_and(|it| it.name().starts_with("requirements"))
    }
}

/// A file that says how a lock is made (`.npmrc`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsFile {
    /// The path from the repository's root, with `/`.
    pub path: String,
    /// The whole text.
    pub text: Arc<str>,
}

/// A lock as it was read, for the family's own packages.
#[derive(Debug, Clone)]
pub struct LockFile {
    /// The path from the repository's root, with `/`.
    pub path: String,
    /// Its ecosystem.
    pub ecosystem: &'static Ecosystem,
    /// What it holds, or why it could not be read.
    pub read: Result<LockFacts, ReadError>,
}

/// A package that a repository publishes.
#[derive(Debug, Clone)]
pub struct ObservedPackage {
    /// Its ecosystem.
    pub ecosystem: &'static Ecosystem,
    /// The name as its manifest writes it; Python's are normalised.
    pub name: String,
    /// The path of its manifest.
    pub manifest: String,
    /// What the manifest (or the file it names) says; the placeholder's text for a placeholder.
    pub version: Option<String>,
    /// Where the version comes from.
    pub source: VersionSource,
    /// The file and bytes of a static version that an edit would replace.
    pub version_at: Option<(String, Range<usize>)>,
    /// The text of that file where it is not a manifest that is kept.
    pub version_text: Option<Arc<str>>,
    /// The template of its tags.
    pub template: TagTemplate,
    /// How its pre-release tags are spelled.
    pub tag_format: crate::TagFormat,
    /// The highest final version among its tags, reachable or not, that is not taken back.
    pub latest: Option<TagHit>,
    /// The highest final version among its tags, where it stands above `latest`: it is taken back
    /// (`retract` of go.mod), and its number is used up.
    pub retracted: Option<TagHit>,
    /// The versions that are taken back.
    pub retracts: Vec<RangeInclusive<Version>>,
    /// The highest final version among its tags that the head's history contains.
    pub reachable: Option<TagHit>,
    /// The highest pre-release above `reachable` among its tags that the head's history contains.
    pub announced: Option<TagHit>,
    /// Its unreleased commits, as indices into [`ObservedRepo::commits`].
    pub since: Vec<usize>,
}

impl ObservedPackage {
    /// Returns whether a version is taken back.
    pub fn is_retracted(&self, version: &Version) -> bool {
        self.retracts.iter().any(|it| it.contains(version))
    }

    /// Returns the highest final version among its tags, taken back or not.
    pub fn highest(&self) -> Option<&TagHit> {
        self.retracted.as_ref().or(self.latest.as_ref())
    }

    /// Returns the version that a tag of this name stands for, where it is the package's.
    pub fn version_of(&self, tag: &str) -> Option<Version> {
        let template = self.template.for_package(&self.name);
        let version = Version::parse(self.ecosystem.scheme, template.version(tag)?)?;
        self.ecosystem
            .takes(&self.name, &version)
            .then_some(version)
    }

    /// Returns the tags that are the package's, with the versions that they stand for.
    pub fn versions<'t>(&self, tags: &'t [Tag]) -> impl Iterator<Item = (Version, &'t Tag)> {
        let template = self.template.for_package(&self.name);
        tags.iter().filter_map(move |tag| {
            let text = template.version(&tag.name)?;
            let version = Version::parse(self.ecosystem.scheme, text)?;
            let its = self.ecosystem.takes(&self.name, &version);
            its.then_some((version, tag))
        })
    }
}

/// Where a package's version comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VersionSource {
    /// A file says it.
    Static,
    /// The tag says it.
    Vcs,
    /// The publisher puts it in.
    Placeholder,
}

/// A tag and the version it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagHit {
    /// The tag's name.
    pub tag: String,
    /// The version.
    pub version: Version,
    /// The commit it points at, peeled.
    pub commit: Oid,
}

/// A tag of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The name, without `refs/tags/`.
    pub name: String,
    /// The commit it points at, peeled.
    pub commit: Oid,
}

/// A commit's id, message and date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The id.
    pub id: Oid,
    /// The whole message.
    pub message: String,
    /// Whether it has several parents.
    pub merge: bool,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
}

/// What one declared site matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteMatch {
    /// The index of the site in its repository's declaration.
    pub site: usize,
    /// The path of the file, from the repository's root.
    pub path: String,
    /// The whole text of the file; empty where it could not be read.
    pub text: Arc<str>,
    /// The bytes of each version that was found; or why there is none.
    pub found: Result<Vec<Range<usize>>, String>,
    /// What stands under the key, where one is declared.
    pub reference: Option<Reference>,
}

impl SiteMatch {
    /// Returns what the declared site number `site` finds in its file; or why the file has no text.
    pub fn of(site: usize, declared: &SiteDeclaration, text: Result<Arc<str>, String>) -> Self {
        let mut found = Self {
            site,
            path: declared.file.clone(),
            text: text.as_ref().map(Arc::clone).unwrap_or_default(),
            found: Ok(Vec::new()),
            reference: None,
        };
        found.found = match (text, &declared.finder) {
            (Err(why), _) => Err(why),
            (Ok(text), SiteFinder::Regex(regex)) => {
                SiteRegex::compile(regex).map(|it| it.find(&text))
            }
            (Ok(text), SiteFinder::Key(key)) => {
                let read =
                    Key::of(&declared.file, key, declared.kind).and_then(|it| it.read(&text));
                read.map_err(|it| it.to_string()).and_then(|it| {
                    let span = it.place().cloned();
                    found.reference = Some(it);
                    let span = span.ok_or("what stands there has no text of one piece");
                    Ok(vec![span?])
                })
            }
        };
        found
    }

    /// Returns how the matches differ from what is declared; `None` where they do not.
    pub(crate) fn amiss(&self, declared: &SiteDeclaration) -> Option<String> {
        let (file, count) = (&declared.file, declared.count);
        match &self.found {
            Err(why) => Some(format!("the site in `{file}` has no match: {why}")),
            Ok(spans) if spans.len() != count => Some(format!(
                "the site in `{file}` matches {} times, not {count}",
                spans.len()
            )),
            Ok(_) => None,
        }
    }
}

/// A changelog as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changelog {
    /// The path from the repository's root.
    pub path: String,
    /// The whole text.
    pub text: Arc<str>,
}
