//! What is staged, and which of it is staged in another way than the commit that is checked out has it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cascade_plan::Trouble;

use super::Reading;
use super::tree::is_of_releases;
use crate::checkout::{Checkout, Index};

/// Returns the index that is meant.
pub(super) fn staged(checkout: &Checkout, reading: &Reading) -> Result<Index, Trouble> {
    match reading {
        Reading::IndexAt(file) => checkout.index_at(file),
        _ => checkout.index(),
    }
}

/// Returns the paths of manifests, locks, changelogs and their like that are staged: what the index
/// holds of them in another way than the commit that is checked out. `index` is the file that git reads.
///
/// # Errors
/// When git's files can not be read.
pub fn staged_releases(folder: &Path, index: Option<&Path>) -> Result<Vec<String>, Trouble> {
    staged_among(folder, index, is_of_releases)
}

/// Returns every path that is staged: what the index holds in another way than the commit that is
/// checked out. `index` is the file that git reads.
///
/// # Errors
/// When git's files can not be read.
pub fn staged_paths(folder: &Path, index: Option<&Path>) -> Result<Vec<String>, Trouble> {
    staged_among(folder, index, |_| true)
}

fn staged_among(
    folder: &Path,
    index: Option<&Path>,
    wanted: fn(&str) -> bool,
) -> Result<Vec<String>, Trouble> {
    let checkout = Checkout::open(folder)?;
    let index = match index {
        Some(file) => checkout.index_at(file)?,
        None => checkout.index()?,
    };
    let (objects, now) = (checkout.objects()?, index.blobs());
    let head = checkout.refs()?.head().map_err(Trouble::Unreadable)?.id;
    let tree = head.and_then(|it| Some(objects.commit(it)?.tree));
    // git notes the tree of what is staged: nearly always nothing of it has to be read.
    if tree.is_some() && index.root == tree {
        return Ok(Vec::new());
    }
    let before = match tree {
        Some(tree) => objects.files(tree).map_err(Trouble::Unreadable)?,
        None => BTreeMap::new(),
    };
    let paths = before.keys().chain(now.keys());
    let changed = paths.filter(|it| before.get(*it) != now.get(*it) && wanted(it));
    let changed: BTreeSet<String> = changed.cloned().collect();
    Ok(changed.into_iter().collect())
}
