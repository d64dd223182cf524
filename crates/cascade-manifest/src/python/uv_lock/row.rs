//! An inline table as uv writes it: `{ name = "a", extras = ["b"], specifier = ">=1" }`.

use crate::python::headers::is_plain;

/// The values of one inline table: strings without quotes, lists without brackets, words and
/// numbers as they stand.
pub(super) struct Row<'t> {
    /// Most rows have one pair: they cost no memory of their own.
    pub(super) first: (&'t str, &'t str),
    others: Vec<(&'t str, &'t str)>,
    inside: &'t str,
}

impl<'t> Row<'t> {
    /// Returns the inline table that the text begins with, and what follows it; `None` where it is
    /// not as uv writes it.
    pub(super) fn read(text: &'t str) -> Option<(Self, &'t str)> {
        let all = text.strip_prefix("{ ")?;
        let (first, mut rest) = pair(all)?;
        let mut others = Vec::new();
        while let Some(more) = rest.strip_prefix(", ") {
            let (other, behind) = pair(more)?;
            others.push(other);
            rest = behind;
        }
        let inside = all.get(..all.len() - rest.len())?;
        let row = Self {
            first,
            others,
            inside,
        };
        Some((row, rest.strip_prefix(" }")?))
    }

    /// Returns the keys and what they hold.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'t str, &'t str)> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    /// Returns the text between the braces.
    pub(super) fn inside(&self) -> &'t str {
        self.inside
    }

    /// Returns the string at the key.
    pub(super) fn get(&self, key: &str) -> Option<&'t str> {
        let pair = self.pairs().find(|(it, _)| *it == key);
        pair.map(|(_, value)| value)
    }

    /// Returns whether the row has the key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}

/// Returns the key and the value that the text begins with, and what follows.
fn pair(text: &str) -> Option<((&str, &str), &str)> {
    let is_key = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
    let end = text.bytes().position(|it| !is_key(it))?;
    let (key, behind) = text.split_at_checked(end)?;
    let (value, rest) = value(behind.strip_prefix(" = ")?)?;
    Some(((key, value), rest))
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
