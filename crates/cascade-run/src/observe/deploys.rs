//! Files that deploy: those that name something of the family.

use std::collections::{BTreeMap, BTreeSet};

use cascade_manifest::deploy::{DeployFormat, Reference};
use cascade_plan::{DeployFile, Oid, RepoDeclaration};

use super::files::{Files, MANIFEST};
use crate::path::is_foreign;

/// The format of a chart, whose values name its image.
const CHART: &str = "Chart.yaml";

/// Returns the files of a repository that name images, charts, actions, modules or submodules of the
/// family. A text without any of the family's names is not parsed.
pub(super) fn read_deploys(declared: &RepoDeclaration, files: &mut dyn Files) -> Vec<DeployFile> {
    let family = &declared.family;
    let charts: BTreeSet<String> = files
        .paths(&|it| it == "Chart.yaml" || it.ends_with("/Chart.yaml"))
        .into_iter()
        .collect();
    let is_file = |it: &str| charts.contains(it);
    let format = |path: &str| family.format_at(path, &is_file);
    let paths = files.paths(&|it| !is_foreign(it) && format(it).is_some());
    let mut found = Vec::new();
    for path in paths {
        // What can not be read as text names nothing.
        let Ok(text) = files.text(&path, MANIFEST) else {
            continue;
        };
        let may_name = |it: &&DeployFormat| it.name == CHART || family.may_be_in(&text);
        let Some(format) = format(&path).filter(may_name) else {
            continue;
        };
        found.extend(file(declared, files, (path, text), format));
    }
    found
}

/// Returns a file that names something of the family, or that should be readable and is not.
fn file(
    declared: &RepoDeclaration,
    files: &dyn Files,
    (path, text): (String, String),
    format: &'static DeployFormat,
) -> Option<DeployFile> {
    let home = declared.remote.as_deref();
    let named = |it: &Reference| declared.family.owner(it, home).is_some();
    // The values beside a chart say what its `appVersion` is the version of.
    let is_named = |it: &[Reference]| format.name == CHART || it.iter().any(named);
    let read = format.read(&text);
    if read.as_ref().is_ok_and(|it| !is_named(it)) {
        return None;
    }
    let is_submodules = path == ".gitmodules";
    let submodules: BTreeMap<String, Oid> = if is_submodules {
        files.submodules()
    } else {
        BTreeMap::new()
    };
    Some(DeployFile {
        path,
        text: text.into(),
        format,
        read,
        submodules,
    })
}
