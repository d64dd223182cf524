//! `Cargo.toml`: `[package]`, and what members inherit of `[workspace.package]`.

use super::{About, Field, License, Topic};
use crate::ReadError;
use crate::json::Lines;
use crate::toml::{Node, Toml};

/// The keys of a package, and what they are about.
const KEYS: &[(&str, Topic)] = &[
    ("name", Topic::Name),
    ("description", Topic::Description),
    ("readme", Topic::Readme),
    ("license", Topic::License),
    ("license-file", Topic::License),
    ("rust-version", Topic::Requires),
    ("authors", Topic::Authors),
    ("keywords", Topic::Keywords),
    ("categories", Topic::Classifiers),
    ("homepage", Topic::Homepage),
    ("repository", Topic::Repository),
    ("documentation", Topic::Documentation),
];

/// Reads a `Cargo.toml`.
///
/// # Errors
/// When it is no TOML.
pub(super) fn read(text: &str) -> Result<About, ReadError> {
    let toml = Toml::parse(text)?;
    let lines = Lines::of(text);
    let root = toml.root();
    let table = root.get("package").or_else(|| root.get("project"));
    let mut about = table.map(|it| package(it, &lines)).unwrap_or_default();
    let shared = root.find(&["workspace", "package"]);
    about.shared = shared.map(|it| Box::new(package(it, &lines)));
    Ok(about)
}

fn package(table: Node<'_>, lines: &Lines) -> About {
    let mut about = About::default();
    for (key, topic) in KEYS {
        let Some(node) = table.get(key) else { continue };
        if node.bool_at("workspace") == Some(true) {
            about.inherited.insert(*topic);
        }
        about.put(*topic, field(node, lines));
    }
    let at = |key: &str| field(table.get(key)?, lines).filter(|it| !it.value.is_empty());
    if let Some(expression) = at("license") {
        about.license = License::Expression(expression);
    } else if let Some(file) = at("license-file") {
        about.license = License::File(file);
    }
    about.license_files.extend(at("license-file"));
    about
}

/// Returns a string, or the strings of a list; `readme = true` is the default said aloud.
fn field(node: Node<'_>, lines: &Lines) -> Option<Field> {
    let value = match (node.string(), node.bool()) {
        (Some(text), _) => text.value.to_owned(),
        (None, Some(true)) => "README.md".to_owned(),
        (None, Some(false)) => return None,
        (None, None) => {
            let items = node.items();
            let strings = items.iter().filter_map(|it| it.string());
            let strings: Vec<&str> = strings.map(|it| it.value).collect();
            strings.join(", ")
        }
    };
    Some(Field {
        value,
        line: lines.line(node.span()?.start),
    })
}
