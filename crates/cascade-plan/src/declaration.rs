//! `workspace.toml`, read: what a person declared.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use cascade_manifest::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::Policy;
use crate::{Deliverables, DispatchDeclaration, Outlet, RepoId, TagTemplate, VersionSource};

mod alone;
mod check;
mod dispatch;
mod drift;
mod fault;
mod file;
mod gate;
mod package;
mod path;
mod policy;
mod publishes;
mod quality;
mod read;
mod registry;
mod remote;
mod resolve;
mod run_lock;
mod schema;
mod site;
mod span;
mod word;

pub use alone::{Alone, declare_alone};
pub(crate) use check::header_regex;
pub use check::{CheckDeclaration, HeaderDeclaration, Waiver};
pub use drift::DriftDeclaration;
pub use fault::{DeclareError, DeclareErrors};
pub use publishes::{ChartDeclaration, ImageDeclaration, ModuleDeclaration};
pub use quality::{
    Advisories, AdvisoryWaiver, AuditFormat, Locator, Measure, Number, QualityDeclaration,
};
pub(crate) use remote::check as remote;
pub(crate) use resolve::branch;
pub use run_lock::{LockReach, RunLock};
pub use schema::schema;
pub use span::{span, spelled};

/// A whole `workspace.toml`: every name known, every path inside, no two templates at odds.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The workspace's name.
    pub name: String,
    /// The folder that repository paths are relative to, relative to the file's own.
    pub root: String,
    /// The lock of its runs.
    pub run_lock: RunLock,
    /// The repositories, by name.
    pub repos: BTreeMap<RepoId, RepoDeclaration>,
    /// The registries, by name.
    pub registries: BTreeMap<String, RegistryDeclaration>,
    /// The gates, in the order of the file.
    pub gates: Vec<GateDeclaration>,
    /// What people decided about findings.
    pub check: CheckDeclaration,
    /// What is allowed where no repository is meant, or one that says nothing else.
    pub policy: Policy,
    /// How drift is watched.
    pub drift: DriftDeclaration,
}

/// One `[[gate]]`: commands that have to succeed after some repositories and before others.
#[derive(Debug, Clone)]
pub struct GateDeclaration {
    /// What is out before the commands run.
    pub after: Vec<RepoId>,
    /// What begins once they succeeded.
    pub before: Vec<RepoId>,
    /// The commands, as argument lists.
    pub run: Vec<Vec<String>>,
    /// The bytes of the entry in the file.
    pub at: Range<usize>,
}

/// One `[registry.NAME]` table.
#[derive(Debug, Clone)]
pub struct RegistryDeclaration {
    /// The ecosystem that it is an index of; `None` for a folder that holds several.
    pub ecosystem: Option<String>,
    /// Where it is.
    pub outlet: Outlet,
}

/// One place where packages appear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appearance {
    /// The name of the registry, or `configured`.
    pub registry: String,
    /// The ecosystem of the packages that appear there; `None` for any.
    pub ecosystem: Option<String>,
    /// Where it is.
    pub outlet: Outlet,
}

