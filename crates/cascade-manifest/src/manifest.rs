//! What a manifest says.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::{Range, RangeInclusive};

use serde::{Deserialize, Serialize};

use crate::Version;

/// What one manifest says: at most one package, its pins, and the members it governs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The package that it declares; `None` for a virtual root or a bare requirements file.
    pub package: Option<Package>,
    /// Every requirement on another package, in the order of the text.
    pub pins: Vec<Pin>,
    /// Which folders below hold members of this workspace.
    pub members: Members,
    /// The version that members inherit (`[workspace.package] version`).
    pub shared_version: Option<VersionField>,
    /// What members inherit of being published (`[workspace.package] publish`).
    pub shared_publish: Option<Publish>,
    /// Versions of its own package that are taken back (`retract`).
    pub retracts: Vec<RangeInclusive<Version>>,
    /// Versions of other packages that it rules out (`exclude`), each with the name.
    pub excludes: BTreeSet<(String, Version)>,
}

impl Manifest {
    /// Returns whether it rules out a version of a package.
    pub fn rules_out(&self, name: &str, version: &Version) -> bool {
        let mut excludes = self.excludes.iter();
        excludes.any(|it| it.0 == name && it.1 == *version)
    }
}

/// A package as its manifest names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The name as written.
    pub name: String,
    /// Where its version comes from.
    pub version: VersionField,
    /// Whether the manifest says that it is published.
    pub publish: Publish,
}

/// Whether a package is published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Publish {
    /// Nothing keeps it back.
    #[default]
    Yes,
    /// It never is.
    Never,
    /// The workspace's root says it (`publish.workspace = true`).
    Inherited,
}

/// Where a package's version comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionField {
    /// The manifest says it. The span covers the version text without quotes.
    Static {
        /// The version as written.
        text: String,
        /// Its bytes.
        span: Range<usize>,
    },
    /// Another file of the repository says it; the span is found with [`crate::python::version_in`].
    File {
        /// Candidate paths relative to the manifest's folder, the likeliest first.
        paths: Vec<String>,
        /// The name that is assigned (`__version__`), or the regular expression declared for it.
        attribute: String,
    },
    /// The tag says it; the backend that asks git (`hatch-vcs`).
    Vcs(&'static str),
    /// A text that the publisher replaces (`0.0.0-dev`).
    Placeholder(String),
    /// A literal of a manifest that is a program, and so is never edited (`setup.py`).
    Program(String),
    /// The workspace's root says it (`version.workspace = true`).
    Inherited,
    /// Nothing says it, or nothing cascade can read.
    Unknown,
}

/// Which folders below a manifest hold members of its workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// Globs of folders, relative to the manifest's folder.
    pub include: Vec<String>,
    /// Globs of folders that are left out again.
    pub exclude: Vec<String>,
}

impl Members {
    /// Returns whether the globs name a folder, by its path from the manifest's. A `*` stands for any
    /// text of one part, `**` for any parts.
    pub(crate) fn name(&self, folder: &str) -> bool {
        let named = |globs: &[String]| globs.iter().any(|it| is_named(it, folder));
        named(&self.include) && !named(&self.exclude)
    }
}

/// Returns whether a glob names a folder.
pub(crate) fn is_named(glob: &str, folder: &str) -> bool {
    let glob = glob.strip_prefix("./").unwrap_or(glob);
    let globs: Vec<&str> = glob.trim_end_matches('/').split('/').collect();
    let parts: Vec<&str> = folder.split('/').collect();
    let part = |glob: &&str, part: &&str| {
        let (globs, texts) = (glob.as_bytes(), part.as_bytes());
        is_match((globs, texts), |it| *it == b'*', |a, b| a == b)
    };
    is_match((&globs, &parts), |it| *it == "**", part)
}

