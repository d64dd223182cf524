//! What the generators of an ApplicationSet put into its template.
//!
//! Where a value goes, only the template's expressions tell: a version among the values has no name,
//! and its key is its section. It waits for somebody to declare whose it is.

use super::{Draft, Found, Piece, template};
use crate::Kind;
use crate::deploy::spelling::is_commit;
use crate::deploy::values::whole_image;
use crate::deploy::{Says, says};
use crate::yaml::Node;

/// What the keys of versions end with, in small letters and without what joins their words; and what
/// the versions are of.
const KEYS: &[(&str, Kind)] = &[
    ("chartversion", Kind::Chart),
    ("revision", Kind::Module),
    ("version", Kind::Image),
    ("tag", Kind::Image),
];

/// Adds what the generators of a set say.
pub(super) fn read(set: Node<'_>, found: &mut Found<'_>) {
    let all = set.find(&["spec", "generators"]).map(Node::followed);
    for it in all.into_iter().flat_map(Node::elements) {
        generator(it.followed(), found);
    }
}

fn generator(node: Node<'_>, found: &mut Found<'_>) {
    for (kind, body) in node.entries() {
        let body = body.followed();
        let list = |key| body.get(key).map(Node::followed).into_iter();
        for it in list("generators").flat_map(Node::elements) {
            generator(it.followed(), found);
        }
        for it in list("elements")
            .flat_map(Node::elements)
            .chain(list("values"))
        {
            values(it.followed(), found);
        }
        if let Some(it) = body.get("template") {
            found.below("spec.generators", |found| template(it.followed(), found));
        }
        if kind == "git" {
            found.below("spec.generators", |found| git(body, found));
        }
    }
}

fn git(node: Node<'_>, found: &mut Found<'_>) {
    if let Some(url) = Piece::field(node, "repoURL") {
        let version = Piece::field(node, "revision");
        found.below("git", |found| {
            found.add(Draft::git(Kind::Module, &url, version));
        });
    }
}

/// Adds the versions among the values that a template is filled with, at any depth.
fn values(node: Node<'_>, found: &mut Found<'_>) {
    for (key, value) in node.entries() {
        match (kind_of(key), Piece::of(value)) {
            (Some(kind), Some(value)) => found.below(key, |found| version(kind, value, found)),
            (_, None) => found.below(key, |found| values(value, found)),
            (None, Some(value)) => {
                if let Some(draft) = whole_image(&value) {
                    found.below(key, |found| found.add(draft));
                }
            }
        }
    }
}

fn version(kind: Kind, value: Piece<'_>, found: &mut Found<'_>) {
    if says(value.text) != Says::Nothing || is_commit(value.text) {
        found.add(Draft {
            at: value.at,
            version: Some(value),
            ..Draft::of(kind, "", 0)
        });
    }
}

fn kind_of(key: &str) -> Option<Kind> {
    let joined = |c: &char| !matches!(c, '-' | '_' | '.');
    let key: String = key.chars().filter(joined).collect();
    let key = key.to_ascii_lowercase();
    let row = KEYS.iter().find(|it| key.ends_with(it.0));
    row.map(|it| it.1)
}
