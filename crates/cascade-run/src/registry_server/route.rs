//! Which protocol answers, by the first part of a path.

use super::answer::Answer;
use super::folder::Folder;
use super::oci::Opens;
use super::request::Request;
use super::{cargo, fixed, npm, oci, python};

/// Returns the answer to a request.
pub(super) fn route(folder: &Folder, opens: &Opens, request: &Request) -> Answer {
    let parts: Vec<&str> = request.path.iter().map(String::as_str).collect();
    let is_done = match request.method.as_str() {
        "GET" | "HEAD" | "PUT" | "POST" | "DELETE" => true,
        // Blobs of images come in chunks.
        "PATCH" => parts.first() == Some(&"v2"),
        _ => false,
    };
    if !is_done {
        return Answer::text(405, "that is not done here")
            .with("Allow", "GET, HEAD, PUT, POST, DELETE");
    }
    // No client of a registry sends it; a page in a browser does.
    if !request.reads() && request.header("origin").is_some() {
        return Answer::text(403, "no page of a browser publishes here");
    }
    let Some((first, rest)) = parts.split_first() else {
        return Answer::text(
            200,
            "cascade's registry, for tests and rehearsals: pypi, npm, cargo, go, git, images (v2)",
        );
    };
    match *first {
        "pypi" => python::answer(folder, request, rest),
        "npm" => npm::answer(folder, request, rest),
        "cargo" => cargo::answer(folder, request, rest),
        "v2" => {
            let refusal = oci::opened(opens, request, rest);
            refusal.unwrap_or_else(|| oci::answer(folder, request, rest))
        }
        "token" => oci::token(opens, request),
        "charts" | "go" | "git" => fixed::answer(folder, request, &parts),
        _ => Answer::missing(),
    }
}
