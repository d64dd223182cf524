//! Peers: `(core@1.0.0)` behind what was resolved with them, and what becomes of that.
//!
//! Who uses both gives the peer: where that is the one who asks for it by name, the one version
//! that is locked moves for both.

use std::ops::Range;

use super::row::put;
use super::turn::Resolved;
use crate::{Fallback, Splice};

/// The longest list of peers that pnpm does not shorten to a digest.
const LONGEST: usize = 1_000;

/// A package that is a peer of others, and its move.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer<'a> {
    pub(super) name: &'a str,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
}

impl Peer<'_> {
    /// Returns whether what was resolved so has it among its peers.
    pub(super) fn is_in(self, resolved: &str) -> bool {
        resolved.contains(&format!("({}@", self.name))
    }

    /// Returns the splices of its version, wherever a text that stands there has it among its peers.
    ///
    /// # Errors
    /// When it stands there in another version, or the list gets too long.
    pub(super) fn moved(self, text: &str, span: &Range<usize>) -> Result<Vec<Splice>, Fallback> {
        let needle = format!("({}@", self.name);
        let mut splices = Vec::new();
        for (at, _) in text.match_indices(&needle) {
            let start = at + needle.len();
            let rest = text.get(start..).and_then(|it| it.strip_prefix(self.from));
            if !rest.is_some_and(|it| it.starts_with([')', '('])) {
                return Err(self.because("is locked in several versions"));
            }
            let start = span.start + start;
            splices.push(put(&(start..start + self.from.len()), self.to.to_owned()));
        }
        let grows = self.to.len().saturating_sub(self.from.len()) * splices.len();
        if grows > 0 && text.len() + grows > LONGEST {
            return Err(self.because("is one of too many peers to be told in full"));
        }
        Ok(splices)
    }

    /// Checks that whoever uses what has it as its peer asks for it by name, or has it as its peer
    /// as well.
    ///
    /// # Errors
    /// When one does not: then pnpm chooses.
    pub(super) fn is_given(self, own: &str, rows: &[Resolved<'_>]) -> Result<(), Fallback> {
        let taken = rows.iter().any(|(_, (it, _))| self.is_in(it));
        let asks = |(alias, (resolved, _)): &Resolved<'_>| {
            let version = resolved.split('(').next().unwrap_or_default();
            (*alias, version) == (self.name, self.from)
        };
        let given = self.is_in(own) || rows.iter().any(asks);
        if taken && !given {
            return Err(self.because("is a peer, and who uses both does not ask for it"));
        }
        Ok(())
    }

    fn because(self, why: &str) -> Fallback {
        Fallback(format!("`{}` {why}", self.name))
    }
}

/// Returns whether some of the peers are told by a digest only.
pub(super) fn is_shortened(peers: &str) -> bool {
    peers.split('(').skip(1).any(|it| !it.contains('@'))
}
