//! Packer: the images that builders of Docker begin with, and the versions that variables say.
//!
//! Of which thing a variable says the version, no text tells: `base_version` may be that of an image,
//! of a package in it, or of nothing that this workspace knows. Its reference has no name, and its
//! section is the variable's: it waits for somebody to declare whose it is. A variable that says no
//! version refers to nothing.

use std::collections::BTreeSet;

use super::hcl::{self, Space, Variables};
use super::{Draft, Expanded, Found, Piece, Says, file_name, says};
use crate::Kind;
use crate::yaml::{Node, Yaml};

/// What Packer itself has to be, which is of no image.
const OWN: &str = "min_packer_version";

pub(super) fn is_at(path: &str) -> bool {
    path.ends_with(".pkr.hcl") || path.ends_with(".pkrvars.hcl")
}

pub(super) fn is_json_at(path: &str) -> bool {
    let endings = [".pkr.json", ".pkrvars.json", ".packer.json"];
    endings.iter().any(|it| path.ends_with(it)) || file_name(path) == "packer.json"
}

pub(super) fn read(text: &str, found: &mut Found<'_>) {
    let values = hcl::strings(text);
    let variables = Variables::of(&values);
    hcl::images(&values, &variables, found);
    for it in &values {
        if (it.block.word, it.block.label, it.name) == ("source", "docker", "image") {
            image(&variables.expanded(&it.text), found);
        }
    }
    let known = found.versions();
    for it in values.iter().filter(|it| it.is_plain()) {
        if let Some(name) = it.variable() {
            version(name, it.text.clone(), &known, found);
        }
    }
}

/// Reads JSON: the blocks of the other language as objects, the older templates with their `builders`,
/// or the values of variables.
pub(super) fn read_json(yaml: &Yaml<'_>, found: &mut Found<'_>) {
    let Some(root) = yaml.root() else { return };
    let named = named(root);
    let mut variables = Variables::default();
    for (space, name, value) in &named {
        variables.add(*space, name, value);
    }
    for (_, name, value) in &named {
        if let Some(draft) = variables.expanded(value).whole_image() {
            found.below(name, |found| found.add(draft));
        }
    }
    for it in sources(root) {
        if let Some(it) = Piece::field(it, "image") {
            image(&variables.expanded(&it), found);
        }
    }
    let known = found.versions();
    for (_, name, value) in named {
        version(name, value, &known, found);
    }
}

/// Returns what begins with an image of Docker.
fn sources(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let blocks = root.find(&["source", "docker"]).into_iter();
    let builders = root.get("builders").into_iter().flat_map(Node::elements);
    let is_docker = |it: &Node<'_>| it.get("type").and_then(Node::str) == Some("docker");
    let blocks = blocks.flat_map(Node::entries).map(|it| it.1);
    blocks.chain(builders.filter(is_docker))
}

/// Returns the variables and local values of JSON, with what they say.
fn named(root: Node<'_>) -> Vec<(Space, &str, Piece<'_>)> {
    let entries = |key: &str| root.get(key).into_iter().flat_map(Node::entries);
    let blocks = entries("variable").filter_map(|(name, it)| Some((name, it.get("default")?)));
    let said = blocks.chain(entries("variables")).chain(root.entries());
    let said = said.filter(|it| it.0 != OWN);
    let variables = said.map(|it| (Space::Variable, it));
    let all = variables.chain(entries("locals").map(|it| (Space::Local, it)));
    let of = |(space, (name, it))| Some((space, name, Piece::of(it)?));
    all.filter_map(of).collect()
}

fn image(text: &Expanded<'_>, found: &mut Found<'_>) {
    if let Some(draft) = text.image() {
        found.below("source", |found| found.add(draft));
    }
}

/// Adds the version that a variable says, unless an image that was found takes it.
fn version(name: &str, value: Piece<'_>, known: &BTreeSet<usize>, found: &mut Found<'_>) {
    if says(value.text) != Says::Version || known.contains(&value.at) {
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
