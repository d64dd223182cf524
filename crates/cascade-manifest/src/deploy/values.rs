//! `values.yaml` of Helm: images, in one text or as repository and tag.

use std::collections::BTreeMap;

use super::flux::Repositories;
use super::stay::is_digest;
use super::{Draft, Expanded, Found, Image, Piece, objects, yaml_stem};
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

/// The fields that say a digest; some write it without `sha256:` before it.
const DIGESTS: &[&str] = &["digest", "sha", "sha256", "imageDigest"];

/// The keys whose values [`pair`] reads.
const OF_PAIRS: &[&str] = &[
    "digest",
    "image",
    "imageDigest",
    "imageRepository",
    "imageTag",
    "name",
    "registry",
    "repository",
    "sha",
    "sha256",
    "tag",
];

/// Adds the images in a value, at any depth.
pub(super) fn walk(node: Node<'_>, found: &mut Found<'_>) {
    walk_held(node, None, found);
}

fn walk_held<'y>(node: Node<'y>, above: Option<Piece<'y>>, found: &mut Found<'_>) {
    pair(node, above, found);
    open(node, found);
    // What a merge brings in stands elsewhere, and is read there and by those that it comes to.
    for (key, value) in node.entries().filter(|it| it.0 != "<<") {
        found.below(key, |found| {
            whole(key, value, found);
            walk_held(value, digest_of(node, key), found);
        });
    }
    for it in node.elements() {
        whole("", it, found);
        walk(it, found);
    }
}

/// Adds the image in a version that a text under a key is, or an element of a list: alone, or behind
/// a `=` as in `--image=...`. What the fields of an image say is read together.
pub(super) fn whole(key: &str, value: Node<'_>, found: &mut Found<'_>) {
    let piece = Piece::of(value).filter(|_| !OF_PAIRS.contains(&key));
    let draft = piece.and_then(|it| whole_image(&it));
    if let Some(draft) = draft {
        found.add(draft);
    }
}

/// Returns the reference on the image in a version that a text is, alone or behind a `=`.
pub(super) fn whole_image<'a>(piece: &Piece<'a>) -> Option<Draft<'a>> {
    let is_name = |it: &str| {
        it.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let image = match piece.split_once("=") {
        Some((name, _)) if !is_name(name.text) => return None,
        Some((_, image)) => image,
        None => piece.clone(),
    };
    Expanded::of(&image).whole_image()
}

/// Adds the image whose version the values leave to the `appVersion` of their chart.
fn open(node: Node<'_>, found: &mut Found<'_>) {
    let field = |key| Piece::merged(node, key);
    let mut version = ["tag", "imageTag"].iter().chain(DIGESTS);
    let says_version = version.any(|it| field(it).is_some());
    let Some(repository) = field("repository").filter(|_| !says_version) else {
        return;
    };
    let name = named(field("registry").as_ref(), Some(&repository));
    if name.contains('/') && !name.contains(':') {
        found.add(Draft::of(Kind::Image, name, repository.at));
    }
}

/// Adds the image that the fields of a mapping say together or alone. Some of them may be merged into
/// it: a tag that two repositories take is the tag of both.
/// `above` is the digest that stands beside the whole mapping.
pub(super) fn pair<'y>(node: Node<'y>, above: Option<Piece<'y>>, found: &mut Found<'_>) {
    let field = |key| Piece::merged(node, key);
    let digests = DIGESTS.iter().filter_map(|it| field(it)).chain(above);
    let mut digests: Vec<_> = digests.filter(|it| !it.text.is_empty()).collect();
    let tag = field("tag").or_else(|| field("imageTag"));
    let is_pair = tag.is_some() || !digests.is_empty();
    let whole = || field("name").filter(|it| it.text.contains('/'));
    let repository = field("repository").or_else(|| field("imageRepository"));
    let repository = repository.or_else(whole);
    if let Some(repository) = repository.filter(|_| is_pair) {
        let name = named(field("registry").as_ref(), Some(&repository));
        return add(name, repository.at, (tag, digests), found);
    }
    let Some(image) = field("image") else { return };
    let Some(whole) = Image::of(&image) else {
        return;
    };
    if whole.tag.is_none() && whole.digest.is_none() && is_pair {
        let name = named(field("registry").as_ref(), Some(&image));
        add(name, image.at, (tag, digests), found);
    } else if let Some(mut draft) = Draft::image(&image) {
        digests.retain(|it| is_digest(it.text));
        draft.hold(digests);
        found.add(draft);
    }
}

/// Returns the digest that stands beside the block of an image: `imageDigest` beside `image`.
pub(super) fn digest_of<'y>(node: Node<'y>, key: &str) -> Option<Piece<'y>> {
    let beside = || Piece::merged(node, &format!("{key}Digest"));
    is_image_key(key).then(beside).flatten()
}

fn add<'a>(
    name: String,
    at: usize,
    (tag, digests): (Option<Piece<'a>>, Vec<Piece<'a>>),
    found: &mut Found<'_>,
) {
    // Some write the digest behind the tag: `1.4.2@sha256:...`.
    let (tag, behind) = match tag.as_ref().and_then(|it| it.split_once("@")) {
        Some((tag, digest)) => (Some(tag), Some(digest)),
        None => (tag, None),
    };
    let mut draft = Draft {
        version: tag,
        ..Draft::of(Kind::Image, name, at)
    };
    draft.hold(digests.into_iter().chain(behind));
    found.add(draft);
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
        let block = above.strip_suffix('.').map(|it| format!("{it}Digest"));
        let above = block.and_then(|it| rows.get(it.as_str()));
        let digests = DIGESTS.iter().filter_map(|it| beside(it)).chain(above);
        let digests = digests.filter(|it| !it.text.is_empty()).cloned().collect();
        add(name, value.at, (Some(value.clone()), digests), found);
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
    is_image_key(keys.rsplit('.').next().unwrap_or_default())
}

fn is_image_key(key: &str) -> bool {
    key.to_ascii_lowercase().ends_with("image")
}
