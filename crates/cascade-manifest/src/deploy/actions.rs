//! Workflows and actions of GitHub: what steps and jobs use, and the images they run in.

use super::{Draft, Found, Piece, yaml_stem};
use crate::Kind;
use crate::workflow::Workflow;
use crate::yaml::{Node, Yaml};

pub(super) fn is_at(path: &str) -> bool {
    Workflow::is_at(path) || yaml_stem(path) == Some("action")
}

pub(super) fn read(yaml: &Yaml<'_>, found: &mut Found<'_>) {
    let Some(root) = yaml.root() else { return };
    if let Some(runs) = root.get("runs") {
        found.below("runs", |found| {
            if let Some(image) = runs.followed().get("image") {
                used(image, found);
            }
            steps(runs, found);
        });
    }
    let jobs = root.get("jobs").map(Node::followed);
    for (name, job) in jobs.into_iter().flat_map(Node::entries) {
        found.below("jobs", |it| it.below(name, |it| job_of(job.followed(), it)));
    }
}

fn job_of(job: Node<'_>, found: &mut Found<'_>) {
    if let Some(workflow) = job.get("uses") {
        used(workflow, found);
    }
    if let Some(container) = job.get("container") {
        found.below("container", |found| contained(container, found));
    }
    let services = job.get("services").map(Node::followed);
    for (_, service) in services.into_iter().flat_map(Node::entries) {
        found.below("services", |found| contained(service, found));
    }
    steps(job, found);
}

fn contained(node: Node<'_>, found: &mut Found<'_>) {
    found.image(node);
    if let Some(image) = node.followed().get("image") {
        found.image(image);
    }
}

fn steps(node: Node<'_>, found: &mut Found<'_>) {
    let steps = node.followed().get("steps").map(Node::followed);
    found.below("steps", |found| {
        for step in steps.into_iter().flat_map(Node::elements) {
            if let Some(uses) = step.followed().get("uses") {
                used(uses, found);
            }
        }
    });
}

/// Adds what is used: an action or workflow of another repository, or an image.
fn used(node: Node<'_>, found: &mut Found<'_>) {
    let Some(piece) = Piece::of(node) else { return };
    if let Some(image) = piece.without("docker://") {
        if let Some(draft) = Draft::image(&image) {
            found.add(draft);
        }
        return;
    }
    let Some((name, reference)) = piece.split_once("@") else {
        return;
    };
    let mut parts = name.text.split('/');
    let (Some(owner), Some(repo)) = (parts.next(), parts.next()) else {
        return;
    };
    if matches!(owner, "." | ".." | "") || repo.is_empty() {
        return;
    }
    found.add(Draft {
        version: Some(reference),
        ..Draft::of(Kind::Action, format!("{owner}/{repo}"), piece.at)
    });
}
