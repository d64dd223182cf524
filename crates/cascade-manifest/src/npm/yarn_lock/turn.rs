//! A package of a registry that moves: what it says of itself at its old and its new version.

use super::rewrite::quoted;
use super::step::repeated;
use crate::npm::outline::{Entry, Odd};
use crate::npm::published::{Published, Witness};
use crate::{Facts, Fallback, Move, Splice};

/// A package that moves.
pub(super) struct Turn {
    pub(super) old: Published,
    pub(super) new: Published,
}

impl Turn {
    /// Asks what the package says of itself, locked at this version and after its move.
    ///
    /// # Errors
    /// When the registry does not tell.
    pub(super) fn ask(facts: &dyn Facts, from: &str, it: &Move) -> Result<Self, Fallback> {
        let registry = Witness::Registry(None);
        Ok(Self {
            old: Published::told(facts, registry, (&it.name, from))?,
            new: Published::told(facts, registry, (&it.name, &it.to))?,
        })
    }

    /// Returns how the new version asks for a package that the old one asked for otherwise, as the
    /// lock repeats it.
    pub(super) fn reworded(&self, alias: &str) -> Option<String> {
        let new = self.new.requirement(alias)?;
        let same = self.old.requirement(alias) == Some(new);
        repeated(new).filter(|_| !same)
    }

    /// Returns the splices of what the package requires in its own block.
    ///
    /// # Errors
    /// When the block does not say what the old version says.
    pub(super) fn required(&self, entry: &Entry<'_>) -> Result<Vec<Splice>, Fallback> {
        let table = entry.get("dependencies");
        let rows = table.map_or(Ok(Vec::new()), |it| it.rows())?;
        let mut splices = Vec::new();
        for row in rows {
            let (old, new) = (&self.old, &self.new);
            let (old, new) = (old.requirement(row.key), new.requirement(row.key));
            if old == new {
                continue;
            }
            let said = row.str().ok_or(Odd)?;
            let written = old.and_then(repeated).is_some_and(|it| it == said);
            let new = new.and_then(repeated).ok_or(Odd)?;
            if !written || row.value != quoted(said) {
                return Err(Odd.into());
            }
            splices.push(Splice {
                span: row.value_span.clone(),
                to: quoted(&new),
            });
        }
        Ok(splices)
    }
}
