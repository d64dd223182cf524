//! Applications of Argo CD: what their sources are, and the images they put in.

mod applications;
mod generators;

use std::collections::BTreeMap;

pub use self::applications::applications;

use super::{Draft, Found, Piece, Reference, kustomize, values};
use crate::Kind;
use crate::yaml::Node;

/// The group of its objects.
const GROUP: &str = "argoproj.io/";

/// How the address of what a registry holds begins.
const OCI: &str = "oci://";

/// An application of Argo CD, or a set of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its name; of a set, the set's.
    pub name: String,
    /// The wave in which it is brought out; `None` where it says none, which Argo CD takes for 0.
    pub wave: Option<i64>,
    /// The 1-based line on which it begins.
    pub line: usize,
    /// What it refers to.
    pub references: Vec<Reference>,
}

/// Reads an object, if it is an application; returns whether it is.
pub(super) fn read(object: Node<'_>, found: &mut Found<'_>) -> bool {
    let text = |key| object.get(key).and_then(Node::str);
    let is_argo = text("apiVersion").is_some_and(|it| it.starts_with(GROUP));
    match text("kind") {
        Some("Application") if is_argo => template(object, found),
        Some("ApplicationSet") if is_argo => set(object, found),
        _ => return false,
    }
    true
}

/// Returns the objects of a document: itself, or those in its list.
pub(super) fn objects(document: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let items = document.get("items").map(Node::followed);
    let items = items
        .into_iter()
        .flat_map(Node::elements)
        .map(Node::followed);
    std::iter::once(document).chain(items)
}

/// Returns whether an application stands for several.
fn is_set(object: Node<'_>) -> bool {
    object.get("kind").and_then(Node::str) == Some("ApplicationSet")
}

/// Reads a set: its template, and what is put into it. Its patch (`templatePatch`) is the text of a
/// template, and no YAML.
fn set(object: Node<'_>, found: &mut Found<'_>) {
    generators::read(object, found);
    if let Some(it) = object.find(&["spec", "template"]) {
        found.below("spec.template", |found| template(it.followed(), found));
    }
}

/// Reads the sources of an application.
fn template(node: Node<'_>, found: &mut Found<'_>) {
    let Some(spec) = node.get("spec").map(Node::followed) else {
        return;
    };
    found.below("spec", |found| {
        if let Some(one) = spec.get("source") {
            found.below("source", |found| source(one.followed(), found));
        }
        let many = spec.get("sources").map(Node::followed);
        for one in many.into_iter().flat_map(Node::elements) {
            found.below("sources", |found| source(one.followed(), found));
        }
        if let Some(one) = spec.find(&["sourceHydrator", "drySource"]) {
            found.below("sourceHydrator.drySource", |found| {
                source(one.followed(), found);
            });
        }
    });
}

fn source(node: Node<'_>, found: &mut Found<'_>) {
    let url = Piece::field(node, "repoURL");
    let version = Piece::field(node, "targetRevision");
    match (Piece::field(node, "chart"), url) {
        (Some(chart), url) => found.add(Draft {
            version,
            ..Draft::chart(&chart, url.map(|it| it.text))
        }),
        (None, Some(url)) if url.text.starts_with(OCI) => artifact(&url, version, found),
        (None, Some(url)) => found.add(Draft {
            folder: node.get("path").and_then(|it| it.followed().str()),
            ..Draft::git(Kind::Module, &url, version)
        }),
        (None, None) => {}
    }
    if let Some(kustomize) = node.get("kustomize") {
        found.below("kustomize", |found| {
            kustomize::patches(kustomize.followed(), found);
        });
    }
    if let Some(images) = node.find(&["kustomize", "images"]) {
        found.below("kustomize.images", |found| {
            for it in images.followed().elements() {
                replaced(it, found);
            }
        });
    }
    if let Some(helm) = node.get("helm").map(Node::followed) {
        found.below("helm", |found| parameters(helm, found));
    }
}

/// Adds what is taken from a registry as it is, as an image: only its name says whose it is.
fn artifact(url: &Piece<'_>, version: Option<Piece<'_>>, found: &mut Found<'_>) {
    let Some(name) = url.without(OCI) else { return };
    let is_digest = version.as_ref().is_some_and(|it| it.text.contains(':'));
    let (version, digest) = if is_digest {
        (None, version)
    } else {
        (version, None)
    };
    found.add(Draft {
        version,
        digest,
        ..Draft::of(Kind::Image, name.text.trim_end_matches('/'), url.at)
    });
}

/// Adds an image in the words of Kustomize's command line: `old=new:tag`, `name:tag`.
fn replaced(node: Node<'_>, found: &mut Found<'_>) {
    let Some(piece) = Piece::of(node) else { return };
    let piece = piece.split_once("=").map_or(piece, |(_, new)| new);
    if let Some(draft) = Draft::image(&piece) {
        found.add(draft);
    }
}

/// Adds what the parameters of a chart say of images: the value of `image.tag`, with the repository
/// of the parameter beside it where there is one.
fn parameters(helm: Node<'_>, found: &mut Found<'_>) {
    if let Some(values) = helm.get("valuesObject") {
        found.below("valuesObject", |found| values::walk(values, found));
    }
    if let Some(values) = helm.get("values") {
        found.below("values", |found| found.inside(values, values::walk));
    }
    let rows = helm.get("parameters").map(Node::followed);
    let rows = rows.into_iter().flat_map(Node::elements).filter_map(|it| {
        let name = it.followed().get("name")?.followed().str()?;
        Some((name, Piece::field(it, "value")?))
    });
    let rows: BTreeMap<_, _> = rows.collect();
    found.below("parameters", |found| values::settings(&rows, found));
}
