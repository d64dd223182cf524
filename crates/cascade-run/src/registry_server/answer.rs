//! Answers: status, headers, body; what a client holds already or asks a part of.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::request::Request;
use super::serve::Keep;

/// What is said to a client.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Answer {
    /// Returns an answer with a body of this kind.
    pub(super) fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", kind.to_owned())],
            body: body.into(),
        }
    }

    /// Returns an answer in one line.
    pub(super) fn text(status: u16, line: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", format!("{line}\n"))
    }

    /// Returns an answer in JSON.
    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    /// Returns what there is no such thing as.
    pub(super) fn missing() -> Self {
        Self::text(404, "there is no such thing here")
    }

    /// Returns a refusal as npm and its like read it.
    pub(super) fn refusal(status: u16, why: &str) -> Self {
        Self::json(status, &json!({ "error": why }))
    }

    /// Returns the same answer with one more header.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Returns the answer with how long it may be kept, in seconds, if it is worth keeping.
    pub(super) fn fresh_for(self, seconds: u64) -> Self {
        if self.status == 200 {
            self.with("Cache-Control", format!("max-age={seconds}"))
        } else {
            self
        }
    }

    /// Returns the bytes that go to the client: only what it asked for, and nothing that it holds.
    pub(super) fn bytes(mut self, request: Option<&Request>, keep: Keep) -> Vec<u8> {
        if let Some(request) = request.filter(|it| it.reads() && self.status == 200) {
            self = self.for_reader(request);
        }
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            // A name from a folder must not end the line.
            let value: String = value.chars().filter(|it| !it.is_control()).collect();
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if matches!(self.status, 204 | 304) {
            self.body.clear();
        } else {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        if keep == Keep::Close {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        if request.is_none_or(|it| it.method != "HEAD") {
            bytes.append(&mut self.body);
        }
        bytes
    }

    /// Returns what a reader gets: nothing where it holds the same, a part where it asks for one.
    fn for_reader(mut self, request: &Request) -> Self {
        let tag = tag(&self.body);
        self.headers.push(("ETag", tag.clone()));
        self.headers.push(("Accept-Ranges", "bytes".to_owned()));
        let held = request.header("if-none-match");
        if held.is_some_and(|it| names(it, &tag)) {
            self.status = 304;
            self.body.clear();
            self.headers.retain(|(name, _)| *name != "Content-Type");
            return self;
        }
        let same = request.header("if-range").is_none_or(|it| it == tag);
        match request.header("range").filter(|_| same) {
            Some(range) => self.part(range),
            None => self,
        }
    }

    /// Returns one range of the body; what is no single range of bytes is answered whole.
    fn part(mut self, range: &str) -> Self {
        let length = self.body.len();
        let Some((from, to)) = range
            .strip_prefix("bytes=")
            .and_then(|it| bounds(it, length))
        else {
            return self;
        };
        if from >= length || to < from {
            return Self::text(416, "there is no such part of it")
                .with("Content-Range", format!("bytes */{length}"));
        }
        let to = to.min(length - 1);
        self.status = 206;
        self.body = self.body.get(from..=to).unwrap_or_default().to_vec();
        self.with("Content-Range", format!("bytes {from}-{to}/{length}"))
    }
}

/// Returns the first and the last byte of a range, as it asks for them.
fn bounds(range: &str, length: usize) -> Option<(usize, usize)> {
    let (from, to) = range.trim().split_once('-')?;
    if from.is_empty() {
        let last: usize = to.parse().ok()?;
        return Some(match last {
            0 => (length, 0),
            last => (length.saturating_sub(last), length.saturating_sub(1)),
        });
    }
    let from = from.parse().ok()?;
    if to.is_empty() {
        return Some((from, usize::MAX));
    }
    let to = to.parse().ok()?;
    (from <= to).then_some((from, to))
}

/// Returns whether a list of tags has this one; a weak one is as good.
fn names(list: &str, tag: &str) -> bool {
    list.split(',')
        .map(|it| it.trim().trim_start_matches("W/"))
        .any(|it| it == tag || it == "*")
}

/// Returns the tag of these bytes.
fn tag(bytes: &[u8]) -> String {
    let sum = hex(&Sha256::digest(bytes));
    format!("\"{}\"", sum.get(..32).unwrap_or_default())
}

/// Returns bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        416 => "Range Not Satisfiable",
        421 => "Misdirected Request",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Internal Server Error",
    }
}
