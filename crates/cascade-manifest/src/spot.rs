//! A place in a text, as people are shown it.

use std::fmt;

use crate::line_of;

/// How many characters of the line are shown before the place, and how many behind it.
const AROUND: usize = 50;

/// A place in a text: its line and column, and what of the line stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The 1-based line.
    pub line: usize,
    /// The 1-based character in it.
    pub column: usize,
    /// The words around the place, on one line; tabs and control characters are spaces.
    pub shown: String,
    /// How many characters of `shown` stand before the place.
    pub caret: usize,
}

impl Spot {
    /// Returns the place of a byte; the end of the text is behind its last word.
    pub fn of(text: &str, at: usize) -> Self {
        let at = text.floor_char_boundary(at.min(text.trim_end().len()));
        let (before, behind) = text.split_at_checked(at).unwrap_or((text, ""));
        let start = before.rfind('\n').map_or(0, |it| it + 1);
        let before = before.get(start..).unwrap_or_default();
        let before = before.trim_start_matches('\u{feff}');
        let column = before.chars().count() + 1;
        let caret = (column - 1).min(AROUND);
        let behind = behind.lines().next().unwrap_or_default();
        let near = before.chars().skip(column - 1 - caret);
        let shown = near.chain(behind.chars().take(AROUND));
        Self {
            line: line_of(text, at),
            column,
            shown: shown
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect(),
            caret,
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pointed(text: &str, at: usize) -> (usize, usize, String) {
        let it = Spot::of(text, at);
        let caret = format!("{}^", " ".repeat(it.caret));
        (it.line, it.column, format!("{}\n{caret}", it.shown))
    }

    #[test]
    fn the_end_is_behind_the_last_word() {
        let text = "[a]\r\nx = [\n\n";
        let told = (2, 6, "x = [\n     ^".to_owned());
        assert_eq!(pointed(text, text.len()), told);
        assert_eq!(pointed("", 7), (1, 1, "\n^".to_owned()));
    }

    #[test]
    fn a_column_is_a_character_and_a_long_line_is_cut() {
        assert_eq!(
            pointed("\u{feff}\tä = b", 8),
            (1, 5, " ä = b\n    ^".to_owned())
        );
        let long = format!("{}!{}", "a".repeat(9_000), "b".repeat(9_000));
        let it = Spot::of(&long, 9_000);
        assert_eq!(
            (it.column, it.caret, it.shown.len()),
            (9_001, AROUND, 2 * AROUND)
        );
        assert_eq!(it.shown.chars().nth(it.caret), Some('!'));
    }

    proptest! {
        #[test]
        fn every_byte_of_every_text_has_a_place(text in any::<String>(), at in 0_usize..99) {
            let it = Spot::of(&text, at);
            prop_assert!(it.line <= text.lines().count().max(1));
            prop_assert!(it.caret <= it.shown.chars().count());
            prop_assert!(!it.shown.contains(char::is_control));
        }
    }
}
