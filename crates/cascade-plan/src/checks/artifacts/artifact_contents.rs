//! An artefact holds what should not be published, or not what its list says.

use super::{Shop, of_contents};
use crate::Severity;
use crate::checks::{Check, Told, View};
use crate::snapshot::{Artifact, Contents};

/// How many files of one artefact are told of.
const FEW: usize = 5;

/// Folders of a wheel's root that clash with those of every other project.
const COMMON: &[&str] = &[
    "tests",
    "test",
    "testing",
    "docs",
    "doc",
    "examples",
    "benchmarks",
    "scripts",
];

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "artifact-contents",
    "an artefact holds what looks like a secret, the tests of a project at its root, or not what its \
     list says",
    check,
);

/// Finds what should not be there.
fn check(view: &View<'_>) -> Vec<Told> {
    of_contents(view, told)
}

fn told(shop: &Shop<'_>, artifact: &Artifact, contents: &Contents) -> Vec<Told> {
    let file = &artifact.file;
    let secrets = contents.paths.iter().filter(|it| is_secret(it));
    let secret = |it: &String| shop.tell(format!("`{file}` holds `{it}`, which is no one else's"));
    let mut all: Vec<Told> = secrets.take(FEW).map(secret).collect();
    let amiss = contents.amiss.iter().take(FEW);
    all.extend(amiss.map(|it| shop.tell(format!("`{file}`: {it}"))));
    let common = common(artifact, &contents.paths).into_iter();
    all.extend(common.map(|it| {
        let what = format!("`{file}` installs a package `{it}` beside its own");
        shop.tell(what).ranked(Severity::Warn)
    }));
    all
}

/// Returns whether a file's name says that it is nobody else's.
fn is_secret(path: &str) -> bool {
    let mut parts = path.split('/').rev();
    let name = parts.next().unwrap_or_default();
    let folder = parts.any(|it| matches!(it, ".git" | ".ssh" | ".aws" | ".gnupg"));
    let named = matches!(
        name,
        ".env"
            | ".npmrc"
            | ".pypirc"
            | ".netrc"
            | ".git-credentials"
            | "id_rsa"
            | "id_ed25519"
            | "credentials.json"
            | ".htpasswd"
    );
    let sample = [".example", ".sample", ".template"]
        .iter()
        .any(|it| name.ends_with(it));
    let kept = name.starts_with(".env.") && !sample;
    let ends = [".p12", ".pfx", "_rsa"];
    let private = ends.iter().any(|it| name.ends_with(it));
    folder || named || kept || private
}

/// Returns the folders of a wheel's root that other projects have too.
fn common<'a>(artifact: &Artifact, paths: &'a [String]) -> Vec<&'a str> {
    if !artifact.file.to_ascii_lowercase().ends_with(".whl") {
        return Vec::new();
    }
    let roots = paths.iter().filter_map(|it| Some(it.split_once('/')?.0));
    let mut found: Vec<&str> = roots.filter(|it| COMMON.contains(it)).collect();
    found.sort_unstable();
    found.dedup();
    found
}
