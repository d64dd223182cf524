//! Text from repositories, remotes and tools, made harmless for a terminal.

use std::fmt::{self, Write as _};

use cascade_run::is_hidden;

/// Foreign text of one line: control, bidirectional and zero-width characters become visible.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a>(pub(crate) &'a str);

/// Foreign text of several lines: as [`Shown`], but line ends and tabs stay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShownLines<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_plain(self.0, |_| false) {
            return f.pad(self.0);
        }
        let mut text = String::with_capacity(self.0.len());
        for c in self.0.chars() {
            push(&mut text, c)?;
        }
        f.pad(&text)
    }
}

impl fmt::Display for ShownLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_plain(self.0, |b| matches!(b, b'\n' | b'\t')) {
            return f.write_str(self.0);
        }
        let mut text = String::with_capacity(self.0.len());
        for c in self.0.replace("\r\n", "\n").chars() {
            if matches!(c, '\n' | '\t') {
                text.push(c);
            } else {
                push(&mut text, c)?;
            }
        }
        f.write_str(&text)
    }
}

/// Returns the text with every hidden character replaced by harmless ones of as many bytes, so
/// that spans into it stay right.
pub(crate) fn same_length(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let (by, times) = match (is_hidden(c) && !matches!(c, '\n' | '\t' | '\r'), c) {
                (false, _) => (c, 1),
                (true, c) if c.len_utf8() == 3 => ('\u{fffd}', 1),
                (true, c) => ('?', c.len_utf8()),
            };
            std::iter::repeat_n(by, times)
        })
        .collect()
}

/// Returns whether a text is all printable ASCII, but for these bytes: nearly every text is.
fn is_plain(text: &str, but: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(|it| matches!(it, b' '..=b'~') || but(it))
}

/// Pushes a character, visibly.
fn push(text: &mut String, c: char) -> fmt::Result {
    match c {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        c if is_hidden(c) => write!(text, "\\u{{{:x}}}", u32::from(c))?,
        c => text.push(c),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tricks_become_visible() {
        let subject = "feat: \u{1b}[2Kgone \u{202e}txt.exe\u{200b}\r\nsecond";
        assert_eq!(
            Shown(subject).to_string(),
            "feat: \\u{1b}[2Kgone \\u{202e}txt.exe\\u{200b}\\r\\nsecond"
        );
        assert_eq!(ShownLines("a\r\n\tb\u{9b}").to_string(), "a\n\tb\\u{9b}");
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        for text in ["naïve", "日本語", "שלום", "🎉", "a b", ""] {
            assert_eq!(Shown(text).to_string(), text);
        }
        assert_eq!(format!("{:>5}|", Shown("ab")), "   ab|");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            prop_assert!(!Shown(&text).to_string().chars().any(is_hidden));
            prop_assert!(!ShownLines(&text).to_string().chars()
                .any(|c| is_hidden(c) && !matches!(c, '\n' | '\t')));
        }

        #[test]
        fn spans_stay_right(text in any::<String>()) {
            prop_assert_eq!(same_length(&text).len(), text.len());
        }
    }
}
