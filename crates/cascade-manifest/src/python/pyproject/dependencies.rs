//! Dependencies that are PEP 508 strings, in whichever table they stand.

use super::Document;
use crate::python::pep508;
use crate::python::pins::{Pins, Site};
use crate::python::reference;
use crate::toml::{Node, Text};
use crate::{Form, Kind, Pin};

/// Arrays of strings.
const ARRAYS: &[(&[&str], &str, Kind)] = &[
    (
        &["project", "dependencies"],
        "project.dependencies",
        Kind::Runtime,
    ),
    (
        &["build-system", "requires"],
        "build-system.requires",
        Kind::Build,
    ),
    (
        &["tool", "uv", "dev-dependencies"],
        "tool.uv.dev-dependencies",
        Kind::Dev,
    ),
];

/// Tables of such arrays, by the name of the group.
const GROUPS: &[(&[&str], &str, Kind)] = &[
    (
        &["project", "optional-dependencies"],
        "project.optional-dependencies",
        Kind::Optional,
    ),
    (&["dependency-groups"], "dependency-groups", Kind::Dev),
    (
        &["tool", "pdm", "dev-dependencies"],
        "tool.pdm.dev-dependencies",
        Kind::Dev,
    ),
];

/// Adds the pins of every such table.
pub(super) fn collect(document: &Document<'_>, pins: &mut Pins) {
    let root = document.toml.root();
    for (path, section, kind) in ARRAYS {
        if let Some(array) = root.find(path) {
            let kind = *kind;
            collect_array(document, array, Site { section, kind }, pins);
        }
    }
    for (path, section, kind) in GROUPS {
        let groups = root.find(path).map(Node::entries).unwrap_or_default();
        for (key, array) in groups {
            let section = &format!("{section}.{}", key.name);
            let kind = *kind;
            collect_array(document, array, Site { section, kind }, pins);
        }
    }
}

/// Adds the pins of one array; what is no string (`{ include-group = "x" }`) is none.
fn collect_array(document: &Document<'_>, array: Node<'_>, site: Site<'_>, pins: &mut Pins) {
    for text in array.items().into_iter().filter_map(Node::string) {
        if let Some(mut pin) = pin(&text, site) {
            if let Form::GitRev { comment } = &mut pin.form {
                *comment = tag_behind(document, text.span.end);
            }
            pins.push(text.span.start, pin);
        }
    }
}

/// Returns the pin of one string. Escapes matter only in front of the marker.
fn pin(text: &Text<'_>, site: Site<'_>) -> Option<Pin> {
    let in_place = text.content().zip(text.raw()).filter(|(_, raw)| {
        let unmarked = raw.split(';').next().unwrap_or_default();
        !text.has_escapes() || !unmarked.contains('\\')
    });
    if let Some((content, raw)) = in_place {
        return pep508::pin(raw, content.start, site);
    }
    let mut pin = pep508::pin(text.value, 0, site)?;
    pin.span = None;
    pin.form = Form::Opaque;
    Some(pin)
}

/// Returns the bytes of the tag that the comment behind byte `end` begins with; only closing marks
/// may stand between.
pub(super) fn tag_behind(document: &Document<'_>, end: usize) -> Option<std::ops::Range<usize>> {
    let comment = document.toml.comment_behind(end)?;
    let between = document.text.get(end..comment.start)?;
    let closing = |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}');
    if !between.chars().all(closing) {
        return None;
    }
    reference::tag_in_comment(document.text.get(comment.clone())?, comment.start)
}
