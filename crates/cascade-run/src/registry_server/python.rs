//! A Python index: pages of files in HTML and JSON, the files, their metadata, and uploads.

mod distribution;
mod multipart;
mod pages;

use super::answer::Answer;
use super::folder::{Folder, Put};
use super::request::Request;
use distribution::{Dist, canonical, name_of};
use multipart::Form;

/// Returns the answer to a request below `/pypi/`.
pub(super) fn answer(folder: &Folder, request: &Request, parts: &[&str]) -> Answer {
    if request.method == "POST" {
        return match parts {
            ["legacy"] => upload(folder, request),
            _ => Answer::missing(),
        };
    }
    if !request.reads() {
        return Answer::text(405, "files are uploaded to `/pypi/legacy/`");
    }
    match parts {
        ["simple"] => pages::projects(request, &projects(folder)),
        ["simple", name] => match distributions(folder, name) {
            found if found.is_empty() => Answer::missing(),
            found => pages::project(request, &canonical(name), &found),
        },
        ["files", file] => file_of(folder, file),
        ["pypi", name, "json"] => pages::about(request, name, None, &distributions(folder, name)),
        ["pypi", name, version, "json"] => {
            let found = distributions(folder, name);
            pages::about(request, name, Some(version), &found)
        }
        _ => Answer::missing(),
    }
}

/// Returns the names of everything that has a file.
fn projects(folder: &Folder) -> Vec<String> {
    let files = folder.names(&["pypi"]);
    let mut names: Vec<String> = files.iter().filter_map(|it| Some(name_of(it)?.0)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Returns the files of a project, by name.
fn distributions(folder: &Folder, name: &str) -> Vec<Dist> {
    let name = canonical(name);
    let files = folder.names(&["pypi"]);
    let ours = |file: &String| name_of(file).is_some_and(|(it, _)| it == name);
    let ours = files.into_iter().filter(ours);
    ours.filter_map(|file| Dist::read(folder, file)).collect()
}

/// Returns a file, or the metadata of a wheel.
fn file_of(folder: &Folder, file: &str) -> Answer {
    if let Some(bytes) = folder.read(&["pypi", file]) {
        return Answer::new(200, "application/octet-stream", bytes);
    }
    let wheel = file.strip_suffix(".metadata").map(str::to_owned);
    let metadata = wheel
        .and_then(|it| Dist::read(folder, it))
        .and_then(|it| it.metadata);
    metadata.map_or_else(Answer::missing, |it| {
        Answer::new(200, "text/plain; charset=utf-8", it)
    })
}

/// Takes a file in, as `uv publish` and `twine upload` send one.
fn upload(folder: &Folder, request: &Request) -> Answer {
    let kind = request.header("content-type").unwrap_or_default();
    let Some(form) = Form::parse(kind, &request.body) else {
        return Answer::text(400, "the form can not be read");
    };
    let Some((file, bytes)) = form.file("content") else {
        return Answer::text(400, "the form has no file `content`");
    };
    let Some((name, version)) = name_of(file) else {
        return Answer::text(400, "the file is no wheel and no source distribution");
    };
    if let Err(why) = agrees(&form, &name, &version, bytes) {
        return Answer::text(400, why);
    }
    let _writing = folder.writing();
    match folder.put(&["pypi", file], bytes) {
        Ok(Put::Made | Put::Same) => Answer::text(200, "OK"),
        Ok(Put::Taken) => Answer::text(
            400,
            "File already exists, with other content: a version is published once",
        ),
        Err(_) => Answer::text(500, "the file can not be written"),
    }
}

/// Returns whether a form says what its file does.
fn agrees(form: &Form<'_>, name: &str, version: &str, bytes: &[u8]) -> Result<(), &'static str> {
    let said = |field: &str| form.text(field);
    if said(":action").is_some_and(|it| it != "file_upload") {
        return Err("only `file_upload` is done here");
    }
    if said("name").is_some_and(|it| canonical(it) != name) {
        return Err("the file's name is not the project's");
    }
    if said("version").is_some_and(|it| !distribution::same_version(it, version)) {
        return Err("the file's version is not the one that is uploaded");
    }
    let sum = distribution::sha256(bytes);
    if said("sha256_digest").is_some_and(|it| !it.eq_ignore_ascii_case(&sum)) {
        return Err("the file's digest is not the one that was sent");
    }
    Ok(())
}

/// Reads bytes as a form, as the headers of a distribution, and as the name of one.
pub(super) fn untrusted(bytes: &[u8]) {
    if let Some(form) = multipart::Form::parse("multipart/form-data; boundary=x", bytes) {
        let _ = (form.text("name"), form.file("content"));
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = multipart::Form::parse(&text, bytes);
    let _ = distribution::Said::parse(bytes).first("name");
    let _ = distribution::name_of(&text);
}

#[cfg(test)]
mod tests;
