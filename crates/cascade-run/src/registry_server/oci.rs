//! A registry of images and charts: the OCI distribution API, for pulls and pushes.

mod door;
mod upload;

use cascade_plan::{ImageDigest, is_tag};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::answer::{Answer, hex};
use super::folder::Folder;
use super::request::Request;
pub use door::Opens;
pub(super) use door::{answer as token, opened};

/// How large a manifest may be.
const LARGEST: usize = 4 << 20;
/// How many tags are on a page at most.
const ON_A_PAGE: usize = 1000;

/// The repository that is asked about.
struct Repository<'a> {
    folder: &'a Folder,
    /// The parts of its name.
    name: &'a [&'a str],
}

/// Returns the answer to a request below `/v2/`.
pub(super) fn answer(folder: &Folder, request: &Request, parts: &[&str]) -> Answer {
    if parts.is_empty() {
        let version = ("Docker-Distribution-Api-Version", "registry/2.0");
        return Answer::json(200, &json!({})).with(version.0, version.1);
    }
    let of = |name| Repository { folder, name };
    match parts {
        [name @ .., "tags", "list"] if is_name(name) => of(name).tags(request),
        [name @ .., "manifests", it] if is_name(name) => of(name).manifest(request, it),
        [name @ .., "blobs", "uploads"] if is_name(name) => of(name).begin(request),
        [name @ .., "blobs", "uploads", it] if is_name(name) => of(name).upload(request, it),
        [name @ .., "blobs", it] if is_name(name) => of(name).blob(request, it),
        _ => fault(404, "NAME_INVALID"),
    }
}

/// Returns whether these are the parts of a repository's name.
fn is_name(parts: &[&str]) -> bool {
    let whole = format!("localhost/{}", parts.join("/"));
    !parts.is_empty() && cascade_plan::ImageName::parse(&whole).is_ok()
}

/// Returns a refusal as the API writes it.
fn fault(status: u16, code: &str) -> Answer {
    let words = code.to_ascii_lowercase().replace('_', " ");
    let error = json!({ "code": code, "message": words });
    Answer::json(status, &json!({ "errors": [error] }))
}

