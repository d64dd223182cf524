//! `Chart.yaml`: the charts that one depends on, and the version of what it installs.

use super::{Draft, Found, Piece, file_name};
use crate::Kind;
use crate::yaml::{Node, Yaml};

pub(super) fn is_at(path: &str) -> bool {
    matches!(file_name(path), "Chart.yaml" | "requirements.yaml")
}

pub(super) fn read(yaml: &Yaml<'_>, found: &mut Found<'_>) {
    let Some(root) = yaml.root() else { return };
    let rows = root.get("dependencies").map(Node::followed);
    found.below("dependencies", |found| {
        for row in rows.into_iter().flat_map(Node::elements) {
            dependency(row, found);
        }
    });
    // Which image it is the version of, no chart says.
    if let Some(version) = Piece::field(root, "appVersion") {
        found.below("appVersion", |found| {
            found.add(Draft {
                at: version.at,
                version: Some(version),
                ..Draft::of(Kind::Image, "", 0)
            });
        });
    }
}

fn dependency(row: Node<'_>, found: &mut Found<'_>) {
    let Some(name) = Piece::field(row, "name") else {
        return;
    };
    found.add(Draft {
        version: Piece::field(row, "version"),
        by_helm: true,
        ..Draft::chart(&name, Piece::field(row, "repository").map(|it| it.text))
    });
}
