//! The licences of what locks hold: as the lock says, else as what is installed beside it does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cascade_manifest::{About, License, LockedSource, Names, npm, python};
use cascade_plan::{LockFile, LockLicenses, LockedLicense};

use super::files::{Files, LOCK};
use crate::checkout::disk::{self, Links};
use crate::path::{components, folder_of};

/// The largest file of installed metadata that is read, in bytes.
const METADATA: u64 = 1 << 20;
/// The most folders of one environment that are looked through.
const FOLDERS: usize = 20_000;

/// Returns what locks hold from elsewhere, with the licences that they say themselves.
pub(super) fn read(files: &mut dyn Files, locks: &[LockFile]) -> Vec<LockLicenses> {
    let read = locks.iter().filter_map(|lock| {
        let name = lock.path.rsplit('/').next()?;
        let format = lock.ecosystem.lock(name)?;
        let text = files.text(&lock.path, LOCK).ok()?;
        let names: Names = format
            .entries(&text)
            .ok()?
            .into_iter()
            .map(|it| it.name)
            .collect();
        let held = format.find(&text, &names).ok()?.entries;
        let said = match lock.ecosystem.name {
            "npm" if name.rsplit_once('.').is_some_and(|it| it.1 == "json") => {
                npm::locked_licenses(&text).unwrap_or_default()
            }
            _ => BTreeMap::new(),
        };
        let held = held
            .into_iter()
            .filter(|it| it.source != LockedSource::Local);
        let packages: BTreeSet<LockedLicense> = held
            .filter_map(|it| {
                let version = it.version?;
                let license = said.get(&(it.name.clone(), version.clone())).cloned();
                Some(LockedLicense {
                    name: it.name,
                    version,
                    license,
                })
            })
            .collect();
        Some(LockLicenses {
            path: lock.path.clone(),
            packages: packages.into_iter().collect(),
        })
    });
    read.filter(|it| !it.packages.is_empty()).collect()
}

/// Adds the licences that installed packages say, where the lock says none: of the same version, in
/// `node_modules`, `.venv` or `vendor` beside the lock.
pub(super) fn add_installed(root: &Path, locks: &[LockFile], licenses: &mut [LockLicenses]) {
    for lock in licenses {
        let of = locks.iter().find(|it| it.path == lock.path);
        let Some(ecosystem) = of.map(|it| it.ecosystem.name) else {
            continue;
        };
        let folder = root.join(folder_of(&lock.path));
        let environment = match ecosystem {
            "python" => distributions(&folder),
            _ => BTreeMap::new(),
        };
        for it in lock.packages.iter_mut().filter(|it| it.license.is_none()) {
            it.license = match ecosystem {
                "npm" => said(&folder.join("node_modules"), &it.name, "package.json", it),
                "cargo" => ["", &format!("-{}", it.version)].iter().find_map(|end| {
                    let name = format!("{}{end}", it.name);
                    said(&folder.join("vendor"), &name, "Cargo.toml", it)
                }),
                "python" => environment
                    .get(&(it.name.clone(), it.version.clone()))
                    .and_then(|it| of_metadata(&text(it)?)),
                _ => None,
            };
        }
    }
}

/// Returns the licence that an installed manifest says, where it is of the version that is locked.
fn said(folder: &Path, name: &str, file: &str, it: &LockedLicense) -> Option<String> {
    components(name)?;
    let text = text(&folder.join(name).join(file))?;
    let version = format!("\"{}\"", it.version);
    let about = About::read(file, &text)?.ok()?;
    // Both formats quote a version in the same way.
    let same = text.contains(&version);
    match about.license {
        License::Expression(said) | License::Words(said) if same => Some(said.value),
        _ => None,
    }
}

/// Returns the metadata of what is installed in an environment beside a lock, by name and version.
fn distributions(folder: &Path) -> BTreeMap<(String, String), PathBuf> {
    let mut found = BTreeMap::new();
    let library = folder.join(".venv").join("lib");
    for python in folders(&library) {
        for place in folders(&python.join("site-packages")) {
            let name = place.file_name().and_then(|it| it.to_str());
            let parts = name.and_then(|it| it.strip_suffix(".dist-info")?.split_once('-'));
            if let Some((name, version)) = parts {
                let name = (python::PYTHON.canonical)(name).into_owned();
                found.insert((name, version.to_owned()), place.join("METADATA"));
            }
        }
    }
    found
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().take(FOLDERS);
    let entries = entries
        .flatten()
        .filter(|it| it.file_type().is_ok_and(|it| it.is_dir()));
    entries.map(|it| it.path()).collect()
}

fn text(path: &Path) -> Option<String> {
    let (bytes, _) = disk::read(path, METADATA, Links::Refuse).ok()?;
    String::from_utf8(bytes).ok()
}

/// Returns the licence that the metadata of a Python package says: as an expression, else in words,
/// else by its classifier where that is unambiguous.
fn of_metadata(text: &str) -> Option<String> {
    let head = text.split("\n\n").next().unwrap_or_default();
    let field = |name: &str| {
        let mut lines = head.lines();
        let value = lines.find_map(|it| it.strip_prefix(name)?.strip_prefix(": "));
        value
            .map(|it| it.trim().to_owned())
            .filter(|it| !it.is_empty() && it != "UNKNOWN")
    };
    field("License-Expression").or_else(|| field("License"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_says_a_licence_in_its_head_alone() {
        let of = |text: &str| of_metadata(text);
        assert_eq!(
            of("Name: a\nLicense-Expression: MIT\nLicense: old\n\nx").unwrap(),
            "MIT"
        );
        assert_eq!(of("Name: a\nLicense: BSD\n").unwrap(), "BSD");
        assert_eq!(of("Name: a\nLicense: UNKNOWN\n\nLicense: MIT"), None);
    }
}
