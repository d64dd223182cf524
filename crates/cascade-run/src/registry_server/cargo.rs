//! A Cargo registry: a sparse index, downloads, publishing and yanking.

mod publish;

use serde_json::{Value, json};

use super::answer::Answer;
use super::folder::{Folder, is_plain};
use super::request::Request;

/// Returns the answer to a request below `/cargo/`.
pub(super) fn answer(folder: &Folder, request: &Request, parts: &[&str]) -> Answer {
    match (request.method.as_str(), parts) {
        ("GET" | "HEAD", ["config.json"]) => config(request),
        ("GET" | "HEAD", ["dl", name, version, "download"]) => download(folder, name, version),
        ("GET" | "HEAD", [.., name]) if prefix(name).as_deref() == Some(parts) => {
            index(folder, name)
        }
        ("PUT", ["api", "v1", "crates", "new"]) => publish::publish(folder, &request.body),
        ("DELETE", ["api", "v1", "crates", name, version, "yank"]) => {
            yank(folder, (name, version), Yanked::Yes)
        }
        ("PUT", ["api", "v1", "crates", name, version, "unyank"]) => {
            yank(folder, (name, version), Yanked::No)
        }
        _ => missing(),
    }
}

/// Whether a version may still be chosen anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Yanked {
    /// It may not.
    Yes,
    /// It may.
    No,
}

fn config(request: &Request) -> Answer {
    let base = request.base();
    Answer::json(
        200,
        &json!({
            "dl": format!("{base}/cargo/dl/{{crate}}/{{version}}/download"),
            "api": format!("{base}/cargo"),
        }),
    )
}

fn index(folder: &Folder, name: &str) -> Answer {
    let path = path(name).unwrap_or_default();
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match folder.read(&parts) {
        Some(lines) => Answer::new(200, "text/plain; charset=utf-8", lines),
        None => missing(),
    }
}

fn download(folder: &Folder, name: &str, version: &str) -> Answer {
    let file = format!("{name}-{version}.crate");
    match folder.read(&["cargo", "crates", &file]) {
        Some(bytes) if is_name(name) => Answer::new(200, "application/gzip", bytes),
        _ => missing(),
    }
}

/// Yanks a version, or takes that back: its line of the index alone is written anew.
fn yank(folder: &Folder, (name, version): (&str, &str), yanked: Yanked) -> Answer {
    let Some(path) = path(name) else {
        return missing();
    };
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let _writing = folder.writing();
    let Some(lines) = folder.read(&parts) else {
        return missing();
    };
    let Some(lines) = with_yanked(&String::from_utf8_lossy(&lines), version, yanked) else {
        return refusal(404, &format!("crate `{name}` has no version `{version}`"));
    };
    match folder.replace(&parts, lines.as_bytes()) {
        Ok(()) => Answer::json(200, &json!({ "ok": true })),
        Err(_) => refusal(500, "the index can not be written"),
    }
}

/// Returns the lines of a crate with one version yanked or not; `None` where it is not there.
fn with_yanked(lines: &str, version: &str, yanked: Yanked) -> Option<String> {
    let mut found = false;
    let mut text = String::with_capacity(lines.len());
    for line in lines.lines() {
        let mut row: Value = serde_json::from_str(line).unwrap_or_default();
        match row.as_object_mut() {
            Some(row) if row.get("vers").and_then(Value::as_str) == Some(version) => {
                found = true;
                row.insert("yanked".to_owned(), (yanked == Yanked::Yes).into());
                text.push_str(&Value::Object(row.clone()).to_string());
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    found.then_some(text)
}

/// Returns where the lines of a crate are: `cargo/index/se/rd/serde`.
fn path(name: &str) -> Option<Vec<String>> {
    let prefix = prefix(name)?
        .iter()
        .map(|it| (*it).to_owned())
        .collect::<Vec<_>>();
    let mut path = vec!["cargo".to_owned(), "index".to_owned()];
    path.extend(prefix.into_iter().map(|it| it.to_ascii_lowercase()));
    Some(path)
}

/// Returns the path of a crate in an index: `se/rd/serde`.
fn prefix(name: &str) -> Option<Vec<&str>> {
    if !is_name(name) {
        return None;
    }
    Some(match name.len() {
        1 => vec!["1", name],
        2 => vec!["2", name],
        3 => vec!["3", name.get(..1)?, name],
        _ => vec![name.get(..2)?, name.get(2..4)?, name],
    })
}

/// Returns whether a text is a crate's name.
fn is_name(name: &str) -> bool {
    let known = |it: u8| it.is_ascii_alphanumeric() || b"-_".contains(&it);
    is_plain(name) && name.len() <= 64 && name.bytes().all(known)
}

fn missing() -> Answer {
    refusal(404, "not found")
}

/// Returns a refusal as cargo reads it.
fn refusal(status: u16, why: &str) -> Answer {
    Answer::json(status, &json!({ "errors": [{ "detail": why }] }))
}

/// Reads bytes as a crate that is published.
pub(super) fn untrusted(bytes: &[u8]) {
    if let Some((said, archive)) = publish::parts(bytes) {
        assert!(said.len() + archive.len() <= bytes.len());
    }
}

#[cfg(test)]
mod tests;
