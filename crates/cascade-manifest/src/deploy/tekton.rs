//! Tekton: tasks and pipelines that are taken from elsewhere.

use std::collections::BTreeMap;

use super::{Draft, Found, Piece};
use crate::Kind;
use crate::yaml::Node;

/// Adds what a reference to a task or pipeline is resolved to: an image that bundles it, or a
/// repository of git.
pub(super) fn read(node: Node<'_>, found: &mut Found<'_>) {
    if let Some(bundle) = Piece::field(node, "bundle") {
        image(&bundle, found);
    }
    let Some(resolver) = Piece::field(node, "resolver") else {
        return;
    };
    let rows = node.get("params").map(Node::followed);
    let rows = rows.into_iter().flat_map(Node::elements).filter_map(|it| {
        let name = it.followed().get("name")?.followed().str()?;
        Some((name, Piece::field(it, "value")?))
    });
    let rows: BTreeMap<_, _> = rows.collect();
    match (resolver.text, rows.get("bundle"), rows.get("url")) {
        ("bundles", Some(bundle), _) => image(bundle, found),
        ("git", _, Some(url)) => {
            found.add(Draft::git(Kind::Module, url, rows.get("revision").cloned()));
        }
        _ => {}
    }
}

fn image(piece: &Piece<'_>, found: &mut Found<'_>) {
    if let Some(draft) = Draft::image(piece) {
        found.add(draft);
    }
}
