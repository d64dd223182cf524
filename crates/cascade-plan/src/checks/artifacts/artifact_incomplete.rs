//! An artefact lacks what its own metadata promises, or the licence.

use super::{Shop, of_contents};
use crate::Severity;
use crate::checks::{Check, Told, View};
use crate::snapshot::{Artifact, Contents};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "artifact-incomplete",
    "an artefact lacks a file that it promises, or the licence",
    check,
);

/// Finds what is missing.
fn check(view: &View<'_>) -> Vec<Told> {
    of_contents(view, told)
}

fn told(shop: &Shop<'_>, artifact: &Artifact, contents: &Contents) -> Vec<Told> {
    let file = &artifact.file;
    let missing = contents.missing.iter();
    let missing = missing.map(|it| shop.tell(format!("`{file}` lacks {it}")));
    let mut all: Vec<Told> = missing.collect();
    if licensed(&shop.audit.files.paths) && !contains_licence(contents) {
        let what = format!("`{file}` has no licence, and the repository has one");
        all.push(shop.tell(what).ranked(Severity::Warn));
    }
    all
}

fn licensed(paths: &[String]) -> bool {
    paths.iter().any(|it| !it.contains('/') && is_licence(it))
}

fn contains_licence(contents: &Contents) -> bool {
    let names = contents.paths.iter().filter_map(|it| it.rsplit('/').next());
    names.into_iter().any(is_licence)
}

fn is_licence(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["license", "licence", "copying", "unlicense"]
        .iter()
        .any(|it| name.starts_with(it))
}
