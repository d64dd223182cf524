//! The pages of a Python index.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::canonical;
use super::distribution::Dist;
use crate::registry_server::answer::Answer;
use crate::registry_server::request::Request;

const JSON: &str = "application/vnd.pypi.simple.v1+json";
const HTML: &str = "application/vnd.pypi.simple.v1+html";

/// Returns the page of all projects.
pub(super) fn projects(request: &Request, names: &[String]) -> Answer {
    if wants_json(request) {
        let projects: Vec<Value> = names.iter().map(|it| json!({ "name": it })).collect();
        return simple(&json!({ "meta": meta(), "projects": projects }));
    }
    let links = names.iter().fold(String::new(), |mut text, name| {
        let _ = writeln!(text, "<a href=\"{name}/\">{name}</a><br>");
        text
    });
    page(request, &links)
}

/// Returns the page of a project's files.
pub(super) fn project(request: &Request, name: &str, files: &[Dist]) -> Answer {
    if !wants_json(request) {
        let links = files.iter().map(|it| link(request, it));
        return page(request, &links.collect::<String>());
    }
    let rows: Vec<Value> = files.iter().map(|it| row(request, it)).collect();
    let mut versions: Vec<&Dist> = files.iter().collect();
    versions.sort_by_cached_key(|it| (it.order(), it.version.clone()));
    let mut versions: Vec<&str> = versions.iter().map(|it| it.version.as_str()).collect();
    versions.dedup();
    simple(&json!({
        "meta": meta(),
        "name": name,
        "versions": versions,
        "files": rows,
    }))
}

/// Returns what the JSON API says of a project, or of one version of it.
pub(super) fn about(
    request: &Request,
    name: &str,
    version: Option<&str>,
    files: &[Dist],
) -> Answer {
    let Some(chosen) = chosen(version, files) else {
        return Answer::json(404, &json!({ "message": "Not Found" }));
    };
    let of_version = |text: &str| -> Vec<Value> {
        let ours = files.iter().filter(|it| it.version == text);
        ours.map(|it| legacy_row(request, it)).collect()
    };
    let mut answer = json!({
        "info": info(name, chosen),
        "last_serial": files.len(),
        "urls": of_version(&chosen.version),
    });
    if version.is_none() {
        let releases: Map<String, Value> = files
            .iter()
            .map(|it| (it.version.clone(), of_version(&it.version).into()))
            .collect();
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("releases".to_owned(), releases.into());
        }
    }
    Answer::json(200, &answer)
}

/// Returns a file of the version, or of the latest one, rather a wheel.
fn chosen<'d>(version: Option<&str>, files: &'d [Dist]) -> Option<&'d Dist> {
    let ours = files.iter().filter(|it| match version {
        Some(version) => super::distribution::same_version(&it.version, version),
        None => true,
    });
    ours.max_by_key(|it| {
        let order = it.order();
        let is_final = order
            .as_ref()
            .is_some_and(cascade_manifest::Version::is_final);
        (it.yanked.is_none(), is_final, order, it.is_wheel())
    })
}

fn info(name: &str, file: &Dist) -> Value {
    let said = &file.said;
    let requires: Vec<&str> = said.all("requires-dist").collect();
    json!({
        "name": said.first("name").map_or_else(|| canonical(name), str::to_owned),
        "version": file.version,
        "summary": said.first("summary"),
        "requires_dist": (!requires.is_empty()).then_some(requires),
        "requires_python": said.first("requires-python"),
        "yanked": file.yanked.is_some(),
        "yanked_reason": file.yanked,
    })
}

fn row(request: &Request, file: &Dist) -> Value {
    let metadata = file.metadata.as_deref().map_or(
        Value::Bool(false),
        |it| json!({ "sha256": super::distribution::sha256(it) }),
    );
    let mut row = json!({
        "filename": file.file,
        "url": url(request, file),
        "hashes": { "sha256": file.sha256 },
        "size": file.size,
        "upload-time": file.came.text(6),
        "yanked": yanked(file),
        "core-metadata": metadata,
        "data-dist-info-metadata": metadata,
    });
    let requires = file.said.first("requires-python");
    if let (Some(row), Some(requires)) = (row.as_object_mut(), requires) {
        row.insert("requires-python".to_owned(), requires.into());
    }
    row
}

fn legacy_row(request: &Request, file: &Dist) -> Value {
    let came = file.came.text(6);
    json!({
        "filename": file.file,
        "url": url(request, file),
        "digests": { "sha256": file.sha256 },
        "size": file.size,
        "packagetype": if file.is_wheel() { "bdist_wheel" } else { "sdist" },
        "requires_python": file.said.first("requires-python"),
        "upload_time": came.get(..19),
        "upload_time_iso_8601": came,
        "yanked": file.yanked.is_some(),
        "yanked_reason": file.yanked,
    })
}

/// Returns the link of a file on a page in HTML.
fn link(request: &Request, file: &Dist) -> String {
    let mut attributes = String::new();
    if let Some(requires) = file.said.first("requires-python") {
        let _ = write!(
            attributes,
            " data-requires-python=\"{}\"",
            escaped(requires)
        );
    }
    if let Some(metadata) = &file.metadata {
        let sum = super::distribution::sha256(metadata);
        for name in ["core-metadata", "dist-info-metadata"] {
            let _ = write!(attributes, " data-{name}=\"sha256={sum}\"");
        }
    }
    if let Some(why) = &file.yanked {
        let _ = write!(attributes, " data-yanked=\"{}\"", escaped(why));
    }
    let (url, sum) = (escaped(&url(request, file)), &file.sha256);
    let name = escaped(&file.file);
    format!("<a href=\"{url}#sha256={sum}\"{attributes}>{name}</a><br>\n")
}

fn url(request: &Request, file: &Dist) -> String {
    let name = file
        .file
        .replace('%', "%25")
        .replace('#', "%23")
        .replace('?', "%3f");
    format!("{}/pypi/files/{}", request.base(), name.replace('+', "%2B"))
}

fn yanked(file: &Dist) -> Value {
    match &file.yanked {
        None => Value::Bool(false),
        Some(why) if why.is_empty() => Value::Bool(true),
        Some(why) => Value::from(why.as_str()),
    }
}

fn meta() -> Value {
    json!({ "api-version": "1.1" })
}

fn wants_json(request: &Request) -> bool {
    request.header("accept").is_some_and(|it| it.contains(JSON))
}

fn simple(value: &Value) -> Answer {
    Answer::new(200, JSON, value.to_string()).with("Vary", "Accept")
}

fn page(request: &Request, links: &str) -> Answer {
    let kind = match request.header("accept") {
        Some(accept) if accept.contains(HTML) => HTML,
        _ => "text/html; charset=utf-8",
    };
    let text = format!(
        "<!DOCTYPE html>\n<html><head><meta name=\"pypi:repository-version\" content=\"1.1\"></head>\
         <body>\n{links}</body></html>\n"
    );
    Answer::new(200, kind, text).with("Vary", "Accept")
}

fn escaped(text: &str) -> String {
    let marks = [
        ('&', "&amp;"),
        ('<', "&lt;"),
        ('>', "&gt;"),
        ('"', "&quot;"),
    ];
    marks.iter().fold(text.to_owned(), |text, (mark, name)| {
        text.replace(*mark, name)
    })
}
