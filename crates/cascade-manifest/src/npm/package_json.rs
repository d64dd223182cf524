//! `package.json`.

use super::overrides::{self, Target};
use super::spec::Spec;
use crate::json::{Json, Lines, Node};
use crate::version::is_placeholder;
use crate::{Format, Kind, Manifest, Members, Package, Pin, Publish, ReadError, VersionField};

/// The tables of dependencies, and what the packages in them are for.
const TABLES: [(&str, Kind); 4] = [
    ("dependencies", Kind::Runtime),
    ("optionalDependencies", Kind::Optional),
    ("peerDependencies", Kind::Peer),
    ("devDependencies", Kind::Dev),
];

/// `package.json`.
pub(super) struct PackageJson;

impl Format for PackageJson {
    fn name(&self) -> &'static str {
        "package.json"
    }

    fn reads(&self, file_name: &str) -> bool {
        file_name == "package.json"
    }

    fn parse(&self, text: &str) -> Result<Manifest, ReadError> {
        let json = Json::parse(text)?;
        let root = json.root();
        if !root.is_object() {
            return Err(ReadError {
                message: "expected an object".to_owned(),
                span: Some(root.span()),
            });
        }
        Ok(Manifest {
            package: package(root),
            pins: pins(root, &Lines::of(text)),
            members: members(root),
            ..Manifest::default()
        })
    }
}

fn package(root: Node<'_>) -> Option<Package> {
    let name = root.get("name")?.str()?.trim();
    (!name.is_empty()).then(|| Package {
        name: name.to_owned(),
        version: version(root),
        publish: match root.get("private") {
            Some(it) if it.is_truthy() => Publish::Never,
            _ => Publish::Yes,
        },
    })
}

fn version(root: Node<'_>) -> VersionField {
    let text = root.get("version").and_then(Node::text);
    match text {
        Some(it) if is_placeholder(it.value) => VersionField::Placeholder(it.value.to_owned()),
        Some(it) if !it.value.is_empty() => {
            it.span
                .map_or(VersionField::Unknown, |span| VersionField::Static {
                    text: it.value.to_owned(),
                    span,
                })
        }
        _ => VersionField::Unknown,
    }
}

fn pins(root: Node<'_>, lines: &Lines) -> Vec<Pin> {
    let mut pins = Vec::new();
    for (section, kind, table) in tables(root) {
        let rows = table
            .fields()
            .map(|(name, value)| pin((&section, kind), name, value, lines));
        pins.extend(rows);
    }
    pins.extend(forced(root, lines));
    pins.sort_by_key(|it| it.line);
    pins
}

/// Returns the rows that force a version on the whole tree.
fn forced(root: Node<'_>, lines: &Lines) -> Vec<Pin> {
    let row = |section: &str, target: &Target<'_>, value: Node<'_>| {
        let read = |text: &str| overrides::spec(target, text);
        pin_of(
            (section, Kind::Workspace),
            target.name,
            (value, &read),
            lines,
        )
    };
    let mut pins = Vec::new();
    let npm = root.get("overrides").map(overrides::nested);
    for (key, value) in npm.unwrap_or_default() {
        pins.push(row("overrides", &Target::npm(key), value));
    }
    for (key, value) in root.get("resolutions").into_iter().flat_map(Node::fields) {
        pins.push(row("resolutions", &Target::yarn(key), value));
    }
    let pnpm = root.get("pnpm").and_then(|it| it.get("overrides"));
    for (key, value) in pnpm.into_iter().flat_map(Node::fields) {
        pins.push(row("pnpm.overrides", &Target::pnpm(key), value));
    }
    pins
}

/// Returns every table of dependencies in the order of the text, catalogues too: some package
/// managers keep them here, at the top or in `workspaces`.
fn tables(root: Node<'_>) -> Vec<(String, Kind, Node<'_>)> {
    let mut found = Vec::new();
    for (section, node) in root.fields() {
        let kind = TABLES.iter().find(|(name, _)| *name == section);
        match (section, kind) {
            (_, Some((_, kind))) => found.push((section.to_owned(), *kind, node)),
            ("workspaces", _) => {
                for (inner, node) in node.fields() {
                    found.extend(catalogues(inner, &format!("workspaces.{inner}"), node));
                }
            }
            _ => found.extend(catalogues(section, section, node)),
        }
    }
    found
}

fn catalogues<'a>(key: &str, section: &str, node: Node<'a>) -> Vec<(String, Kind, Node<'a>)> {
    match key {
        "catalog" => vec![(section.to_owned(), Kind::Workspace, node)],
        "catalogs" => node
            .fields()
            .map(|(name, it)| (format!("{section}.{name}"), Kind::Workspace, it))
            .collect(),
        _ => Vec::new(),
    }
}

fn pin(table: (&str, Kind), name: &str, value: Node<'_>, lines: &Lines) -> Pin {
    pin_of(table, name, (value, &Spec::of), lines)
}

/// Returns the pin of a row whose value is read in this way.
fn pin_of(
    (section, kind): (&str, Kind),
    name: &str,
    (value, read): (Node<'_>, &dyn Fn(&str) -> Spec),
    lines: &Lines,
) -> Pin {
    let text = value.text();
    let span = text.as_ref().and_then(|it| it.span.clone());
    let spec = match (&text, &span) {
        (Some(text), Some(_)) => read(text.value),
        (Some(text), None) => Spec::opaque(text.value),
        (None, _) => Spec::opaque(""),
    };
    let start = text.map_or(value.span().start, |it| it.at);
    Pin {
        name: spec.name.unwrap_or_else(|| name.to_owned()),
        kind,
        section: section.to_owned(),
        requirement: spec.requirement,
        span: spec.within.map(|it| it.start + start..it.end + start),
        line: lines.line(start),
        form: spec.form,
        source: spec.source,
    }
}

/// Returns the globs of `workspaces`, an array or `{ "packages": [..] }`; `!` leaves out.
pub(super) fn members(root: Node<'_>) -> Members {
    let mut members = Members::default();
    let Some(declared) = root.get("workspaces") else {
        return members;
    };
    let globs = declared.get("packages").unwrap_or(declared);
    for glob in globs.items().filter_map(Node::str) {
        let (side, glob) = match glob.strip_prefix('!') {
            Some(rest) => (&mut members.exclude, rest),
            None => (&mut members.include, glob),
        };
        let glob = glob.strip_prefix("./").unwrap_or(glob);
        side.push(glob.trim_end_matches('/').to_owned());
    }
    members
}

#[cfg(test)]
mod tests;
