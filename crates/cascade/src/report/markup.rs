//! Text for HTML and SVG, on top of [`Shown`].

use std::fmt::{self, Write as _};

use crate::shown::Shown;

/// Foreign text, harmless between tags and in a quoted attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in Shown(self.0).to_string().chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Foreign text as part of an address: all but letters, digits, `.`, `_` and `-` as `%XX`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slug<'a>(pub(crate) &'a str);

impl fmt::Display for Slug<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => {
                    f.write_char(char::from(byte))?;
                }
                byte => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_is_markup(text in any::<String>()) {
            let shown = Text(&text).to_string();
            prop_assert!(!shown.contains(['<', '>', '"', '\'', '\0']), "{shown}");
            let back = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
            let back = back.replace("&#39;", "'").replace("&amp;", "&");
            prop_assert_eq!(back, Shown(&text).to_string());
        }

        #[test]
        fn a_slug_is_one_word_of_an_address(text in any::<String>()) {
            let slug = Slug(&text).to_string();
            let plain = |it: char| it.is_ascii_alphanumeric() || "._-%".contains(it);
            prop_assert!(slug.chars().all(plain), "{slug}");
        }
    }

    #[test]
    fn different_names_have_different_slugs() {
        assert_eq!(Slug("a b/c%20").to_string(), "a%20b%2Fc%2520");
        assert_eq!(Slug("tea-urn_1.4").to_string(), "tea-urn_1.4");
    }
}