/// One `[repo.NAME]` table, defaults filled in.
#[derive(Debug, Clone)]
pub struct RepoDeclaration {
    /// The folder, relative to the root, with `/`, without `./`.
    pub path: String,
    /// Where it is cloned from, fetched from and pushed to.
    pub remote: Option<String>,
    /// The branches that may be released, the first one by default.
    pub branch: Branches,
    /// What it stands on, in the order of the file.
    pub needs: Vec<Need>,
    /// How it is released.
    pub mode: ReleaseMode,
    /// The tag template, where one is declared for the repository or the workspace.
    pub tag: Option<TagTemplate>,
    /// How pre-release tags are spelled.
    pub tag_format: TagFormat,
    /// What is declared of its packages.
    pub packages: Vec<PackageDeclaration>,
    /// Who owns it; whoever its CODEOWNERS names, where it is empty.
    pub owners: Vec<String>,
    /// The container images that it publishes.
    pub images: Vec<ImageDeclaration>,
    /// The charts that it publishes.
    pub charts: Vec<ChartDeclaration>,
    /// The modules that it publishes.
    pub modules: Vec<ModuleDeclaration>,
    /// How its locks are brought in step.
    pub lock: LockMode,
    /// Whether the family's own packages are exempted from release-age gates in its settings.
    pub exempt_family: bool,
    /// Commands that must succeed before it is tagged, as argument lists.
    pub checks: Vec<Vec<String>>,
    /// Commands that must succeed at the commit before it is tagged, as argument lists.
    pub ready: Vec<Vec<String>>,
    /// The command that is asked whether a tag's packages are published; empty for none.
    pub publish_status: Vec<String>,
    /// Commands that must succeed with the new version installed, as argument lists.
    pub smoke: Vec<Vec<String>>,
    /// Commands that are run once it is released, as argument lists.
    pub after: Vec<Vec<String>>,
    /// Where its packages appear, and are waited for; nowhere where it is empty.
    pub registry: Vec<Appearance>,
    /// Where the pre-releases of its packages appear, where that is elsewhere.
    pub staging: Vec<Appearance>,
    /// Whether nothing that it publishes is waited for: `registry = "none"`.
    pub unawaited: bool,
    /// How long a package is waited for.
    pub timeout: Duration,
    /// The message that promotes to it, where another system moves its pins.
    pub dispatch: Option<DispatchDeclaration>,
    /// Extra places that pin something of the family.
    pub sites: Vec<SiteDeclaration>,
    /// What people decided about its findings.
    pub check: CheckDeclaration,
    /// What is allowed in it.
    pub policy: Policy,
    /// Its quality gates, in the order of the file.
    pub quality: Vec<QualityDeclaration>,
    /// What the whole family delivers beside packages, by the names that files give it.
    pub family: Arc<Deliverables>,
    /// The bytes of its header in the file.
    pub at: Range<usize>,
}

impl RepoDeclaration {
    /// Returns where a package of this ecosystem and name appears, by what is declared.
    pub fn appears(&self, ecosystem: &str, name: &str) -> Option<&Appearance> {
        let own = self
            .package(ecosystem, name)
            .and_then(|it| it.registry.as_ref());
        first_of(own.unwrap_or(&self.registry), ecosystem)
    }

    /// Returns where a pre-release of it appears, by what is declared.
    pub fn stages(&self, ecosystem: &str, name: &str) -> Option<&Appearance> {
        first_of(&self.staging, ecosystem).or_else(|| self.appears(ecosystem, name))
    }

    /// Returns what is declared of a package of this ecosystem and name.
    pub fn package(&self, ecosystem: &str, name: &str) -> Option<&PackageDeclaration> {
        let same = |it: &str| match cascade_manifest::ecosystem(ecosystem) {
            Some(kind) => (kind.canonical)(it) == (kind.canonical)(name),
            None => it == name,
        };
        let fits = |it: &&PackageDeclaration| {
            let kind = it.ecosystem.as_deref();
            same(&it.name) && kind.is_none_or(|it| it == ecosystem)
        };
        self.packages.iter().find(fits)
    }
}

fn first_of<'a>(all: &'a [Appearance], ecosystem: &str) -> Option<&'a Appearance> {
    let takes = |it: &&Appearance| it.ecosystem.as_deref().is_none_or(|it| it == ecosystem);
    all.iter().find(takes)
}

/// The branches of a repository that may be released: names or globs (`hotfix/*`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branches(pub Vec<String>);

/// One entry of `needs`, or one per-edge table.
#[derive(Debug, Clone)]
pub struct Need {
    /// The upstream repository.
    pub repo: RepoId,
    /// It orders only: no pin has to stand behind it.
    pub order_only: bool,
    /// How pins on it move.
    pub policy: EdgePolicy,
    /// How far this repository moves when the upstream does.
    pub level: EdgeLevel,
    /// The type of the commit that moves the pins.
    pub commit_type: String,
    /// The bytes of the entry in the file.
    pub at: Range<usize>,
}

/// How the pins of an edge move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EdgePolicy {
    /// Exact pins follow; a range moves only when it does not admit the version.
    #[default]
    Auto,
    /// Every pin becomes exact.
    Exact,
    /// Floors rise to the version.
    Floor,
    /// Nothing moves.
    Keep,
    /// A person moves it; cascade says what to write.
    Manual,
    /// Another system moves it; cascade waits for it.
    External,
}

