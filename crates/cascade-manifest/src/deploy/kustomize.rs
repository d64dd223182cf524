//! `kustomization.yaml`: images that are replaced, charts that are inflated, bases from elsewhere.

use super::{Draft, Found, Piece, address, file_name, objects, values};
use crate::Kind;
use crate::yaml::{Node, Yaml};

/// The lists of what may come from another repository.
const REMOTE: &[&str] = &["resources", "components", "bases"];

pub(super) fn is_at(path: &str) -> bool {
    matches!(
        file_name(path),
        "kustomization.yaml" | "kustomization.yml" | "Kustomization"
    )
}

pub(super) fn read(yaml: &Yaml<'_>, found: &mut Found<'_>) {
    let Some(root) = yaml.root() else { return };
    images(root, found);
    each(root, "helmCharts", found, chart);
    for key in REMOTE {
        each(root, key, found, remote);
    }
}

/// Adds the images that a kustomization replaces, and those in its patches.
pub(super) fn images(node: Node<'_>, found: &mut Found<'_>) {
    each(node, "images", found, image);
    patches(node, found);
}

/// Adds the images in patches that are written out.
pub(super) fn patches(node: Node<'_>, found: &mut Found<'_>) {
    each(node, "patchesStrategicMerge", found, |it, found| {
        found.inside(it, patch);
    });
    for key in ["patches", "patchesJson6902"] {
        each(node, key, found, |it, found| {
            if let Some(it) = it.followed().get("patch") {
                found.inside(it, patch);
            }
        });
    }
}

/// Adds the images in a patch: an object, or operations on one.
fn patch(node: Node<'_>, found: &mut Found<'_>) {
    if node.elements().next().is_none() {
        objects::walk(node, found);
    }
    for it in node.elements().map(Node::followed) {
        let path = it.get("path").and_then(|it| it.followed().str());
        let path = path.unwrap_or_default();
        let Some(value) = it.get("value").filter(|_| !path.contains("/metadata/")) else {
            continue;
        };
        if path.ends_with("/image") {
            found.image(value);
            continue;
        }
        found.below("value", |found| {
            values::whole("value", value, found);
            objects::walk(value, found);
        });
    }
}

fn each<'y>(root: Node<'y>, key: &str, found: &mut Found<'_>, add: fn(Node<'y>, &mut Found<'_>)) {
    let list = root.get(key).map(Node::followed);
    found.below(key, |found| {
        for it in list.into_iter().flat_map(Node::elements) {
            add(it, found);
        }
    });
}

fn image(row: Node<'_>, found: &mut Found<'_>) {
    let field = |key| Piece::field(row, key);
    let Some(name) = field("newName").or_else(|| field("name")) else {
        return;
    };
    found.add(Draft {
        version: field("newTag"),
        digest: field("digest"),
        ..Draft::of(Kind::Image, name.text, name.at)
    });
}

fn chart(row: Node<'_>, found: &mut Found<'_>) {
    let Some(name) = Piece::field(row, "name") else {
        return;
    };
    if let Some(it) = row.followed().get("valuesInline") {
        found.below("valuesInline", |found| values::walk(it.followed(), found));
    }
    found.add(Draft {
        version: Piece::field(row, "version"),
        by_helm: true,
        ..Draft::chart(&name, Piece::field(row, "repo").map(|it| it.text))
    });
}

fn remote(node: Node<'_>, found: &mut Found<'_>) {
    let Some(url) = Piece::of(node) else { return };
    if address::is_remote(url.text) {
        found.add(Draft::git(Kind::Module, &url, address::wanted(&url)));
    }
}
