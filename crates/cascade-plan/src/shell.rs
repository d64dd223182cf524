//! Words as a POSIX shell reads them: for commands that people are shown, and for the script of a hook.

/// Returns a text between quotes, as one word.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Returns a text as one word, between quotes where it needs them.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:@%+,^".contains(c);
    // zsh takes a word that begins with `=` for the path of a command.
    if !text.is_empty() && !text.starts_with('=') && text.chars().all(plain) {
        return text.to_owned();
    }
    quoted(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::{Deed, deeds_of_script};

    #[test]
    fn only_what_needs_quotes_gets_them() {
        assert_eq!(word("refs/tags/v1.2.0"), "refs/tags/v1.2.0");
        assert_eq!(word("größe=1"), "größe=1");
        for odd in ["", "a b", "=ls", "$(x)", "*", "~", "a;b", "#x"] {
            assert_eq!(word(odd), format!("'{odd}'"));
        }
        assert_eq!(word("it's"), "'it'\\''s'");
    }

    proptest! {
        #[test]
        fn no_word_runs_anything(
            before in "[;|&$()<>'\"\\\\ \n#`a]{0,8}",
            after in "[;|&$()<>'\"\\\\ \n#`a]{0,8}",
        ) {
            let text = format!("{before}npm publish{after}");
            for line in [word(&text), quoted(&text)].map(|it| format!("echo {it}")) {
                let done = deeds_of_script(&line, "").done;
                prop_assert!(done.iter().all(|it| !matches!(it.deed, Deed::Upload(_))), "{}", line);
            }
        }
    }
}
