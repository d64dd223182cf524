//! An artefact, or a command in it, says another version than the tag or the manifest.

use cascade_manifest::Version;

use super::{Shop, shops};
use crate::checks::{Check, Told, View};
use crate::snapshot::{Trial, TrialEnd, Tried};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "artifact-version",
    "an artefact, or a command in it, says another version than its tag or its manifest",
    check,
);

/// Finds versions that are others.
fn check(view: &View<'_>) -> Vec<Told> {
    shops(view).flat_map(|it| told(&it)).collect()
}

fn told(shop: &Shop<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (artifact, contents) in shop.contents() {
        let file = &artifact.file;
        let Some(package) = shop.package(artifact, contents) else {
            let name = &contents.name;
            all.push(shop.tell(format!(
                "`{file}` is of `{name}`, which is no package of it"
            )));
            continue;
        };
        let Some(want) = shop.version(package) else {
            continue;
        };
        let version = &contents.version;
        if Version::parse(package.ecosystem.scheme, version).as_ref() != Some(&want) {
            all.push(shop.tell(format!("`{file}` says {version}, and {want} is released")));
        }
    }
    let commands = shop.artifacts.trials.iter();
    all.extend(commands.filter_map(|it| command(shop, it)));
    all
}

/// Tells of a command whose answer has a version, and not the one that any of its packages has.
fn command(shop: &Shop<'_>, trial: &Trial) -> Option<Told> {
    let (Tried::Command, TrialEnd::Well(said)) = (trial.what, &trial.end) else {
        return None;
    };
    let words = said.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | ';'));
    let words = words.map(|it| it.trim_start_matches(['v', 'V']));
    let words: Vec<&str> = words
        .filter(|it| it.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    let first = *words.first()?;
    let packages = shop.contents().filter_map(|(file, it)| {
        let package = shop.package(file, it)?;
        Some((package.ecosystem.scheme, shop.version(package)?))
    });
    let mut known = packages.peekable();
    known.peek()?;
    let says = |(scheme, want): (_, Version)| {
        let read = words.iter().filter_map(|it| Version::parse(scheme, it));
        read.into_iter().any(|it| it == want)
    };
    let subject = &trial.subject;
    let what = format!("`{subject} --version` says {first}, and another version is released");
    (!known.any(says)).then(|| shop.tell(what))
}
