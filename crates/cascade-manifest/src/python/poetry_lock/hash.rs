//! The hash over what a manifest requires, as Poetry computes it.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::toml::{Node, Toml};

/// Which Poetry wrote the lock, as far as it changes the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// Poetry 1: its own tables alone.
    One,
    /// Poetry 2: the standard tables too.
    Two,
    /// Poetry 2.3 and later: dependency groups too.
    Groups,
}

impl Era {
    /// Returns the era of the Poetry that the first line of a lock names.
    pub(super) fn of(lock: &str) -> Self {
        let line = lock.lines().next().unwrap_or_default();
        let version = line
            .split_once("Poetry ")
            .and_then(|(_, it)| it.split(' ').next());
        let mut numbers = version
            .unwrap_or_default()
            .split('.')
            .map(str::parse::<u32>);
        let mut next = || numbers.next().and_then(Result::ok);
        match (next(), next()) {
            (Some(0 | 1), _) => Self::One,
            (Some(2), Some(0..=2)) => Self::Two,
            _ => Self::Groups,
        }
    }
}

/// Keys that older Poetries hash even where they are not there.
const ALWAYS: &[&str] = &["dependencies", "source", "extras", "dev-dependencies"];
const PROJECT: &[&str] = &["requires-python", "dependencies", "optional-dependencies"];

/// Returns the hash of a manifest; `None` where a value is of a kind that none of these have.
pub(super) fn content_hash(toml: &Toml<'_>, era: Era) -> Option<String> {
    let root = toml.root();
    let poetry = root.find(&["tool", "poetry"]);
    let standard = root.get("project").filter(|_| era != Era::One);
    let project: Vec<(&str, Node<'_>)> = PROJECT
        .iter()
        .filter_map(|key| Some((*key, standard?.get(key)?)))
        .collect();
    let groups = root.get("dependency-groups").filter(|_| era == Era::Groups);
    let groups = groups.filter(|it| !it.entries().is_empty());
    let is_plain = project.is_empty() && groups.is_none();
    let mut own = Vec::new();
    for key in ALWAYS.iter().chain(&["group"]) {
        match poetry.and_then(|it| it.get(key)) {
            Some(node) => own.push((*key, json(node)?)),
            None if is_plain && ALWAYS.contains(key) => own.push((*key, "null".to_owned())),
            None => {}
        }
    }
    let own = object(own);
    let content = if is_plain {
        own
    } else {
        let mut parts = vec![("tool", object(vec![("poetry", own)]))];
        if !project.is_empty() {
            let values = project.iter().map(|(key, node)| Some((*key, json(*node)?)));
            parts.push(("project", object(values.collect::<Option<_>>()?)));
        }
        if let Some(groups) = groups {
            parts.push(("dependency-groups", json(groups)?));
        }
        object(parts)
    };
    let digest = Sha256::digest(content.as_bytes());
    Some(digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

/// Returns a value as Python's `json.dumps(value, sort_keys=True)` writes it.
fn json(node: Node<'_>) -> Option<String> {
    if let Some(text) = node.string() {
        return Some(quoted(text.value));
    }
    if let Some(word) = node.bool() {
        return Some(word.to_string());
    }
    if let Some(number) = node.integer() {
        return Some(number.to_string());
    }
    if node.is_array() {
        let items: Vec<String> = node.items().into_iter().map(json).collect::<Option<_>>()?;
        return Some(format!("[{}]", items.join(", ")));
    }
    if !node.is_table() {
        return None;
    }
    let entries = node.entries();
    let pairs = entries
        .iter()
        .map(|(key, node)| Some((key.name, json(*node)?)));
    Some(object(pairs.collect::<Option<_>>()?))
}

fn object(mut pairs: Vec<(&str, String)>) -> String {
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{}: {value}", quoted(key)))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}

/// Returns a string in ASCII, as Python quotes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_era_stands_in_the_first_line() {
        let era = |version: &str| Era::of(&format!("# made by Poetry {version} and so on\n"));
        assert_eq!(era("1.8.5"), Era::One);
        assert_eq!(era("2.1.1"), Era::Two);
        assert_eq!(era("2.3.0"), Era::Groups);
        assert_eq!(era("2.10.0"), Era::Groups);
        assert_eq!(Era::of(""), Era::Groups);
    }

    #[test]
    fn strings_are_quoted_as_python_quotes_them() {
        assert_eq!(
            quoted("é \u{1f600} \"\\\n\u{7f}"),
            r#""\u00e9 \ud83d\ude00 \"\\\n\u007f""#
        );
    }
}
