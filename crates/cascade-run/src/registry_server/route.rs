//! Which protocol answers, by the first part of a path.

use super::answer::Answer;
use super::folder::Folder;
use super::request::Request;
use super::{cargo, fixed, npm, python};

/// Returns the answer to a request.
pub(super) fn route(folder: &Folder, request: &Request) -> Answer {
    if !matches!(
        request.method.as_str(),
        "GET" | "HEAD" | "PUT" | "POST" | "DELETE"
    ) {
        return Answer::text(405, "that is not done here")
            .with("Allow", "GET, HEAD, PUT, POST, DELETE");
    }
    // No client of a registry sends it; a page in a browser does.
    if !request.reads() && request.header("origin").is_some() {
        return Answer::text(403, "no page of a browser publishes here");
    }
    let parts: Vec<&str> = request.path.iter().map(String::as_str).collect();
    let Some((first, rest)) = parts.split_first() else {
        return Answer::text(
            200,
            "cascade's registry, for tests and rehearsals: pypi, npm, cargo, go, git",
        );
    };
    match *first {
        "pypi" => python::answer(folder, request, rest),
        "npm" => npm::answer(folder, request, rest),
        "cargo" => cargo::answer(folder, request, rest),
        "go" | "git" => fixed::answer(folder, request, &parts),
        _ => Answer::missing(),
    }
}