/// How far a downstream moves when an upstream does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeLevel {
    /// Not at all: the pins are committed, nothing is released.
    None,
    /// A patch.
    #[default]
    Patch,
    /// As far as the upstream moved.
    Match,
    /// As its own commits ask, a patch at least.
    Inferred,
}

/// How a repository is released.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseMode {
    /// cascade commits, tags and pushes.
    #[default]
    Tag,
    /// cascade pushes a branch; the merged commit is tagged.
    PullRequest,
    /// release-please tags; cascade pushes the pins and waits.
    ReleasePlease,
    /// A person releases it.
    Manual,
}

impl ReleaseMode {
    /// Returns the word for it in `workspace.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::PullRequest => "pull-request",
            Self::ReleasePlease => "release-please",
            Self::Manual => "manual",
        }
    }
}

/// How the locks of a repository are brought in step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LockMode {
    /// Natively where nothing but what moves can change, else by the ecosystem's own tool.
    #[default]
    Auto,
    /// Natively, or not at all.
    Native,
    /// By the ecosystem's own tool.
    Tool,
    /// Not by cascade: locks stay as they are.
    Off,
}

impl LockMode {
    /// Returns the word for it in `workspace.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Native => "native",
            Self::Tool => "tool",
            Self::Off => "off",
        }
    }
}

/// How pre-release tags are spelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TagFormat {
    /// `v1.0.0-rc.1`
    #[default]
    Semver,
    /// `v1.0.0rc1`
    Pep440,
}

/// What is declared of one package.
#[derive(Debug, Clone)]
pub struct PackageDeclaration {
    /// Its name, as its manifest writes it.
    pub name: String,
    /// Its ecosystem, where the name alone does not say which.
    pub ecosystem: Option<String>,
    /// The path of its manifest, where the name alone does not say which.
    pub manifest: Option<String>,
    /// The template of its tags.
    pub tag: Option<TagTemplate>,
    /// How its pre-release tags are spelled.
    pub tag_format: Option<TagFormat>,
    /// Where its version comes from, where it is not what cascade finds.
    pub version_source: Option<VersionSource>,
    /// Where it appears, where that is not where the repository says.
    pub registry: Option<Vec<Appearance>>,
    /// Patterns of file names that every release of it has; those of the earlier one where it is
    /// empty.
    pub files: Vec<String>,
    /// Whether it is published; `false` makes it auxiliary, `true` makes an auxiliary one a package.
    pub publish: Option<bool>,
    /// The bytes of the entry in the file.
    pub at: Range<usize>,
}

/// One `[[repo.NAME.site]]`: a place that pins something of the family.
#[derive(Debug, Clone)]
pub struct SiteDeclaration {
    /// The file, from the repository's root.
    pub file: String,
    /// What finds its version there.
    pub finder: SiteFinder,
    /// The upstream: `repo`, or `repo/package` where it has several.
    pub upstream: (RepoId, Option<String>),
    /// What the pin is for.
    pub kind: Kind,
    /// How often it matches; 1 unless said.
    pub count: usize,
    /// The bytes of the entry in the file.
    pub at: Range<usize>,
}

/// What finds the version of a site in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteFinder {
    /// A regular expression with one group named `version`.
    Regex(String),
    /// The key that it stands under.
    Key(String),
}

impl SiteDeclaration {
    /// Returns the keys of its table that say what is found, in words.
    pub(crate) fn keys(&self) -> &'static str {
        match self.finder {
            SiteFinder::Regex(_) => "`regex` or `count`",
            SiteFinder::Key(_) => "`key`",
        }
    }
}

/// Returns what the text declares.
///
/// # Errors
/// With everything that is wrong, each at its place in the text.
pub fn declare(text: &str) -> Result<Declaration, DeclareErrors> {
    let mut errors = Vec::new();
    let declared = read::read(text, &mut errors).map(|it| resolve::resolve(it, text, &mut errors));
    if let Some(declared) = &declared {
        let circles = crate::graph::circles_of(&declared.repos).into_iter();
        errors.extend(circles.map(DeclareError::from));
    }
    match declared {
        Some(mut declared) if errors.is_empty() => {
            check::place(&mut declared, "workspace.toml", text);
            Ok(declared)
        }
        _ => Err(DeclareErrors::new(text, errors)),
    }
}

#[cfg(test)]
mod tests;
