//! The template of what is sent: JSON with placeholders of a closed list.
//!
//! Invariant: a fact never becomes a part of the document's form. In a string it is escaped; elsewhere
//! it is a JSON value of its own.

use serde_json::{Value, json};

use super::{Facts, MOST_MEMBERS, Promoted};
use crate::RepoId;

/// What may stand in braces in a template.
const PLACEHOLDERS: &[&str] = &[
    "run",
    "workspace",
    "repository",
    "branch",
    "key",
    "packages",
    "upstream",
    "package",
    "version",
    "tag",
    "digest",
];

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// Returns a template with its placeholders filled.
///
/// # Errors
/// When it names what nobody knows, or is no JSON then, in words.
pub(super) fn filled(template: &str, facts: &Facts<'_>) -> Result<Value, String> {
    let (mut text, mut string) = (String::new(), Where::Outside);
    for piece in pieces(template) {
        match piece {
            Piece::Text(it) => {
                string = string.after(it);
                text.push_str(it);
            }
            Piece::Name(name) => {
                let value = fact(name, facts).ok_or_else(|| unknown(name))?;
                text.push_str(&match string {
                    Where::Outside => value.to_string(),
                    Where::Inside => escaped(&plain(&value)),
                });
            }
        }
    }
    serde_json::from_str(&text).map_err(|it| format!("it is no JSON: {it}"))
}

/// Returns a text with its placeholders filled, as it is.
///
/// # Errors
/// When it names what nobody knows, in words.
pub(crate) fn spoken(template: &str, facts: &Facts<'_>) -> Result<String, String> {
    let filled = pieces(template).into_iter().map(|it| match it {
        Piece::Text(it) => Ok(it.to_owned()),
        Piece::Name(name) => {
            let value = fact(name, facts).ok_or_else(|| unknown(name))?;
            Ok(plain(&value))
        }
    });
    filled.collect()
}

/// Checks a template as it is declared; `takes` says what its receiver does.
///
/// # Errors
/// When nothing could be sent by it, in words.
pub(crate) fn check(template: &str, takes: Members) -> Result<(), String> {
    let value = filled(template, &example(&[promoted()]))?;
    if takes == Members::Any {
        return Ok(());
    }
    let members = value
        .as_object()
        .ok_or("GitHub takes an object, `{...}`, and nothing else")?;
    let own = usize::from(!members.contains_key(super::KEY));
    if members.len() + own > MOST_MEMBERS {
        return Err(format!(
            "GitHub takes {MOST_MEMBERS} members at the top, and one of them is `key`: put some into another"
        ));
    }
    Ok(())
}

/// Which members a payload may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Members {
    /// Any.
    Any,
    /// Those of a `client_payload` of GitHub.
    Few,
}

/// Returns facts to try a text with.
pub(crate) fn example(packages: &[Promoted]) -> Facts<'_> {
    Facts {
        run: "0123456789ab",
        workspace: "town",
        repository: "deploy",
        branch: "main",
        key: "0123456789ab/deploy",
        packages,
    }
}

pub(crate) fn promoted() -> Promoted {
    Promoted {
        repository: RepoId::new("core"),
        ecosystem: "cargo".to_owned(),
        name: "core \"quoted\"".to_owned(),
        version: "1.3.0".to_owned(),
        tag: "v1.3.0".to_owned(),
        digest: None,
        images: Vec::new(),
    }
}

fn unknown(name: &str) -> String {
    let all = PLACEHOLDERS.join("}`, `{");
    format!("nothing is called `{{{name}}}`: there are `{{{all}}}`")
}

/// Returns what a placeholder stands for; where several packages moved, the first one's.
fn fact(name: &str, facts: &Facts<'_>) -> Option<Value> {
    let first = facts.packages.first();
    Some(match name {
        "run" => json!(facts.run),
        "workspace" => json!(facts.workspace),
        "repository" => json!(facts.repository),
        "branch" => json!(facts.branch),
        "key" => json!(facts.key),
        "packages" => json!(facts.packages),
        "upstream" => json!(first.map_or("", |it| it.repository.as_str())),
        "package" => json!(first.map_or("", |it| it.name.as_str())),
        "version" => json!(first.map_or("", |it| it.version.as_str())),
        "tag" => json!(first.map_or("", |it| it.tag.as_str())),
        "digest" => json!(
            first
                .and_then(|it| it.digest.as_deref())
                .unwrap_or_default()
        ),
        _ => return None,
    })
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns a text as it stands in a JSON string, without the quotes.
fn escaped(text: &str) -> String {
    let quoted = json!(text).to_string();
    let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

/// Returns a template in pieces: `{` and `}` around a word of small letters and dashes is a placeholder.
fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut text = template;
    let mut from = 0;
    while let Some(open) = text.get(from..).and_then(|it| it.find('{')) {
        let open = from + open;
        let (before, behind) = text.split_at(open);
        let name = behind
            .strip_prefix('{')
            .and_then(|it| it.split_once('}'))
            .filter(|(name, _)| is_name(name));
        match name {
            Some((name, rest)) => {
                pieces.push(Piece::Text(before));
                pieces.push(Piece::Name(name));
                (text, from) = (rest, 0);
            }
            None => from = open + 1,
        }
    }
    pieces.push(Piece::Text(text));
    pieces
}

fn is_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c == '-' || c == '_';
    !text.is_empty() && text.chars().all(letter)
}

/// Where in a JSON document a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    /// Not in a string.
    Outside,
    /// In one.
    Inside,
}

impl Where {
    /// Returns where it is after a text. An escape never spans two pieces: `\{` is none.
    fn after(self, text: &str) -> Self {
        let (mut at, mut escape) = (self, false);
        for c in text.chars() {
            match (at, c) {
                (Self::Inside, _) if escape => escape = false,
                (Self::Inside, '\\') => escape = true,
                (Self::Inside, '"') => at = Self::Outside,
                (Self::Outside, '"') => at = Self::Inside,
                _ => {}
            }
        }
        at
    }
}
