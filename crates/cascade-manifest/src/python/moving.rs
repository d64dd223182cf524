//! A package that moves, as Python reads its name and version.

use pep440_rs::Version;

use super::{canonical, demand};
use crate::{Fallback, Move};

/// A package that moves.
pub(super) struct Moving {
    /// The canonical name.
    pub(super) name: String,
    /// The version that it moves to.
    pub(super) to: Version,
}

/// Returns the packages that move.
///
/// # Errors
/// When one moves to what is no version.
pub(super) fn moving(moves: &[Move]) -> Result<Vec<Moving>, Fallback> {
    let one = |it: &Move| {
        let no_version = || Fallback::because(format!("`{}` is no version", it.to));
        Ok(Moving {
            name: canonical(&it.name).into_owned(),
            to: demand::version(&it.to).ok_or_else(no_version)?,
        })
    };
    moves.iter().map(one).collect()
}
