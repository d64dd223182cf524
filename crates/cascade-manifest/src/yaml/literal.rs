//! Literal blocks (`|`): where the lines of one stand in the text.

use super::{Node, Style};

/// A literal block, line by line.
#[derive(Debug)]
pub(crate) struct Literal<'y> {
    /// What it says.
    pub(crate) value: &'y str,
    /// Where each line begins: in the value, and in the text.
    lines: Vec<(usize, usize)>,
}

impl<'y> Node<'y> {
    /// Returns the literal block, if it is one that says anything, and each of its lines stands as it is
    /// behind the same spaces.
    pub(crate) fn literal(self) -> Option<Literal<'y>> {
        let scalar = self.scalar().filter(|it| it.style == Style::Literal)?;
        let (value, text) = (scalar.value, scalar.text);
        // The span begins with the first line that is not empty, behind its spaces.
        let mut at = self.span().start;
        let said = value.trim_start_matches('\n');
        let said = said.strip_suffix('\n').unwrap_or(said);
        let before = text.get(..at).filter(|_| !said.is_empty())?;
        let indent = before.len() - before.trim_end_matches(' ').len();
        let mut from = value.len() - value.trim_start_matches('\n').len();
        let mut lines = Vec::new();
        let mut spaces = 0;
        for line in said.split('\n') {
            let rest = text.get(at..).unwrap_or_default();
            let end = rest.find('\n').map_or(rest.len(), |it| it + 1);
            let bare = rest.get(..end)?.trim_end_matches(['\n', '\r']);
            let is_empty = line.is_empty() && bare.bytes().all(|it| it == b' ');
            let (margin, content) = bare.split_at_checked(spaces).unwrap_or((bare, ""));
            let is_line = content == line && margin.bytes().all(|it| it == b' ');
            if !(is_empty || is_line) {
                return None;
            }
            lines.push((from, at + margin.len()));
            at += end;
            from += line.len() + 1;
            spaces = indent;
        }
        Some(Literal { value, lines })
    }
}

impl Literal<'_> {
    /// Returns where a byte of the value stands in the text.
    pub(crate) fn place(&self, at: usize) -> usize {
        let next = self.lines.partition_point(|it| it.0 <= at);
        let line = next.checked_sub(1).and_then(|it| self.lines.get(it));
        line.map_or(at, |it| it.1 + (at - it.0))
    }

    /// Returns which byte of the value stands at one of the text.
    pub(super) fn said(&self, at: usize) -> usize {
        let next = self.lines.partition_point(|it| it.1 <= at);
        let line = next.checked_sub(1).and_then(|it| self.lines.get(it));
        line.map_or(0, |it| it.0 + (at - it.1))
    }
}
