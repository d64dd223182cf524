//! Compose files: the images of services.

use super::{Found, yaml_stem};
use crate::yaml::{Node, Yaml};

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
    for (name, service) in node.entries() {
        if let Some(image) = service.get("image") {
            found.below(name, |found| found.image(image));
        }
    }
}

/// Adds the image of what services take over by an anchor: a service, or the image alone.
fn fragment(node: Node<'_>, found: &mut Found<'_>) {
    if node.is_anchored() && node.scalar().is_some() {
        found.image(node);
    } else if let Some(image) = node.get("image") {
        found.image(image);
    }
}
