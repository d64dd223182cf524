//! An npm registry: packuments, full and abbreviated, versions, tarballs, tags and publishing.

mod package;
mod publish;

use serde_json::{Value, json};

use super::answer::Answer;
use super::folder::Folder;
use super::request::Request;
use package::{Package, Tags};

/// The short packument's own kind.
const SHORT: &str = "application/vnd.npm.install-v1+json";

/// Returns the answer to a request below `/npm/`.
pub(super) fn answer(folder: &Folder, request: &Request, parts: &[&str]) -> Answer {
    if let ["-", rest @ ..] = parts {
        return of_registry(folder, request, rest);
    }
    let Some((name, rest)) = named(parts) else {
        return missing();
    };
    match (request.method.as_str(), rest) {
        ("PUT", [] | ["-rev", _]) => publish::publish(folder, &name, &request.body),
        ("GET" | "HEAD", []) => packument(folder, request, &name),
        ("GET" | "HEAD", ["-", .., file]) => tarball(folder, &name, file),
        ("GET" | "HEAD", [version]) => version_of(folder, request, &name, version),
        _ => missing(),
    }
}

/// Returns the name that a path begins with, and what is left: a scope's slash may be encoded.
fn named<'p>(parts: &'p [&'p str]) -> Option<(String, &'p [&'p str])> {
    let (name, rest) = match parts {
        [scope, name, rest @ ..] if scope.starts_with('@') && !scope.contains('/') => {
            (format!("{scope}/{name}"), rest)
        }
        [name, rest @ ..] => ((*name).to_owned(), rest),
        [] => return None,
    };
    package::is_name(&name).then_some((name, rest))
}

/// Answers what is asked of the registry itself.
fn of_registry(folder: &Folder, request: &Request, parts: &[&str]) -> Answer {
    match (request.method.as_str(), parts) {
        ("GET" | "HEAD", ["whoami"]) => Answer::json(200, &json!({ "username": "rehearsal" })),
        // An audit asks for advisories, of which there are none.
        ("GET" | "HEAD", ["ping"]) | ("POST", ["npm", "v1", "security", ..]) => {
            Answer::json(200, &json!({}))
        }
        (method, ["package", name, "dist-tags", tag @ ..]) if package::is_name(name) => {
            tags(folder, (method, name), tag, &request.body)
        }
        _ => missing(),
    }
}

/// Reads, sets or takes away a tag.
fn tags(folder: &Folder, (method, name): (&str, &str), tag: &[&str], body: &[u8]) -> Answer {
    let _writing = folder.writing();
    let package = Package::read(folder, name);
    if package.is_empty() {
        return missing();
    }
    let tags = Tags::read(folder, name);
    let changed = match (method, tag) {
        ("GET" | "HEAD", []) => return Answer::json(200, &package.tags(&tags).into()),
        ("PUT" | "POST", [tag]) => match serde_json::from_slice::<String>(body) {
            Ok(version) if package.has(&version) => tags.set(tag, version),
            _ => return Answer::refusal(400, "the tag names no version that is here"),
        },
        ("DELETE", [tag]) => tags.unset(tag),
        _ => return missing(),
    };
    match changed.write(folder, name) {
        Ok(()) => Answer::json(201, &json!({ "ok": true })),
        Err(_) => Answer::refusal(500, "the tag can not be written"),
    }
}

/// Returns everything about a package, or what installing needs of it.
fn packument(folder: &Folder, request: &Request, name: &str) -> Answer {
    let package = Package::read(folder, name);
    if package.is_empty() {
        return missing();
    }
    let tags = package.tags(&Tags::read(folder, name));
    let accept = request.header("accept").unwrap_or_default();
    let answer = if accept.contains(SHORT) {
        let value = package.short(&tags, &request.base());
        Answer::new(200, SHORT, value.to_string())
    } else {
        Answer::json(200, &package.full(&tags, &request.base()))
    };
    answer.with("Vary", "Accept")
}

/// Returns the document of one version, or of the version that a tag names.
fn version_of(folder: &Folder, request: &Request, name: &str, version: &str) -> Answer {
    let package = Package::read(folder, name);
    let tags = package.tags(&Tags::read(folder, name));
    let version = tags.get(version).and_then(Value::as_str).unwrap_or(version);
    match package.document(version, &request.base()) {
        Some(document) => Answer::json(200, &document),
        None => Answer::refusal(404, &format!("version not found: {version}")),
    }
}

fn tarball(folder: &Folder, name: &str, file: &str) -> Answer {
    let bytes = match file.strip_suffix(".tgz") {
        Some(_) => folder.read(&["npm", &package::folder_of(name), file]),
        None => None,
    };
    bytes.map_or_else(missing, |it| {
        Answer::new(200, "application/octet-stream", it)
    })
}

fn missing() -> Answer {
    Answer::refusal(404, "not_found")
}

/// Reads bytes as a package that is published, and as a tarball.
pub(super) fn untrusted(bytes: &[u8]) {
    let _ = publish::Publication::read("a", bytes).is_ok();
    let _ = package::manifest(bytes);
}

#[cfg(test)]
mod tests;
