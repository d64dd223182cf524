//! Objects of Kubernetes: the images of containers, wherever an object has some.

use super::flux::{self, Repositories};
use super::{Draft, Found, Piece, argo, yaml_stem};
use crate::yaml::{Node, Yaml};

/// Lists of containers.
const LISTS: &[&str] = &[
    "containers",
    "initContainers",
    "ephemeralContainers",
    "sidecars",
];

pub(super) fn is_at(path: &str) -> bool {
    yaml_stem(path).is_some()
}

pub(super) fn read(yaml: &Yaml<'_>, found: &mut Found<'_>) {
    let repositories = Repositories::of(yaml);
    for it in yaml.documents().filter(|it| is_object(*it)) {
        object(it, &repositories, found);
    }
}

/// Returns whether a document is an object.
pub(super) fn is_object(node: Node<'_>) -> bool {
    let says = |key| node.get(key).and_then(Node::str).is_some();
    says("apiVersion") && says("kind")
}

/// Adds what an object refers to.
pub(super) fn object(node: Node<'_>, repositories: &Repositories<'_>, found: &mut Found<'_>) {
    let mut is_known = false;
    for (nth, it) in argo::objects(node).enumerate() {
        let is_one = argo::read(it, found) || flux::read(it, repositories, found);
        is_known |= is_one && nth == 0;
    }
    if !is_known {
        walk(node, found);
    }
}

/// Adds the images of containers at any depth.
fn walk(node: Node<'_>, found: &mut Found<'_>) {
    for (key, value) in node.entries() {
        found.below(key, |found| {
            if LISTS.contains(&key) {
                let containers = value.elements();
                containers.for_each(|it| container(it, found));
            } else if matches!(key, "container" | "script") {
                container(value, found);
            }
            walk(value, found);
        });
    }
    for it in node.elements() {
        walk(it, found);
    }
}

fn container(node: Node<'_>, found: &mut Found<'_>) {
    let Some(image) = Piece::field(node, "image") else {
        return;
    };
    if let Some(draft) = Draft::image(&image) {
        found.add(draft);
    }
}
