//! Objects of Flux: releases of charts, and the sources that are taken in a version.
//!
//! A source of OCI is an image, whatever is packed in it: only its name says whose it is. Of a source
//! of git the commit holds, and a branch beside it is where a person found it.

use std::collections::BTreeMap;

use super::{Draft, Found, Piece, kustomize, values};
use crate::Kind;
use crate::yaml::{Node, Yaml};

/// The groups of its objects end so.
const GROUP: &str = ".toolkit.fluxcd.io/";

/// The addresses of the repositories of charts that a text declares, by name; none for a name that
/// stands for several.
#[derive(Default)]
pub(super) struct Repositories<'y>(BTreeMap<&'y str, Option<&'y str>>);

impl<'y> Repositories<'y> {
    pub(super) fn of(yaml: &'y Yaml<'y>) -> Self {
        let mut all = BTreeMap::new();
        for it in yaml.documents().filter(|it| is_flux(*it)) {
            let text = |path: &[&str]| it.find(path).map(Node::followed).and_then(Node::str);
            if text(&["kind"]) == Some("HelmRepository")
                && let (Some(name), url) = (text(&["metadata", "name"]), text(&["spec", "url"]))
            {
                let one = all.entry(name).or_insert(url);
                *one = one.filter(|it| Some(*it) == url);
            }
        }
        Self(all)
    }
}

/// Reads an object, if it is one of Flux; returns whether it is.
pub(super) fn read(
    object: Node<'_>,
    repositories: &Repositories<'_>,
    found: &mut Found<'_>,
) -> bool {
    if !is_flux(object) {
        return false;
    }
    let Some(spec) = object.get("spec").map(Node::followed) else {
        return true;
    };
    found.below("spec", |found| {
        match object.get("kind").and_then(Node::str) {
            Some("HelmRelease") => release(spec, repositories, found),
            Some("OCIRepository") => artifact(spec, found),
            Some("GitRepository") => repository(spec, found),
            Some("Kustomization") => kustomize::images(spec, found),
            _ => {}
        }
    });
    true
}

fn is_flux(object: Node<'_>) -> bool {
    let group = object.get("apiVersion").and_then(Node::str);
    group.is_some_and(|it| it.contains(GROUP))
}

fn release(spec: Node<'_>, repositories: &Repositories<'_>, found: &mut Found<'_>) {
    if let Some(it) = spec.find(&["chart", "spec"]).map(Node::followed) {
        found.below("chart.spec", |found| chart(it, repositories, found));
    }
    if let Some(it) = spec.get("values") {
        found.below("values", |found| values::walk(it.followed(), found));
    }
    let renderers = spec.get("postRenderers").map(Node::followed);
    for it in renderers.into_iter().flat_map(Node::elements) {
        if let Some(it) = it.followed().get("kustomize").map(Node::followed) {
            found.below("postRenderers", |found| kustomize::images(it, found));
        }
    }
}

/// Adds a chart that comes from a repository of charts: of a folder in another source the version is
/// that of the source.
fn chart(node: Node<'_>, repositories: &Repositories<'_>, found: &mut Found<'_>) {
    let source = |key: &str| {
        let it = node.find(&["sourceRef", key])?;
        it.followed().str()
    };
    let Some(name) = Piece::field(node, "chart") else {
        return;
    };
    if source("kind") != Some("HelmRepository") {
        return;
    }
    let origin = source("name").and_then(|it| repositories.0.get(it).copied().flatten());
    found.add(Draft {
        version: Piece::field(node, "version"),
        by_helm: true,
        ..Draft::chart(&name, origin)
    });
}

fn artifact(spec: Node<'_>, found: &mut Found<'_>) {
    let url = Piece::field(spec, "url").and_then(|it| it.without("oci://"));
    let Some(url) = url else { return };
    let wanted = spec.get("ref").map(Node::followed);
    let field = |key: &str| Piece::field(wanted?, key);
    found.below("ref", |found| {
        found.add(Draft {
            version: field("semver").or_else(|| field("tag")),
            digest: field("digest"),
            ..Draft::of(Kind::Image, url.text, url.at)
        });
    });
}

fn repository(spec: Node<'_>, found: &mut Found<'_>) {
    let Some(url) = Piece::field(spec, "url") else {
        return;
    };
    let wanted = spec.get("ref").map(Node::followed);
    let field = |key: &str| Piece::field(wanted?, key);
    let commit = field("commit");
    let tag = || field("semver").or_else(|| field("tag"));
    let version = if commit.is_some() {
        tag()
    } else {
        field("name").or_else(tag).or_else(|| field("branch"))
    };
    found.below("ref", |found| {
        found.add(Draft {
            commit,
            ..Draft::git(Kind::Module, &url, version)
        });
    });
}
