//! What becomes of one package that moves, wherever a `pnpm-lock.yaml` names it.

use std::ops::Range;

use super::peers::Peer;
use crate::npm::outline::Entry;
use crate::npm::published::Published;
use crate::{Fallback, Move, Scheme, Splice, Version};

/// What becomes of one package that moves.
pub(super) struct Turn<'a> {
    pub(super) it: &'a Move,
    /// What the lock calls it: a version, or an address.
    pub(super) from: &'a str,
    /// What the lock shall call it: the same, where it moved already.
    pub(super) to: String,
    /// What the lock shall say of where it is from, where that is git.
    pub(super) git: Option<String>,
    /// Whether others have it as their peer.
    pub(super) is_peer: bool,
    /// Whether an importer asks for it by its own name.
    pub(super) is_named: bool,
}

impl Turn<'_> {
    /// Returns whether it moved already.
    pub(super) fn is_done(&self) -> bool {
        self.from == self.to
    }

    /// Returns whether it comes from an address, and not from a registry.
    pub(super) fn is_address(&self) -> bool {
        Version::parse(Scheme::Semver, self.from).is_none()
    }

    /// Returns whether a dependent that asks for it so moves along: pnpm gives it what the importers
    /// ask for by that name, and leaves it where it is otherwise.
    pub(super) fn leads(&self, range: &str) -> bool {
        self.is_named || range.trim() == self.to
    }

    fn peer(&self) -> Peer<'_> {
        Peer {
            name: &self.it.name,
            from: self.from,
            to: &self.to,
        }
    }
}

/// A name that is asked for, what it resolved to, and where that stands.
pub(super) type Resolved<'a> = (&'a str, (&'a str, Range<usize>));

/// Returns the splices of what moves among the peers of one importer or snapshot: in its key, and in
/// what it resolved.
///
/// # Errors
/// When pnpm would have to choose.
pub(super) fn peers<'a>(
    turns: impl Iterator<Item = &'a Turn<'a>>,
    (key, span): (&str, &Range<usize>),
    resolved: &[Resolved<'_>],
) -> Result<Vec<Splice>, Fallback> {
    let mut splices = Vec::new();
    for turn in turns.filter(|it| it.is_peer && !it.is_done()) {
        let peer = turn.peer();
        peer.is_given(key, resolved)?;
        splices.extend(peer.moved(key, span)?);
        for (_, (text, span)) in resolved {
            splices.extend(peer.moved(text, span)?);
        }
    }
    Ok(splices)
}

/// Returns what the lock says of where a package of a registry is from, which it says of the old one.
///
/// # Errors
/// When it does not, or the registry's tarball has an address of its own.
pub(super) fn released(
    held: &Entry<'_>,
    (old, new): (&Published, &Published),
) -> Result<String, Fallback> {
    new.tarball()?;
    let of = |it: &Published| Ok(format!("{{integrity: {}}}", it.integrity()?));
    if held.value != of(old)? {
        return Err(old.because("is not locked by its registry's digest"));
    }
    of(new)
}
