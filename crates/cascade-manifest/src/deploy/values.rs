//! `values.yaml` of Helm: images, in one text or as repository and tag.

use std::collections::BTreeMap;

use super::flux::Repositories;
use super::{Draft, Found, Image, Piece, objects, yaml_stem};
use crate::Kind;
use crate::yaml::{Node, Yaml};

pub(super) fn is_at(path: &str) -> bool {
    yaml_stem(path).is_some_and(|it| {
        let begins = it.starts_with("values-") || it.starts_with("values.");
        let ends = it.ends_with("-values") || it.ends_with(".values");
        it == "values" || begins || ends
    })
}

pub(super) fn read(yaml: &Yaml<'_>, found: &mut Found<'_>) {
    let repositories = Repositories::of(yaml);
    for it in yaml.documents() {
        if objects::is_object(it) {
            objects::object(it, &repositories, found);
        } else {
            walk(it, found);
        }
    }
}

/// Adds the images in a value, at any depth.
pub(super) fn walk(node: Node<'_>, found: &mut Found<'_>) {
    pair(node, found);
    // What a merge brings in stands elsewhere, and is read there and by those that it comes to.
    for (key, value) in node.entries().filter(|it| it.0 != "<<") {
        found.below(key, |found| walk(value, found));
    }
    for it in node.elements() {
        walk(it, found);
    }
}

/// Adds the image that the fields of a mapping say together or alone. Some of them may be merged into
/// it: a tag that two repositories take is the tag of both.
pub(super) fn pair(node: Node<'_>, found: &mut Found<'_>) {
    let field = |key| Piece::merged(node, key);
    let is_said = |it: &Piece<'_>| !it.text.is_empty();
    let digest = field("digest").filter(is_said);
    // Some write the digest as `sha`, without `sha256:` before it.
    let digest = digest.or_else(|| field("sha").filter(is_said));
    let tag = field("tag");
    let is_pair = tag.is_some() || digest.is_some();
    let whole = || field("name").filter(|it| it.text.contains('/'));
    let repository = field("repository").or_else(whole);
    if let Some(repository) = repository.filter(|_| is_pair) {
        let name = named(field("registry").as_ref(), Some(&repository));
        return add(name, repository.at, (tag, digest), found);
    }
    let Some(image) = field("image") else { return };
    let Some(whole) = Image::of(&image) else {
        return;
    };
    if whole.tag.is_none() && whole.digest.is_none() && is_pair {
        let name = named(field("registry").as_ref(), Some(&image));
        add(name, image.at, (tag, digest), found);
    } else if let Some(draft) = Draft::image(&image) {
        found.add(draft);
    }
}

fn add<'a>(
    name: String,
    at: usize,
    (tag, digest): (Option<Piece<'a>>, Option<Piece<'a>>),
    found: &mut Found<'_>,
) {
    // Some write the digest behind the tag: `1.4.2@sha256:...`.
    let (tag, behind) = match tag.as_ref().and_then(|it| it.split_once("@")) {
        Some((tag, digest)) => (Some(tag), Some(digest)),
        None => (tag, None),
    };
    found.add(Draft {
        version: tag,
        digest: digest.or(behind),
        ..Draft::of(Kind::Image, name, at)
    });
}

/// Returns the name of an image whose registry may be said apart.
pub(super) fn named(registry: Option<&Piece<'_>>, repository: Option<&Piece<'_>>) -> String {
    let text = |it: Option<&Piece<'_>>| it.map_or("", |it| it.text).trim_matches('/').to_owned();
    let (registry, repository) = (text(registry), text(repository));
    if registry.is_empty() || repository.is_empty() {
        return repository;
    }
    format!("{registry}/{repository}")
}

/// Adds what single values of a chart say of images, by their keys: that of `image.tag`, with the
/// repository of the key beside it where there is one, and whole images.
pub(super) fn settings(rows: &BTreeMap<&str, Piece<'_>>, found: &mut Found<'_>) {
    for (name, value) in rows {
        let Some(above) = name.strip_suffix("tag").filter(|it| is_image(it)) else {
            continue;
        };
        let beside = |field: &str| rows.get(format!("{above}{field}").as_str());
        let repository = beside("repository").or_else(|| beside("name"));
        let name = named(beside("registry"), repository);
        let digest = beside("digest").or_else(|| beside("sha")).cloned();
        add(name, value.at, (Some(value.clone()), digest), found);
    }
    for (name, value) in rows {
        let is_one = name.rsplit('.').next() == Some("image");
        let image = Image::of(value).filter(|it| is_one && it.tag.is_some());
        if let Some(draft) = image.and_then(|_| Draft::image(value)) {
            found.add(draft);
        }
    }
}

/// Returns whether the keys above a tag are those of an image: `image.`, `server.image.`, or none.
fn is_image(above: &str) -> bool {
    let Some(keys) = above.strip_suffix('.') else {
        return above.is_empty();
    };
    let last = keys.rsplit('.').next().unwrap_or_default();
    last.to_ascii_lowercase().ends_with("image")
}
