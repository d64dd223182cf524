//! The digest over both lists, as Helm's own encoder spells them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::Row;
use crate::yaml::{Node, Word};

/// One dependency as Helm's encoder writes it.
pub(super) struct Dependency(String);

/// The fields that Helm reads, in the order in which it writes them.
const FIELDS: [(&str, Kind); 9] = [
    ("name", Kind::Always),
    ("version", Kind::Text),
    ("repository", Kind::Always),
    ("condition", Kind::Text),
    ("tags", Kind::List),
    ("enabled", Kind::Flag),
    ("import-values", Kind::List),
    ("export-values", Kind::List),
    ("alias", Kind::Text),
];

/// What a field holds.
#[derive(Clone, Copy)]
enum Kind {
    /// A text, left out where it is empty.
    Text,
    /// A text, written even where it is empty.
    Always,
    /// A truth value, left out where it is false.
    Flag,
    /// A list of texts and tables of texts, left out where it is empty.
    List,
}

impl Dependency {
    /// Returns what Helm reads of the row, its repository by this address where one is given; `None`
    /// where a field is of another type.
    pub(super) fn of(row: &Row<'_>, address: Option<&str>) -> Option<Self> {
        let mut fields = Vec::new();
        for (key, kind) in FIELDS {
            let node = row.node.get(key).map(Node::followed);
            let value = match address.filter(|_| key == "repository") {
                Some(address) => Some(quoted(address)),
                None => kind.written(node)?,
            };
            if let Some(value) = value {
                fields.push(format!("\"{key}\":{value}"));
            }
        }
        Some(Self(format!("{{{}}}", fields.join(","))))
    }
}

impl Kind {
    /// Returns how the field is written: the inner `None` where it is left out, the outer one where
    /// its type is another.
    #[expect(
        clippy::option_option,
        reason = "left out and not understood are different answers"
    )]
    fn written(self, node: Option<Node<'_>>) -> Option<Option<String>> {
        let kept = |it: String, empty: &str| Some(it).filter(|it| it != empty);
        Some(match self {
            Self::Always => Some(quoted(node.map_or(Some(""), text)?)),
            Self::Text => kept(quoted(node.map_or(Some(""), text)?), "\"\""),
            Self::Flag => flag(node)?.then(|| "true".to_owned()),
            Self::List => kept(items(node)?, "[]"),
        })
    }
}

/// Returns the text of a scalar. A number with a fraction is not spelled as it stands.
fn text(node: Node<'_>) -> Option<&str> {
    let scalar = node.scalar()?;
    match scalar.word() {
        Word::Text => Some(scalar.value),
        Word::Null => Some(""),
        Word::Number if scalar.value.bytes().all(|b| b.is_ascii_digit()) => Some(scalar.value),
        _ => None,
    }
}

fn flag(node: Option<Node<'_>>) -> Option<bool> {
    match node.map(Node::str) {
        None | Some(Some("" | "~" | "null" | "false")) => Some(false),
        Some(Some("true")) => Some(true),
        _ => None,
    }
}

fn items(node: Option<Node<'_>>) -> Option<String> {
    let Some(node) = node else {
        return Some("[]".to_owned());
    };
    if !node.is_sequence() {
        return text(node)
            .filter(|it| it.is_empty())
            .map(|_| "[]".to_owned());
    }
    let items = node.elements().map(|it| {
        let it = it.followed();
        if it.is_mapping() { table(it) } else { word(it) }
    });
    Some(format!(
        "[{}]",
        items.collect::<Option<Vec<_>>>()?.join(",")
    ))
}

/// Returns a table of texts, its keys sorted.
fn table(node: Node<'_>) -> Option<String> {
    let mut rows = BTreeMap::new();
    for (key, value) in node.fields() {
        rows.insert(key.str()?, word(value.followed())?);
    }
    let rows = rows.iter().map(|(key, it)| format!("{}:{it}", quoted(key)));
    Some(format!("{{{}}}", rows.collect::<Vec<_>>().join(",")))
}

/// Returns a text that is nothing but a text.
fn word(node: Node<'_>) -> Option<String> {
    let scalar = node.scalar()?;
    (scalar.word() == Word::Text).then(|| quoted(scalar.value))
}

/// Returns the text as Go's encoder quotes it: what could end a script in a page is escaped.
fn quoted(text: &str) -> String {
    let plain = serde_json::Value::from(text).to_string();
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string can not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Returns the digest over what is required and what is locked.
pub(super) fn digest(wanted: &[Dependency], held: &[Dependency]) -> String {
    summed(&format!("[{},{}]", list(wanted), list(held)))
}

/// Returns the digest of Helm 2, which is over what is required alone.
pub(super) fn digest_of_helm_2(wanted: &[Dependency]) -> String {
    summed(&format!("{{\"dependencies\":{}}}", list(wanted)))
}

fn list(all: &[Dependency]) -> String {
    let all: Vec<&str> = all.iter().map(|it| it.0.as_str()).collect();
    format!("[{}]", all.join(","))
}

fn summed(text: &str) -> String {
    let mut out = "sha256:".to_owned();
    for byte in Sha256::digest(text) {
        // As above.
        let _ = write!(out, "{byte:02x}");
    }
    out
}