/// Returns whether a pattern fits all of a sequence, where some of it stand for any part of that.
fn is_match<G, T>(
    (mut globs, mut texts): (&[G], &[T]),
    is_any: impl Fn(&G) -> bool,
    fits: impl Fn(&G, &T) -> bool,
) -> bool {
    // Of two that stand for anything only the last one has to be tried again.
    let mut again: Option<(&[G], &[T])> = None;
    loop {
        match (globs.split_first(), texts.split_first()) {
            (Some((glob, behind)), _) if is_any(glob) => {
                again = Some((behind, texts));
                globs = behind;
                continue;
            }
            (Some((glob, behind)), Some((text, rest))) if fits(glob, text) => {
                (globs, texts) = (behind, rest);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((behind, from)) = again else {
            return false;
        };
        let Some((_, rest)) = from.split_first() else {
            return false;
        };
        again = Some((behind, rest));
        (globs, texts) = (behind, rest);
    }
}

/// A requirement on another package, at its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The other package's own name (after renames and aliases), as written.
    pub name: String,
    /// What the requirement is for.
    pub kind: Kind,
    /// The table it stands in: `project.dependencies`, `dev-dependencies`, `tool.uv.sources`.
    pub section: String,
    /// The requirement as written, without name, extras, marker or alias; empty where there is none.
    pub requirement: String,
    /// The bytes of `requirement`; `None` where there are none to edit.
    pub span: Option<Range<usize>>,
    /// The 1-based line of the version text; without one, that of the requirement, key or header.
    pub line: usize,
    /// How the text is to be read.
    pub form: Form,
    /// Where the package is taken from instead of its registry.
    pub source: Option<Source>,
}

impl Pin {
    /// Returns whether the row forces a version on the whole tree, whatever is required (npm's
    /// `overrides`, Yarn's `resolutions`): a lock records it elsewhere than requirements, or nowhere.
    pub fn forces(&self) -> bool {
        matches!(
            self.section.as_str(),
            "overrides" | "resolutions" | "pnpm.overrides"
        )
    }
}

/// How a pin's requirement is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A requirement of the ecosystem's grammar; may be empty.
    Range,
    /// A git tag (`tag = "v1.4.2"`, `git+https://...@v1.4.2`).
    GitTag,
    /// A git commit; the span of a version in a comment behind it, if there is one.
    GitRev {
        /// The bytes of the tag named in a trailing comment (`# v1.4.2`).
        comment: Option<Range<usize>>,
    },
    /// The workspace's or the catalogue's row says it (`workspace = true`, `catalog:`).
    Inherited,
    /// It names no version (path, branch, tagless git, dist-tag).
    Unversioned,
    /// A shape that cascade does not know: shown, never edited.
    Opaque,
}

/// Where a package is taken from instead of its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A folder or file beside it.
    Path(String),
    /// Another package of the registry, which stands for it (`replace`), with its version.
    Package(String),
    /// A git branch.
    Branch(String),
    /// A git repository at its default branch.
    Git(String),
    /// A git repository at a tag or commit.
    GitRef(String),
    /// The workspace that it is a member of.
    Workspace,
}

/// What a pin is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(
    missing_docs,
    reason = "the words are the field's own; semantics are in docs/statuses.md"
)]
pub enum Kind {
    Runtime,
    Optional,
    Build,
    Peer,
    Dev,
    Workspace,
    Indirect,
    Requirements,
    Tool,
    Example,
    Image,
    Chart,
    Action,
    Module,
    Submodule,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Runtime,
        Self::Optional,
        Self::Build,
        Self::Peer,
        Self::Dev,
        Self::Workspace,
        Self::Indirect,
        Self::Requirements,
        Self::Tool,
        Self::Example,
        Self::Image,
        Self::Chart,
        Self::Action,
        Self::Module,
        Self::Submodule,
    ];

    /// Returns whether a pin of this kind orders a release.
    pub fn orders(self) -> bool {
        !matches!(
            self,
            Self::Dev
                | Self::Workspace
                | Self::Indirect
                | Self::Requirements
                | Self::Tool
                | Self::Example
        )
    }

    /// Returns the word for it, as in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Optional => "optional",
            Self::Build => "build",
            Self::Peer => "peer",
            Self::Dev => "dev",
            Self::Workspace => "workspace",
            Self::Indirect => "indirect",
            Self::Requirements => "requirements",
            Self::Tool => "tool",
            Self::Example => "example",
            Self::Image => "image",
            Self::Chart => "chart",
            Self::Action => "action",
            Self::Module => "module",
            Self::Submodule => "submodule",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A text that is not of its format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ReadError {
    /// What is wrong, lowercase, no full stop.
    pub message: String,
    /// The bytes at fault, where known.
    pub span: Option<Range<usize>>,
}
