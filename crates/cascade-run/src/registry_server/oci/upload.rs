//! Blobs on their way in: at once, or in chunks.

use std::hash::{BuildHasher as _, RandomState};

use super::super::answer::Answer;
use super::super::folder::Put;
use super::super::request::Request;
use super::{Repository, digits, digits_of, fault};

/// How large a blob may be.
const LARGEST: usize = 128 << 20;
/// How many uploads of a repository there may be at once.
const MOST: usize = 64;

impl Repository<'_> {
    /// Begins an upload, or takes a whole blob.
    pub(super) fn begin(&self, request: &Request) -> Answer {
        if request.method != "POST" {
            return fault(405, "UNSUPPORTED");
        }
        if let Some(digest) = request.query("digest") {
            return self.take(&request.body, &digest);
        }
        let mut parts = vec!["oci"];
        parts.extend(self.name);
        parts.push("_uploads");
        let _writing = self.folder.writing();
        if self.folder.names(&parts).len() >= MOST {
            return fault(429, "TOOMANYREQUESTS");
        }
        let number = |it: u8| RandomState::new().hash_one(it);
        let id = format!("{:016x}{:016x}", number(0), number(1));
        match self.folder.replace(&self.at("_uploads", &id), b"") {
            Ok(()) => self.going(202, &id, 0),
            Err(_) => Answer::text(500, "the upload can not be written"),
        }
    }

    /// Goes on with an upload, or ends it.
    pub(super) fn upload(&self, request: &Request, id: &str) -> Answer {
        let is_id = id.len() == 32 && id.bytes().all(|it| it.is_ascii_hexdigit());
        let _writing = self.folder.writing();
        let Some(mut bytes) = is_id.then(|| self.read("_uploads", id)).flatten() else {
            return fault(404, "BLOB_UPLOAD_UNKNOWN");
        };
        if bytes.len() + request.body.len() > LARGEST {
            return fault(413, "SIZE_INVALID");
        }
        if let Some(range) = request.header("content-range")
            && first_of(range) != Some(bytes.len())
        {
            return self.going(416, id, bytes.len());
        }
        match request.method.as_str() {
            "GET" => self.going(204, id, bytes.len()),
            "PATCH" => {
                bytes.extend_from_slice(&request.body);
                match self.folder.replace(&self.at("_uploads", id), &bytes) {
                    Ok(()) => self.going(202, id, bytes.len()),
                    Err(_) => Answer::text(500, "the upload can not be written"),
                }
            }
            "PUT" => {
                bytes.extend_from_slice(&request.body);
                let digest = request.query("digest").unwrap_or_default();
                let answer = self.take(&bytes, &digest);
                self.folder.remove(&self.at("_uploads", id));
                answer
            }
            "DELETE" => {
                self.folder.remove(&self.at("_uploads", id));
                Answer::text(204, "")
            }
            _ => fault(405, "UNSUPPORTED"),
        }
    }

    /// Takes a whole blob in.
    fn take(&self, bytes: &[u8], digest: &str) -> Answer {
        let digits = digits(bytes);
        if digits_of(digest) != Some(digits.as_str()) {
            return fault(400, "DIGEST_INVALID");
        }
        match self.folder.put(&self.at("_blobs", &digits), bytes) {
            Ok(Put::Made | Put::Same) => {
                let at = format!("/v2/{}/blobs/{digest}", self.path());
                Answer::text(201, "it is there now")
                    .with("Location", at)
                    .with("Docker-Content-Digest", digest)
            }
            Ok(Put::Taken) | Err(_) => Answer::text(500, "the blob can not be written"),
        }
    }

    /// Returns how far an upload is, and where it goes on.
    fn going(&self, status: u16, id: &str, length: usize) -> Answer {
        let at = format!("/v2/{}/blobs/uploads/{id}", self.path());
        Answer::text(status, "")
            .with("Location", at)
            .with("Docker-Upload-Uuid", id)
            .with("Range", format!("0-{}", length.saturating_sub(1)))
    }
}

/// Returns the first byte of a range, as `0-99` or `bytes 0-99/*`.
fn first_of(range: &str) -> Option<usize> {
    let plain = range.trim().trim_start_matches("bytes").trim_start();
    plain.split_once('-')?.0.parse().ok()
}
