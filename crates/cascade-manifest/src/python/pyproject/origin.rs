//! Where packages come from instead of their index: `tool.uv.sources` and Poetry's tables.

use super::Document;
use super::dependencies::tag_behind;
use crate::python::pins::{Pins, Site};
use crate::python::{canonical, reference};
use crate::toml::{Node, Text};
use crate::{Form, Kind, Pin, Source};

/// Where a table says that its package comes from.
pub(super) struct Origin<'d> {
    pub(super) source: Source,
    /// The tag or commit, where one is named.
    pub(super) reference: Option<Text<'d>>,
}

/// Returns the origin that a table names; `None` where it leaves the package to its index.
pub(super) fn origin(table: Node<'_>) -> Option<Origin<'_>> {
    let plain = |source| {
        Some(Origin {
            source,
            reference: None,
        })
    };
    if table.bool_at("workspace") == Some(true) {
        return plain(Source::Workspace);
    }
    if let Some(path) = table.string_at("path") {
        return plain(Source::Path(path.value.to_owned()));
    }
    let git = table.string_at("git")?;
    if let Some(reference) = table.string_at("tag").or_else(|| table.string_at("rev")) {
        return Some(Origin {
            source: Source::GitRef(git.value.to_owned()),
            reference: Some(reference),
        });
    }
    plain(match table.string_at("branch") {
        Some(branch) => Source::Branch(branch.value.to_owned()),
        None => Source::Git(git.value.to_owned()),
    })
}

/// Returns the pin that a tag or commit in a table is.
pub(super) fn reference_pin(
    document: &Document<'_>,
    table: Node<'_>,
    reference: &Text<'_>,
    mut pin: Pin,
) -> Pin {
    reference.value.clone_into(&mut pin.requirement);
    pin.span = reference.editable();
    pin.form = match &pin.span {
        None => Form::Opaque,
        Some(_) if table.string_at("tag").is_some() => Form::GitTag,
        Some(_) => reference::form(reference.value),
    };
    if let Form::GitRev { comment } = &mut pin.form {
        let behind_table = || table.span().and_then(|it| tag_behind(document, it.end));
        *comment = tag_behind(document, reference.span.end).or_else(behind_table);
    }
    pin
}

/// Adds what `tool.uv.sources` says: a source for each package, and a pin for each tag or commit.
pub(super) fn collect(document: &Document<'_>, pins: &mut Pins) {
    let Some(sources) = document.toml.root().find(&["tool", "uv", "sources"]) else {
        return;
    };
    let kinds = pins.kinds();
    for (key, value) in sources.entries() {
        // A package that only members require is pinned here for the whole workspace.
        let kind = kinds.get(&*canonical(key.name)).copied();
        let site = Site {
            section: "tool.uv.sources",
            kind: kind.unwrap_or(Kind::Workspace),
        };
        for table in tables(value) {
            let Some(origin) = origin(table) else {
                continue;
            };
            if let Some(text) = &origin.reference {
                let mut pin = site.pin(key.name);
                pin.source = Some(origin.source.clone());
                let pin = reference_pin(document, table, text, pin);
                pins.push(text.span.start, pin);
            }
            pins.take_from(key.name, origin.source);
        }
    }
}

/// Returns the tables of a value: itself, or the members of a list.
pub(super) fn tables(value: Node<'_>) -> Vec<Node<'_>> {
    if value.is_array() {
        value.items()
    } else {
        vec![value]
    }
}
