//! Packer: the images that builders of Docker begin with, and the versions that variables say.
//!
//! Of which thing a variable says the version, no text tells: `base_version` may be that of an image,
//! of a package in it, or of nothing that this workspace knows. Its reference has no name, and its
//! section is the variable's: it waits for somebody to declare whose it is. A variable that says no
//! version refers to nothing.

use super::{Draft, Found, Piece, Says, hcl, says};
use crate::Kind;
use crate::yaml::{Node, Yaml};

pub(super) fn is_at(path: &str) -> bool {
    path.ends_with(".pkr.hcl") || path.ends_with(".pkrvars.hcl")
}

pub(super) fn is_json_at(path: &str) -> bool {
    path.ends_with(".pkr.json") || path.ends_with(".pkrvars.json")
}

pub(super) fn read(text: &str, found: &mut Found<'_>) {
    for it in hcl::values(text) {
        if let Some(name) = it.variable() {
            variable(name, it.text, found);
        } else if (it.block.word, it.block.label, it.name) == ("source", "docker", "image") {
            image(&it.text, found);
        }
    }
}

/// Reads JSON: the blocks of the other language as objects, or the values of variables.
pub(super) fn read_json(yaml: &Yaml<'_>, found: &mut Found<'_>) {
    let Some(root) = yaml.root() else { return };
    let blocks = |path: &[&str]| root.find(path).into_iter().flat_map(Node::entries);
    for (_, source) in blocks(&["source", "docker"]) {
        if let Some(it) = Piece::field(source, "image") {
            image(&it, found);
        }
    }
    for (name, it) in blocks(&["variable"]) {
        if let Some(value) = Piece::field(it, "default") {
            variable(name, value, found);
        }
    }
    for (name, value) in blocks(&["locals"]).chain(root.entries()) {
        if let Some(value) = Piece::of(value) {
            variable(name, value, found);
        }
    }
}

fn image(piece: &Piece<'_>, found: &mut Found<'_>) {
    if let Some(draft) = Draft::image(piece) {
        found.below("source", |found| found.add(draft));
    }
}

fn variable(name: &str, value: Piece<'_>, found: &mut Found<'_>) {
    if says(value.text) != Says::Version {
        return;
    }
    found.below(name, |found| {
        found.add(Draft {
            at: value.at,
            version: Some(value),
            ..Draft::of(Kind::Image, "", 0)
        });
    });
}
