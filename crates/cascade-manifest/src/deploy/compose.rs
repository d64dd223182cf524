//! Compose files: the images of services, and those that their builds begin with. A default
//! (`${TAG:-1.4.2}`) is what it says; what a file of variables says instead is not known here.

use super::expanded::shell;
use super::{Expanded, Found, Piece, yaml_stem};
use crate::yaml::{Node, Yaml};

/// How an image is given to a build as one of its contexts.
const CONTEXT: &str = "docker-image://";

pub(super) fn is_at(path: &str) -> bool {
    yaml_stem(path).is_some_and(|it| {
        let it = it.strip_prefix("docker-").unwrap_or(it);
        it.strip_prefix("compose")
            .is_some_and(|it| it.is_empty() || it.starts_with(['.', '-']))
    })
}

pub(super) fn read(yaml: &Yaml<'_>, found: &mut Found<'_>) {
    for (key, value) in yaml.documents().flat_map(Node::entries) {
        if key == "services" {
            found.below(key, |found| services(value.followed(), found));
        } else if key.starts_with("x-") {
            found.below(key, |found| fragment(value, found));
        }
    }
}

fn services(node: Node<'_>, found: &mut Found<'_>) {
    for (name, it) in node.entries() {
        found.below(name, |found| service(it.followed(), found));
    }
}

fn service(node: Node<'_>, found: &mut Found<'_>) {
    if let Some(it) = node.get("image") {
        image(it, found);
    }
    let Some(build) = node.get("build").map(Node::followed) else {
        return;
    };
    found.below("build", |found| {
        let contexts = said(build, "additional_contexts");
        let images = contexts.filter_map(|it| it.without(CONTEXT));
        for it in said(build, "args").chain(images) {
            if let Some(draft) = expanded(&it).whole_image() {
                found.add(draft);
            }
        }
    });
}

/// Returns what the names of a mapping, or of a list of `NAME=value`, say.
fn said<'y>(node: Node<'y>, key: &str) -> impl Iterator<Item = Piece<'y>> {
    let node = node.get(key).map(Node::followed);
    let values = node.into_iter().flat_map(Node::entries);
    let values = values.filter_map(|it| Piece::of(it.1));
    let pairs = node.into_iter().flat_map(Node::elements);
    values.chain(pairs.filter_map(|it| Some(Piece::of(it)?.split_once("=")?.1)))
}

/// Adds the images of what services take over by an anchor: parts of a service at any depth, or an
/// image alone.
fn fragment(node: Node<'_>, found: &mut Found<'_>) {
    if node.is_anchored() && node.scalar().is_some() {
        image(node, found);
    }
    service(node, found);
    let of_service = ["image", "build", "<<"];
    for (_, it) in node.entries().filter(|it| !of_service.contains(&it.0)) {
        fragment(it, found);
    }
    node.elements().for_each(|it| fragment(it, found));
}

fn image(node: Node<'_>, found: &mut Found<'_>) {
    let draft = Piece::of(node).and_then(|it| expanded(&it).image());
    if let Some(draft) = draft {
        found.add(draft);
    }
}

fn expanded<'y>(piece: &Piece<'y>) -> Expanded<'y> {
    shell(piece, &|_| None)
}
