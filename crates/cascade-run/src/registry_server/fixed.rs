//! What is served as it lies there: the Go proxy's tree, bare repositories of git, and charts.

use super::answer::Answer;
use super::folder::Folder;
use super::request::Request;

/// Returns the answer to a request for a file of a tree.
pub(super) fn answer(folder: &Folder, request: &Request, parts: &[&str]) -> Answer {
    if !request.reads() {
        return Answer::text(405, "files are put there by hand").with("Allow", "GET, HEAD");
    }
    match folder.read(parts).or_else(|| versions(folder, parts)) {
        Some(bytes) => Answer::new(200, kind(parts), bytes),
        None => Answer::missing(),
    }
}

/// Returns the list of a module's versions where nobody wrote one: those that have a `go.mod`.
fn versions(folder: &Folder, parts: &[&str]) -> Option<Vec<u8>> {
    let ["go", .., "@v", "list"] = parts else {
        return None;
    };
    let (_, above) = parts.split_last()?;
    let files = folder.names(above);
    let versions = files.iter().filter_map(|it| it.strip_suffix(".mod"));
    let lines: String = versions.flat_map(|it| [it, "\n"]).collect();
    (!lines.is_empty()).then(|| lines.into_bytes())
}

/// Returns what a file holds, by its name.
fn kind(parts: &[&str]) -> &'static str {
    let name = parts.last().copied().unwrap_or_default();
    match name.rsplit_once('.').map_or(name, |(_, it)| it) {
        "info" => "application/json",
        "yaml" => "application/yaml",
        "zip" => "application/zip",
        "mod" | "list" | "HEAD" | "refs" | "packs" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
