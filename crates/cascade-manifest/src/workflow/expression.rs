//! Expressions of workflows, as far as they can be known before a run.

mod parse;
mod value;

use self::parse::Parser;
use self::value::Value;
use super::Entry;

/// Whether something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// Only a run knows.
    Unknown,
}

/// The longest expression that is judged; a longer one is unknown.
const LONGEST: usize = 4 << 10;

/// Returns whether a condition holds, with or without `${{ }}` around it.
pub(super) fn condition(text: &str, entry: &Entry) -> Truth {
    let text = text.trim();
    let inner = text
        .strip_prefix("${{")
        .and_then(|it| it.strip_suffix("}}"));
    let body = match inner {
        Some(inner) if !inner.contains("${{") => inner,
        // Text around an expression makes a string of it.
        _ if text.contains("${{") => return Truth::Unknown,
        _ => text,
    };
    evaluate(body, entry).truth()
}

/// Returns a text with its expressions resolved; `None` where one is unknown.
pub(super) fn resolve(text: &str, entry: &Entry) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${{") {
        let (body, after) = behind.split_once("}}")?;
        out.push_str(before);
        out.push_str(&evaluate(body, entry).text()?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// Returns the bodies of the expressions in a text.
pub(super) fn bodies(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split("${{").skip(1);
    parts.filter_map(|it| Some(it.split_once("}}")?.0))
}

/// Returns the names of the secrets that the body of an expression names.
pub(super) fn secrets(body: &str) -> impl Iterator<Item = &str> {
    let named = body.split("secrets").skip(1).filter_map(|it| {
        let it = it.trim_start();
        let name = it.strip_prefix('.').or_else(|| {
            let quoted = it.strip_prefix('[')?.trim_start();
            quoted.strip_prefix('\'')
        })?;
        let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        name.get(..end.unwrap_or(name.len()))
    });
    named.filter(|it| !it.is_empty())
}

fn evaluate(body: &str, entry: &Entry) -> Value {
    if body.len() > LONGEST {
        return Value::Unknown;
    }
    Parser::new(body, entry).whole()
}
