//! What templates of HCL say, as far as the text tells: `"${var.repository}:${local.tag}"`.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::Value;
use crate::deploy::{Expanded, LONGEST, Piece};

/// The deepest that a variable stands for others.
const DEPTH: usize = 8;

/// How often variables are looked up for one text.
const LOOKUPS: usize = 64;

/// The variables and local values of a text, by the names that templates give them.
#[derive(Default)]
pub(in crate::deploy) struct Variables<'t> {
    /// None for a name that stands for several.
    values: BTreeMap<(Space, &'t str), Option<Piece<'t>>>,
}

/// Whose name a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::deploy) enum Space {
    /// A variable's.
    Variable,
    /// A local value's.
    Local,
}

impl<'t> Variables<'t> {
    /// Returns the variables that these strings say.
    pub(in crate::deploy) fn of(values: &[Value<'t>]) -> Self {
        let mut all = Self::default();
        for it in values {
            let space = match it.block.word {
                "variable" => Space::Variable,
                "locals" => Space::Local,
                _ => continue,
            };
            if let Some(name) = it.variable() {
                all.add(space, name, &it.text);
            }
        }
        all
    }

    /// Adds what a variable says.
    pub(in crate::deploy) fn add(&mut self, space: Space, name: &'t str, says: &Piece<'t>) {
        let known = self.values.entry((space, name));
        let one = known.or_insert_with(|| Some(says.clone()));
        *one = one.take().filter(|it| it.at == says.at);
    }

    /// Returns a text with what the variables in it say; one of which nothing is known stands for
    /// itself.
    pub(in crate::deploy) fn expanded(&self, piece: &Piece<'t>) -> Expanded<'t> {
        self.within(piece, DEPTH, &Cell::new(LOOKUPS))
    }

    fn within(&self, piece: &Piece<'t>, depth: usize, lookups: &Cell<usize>) -> Expanded<'t> {
        let mut all = Expanded::default();
        let text = piece.text;
        if text.len() > LONGEST {
            return Expanded::of(piece);
        }
        let (mut from, mut at) = (0, 0);
        while let Some((start, end)) = template(text, at) {
            at = end;
            let is_escaped = text.get(..start).is_some_and(|it| it.ends_with('$'));
            let name = text.get(start..end).filter(|_| !is_escaped).and_then(named);
            let Some(said) = name.and_then(|it| self.values.get(&it)?.as_ref()) else {
                continue;
            };
            let left = lookups.get().saturating_sub(1);
            lookups.set(left);
            if depth == 0 || left == 0 {
                return Expanded::of(piece);
            }
            all.push(piece.part(from..start));
            all.join(self.within(said, depth - 1, lookups));
            from = end;
        }
        all.push(piece.part(from..text.len()));
        all.bounded().unwrap_or_else(|| Expanded::of(piece))
    }
}

/// Returns where the first template behind a byte begins and ends: `${...}`, or that of Packer's older
/// language, `{{...}}`.
fn template(text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    let marks = [("${", "}"), ("{{", "}}")];
    let first = marks.into_iter().filter_map(|(open, close)| {
        let start = rest.find(open)?;
        let length = rest.get(start..)?.find(close)? + close.len();
        Some((from + start, from + start + length))
    });
    first.min()
}

/// Returns the variable that a template names; `None` where it says anything else.
fn named(template: &str) -> Option<(Space, &str)> {
    if let Some(body) = template.strip_prefix("${") {
        let body = body.strip_suffix('}')?.trim();
        let local = || Some((Space::Local, body.strip_prefix("local.")?));
        let variable = body.strip_prefix("var.").map(|it| (Space::Variable, it));
        return variable.or_else(local);
    }
    let body = template.strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let name = body.strip_prefix("user")?.trim();
    let name = name.strip_prefix('`')?.strip_suffix('`')?;
    Some((Space::Variable, name))
}
