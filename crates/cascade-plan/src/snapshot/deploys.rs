//! Files that deploy: those that name something of the family.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cascade_manifest::ReadError;
use cascade_manifest::deploy::{DeployFormat, Reference};

use crate::{Oid, RepoDeclaration};

/// The format of a chart, whose values name its image.
const CHART: &str = "Chart.yaml";

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
}

impl DeployFile {
    /// Returns the format of a file of a repository that may name something of the family; `None` for
    /// all others. `charts` are the paths of every `Chart.yaml` in it.
    pub fn format(
        declared: &RepoDeclaration,
        path: &str,
        charts: &BTreeSet<String>,
    ) -> Option<&'static DeployFormat> {
        declared.family.format_at(path, &|it| charts.contains(it))
    }

    /// Returns whether a path is that of a chart.
    pub fn is_chart(path: &str) -> bool {
        path.rsplit('/').next() == Some(CHART)
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
        })
    }
}
