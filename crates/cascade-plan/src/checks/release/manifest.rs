//! What release-please's manifest says.

use std::collections::BTreeMap;

use cascade_manifest::{Version, line_of};

use crate::snapshot::folder_of;
use crate::{Audit, ObservedPackage, ObservedRepo};

/// The file that release-please keeps the versions in.
const FILE: &str = ".release-please-manifest.json";

/// A package's version there.
pub(super) struct Named<'a> {
    /// The package.
    pub(super) package: &'a ObservedPackage,
    /// The folder that names it, `.` for the root.
    pub(super) path: String,
    /// The version.
    pub(super) version: Version,
    /// The path of the file.
    pub(super) file: &'static str,
    /// The 1-based line.
    pub(super) line: usize,
}

/// Returns the versions that the manifest names, of the packages in the folders that it names; none
/// where it can not be read.
pub(super) fn versions<'a>(seen: &'a ObservedRepo, audit: &Audit) -> Vec<Named<'a>> {
    let text = audit.files.text(FILE).map(|it| &**it).unwrap_or_default();
    let said: BTreeMap<String, String> = serde_json::from_str(text).unwrap_or_default();
    let mut all = Vec::new();
    for (path, version) in said {
        let folder = match path.as_str() {
            "." => "",
            path => path,
        };
        let line = text
            .find(&format!("\"{path}\""))
            .map_or(1, |it| line_of(text, it));
        let packages = seen.packages.iter();
        for package in packages.filter(|it| folder_of(&it.manifest) == folder) {
            if let Some(version) = Version::parse(package.ecosystem.scheme, &version) {
                all.push(Named {
                    package,
                    path: path.clone(),
                    version,
                    file: FILE,
                    line,
                });
            }
        }
    }
    all
}
