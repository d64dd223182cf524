//! An inline table as uv writes it: `{ name = "a", extras = ["b"], specifier = ">=1" }`.

use crate::python::headers::is_plain;

/// The strings of one inline table. Keys of other values are kept with an empty one.
pub(super) struct Row<'t> {
    pub(super) pairs: Vec<(&'t str, &'t str)>,
}

impl<'t> Row<'t> {
    /// Returns the inline table that the text begins with, and what follows it; `None` where it is
    /// not as uv writes it.
    pub(super) fn read(text: &'t str) -> Option<(Self, &'t str)> {
        let mut pairs = Vec::with_capacity(4);
        let mut rest = text.strip_prefix("{ ")?;
        loop {
            let (key, behind) = rest.split_once(" = ")?;
            if !key
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'-')
            {
                return None;
            }
            let (value, behind) = value(behind)?;
            pairs.push((key, value));
            match behind.strip_prefix(", ") {
                Some(behind) => rest = behind,
                None => return Some((Self { pairs }, behind.strip_prefix(" }")?)),
            }
        }
    }

    /// Returns the string at the key.
    pub(super) fn get(&self, key: &str) -> Option<&'t str> {
        let pair = self.pairs.iter().find(|(it, _)| *it == key);
        pair.map(|(_, value)| *value)
    }

    /// Returns whether the row has the key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}

/// Returns the string that the text begins with (nothing for a boolean or a list of strings), and
/// what follows.
fn value(text: &str) -> Option<(&str, &str)> {
    if let Some(list) = text.strip_prefix('[') {
        let (strings, rest) = list.split_once(']')?;
        let is_list = strings.split(", ").all(|it| unquoted(it).is_some());
        return is_list.then_some(("", rest));
    }
    for word in ["true", "false"] {
        if let Some(rest) = text.strip_prefix(word) {
            return Some(("", rest));
        }
    }
    let (string, rest) = text.strip_prefix('"')?.split_once('"')?;
    (is_plain(string) && !string.contains('\n')).then_some((string, rest))
}

fn unquoted(text: &str) -> Option<&str> {
    let string = text.strip_prefix('"')?.strip_suffix('"')?;
    is_plain(string).then_some(string)
}
