//! What the importers of a lock ask for, and what their manifests say now.

use std::collections::{BTreeMap, BTreeSet};

use super::lockfile::Locator;
use super::row::tables;
use super::step;
use crate::Fallback;
use crate::json::Json;
use crate::npm::outline::{Entry, Odd};

/// A requirement of an importer, and what its manifest says now.
pub(super) struct Asked<'a> {
    pub(super) row: Entry<'a>,
    /// The path of the manifest.
    pub(super) path: String,
    pub(super) wanted: Option<String>,
}

/// Returns what an importer asks for.
pub(super) fn asked<'a>(
    importer: &Entry<'a>,
    files: &BTreeMap<String, String>,
) -> Result<Vec<Asked<'a>>, Fallback> {
    let path = step::manifest_of(importer.key);
    let manifest = files.get(&path).map(|it| Json::parse(it)).transpose();
    let manifest = manifest.map_err(|it| Fallback(format!("`{path}`: {it}")))?;
    let asked = tables(importer)?.into_iter().map(|row| {
        let wanted = manifest.as_ref();
        let wanted = wanted.and_then(|it| step::wanted(it.root(), row.key));
        Asked {
            wanted: wanted.map(str::to_owned),
            path: path.clone(),
            row,
        }
    });
    Ok(asked.collect())
}

/// Returns whether an importer asks for a package by its own name, and not by an alias alone.
pub(super) fn is_named(name: &str, asked: &[Asked<'_>]) -> bool {
    asked.iter().filter(|it| it.row.key == name).any(|it| {
        let version = it.row.get("version");
        let version = version.as_ref().and_then(Entry::str);
        let at = version.and_then(|it| Locator::of_version(name, it));
        at.is_some_and(|it| it.name == name)
    })
}

/// Returns how the importers ask for what comes from git: as the lock repeats it, and as their
/// manifests say it now.
pub(super) fn specs(
    name: &str,
    locator: &str,
    asked: &[Asked<'_>],
) -> Result<(String, String), Fallback> {
    let mut specs = BTreeSet::new();
    for Asked { row, wanted, .. } in asked {
        let version = row.get("version").and_then(|it| it.str()).ok_or(Odd)?;
        if Locator::of_version(row.key, version).is_some_and(|it| it.version == locator) {
            let said = row.get("specifier").and_then(|it| it.str()).ok_or(Odd)?;
            specs.insert((said.to_owned(), wanted.clone().unwrap_or_default()));
        }
    }
    match (specs.pop_first(), specs.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(Fallback(format!(
            "`{name}` comes from git, and is not asked for in one way"
        ))),
    }
}
