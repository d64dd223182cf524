//! Pipelines of GitLab: the images of jobs, and what is included of other projects.
//!
//! A project is named by its path on the server that the repository itself lies on.

use std::collections::BTreeMap;

use super::expanded::shell;
use super::{Draft, Expanded, Found, Piece, yaml_stem};
use crate::Kind;
use crate::yaml::{Node, Yaml};

/// What stands for the server that the repository lies on.
const SERVERS: &[&str] = &[
    "$CI_SERVER_FQDN/",
    "${CI_SERVER_FQDN}/",
    "$CI_SERVER_HOST/",
    "${CI_SERVER_HOST}/",
];

pub(super) fn is_at(path: &str) -> bool {
    yaml_stem(path).is_some_and(|it| {
        it == ".gitlab-ci" || it.ends_with(".gitlab-ci") || path.starts_with(".gitlab/")
    })
}

pub(super) fn read(yaml: &Yaml<'_>, found: &mut Found<'_>) {
    for document in yaml.documents() {
        let mut variables = Variables::default();
        variables.add(document, found);
        found.below("default", |found| job(document, &variables, found));
        if let Some(it) = document.get("include") {
            found.below("include", |found| includes(it, found));
        }
        for (name, it) in document.entries() {
            let it = it.followed();
            found.below(name, |found| {
                let mut own = Variables {
                    around: Some(&variables),
                    ..Variables::default()
                };
                own.add(it, found);
                job(it, &own, found);
                if let Some(it) = it.find(&["trigger", "include"]) {
                    found.below("trigger", |found| includes(it, found));
                }
            });
        }
    }
}

/// What the variables of a job say, or those of all.
#[derive(Default)]
struct Variables<'v, 'y> {
    own: BTreeMap<&'y str, Expanded<'y>>,
    around: Option<&'v Variables<'v, 'y>>,
}

impl<'y> Variables<'_, 'y> {
    /// Adds the variables of a job, and the images that they name.
    fn add(&mut self, job: Node<'y>, found: &mut Found<'_>) {
        let rows = job.get("variables").map(Node::followed);
        for (name, it) in rows.into_iter().flat_map(Node::entries) {
            let value = Piece::of(it).or_else(|| Piece::field(it, "value"));
            let Some(value) = value.map(|it| self.expanded(&it)) else {
                continue;
            };
            if let Some(draft) = value.whole_image() {
                found.below("variables", |found| found.add(draft));
            }
            self.own.insert(name, value);
        }
    }

    fn expanded(&self, piece: &Piece<'y>) -> Expanded<'y> {
        shell(piece, &|name| self.value(name))
    }

    fn value(&self, name: &str) -> Option<Expanded<'y>> {
        let own = self.own.get(name).cloned();
        own.or_else(|| self.around?.value(name))
    }
}

/// Adds the images that a job runs in and beside.
fn job<'y>(node: Node<'y>, variables: &Variables<'_, 'y>, found: &mut Found<'_>) {
    let mut image = |node: Node<'y>| {
        let name = Piece::of(node).or_else(|| Piece::field(node, "name"));
        if let Some(draft) = name.and_then(|it| variables.expanded(&it).image()) {
            found.add(draft);
        }
    };
    node.get("image").into_iter().for_each(&mut image);
    let services = node.get("services").map(Node::followed);
    let services = services.into_iter().flat_map(Node::elements);
    services.for_each(&mut image);
}

fn includes(node: Node<'_>, found: &mut Found<'_>) {
    let node = node.followed();
    include(node, found);
    node.elements().for_each(|it| include(it, found));
}

/// Adds what is included, if it comes from another project.
fn include(node: Node<'_>, found: &mut Found<'_>) {
    let field = |key| Piece::field(node, key);
    if let Some(project) = field("project") {
        let name = project.text.trim_matches('/');
        found.add(Draft {
            version: field("ref"),
            ..Draft::of(Kind::Action, name, project.at)
        });
    }
    if let Some((path, version)) = field("component").and_then(|it| it.split_once("@")) {
        let own = SERVERS.iter().find_map(|it| path.text.strip_prefix(it));
        let path_text = own.unwrap_or(path.text);
        // The last word is the component's own.
        if let Some((project, _)) = path_text.rsplit_once('/') {
            found.add(Draft {
                version: Some(version),
                ..Draft::of(Kind::Action, project, path.at)
            });
        }
    }
    if let Some(url) = Piece::of(node).or_else(|| field("remote"))
        && let Some((project, file)) = url.split_once("/-/raw/")
        && let Some((version, _)) = file.split_once("/")
    {
        found.add(Draft::git(Kind::Module, &project, Some(version)));
    }
}
