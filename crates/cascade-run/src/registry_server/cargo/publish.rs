//! Publishing, as `cargo publish` does it: what the index shall say, and the crate.

use cascade_manifest::{Scheme, Version};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{is_name, path, refusal};
use crate::registry_server::answer::{Answer, hex};
use crate::registry_server::folder::{Folder, Put};

/// Takes a crate in.
pub(super) fn publish(folder: &Folder, body: &[u8]) -> Answer {
    let Some((said, bytes)) = parts(body) else {
        return refusal(400, "the request holds no metadata and no crate");
    };
    let Ok(Value::Object(said)) = serde_json::from_slice(said) else {
        return refusal(400, "the metadata can not be read");
    };
    let text = |key: &str| said.get(key).and_then(Value::as_str);
    let (Some(name), Some(version)) = (text("name"), text("vers")) else {
        return refusal(400, "the metadata has no name or no version");
    };
    let Some(path) = path(name).filter(|_| is_name(name)) else {
        return refusal(400, "that is no name of a crate");
    };
    if Version::parse(Scheme::Semver, version).is_none() {
        return refusal(400, "that is no version of a crate");
    }
    let _writing = folder.writing();
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let mut lines = folder.read(&parts).unwrap_or_default();
    if has(&lines, version) {
        return taken(name, version);
    }
    let file = format!("{name}-{version}.crate");
    match folder.put(&["cargo", "crates", &file], bytes) {
        Ok(Put::Made | Put::Same) => {}
        Ok(Put::Taken) => return taken(name, version),
        Err(_) => return refusal(500, "the crate can not be written"),
    }
    lines.extend_from_slice(row(&said, bytes).to_string().as_bytes());
    lines.push(b'\n');
    match folder.replace(&parts, &lines) {
        Ok(()) => Answer::json(200, &warnings()),
        Err(_) => refusal(500, "the index can not be written"),
    }
}

/// Returns the metadata and the crate of a request: each has its length before it.
pub(in crate::registry_server) fn parts(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (said, rest) = counted(body)?;
    let (bytes, rest) = counted(rest)?;
    rest.is_empty().then_some((said, bytes))
}

fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}

/// Returns whether a crate's lines have a version; build metadata makes no other one.
fn has(lines: &[u8], version: &str) -> bool {
    let bare = |it: &str| it.split('+').next().map(str::to_owned);
    String::from_utf8_lossy(lines).lines().any(|line| {
        let row: Value = serde_json::from_str(line).unwrap_or_default();
        row.get("vers").and_then(Value::as_str).and_then(bare) == bare(version)
    })
}

/// Returns the line of the index that a crate's metadata comes to.
fn row(said: &Map<String, Value>, bytes: &[u8]) -> Value {
    let of = |key: &str| said.get(key).cloned().unwrap_or_default();
    let dependencies = said.get("deps").and_then(Value::as_array);
    let dependencies: Vec<Value> = dependencies.into_iter().flatten().map(dependency).collect();
    let (newer, plain): (Map<_, _>, Map<_, _>) = said
        .get("features")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
        .into_iter()
        .partition(|(_, needs)| is_newer(needs));
    let mut row = json!({
        "name": of("name"),
        "vers": of("vers"),
        "deps": dependencies,
        "cksum": hex(&Sha256::digest(bytes)),
        "features": plain,
        "yanked": false,
        "links": of("links"),
    });
    if let Some(row) = row.as_object_mut() {
        if !newer.is_empty() {
            row.insert("features2".to_owned(), newer.into());
            row.insert("v".to_owned(), 2.into());
        }
        if let Some(rust @ Value::String(_)) = said.get("rust_version") {
            row.insert("rust_version".to_owned(), rust.clone());
        }
    }
    row
}

/// Returns whether a feature is written in a way that only newer cargos read.
fn is_newer(needs: &Value) -> bool {
    let needs = needs.as_array().into_iter().flatten();
    needs
        .filter_map(Value::as_str)
        .any(|it| it.starts_with("dep:") || it.contains("?/"))
}

/// Returns a dependency as the index says it: a renamed one goes by its new name.
fn dependency(said: &Value) -> Value {
    let of = |key: &str| said.get(key).cloned().unwrap_or_default();
    let renamed = of("explicit_name_in_toml");
    let mut row = json!({
        "name": if renamed.is_string() { renamed.clone() } else { of("name") },
        "req": of("version_req"),
        "features": of("features"),
        "optional": of("optional"),
        "default_features": of("default_features"),
        "target": of("target"),
        "kind": of("kind"),
    });
    if let Some(row) = row.as_object_mut() {
        if of("registry").is_string() {
            row.insert("registry".to_owned(), of("registry"));
        }
        if renamed.is_string() {
            row.insert("package".to_owned(), of("name"));
        }
    }
    row
}

fn taken(name: &str, version: &str) -> Answer {
    refusal(
        400,
        &format!("crate version `{name}@{version}` is already uploaded"),
    )
}

fn warnings() -> Value {
    let none = json!({ "invalid_categories": [], "invalid_badges": [], "other": [] });
    json!({ "warnings": none })
}
