//! Files that deploy: those that name something of the family.

use std::collections::BTreeSet;

use cascade_plan::{DeployFile, RepoDeclaration};

use super::files::{Files, MANIFEST};
use crate::path::is_foreign;

/// Returns the files of a repository that name images, charts, actions, modules or submodules of the
/// family.
pub(super) fn read_deploys(declared: &RepoDeclaration, files: &mut dyn Files) -> Vec<DeployFile> {
    if declared.family.is_empty() {
        return Vec::new();
    }
    let charts: BTreeSet<String> = files.paths(&DeployFile::is_of_chart).into_iter().collect();
    let format = |path: &str| DeployFile::format(declared, path, &charts);
    let paths = files.paths(&|it| !is_foreign(it) && format(it).is_some());
    let mut found = Vec::new();
    for path in paths {
        let Some(format) = format(&path) else {
            continue;
        };
        match files.text(&path, MANIFEST) {
            Ok(text) => {
                let submodules = || files.submodules();
                let file = DeployFile::of(declared, format, (path, text), submodules);
                let mut read = |path: &str| files.text(path, MANIFEST);
                found.extend(file.map(|it| it.with_beside(declared, &charts, &mut read)));
            }
            Err(words) => found.push(DeployFile::unread(format, path, &words)),
        }
    }
    found
}
