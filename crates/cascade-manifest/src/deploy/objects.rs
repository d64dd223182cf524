//! Objects of Kubernetes, of whatever kind: the images in them, wherever they stand. Only what is of the
//! family counts, so no list of kinds is needed.

use super::flux::{self, Repositories};
use super::{Found, Piece, argo, tekton, values, yaml_stem};
use crate::yaml::{Node, Yaml};

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

/// Adds the images of a value at any depth, also of the values of charts that stand in it as a text.
/// What is told of an object (`metadata`) names none.
pub(super) fn walk(node: Node<'_>, found: &mut Found<'_>) {
    walk_held(node, None, found);
}

fn walk_held<'y>(node: Node<'y>, digest: Option<Piece<'y>>, found: &mut Found<'_>) {
    values::pair(node, digest, found);
    tekton::read(node, found);
    let told = ["<<", "metadata"];
    for (key, value) in node.entries().filter(|it| !told.contains(&it.0)) {
        found.below(key, |found| {
            if holds_yaml(key) {
                found.inside(value, walk);
            }
            values::whole(key, value, found);
            walk_held(value, values::digest_of(node, key), found);
        });
    }
    for it in node.elements() {
        values::whole("", it, found);
        walk(it, found);
    }
}

/// Returns whether a text under this key is YAML: the values of a chart, or a file of a `ConfigMap`.
fn holds_yaml(key: &str) -> bool {
    matches!(key, "values" | "valuesContent") || yaml_stem(key).is_some()
}