/// Returns the digest of bytes, as digits.
fn digits(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Returns the digits of a digest that is written as one.
fn digits_of(text: &str) -> Option<&str> {
    ImageDigest::parse(text)?;
    text.strip_prefix("sha256:")
}

impl Repository<'_> {
    /// Returns where something of it lies in the folder.
    fn at<'p>(&'p self, kind: &'p str, name: &'p str) -> Vec<&'p str> {
        let own = self.name.iter().copied();
        let mut parts = vec!["oci"];
        parts.extend(own.chain([kind, name]));
        parts
    }

    fn read(&self, kind: &str, name: &str) -> Option<Vec<u8>> {
        self.folder.read(&self.at(kind, name))
    }

    fn path(&self) -> String {
        self.name.join("/")
    }

    /// Returns the digits of the manifest that a tag or digest stands for.
    fn found(&self, reference: &str) -> Option<String> {
        if let Some(digits) = digits_of(reference) {
            return Some(digits.to_owned());
        }
        let tag = self.read("_tags", reference)?;
        String::from_utf8(tag).ok()
    }

    fn manifest(&self, request: &Request, reference: &str) -> Answer {
        match request.method.as_str() {
            "PUT" => self.put(request, reference),
            "GET" | "HEAD" => self.shown(reference),
            _ => fault(405, "UNSUPPORTED"),
        }
    }

    fn shown(&self, reference: &str) -> Answer {
        let unknown = || fault(404, "MANIFEST_UNKNOWN");
        let Some(digits) = self.found(reference) else {
            return unknown();
        };
        let Some(bytes) = self.read("_manifests", &digits) else {
            return unknown();
        };
        let kind = self.read("_kinds", &digits).unwrap_or_default();
        let kind = String::from_utf8_lossy(&kind).into_owned();
        Answer::new(200, &kind, bytes).with("Docker-Content-Digest", format!("sha256:{digits}"))
    }

    /// Takes a manifest in, whose parts are there already.
    fn put(&self, request: &Request, reference: &str) -> Answer {
        if request.body.len() > LARGEST {
            return fault(413, "MANIFEST_INVALID");
        }
        let Ok(manifest) = serde_json::from_slice::<Value>(&request.body) else {
            return fault(400, "MANIFEST_INVALID");
        };
        let digits = digits(&request.body);
        let named = digits_of(reference);
        if named.map_or(!is_tag(reference), |it| it != digits) {
            return fault(400, "DIGEST_INVALID");
        }
        if !self.has_parts_of(&manifest) {
            return fault(404, "MANIFEST_BLOB_UNKNOWN");
        }
        let said = manifest.get("mediaType").and_then(Value::as_str);
        let kind = request.header("content-type").or(said);
        let kind = kind.unwrap_or("application/vnd.oci.image.manifest.v1+json");
        let _writing = self.folder.writing();
        let replace = |place, name, bytes: &[u8]| self.folder.replace(&self.at(place, name), bytes);
        let written = replace("_manifests", &digits, &request.body)
            .and_then(|()| replace("_kinds", &digits, kind.as_bytes()))
            .and_then(|()| match named {
                Some(_) => Ok(()),
                None => replace("_tags", reference, digits.as_bytes()),
            });
        if written.is_err() {
            return Answer::text(500, "the manifest can not be written");
        }
        let at = format!("/v2/{}/manifests/sha256:{digits}", self.path());
        Answer::text(201, "it is there now")
            .with("Location", at)
            .with("Docker-Content-Digest", format!("sha256:{digits}"))
    }

    /// Returns whether everything is there that a manifest is made of.
    fn has_parts_of(&self, manifest: &Value) -> bool {
        let digest = |it: &Value| {
            let said = it.get("digest").and_then(Value::as_str);
            said.and_then(digits_of).map(str::to_owned)
        };
        let list = |key: &str| {
            let all = manifest.get(key).and_then(Value::as_array);
            all.into_iter().flatten()
        };
        let has = |place: &str, it: &Value| match digest(it) {
            Some(digits) => self.folder.has(&self.at(place, &digits)),
            None => false,
        };
        let config = manifest.get("config");
        let blobs = list("layers").chain(config).all(|it| has("_blobs", it));
        blobs && list("manifests").all(|it| has("_manifests", it))
    }

    fn blob(&self, request: &Request, digest: &str) -> Answer {
        if !request.reads() {
            return fault(405, "UNSUPPORTED");
        }
        let found = digits_of(digest).and_then(|it| self.read("_blobs", it));
        match found {
            Some(bytes) => Answer::new(200, "application/octet-stream", bytes)
                .with("Docker-Content-Digest", digest),
            None => fault(404, "BLOB_UNKNOWN"),
        }
    }

    /// Returns the tags, a page at a time.
    fn tags(&self, request: &Request) -> Answer {
        if !request.reads() {
            return fault(405, "UNSUPPORTED");
        }
        let mut parts = vec!["oci"];
        parts.extend(self.name);
        parts.push("_tags");
        let all = self.folder.names(&parts);
        if all.is_empty() {
            return fault(404, "NAME_UNKNOWN");
        }
        let last = request.query("last").unwrap_or_default();
        let many = request.query("n").and_then(|it| it.parse().ok());
        let many: usize = many.unwrap_or(ON_A_PAGE).min(ON_A_PAGE);
        let after: Vec<&String> = all.iter().filter(|it| **it > last).collect();
        let page: Vec<&&String> = after.iter().take(many).collect();
        let name = self.path();
        let answer = Answer::json(200, &json!({ "name": name, "tags": page }));
        match page.last() {
            Some(it) if after.len() > page.len() => {
                let more = format!("</v2/{name}/tags/list?n={many}&last={it}>; rel=\"next\"");
                answer.with("Link", more)
            }
            _ => answer,
        }
    }
}

#[cfg(test)]
mod tests;
