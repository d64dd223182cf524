//! Files that deploy: those that name something of the family.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cascade_manifest::deploy::{DeployFormat, Reference};
use cascade_manifest::helm::{LockedChart, lock_path};
use cascade_manifest::{Kind, ReadError};

use crate::{Oid, RepoDeclaration};

/// The format of a chart, whose values name its image.
const CHART: &str = "Chart.yaml";

/// The folder beside a chart that holds copies of what it depends on.
const COPIES: &str = "charts";

/// The ending of such a copy.
const ARCHIVE: &str = ".tgz";

/// A file that deploys, as it was read.
#[derive(Debug, Clone)]
pub struct DeployFile {
    /// The path from the repository's root, with `/`.
    pub path: String,
    /// The whole text.
    pub text: Arc<str>,
    /// Its format.
    pub format: &'static DeployFormat,
    /// What it refers to, or why it could not be read.
    pub read: Result<Vec<Reference>, ReadError>,
    /// The commits that its submodules are at, by folder.
    pub submodules: BTreeMap<String, Oid>,
    /// What lies beside a chart on charts of the family.
    pub chart: BesideChart,
}

/// What lies beside a chart on charts of the family, and repeats what it asks for.
#[derive(Debug, Clone, Default)]
pub struct BesideChart {
    /// Its lock.
    pub lock: Option<ChartLockFile>,
    /// The copies of dependencies that git tracks, by the dependency's name.
    pub copies: BTreeMap<String, String>,
}

/// A chart's lock, as it was read.
#[derive(Debug, Clone)]
pub struct ChartLockFile {
    /// The path from the repository's root, with `/`.
    pub path: String,
    /// The whole text.
    pub text: Arc<str>,
    /// How it stands beside the chart, or why it could not be read.
    pub read: Result<LockedChart, ReadError>,
}

impl DeployFile {
    /// Returns the format of a file of a repository that may name something of the family; `None` for
    /// all others. `charts` are paths in it, those of every `Chart.yaml` among them.
    pub fn format(
        declared: &RepoDeclaration,
        path: &str,
        charts: &BTreeSet<String>,
    ) -> Option<&'static DeployFormat> {
        declared.family.format_at(path, &|it| charts.contains(it))
    }

    /// Returns whether a path is that of a chart, of a chart's lock, or of an archive that may be the
    /// copy of a dependency.
    pub fn is_of_chart(path: &str) -> bool {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_copy = || name.ends_with(ARCHIVE) && folder.rsplit('/').next() == Some(COPIES);
        matches!(name, CHART | "Chart.lock" | "requirements.lock") || is_copy()
    }

    /// Returns the file with what lies beside it, where it is a chart on charts of the family. `paths` are
    /// those of [`DeployFile::is_of_chart`]; `read` returns the text of one, or words that follow its
    /// name.
    #[must_use]
    pub fn with_beside(
        mut self,
        declared: &RepoDeclaration,
        paths: &BTreeSet<String>,
        read: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Self {
        let home = declared.remote.as_deref();
        let is_ours =
            |it: &&Reference| it.kind == Kind::Chart && declared.family.owner(it, home).is_some();
        let charts: Vec<&Reference> = self.read.iter().flatten().filter(is_ours).collect();
        let Some(path) = lock_path(&self.path).filter(|_| !charts.is_empty()) else {
            return self;
        };
        let copies = copies(&self.path, &charts, paths);
        let lock = paths.contains(&path).then(|| match read(&path) {
            Ok(text) => ChartLockFile {
                read: LockedChart::of(&self.text, &text),
                text: text.into(),
                path,
            },
            Err(words) => ChartLockFile {
                read: Err(ReadError {
                    message: format!("it {words}"),
                    span: None,
                }),
                text: Arc::default(),
                path,
            },
        });
        self.chart = BesideChart { lock, copies };
        self
    }

    /// Returns a file whose text could not be had; `words` follow its name.
    pub fn unread(format: &'static DeployFormat, path: String, words: &str) -> Self {
        let message = format!("it {words}");
        Self {
            path,
            text: Arc::default(),
            format,
            read: Err(ReadError {
                message,
                span: None,
            }),
            submodules: BTreeMap::new(),
            chart: BesideChart::default(),
        }
    }

    /// Returns a file that names something of the family, or that should be readable and is not; `None`
    /// for all others. A text without any of the family's names is not parsed. `submodules` returns
    /// the commits that the repository's submodules are at, by folder.
    pub fn of(
        declared: &RepoDeclaration,
        format: &'static DeployFormat,
        (path, text): (String, String),
        submodules: impl FnOnce() -> BTreeMap<String, Oid>,
    ) -> Option<Self> {
        let family = &declared.family;
        if format.name != CHART && !family.may_be_in(&text) {
            return None;
        }
        let home = declared.remote.as_deref();
        let named = |it: &Reference| family.owner(it, home).is_some();
        // The values beside a chart say what its `appVersion` is the version of.
        let is_named = |it: &[Reference]| format.name == CHART || it.iter().any(named);
        let read = format.read(&text);
        if read.as_ref().is_ok_and(|it| !is_named(it)) {
            return None;
        }
        let has_submodules = path == ".gitmodules";
        Some(Self {
            path,
            text: text.into(),
            format,
            read,
            submodules: has_submodules.then(submodules).unwrap_or_default(),
            chart: BesideChart::default(),
        })
    }
}

/// Returns the copies of these dependencies that git tracks beside a chart: archives, and folders of
/// charts where they come from a repository.
fn copies(
    chart: &str,
    charts: &[&Reference],
    paths: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let folder = chart.rsplit_once('/').map_or("", |it| it.0);
    let slash = if folder.is_empty() { "" } else { "/" };
    let above = format!("{folder}{slash}{COPIES}/");
    let mut found = BTreeMap::new();
    let inside = paths
        .range(above.clone()..)
        .take_while(|it| it.starts_with(&above));
    for path in inside {
        let rest = path.strip_prefix(&above).unwrap_or_default();
        let is_copy = |it: &&&Reference| {
            let behind = rest.strip_prefix(it.name.as_str());
            behind.is_some_and(|behind| match behind.strip_prefix('-') {
                Some(version) => {
                    let version = version.strip_prefix('v').unwrap_or(version);
                    version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains('/')
                }
                None => behind == "/Chart.yaml" && it.origin.is_some(),
            })
        };
        if let Some(it) = charts.iter().find(is_copy) {
            found.insert(it.name.clone(), path.clone());
        }
    }
    found
}
