//! Which records of the lock move.

use super::super::super::canonical;
use super::super::blocks::{Blocks, Record};
use crate::{Bump, Fallback, Move};

/// A record that moves.
pub(super) struct Moving<'t> {
    pub(super) at: usize,
    pub(super) record: Record<'t>,
    pub(super) to: String,
}

impl<'t> Moving<'t> {
    /// Returns the records that are not yet at their new version.
    pub(super) fn of(blocks: &Blocks<'t>, bump: &Bump<'_>) -> Result<Vec<Self>, Fallback> {
        let mut all = Vec::new();
        for it in bump.moves {
            let found = Self::found(blocks, it, Kept::Elsewhere)?;
            let is_held = !found.is_empty() || held(blocks, it, Kept::Elsewhere)?;
            if !is_held {
                let local = !records(blocks, it, Kept::Here)?.is_empty();
                let why = if local {
                    "locked from a folder"
                } else {
                    "not in the lock"
                };
                return Err(Fallback::because(format!("`{}` is {why}", it.name)));
            }
            all.extend(found);
        }
        for it in bump.own {
            all.extend(Self::found(blocks, it, Kept::Here)?);
        }
        Ok(all)
    }

    /// Returns the record of a move: none where it is made already, or where the lock holds no
    /// such package.
    fn found(blocks: &Blocks<'t>, it: &Move, kept: Kept) -> Result<Vec<Self>, Fallback> {
        let records = records(blocks, it, kept)?;
        // What the lock holds of the repository's own package may be older than its last version.
        let any = kept == Kept::Here && records.len() == 1;
        let (mut at_old, others): (Vec<_>, Vec<_>) =
            records.into_iter().partition(|(_, record)| {
                let version = record.version.text;
                version != it.to && (any || it.from.as_deref().is_none_or(|from| from == version))
            });
        let is_there = others.iter().any(|(_, it_)| it_.version.text == it.to);
        if it.from.as_deref() == Some(&it.to) || (at_old.is_empty() && is_there) {
            return Ok(Vec::new());
        }
        let versions = |all: &[(usize, Record<'_>)]| {
            let all = all.iter().map(|(_, it)| it.version.text);
            all.collect::<Vec<_>>().join(", ")
        };
        match (at_old.len(), others.is_empty()) {
            (0, true) => Ok(Vec::new()),
            (0, false) => Err(Fallback::because(format!(
                "the lock holds `{}` at {}, not at {}",
                it.name,
                versions(&others),
                it.from.as_deref().unwrap_or_default()
            ))),
            (1, _) if is_there => Err(Fallback::because(format!(
                "`{}` {} is locked already, beside {}",
                it.name,
                it.to,
                versions(&at_old)
            ))),
            (1, _) => Ok(at_old
                .drain(..)
                .map(|(at, record)| Self {
                    at,
                    record,
                    to: it.to.clone(),
                })
                .collect()),
            _ => Err(Fallback::because(format!(
                "several versions of `{}` are locked: {}",
                it.name,
                versions(&at_old)
            ))),
        }
    }
}

/// Where a package is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// In this repository.
    Here,
    /// In a registry or another repository.
    Elsewhere,
}

fn held(blocks: &Blocks<'_>, it: &Move, kept: Kept) -> Result<bool, Fallback> {
    let records = records(blocks, it, kept)?;
    Ok(records.iter().any(|(_, at)| at.version.text == it.to))
}

/// Returns the records of the package's name that are kept there.
fn records<'t>(
    blocks: &Blocks<'t>,
    it: &Move,
    kept: Kept,
) -> Result<Vec<(usize, Record<'t>)>, Fallback> {
    let wanted = canonical(&it.name);
    let all = blocks.all().iter().enumerate();
    let named = all.filter(|(_, it)| canonical(it.name) == wanted);
    let mut records = Vec::new();
    for (at, _) in named {
        let record = blocks.record(at)?;
        if record.source.is_none() == (kept == Kept::Here) {
            records.push((at, record));
        }
    }
    Ok(records)
}
