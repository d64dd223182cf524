//! What Yarn took newer than it had to. For a request that is new to the lock it takes the newest
//! version that the range admits, whatever else is locked, and so may give a package that nobody
//! named another version, or a second copy.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{self, Block};
use super::plain;
use crate::npm::published::admits;
use crate::npm::spec::{Spec, name_and_range};
use crate::{Move, ReadError, Scheme, Version};

/// Returns the requests that a lock answers by a version which was not locked before, though one
/// that was fits; each with what binds it to that. What moves is left out.
///
/// # Errors
/// When a text is no lock of Yarn.
pub(super) fn bindings(
    (before, after): (&str, &str),
    moves: &[Move],
) -> Result<Vec<(String, String)>, ReadError> {
    let (_, old) = blocks::read(before, None)?;
    let (_, new) = blocks::read(after, None)?;
    let mut locked: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for block in old.iter().filter(|it| it.is_from_registry()) {
        let versions = locked.entry(block.name()).or_default();
        versions.insert(&block.version);
    }
    let moving = |it: &Block| moves.iter().any(|moved| moved.name == it.name());
    let stays = new.iter().filter(|it| it.is_from_registry());
    let mut all = Vec::new();
    for block in stays.filter(|it| !moving(it)) {
        let Some(versions) = locked.get(block.name()) else {
            continue;
        };
        if versions.contains(block.version.as_str()) {
            continue;
        }
        let bound = block.descriptors.iter();
        all.extend(bound.filter_map(|it| Some((it.clone(), binding(it, versions)?))));
    }
    Ok(all)
}

/// Returns what binds a request to the highest of these versions that it admits.
fn binding(request: &str, versions: &BTreeSet<&str>) -> Option<String> {
    let (_, range) = name_and_range(request)?;
    let range = range.filter(|it| it.starts_with("npm:")).map(plain)?;
    let fits = versions.iter().filter(|it| admits(range, it));
    let parsed = fits.filter_map(|it| Version::parse(Scheme::Semver, it));
    let highest = parsed.max()?;
    Some(match Spec::of(range).name {
        Some(name) => format!("npm:{name}@{highest}"),
        None => format!("npm:{highest}"),
    })
}
