//! What the packages are: told once for all ecosystems, spelled by each in its own way.

/// A requirement on another package.
#[derive(Debug, Clone)]
pub(crate) struct Require {
    /// The package required.
    pub(crate) name: String,
    /// Which versions of it.
    pub(crate) range: Range,
    /// In what way.
    pub(crate) how: How,
}

/// Which versions are asked for.
#[derive(Debug, Clone)]
pub(crate) enum Range {
    /// This one and what is compatible with it.
    Caret(&'static str),
    /// This one and all above.
    From(&'static str),
    /// This one only.
    Exact(String),
}

/// In what way a package is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Always.
    Plain,
    /// Where the user asks for it: an extra, an optional dependency.
    Optional,
    /// Of the one who uses both.
    Peer,
    /// On one platform only.
    Windows,
    /// Nowhere that the project runs.
    Never,
    /// For the package's own tests.
    Dev,
}

/// What may differ between two releases beside what they require.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facets {
    /// The license; the usual one where empty.
    pub(crate) license: &'static str,
    /// The lowest language version, of three.
    pub(crate) needs: Needs,
    /// A name of a program that it installs.
    pub(crate) program: &'static str,
    /// A feature beside the usual ones.
    pub(crate) feature: &'static str,
    /// Which files are published.
    pub(crate) files: Published,
    /// The index says not to take it.
    pub(crate) yanked: bool,
    /// The one line that describes it; the usual one where empty.
    pub(crate) summary: &'static str,
}

/// The lowest version of the language that a package asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Lower than the project's.
    #[default]
    Old,
    /// Still lower than the project's, and not the usual one.
    Middle,
    /// Above the project's lowest.
    New,
}

/// The files of a release, where an ecosystem has several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Published {
    /// A built one for everywhere, and the source.
    #[default]
    Both,
    /// The built one only.
    Built,
    /// The source only.
    Source,
    /// Built ones for three platforms, and the source.
    Platforms,
    /// Built ones for four platforms, and the source.
    MorePlatforms,
}

/// One release of a package.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    /// Its name, canonical.
    pub(crate) name: String,
    /// Its version, `1.1.0` or `1.1.0-rc.1`.
    pub(crate) version: &'static str,
    /// What it requires.
    pub(crate) requires: Vec<Require>,
    /// What else it says.
    pub(crate) facets: Facets,
}

/// How the project pins a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pinned {
    /// One version.
    Exactly,
    /// A version and what is compatible with it.
    Compatibly,
    /// One version, for development only.
    ForDevelopment,
}

/// Who names the packages that move with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// The package alone.
    Below,
    /// The project too.
    Pinned,
}

/// Where the project has a package from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The registry.
    Registry,
    /// The upstream's repository, at a tag.
    Git,
}

/// What the project's own version does when a pin moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Own {
    /// It stays.
    Stays,
    /// It moves by a patch.
    Moves,
}

/// One package that the project pins, and its bump.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// What is special about it, one word.
    pub(crate) what: &'static str,
    /// The package.
    pub(crate) name: String,
    /// The version pinned at first.
    pub(crate) from: &'static str,
    /// The version that comes out.
    pub(crate) to: &'static str,
    /// Which others its upstream releases with it, in the same version.
    pub(crate) siblings: Vec<String>,
    /// Who names those.
    pub(crate) named: Named,
    /// Where the project has it from.
    pub(crate) origin: Origin,
    /// What the project's own version does.
    pub(crate) own: Own,
    /// How the project pins it.
    pub(crate) pinned: Pinned,
    /// What is published before the first lock.
    pub(crate) before: Vec<Release>,
    /// What comes out afterwards.
    pub(crate) after: Vec<Release>,
    /// Other packages that the project requires because of it.
    pub(crate) beside: Vec<(String, &'static str)>,
}

/// Returns packages that everything stands on: before the first lock, and what comes out after it,
/// which nobody asked for.
pub(crate) fn ground() -> (Vec<Release>, Vec<Release>) {
    let of = |name: &str, version| Release {
        name: name.to_owned(),
        version,
        requires: Vec::new(),
        facets: Facets::default(),
    };
    let before = [("third", "1.0.0"), ("extra", "1.0.0"), ("other", "1.0.0")];
    let bait = [("third", "1.1.0"), ("extra", "1.1.0"), ("other", "1.1.0")];
    (
        before.map(|(name, version)| of(name, version)).into(),
        bait.map(|(name, version)| of(name, version)).into(),
    )
}
