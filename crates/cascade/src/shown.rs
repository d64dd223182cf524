//! Text from repositories, remotes and tools, made harmless for a terminal.

use std::borrow::Cow;
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

/// Returns a text in which what is longer than any word is cut in its middle, so that what somebody
/// typed does not fill the screen.
pub(crate) fn brief(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 240;
    const HEAD: usize = 120;
    const TAIL: usize = 60;
    let words = || text.split_inclusive(char::is_whitespace);
    if words().all(|it| it.len() <= LONGEST) {
        return Cow::Borrowed(text);
    }
    let cut = words().flat_map(|word| {
        let count = word.chars().count();
        let left_out = count.saturating_sub(HEAD + TAIL);
        let is_long = count > LONGEST;
        let (head, behind) = if is_long {
            (HEAD, HEAD + left_out)
        } else {
            (count, count)
        };
        let head = word.chars().take(head);
        let gap = is_long.then_some('\u{2026}');
        head.chain(gap).chain(word.chars().skip(behind))
    });
    Cow::Owned(cut.collect())
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

    #[test]
    fn a_word_without_end_is_cut_and_all_else_stays() {
        let word = format!("`{}`", "ä".repeat(1_200));
        let said = format!("no  repository\tis called {word}\n  help");
        let told = brief(&said).into_owned();
        assert_eq!(told.chars().count(), said.chars().count() - 1_203 + 181);
        assert!(told.starts_with("no  repository\tis called `ää") && told.ends_with("ä`\n  help"));
        let path = format!("/tmp/{}", "deep/".repeat(40));
        assert_eq!(brief(&path), path);
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
