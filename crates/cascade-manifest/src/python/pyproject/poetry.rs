//! Poetry's own dependency tables.

use std::collections::BTreeSet;

use super::Document;
use super::origin::{origin, reference_pin, tables};
use crate::python::canonical;
use crate::python::pins::{Pins, Site};
use crate::toml::{Key, Node, Text};
use crate::{Form, Kind, Source};

/// Adds the pins of `[tool.poetry.dependencies]` and its like.
pub(super) fn collect(document: &Document<'_>, pins: &mut Pins) {
    let Some(poetry) = document.toml.root().find(&["tool", "poetry"]) else {
        return;
    };
    // What the standard table beside it pins, a row without a version only says the origin of.
    let mut reader = Reader {
        document,
        standard: pins.names_in("project."),
        pins,
    };
    for (table, kind) in [
        ("dependencies", Kind::Runtime),
        ("dev-dependencies", Kind::Dev),
    ] {
        let section = &format!("tool.poetry.{table}");
        reader.collect_table(poetry.get(table), Site { section, kind });
    }
    for (group, table) in poetry.get("group").map(Node::entries).unwrap_or_default() {
        let section = &format!("tool.poetry.group.{}.dependencies", group.name);
        let kind = Kind::Dev;
        let beside = format!("dependency-groups.{}", group.name);
        reader.standard = reader.pins.names_in(&beside);
        reader.collect_table(table.get("dependencies"), Site { section, kind });
    }
}

struct Reader<'a, 't> {
    document: &'a Document<'t>,
    /// The packages that the standard table for the same purpose pins.
    standard: BTreeSet<String>,
    pins: &'a mut Pins,
}

impl Reader<'_, '_> {
    fn collect_table(&mut self, table: Option<Node<'_>>, site: Site<'_>) {
        for (key, value) in table.map(Node::entries).unwrap_or_default() {
            if key.name == "python" {
                continue;
            }
            for row in tables(value) {
                self.collect_row(&key, row, site);
            }
        }
    }

    /// Adds the pin of one row: a string, or a table with `version`, `git`, `path` or `url`.
    fn collect_row(&mut self, key: &Key<'_>, row: Node<'_>, mut site: Site<'_>) {
        if row.bool_at("optional") == Some(true) && site.kind == Kind::Runtime {
            site.kind = Kind::Optional;
        }
        let origin = origin(row);
        let source = origin.as_ref().map(|it| it.source.clone());
        let reference = origin.and_then(|it| it.reference);
        if let Some(version) = row.string().or_else(|| row.string_at("version")) {
            self.push_range(key, &version, source, site);
        } else if let Some(reference) = reference {
            let mut pin = site.pin(key.name);
            pin.source.clone_from(&source);
            let pin = reference_pin(self.document, row, &reference, pin);
            self.pins.push(reference.span.start, pin);
            if let Some(source) = source {
                self.pins.take_from(key.name, source);
            }
        } else if self.standard.contains(&*canonical(key.name)) {
            if let Some(source) = source {
                self.pins.take_from(key.name, source);
            }
        } else {
            let mut pin = site.pin(key.name);
            if row.string_at("url").is_some() || !row.is_table() {
                pin.form = Form::Opaque;
            }
            pin.source = source;
            self.pins.push(key.span.start, pin);
        }
    }

    fn push_range(
        &mut self,
        key: &Key<'_>,
        version: &Text<'_>,
        source: Option<Source>,
        site: Site<'_>,
    ) {
        let mut pin = site.pin(key.name);
        version.value.clone_into(&mut pin.requirement);
        pin.span = version.editable();
        pin.source = source;
        pin.form = match pin.span {
            Some(_) => Form::Range,
            None => Form::Opaque,
        };
        self.pins.push(version.span.start, pin);
    }
}
