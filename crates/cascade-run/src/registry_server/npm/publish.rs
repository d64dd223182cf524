//! Publishing, as `npm publish` and its like do it: one document with the tarball inside.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cascade_manifest::{Scheme, Version};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use super::package::{Package, Tags, folder_of, manifest};
use crate::registry_server::answer::Answer;
use crate::registry_server::folder::{Folder, Put};

/// Takes a version in.
pub(super) fn publish(folder: &Folder, name: &str, body: &[u8]) -> Answer {
    let release = match Publication::read(name, body) {
        Ok(release) => release,
        Err(why) => return Answer::refusal(400, why),
    };
    let _writing = folder.writing();
    let package = Package::read(folder, name);
    if package.has(&release.version) {
        return taken(&release.version);
    }
    let bare = name.rsplit('/').next().unwrap_or(name);
    let file = format!("{bare}-{}.tgz", release.version);
    match folder.put(&["npm", &folder_of(name), &file], &release.tarball) {
        Ok(Put::Made) => tagged(folder, name, release),
        Ok(Put::Same | Put::Taken) => taken(&release.version),
        Err(_) => Answer::refusal(500, "the tarball can not be written"),
    }
}

/// Sets the tags of a version that was taken in. `latest` is the highest version by itself.
fn tagged(folder: &Folder, name: &str, release: Publication) -> Answer {
    let before = Tags::read(folder, name);
    let package = Package::read(folder, name);
    let mut tags = before;
    for tag in release.tags {
        let by_itself = tag == "latest" && package.highest() == Some(&release.version);
        tags = if by_itself {
            tags.unset(&tag)
        } else {
            tags.set(&tag, release.version.clone())
        };
    }
    match tags.write(folder, name) {
        Ok(()) => Answer::json(201, &json!({ "ok": true, "success": true })),
        Err(_) => Answer::refusal(500, "the tags can not be written"),
    }
}

fn taken(version: &str) -> Answer {
    let why = format!("You cannot publish over the previously published versions: {version}.");
    Answer::refusal(403, &why)
}

/// A version that shall be published.
pub(super) struct Publication {
    version: String,
    tarball: Vec<u8>,
    tags: Vec<String>,
}

impl Publication {
    pub(super) fn read(name: &str, body: &[u8]) -> Result<Self, &'static str> {
        let document: Value =
            serde_json::from_slice(body).map_err(|_| "the document can not be read")?;
        if document.get("name").and_then(Value::as_str) != Some(name) {
            return Err("the document is of another package");
        }
        let attached = document.get("_attachments").and_then(Value::as_object);
        let attached: Vec<&Value> = attached.into_iter().flat_map(|it| it.values()).collect();
        let [attachment] = attached.as_slice() else {
            return Err("the document brings no tarball, or several");
        };
        let data = attachment.get("data").and_then(Value::as_str);
        let tarball = data.and_then(|it| STANDARD.decode(it).ok());
        let tarball = tarball.ok_or("the tarball can not be read")?;
        let version = version_of(name, &tarball).ok_or("the tarball is of another package")?;
        agrees(&document, &version, &tarball)?;
        let tags = document.get("dist-tags").and_then(Value::as_object);
        let tags = tags.into_iter().flatten();
        let ours = tags.filter(|(_, it)| it.as_str() == Some(&version));
        Ok(Self {
            tags: ours.map(|(tag, _)| tag.clone()).collect(),
            version,
            tarball,
        })
    }
}

/// Returns the version of a tarball; `None` where it is of another package.
fn version_of(name: &str, tarball: &[u8]) -> Option<String> {
    let manifest = manifest(tarball)?;
    let said = |key: &str| manifest.get(key).and_then(Value::as_str);
    let version = said("version").filter(|_| said("name") == Some(name))?;
    let known = Version::parse(Scheme::Semver, version).is_some();
    known.then(|| version.to_owned())
}

/// Returns whether a document says of its tarball what is so.
fn agrees(document: &Value, version: &str, tarball: &[u8]) -> Result<(), &'static str> {
    let versions = document.get("versions").and_then(Value::as_object);
    let said = versions.and_then(|it| it.get(version));
    let said = said.ok_or("the document is of another version than its tarball")?;
    let sum = format!("sha512-{}", STANDARD.encode(Sha512::digest(tarball)));
    match said.pointer("/dist/integrity").and_then(Value::as_str) {
        Some(it) if it != sum => Err("the tarball is not the one that the document means"),
        _ => Ok(()),
    }
}
