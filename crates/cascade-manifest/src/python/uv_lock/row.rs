//! An inline table as uv writes it: `{ name = "a", extras = ["b"], specifier = ">=1" }`.

use crate::python::headers::is_plain;

/// The values of one inline table: strings without quotes, lists without brackets, words and
/// numbers as they stand.
pub(super) struct Row<'t> {
    pub(super) pairs: Vec<(&'t str, &'t str)>,
    inside: &'t str,
}

impl<'t> Row<'t> {
    /// Returns the inline table that the text begins with, and what follows it; `None` where it is
    /// not as uv writes it.
    pub(super) fn read(text: &'t str) -> Option<(Self, &'t str)> {
        let mut pairs = Vec::with_capacity(4);
        let all = text.strip_prefix("{ ")?;
        let mut rest = all;
        loop {
            let is_key = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
            let end = rest.bytes().position(|it| !is_key(it))?;
            let (key, behind) = rest.split_at_checked(end)?;
            let (value, behind) = value(behind.strip_prefix(" = ")?)?;
            pairs.push((key, value));
            let Some(more) = behind.strip_prefix(", ") else {
                let inside = all.get(..all.len() - behind.len())?;
                return Some((Self { pairs, inside }, behind.strip_prefix(" }")?));
            };
            rest = more;
        }
    }

    /// Returns the text between the braces.
    pub(super) fn inside(&self) -> &'t str {
        self.inside
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

/// Returns the value that the text begins with, and what follows.
fn value(text: &str) -> Option<(&str, &str)> {
    if let Some(list) = text.strip_prefix('[') {
        let (strings, rest) = list.split_once(']')?;
        let is_list = strings.split(", ").all(|it| unquoted(it).is_some());
        return is_list.then_some((strings, rest));
    }
    let bare = text
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    if bare > 0 {
        return text.split_at_checked(bare);
    }
    let (string, rest) = text.strip_prefix('"')?.split_once('"')?;
    (is_plain(string) && !string.contains('\n')).then_some((string, rest))
}

/// Returns the strings of a list whose inside is given: `"a", "b"`.
pub(super) fn strings(list: &str) -> impl Iterator<Item = &str> {
    list.split(", ").filter_map(unquoted)
}

fn unquoted(text: &str) -> Option<&str> {
    let string = text.strip_prefix('"')?.strip_suffix('"')?;
    is_plain(string).then_some(string)
}
