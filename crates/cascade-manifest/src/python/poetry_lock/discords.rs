//! Whether a `poetry.lock` and its manifest say the same, in text and in meaning.

use std::collections::{BTreeMap, BTreeSet};

use super::hash::{Era, content_hash};
use crate::python::{canonical, demand, pyproject::Pyproject, specifier::PythonGrammar};
use crate::toml::{Node, Toml};
use crate::{Discord, Form, Format, Grammar, Kind, Pin, ReadError, Scheme, Unread, Version};

const MANIFEST: &str = "pyproject.toml";

/// Returns where the lock and the manifest beside it disagree.
///
/// # Errors
/// When a text is not of its format.
pub(super) fn discords(
    text: &str,
    files: &BTreeMap<String, String>,
) -> Result<Vec<Discord>, Unread> {
    let Some(manifest) = files.get(MANIFEST) else {
        return Ok(Vec::new());
    };
    let lock = Toml::parse(text)?;
    let broken = |it: ReadError| it.beside(MANIFEST);
    let toml = Toml::parse(manifest).map_err(broken)?;
    let mut found = Vec::from_iter(hash_discord(text, &lock, &toml));
    let records = records(&lock);
    let pins = Pyproject.read(manifest).map_err(broken)?.pins;
    let always = always_wanted(&toml);
    for pin in pins.iter().filter(|it| it.kind != Kind::Build) {
        let name = canonical(&pin.name).into_owned();
        match records.get(&name) {
            Some(held) => found.extend(differs(&name, pin, held)),
            None if always.contains(&name) => {
                found.push(discord(&name, &pin.requirement, None));
            }
            None => {}
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn discord(subject: &str, wanted: &str, held: Option<String>) -> Discord {
    Discord {
        subject: subject.to_owned(),
        manifest: MANIFEST.to_owned(),
        wanted: wanted.to_owned(),
        held,
    }
}

/// A lock that an older Poetry wrote is in step with either hash, as Poetry itself takes it.
fn hash_discord(text: &str, lock: &Toml<'_>, manifest: &Toml<'_>) -> Option<Discord> {
    let held = lock.root().find(&["metadata", "content-hash"])?.string()?;
    let era = Era::of(text);
    let wanted = content_hash(manifest, era)?;
    let later = content_hash(manifest, Era::Groups);
    let is_either = held.value == wanted || later.is_some_and(|it| it == held.value);
    (!is_either).then(|| discord("content-hash", &wanted, Some(held.value.to_owned())))
}

/// What the lock holds of one package: versions, and the references of those from git.
type Held = Vec<(String, Option<String>, Option<String>)>;

fn records(lock: &Toml<'_>) -> BTreeMap<String, Held> {
    let mut records: BTreeMap<String, Held> = BTreeMap::new();
    let packages = lock.root().get("package").map(Node::items);
    for package in packages.unwrap_or_default() {
        let said = |key| package.string_at(key).map(|it| it.value.to_owned());
        let Some((name, version)) = said("name").zip(said("version")) else {
            continue;
        };
        let source = |key| Some(package.get("source")?.string_at(key)?.value.to_owned());
        let name = canonical(&name).into_owned();
        let held = (version, source("reference"), source("resolved_reference"));
        records.entry(name).or_default().push(held);
    }
    records
}

fn differs(name: &str, pin: &Pin, held: &Held) -> Option<Discord> {
    let wanted = &pin.requirement;
    let fits = |(version, reference, commit): &(String, Option<String>, Option<String>)| match &pin
        .form
    {
        Form::Range if pin.source.is_none() && !wanted.is_empty() => {
            let version = Version::parse(Scheme::Pep440, version);
            let admits = |it| PythonGrammar.admits(wanted, &it).unwrap_or(true);
            version.is_none_or(admits)
        }
        Form::GitTag => reference.as_ref() == Some(wanted),
        Form::GitRev { .. } => {
            let starts = |it: &Option<String>| it.as_ref().is_some_and(|it| it.starts_with(wanted));
            starts(reference) || starts(commit)
        }
        _ => true,
    };
    if held.iter().any(fits) {
        return None;
    }
    let (version, reference, _) = held.first()?;
    let held = match pin.form {
        Form::Range => version.clone(),
        _ => reference.clone().unwrap_or_default(),
    };
    Some(discord(name, wanted, Some(held)))
}

/// Returns the packages that the manifest wants on every Python and system.
fn always_wanted(manifest: &Toml<'_>) -> BTreeSet<String> {
    let list = manifest.root().find(&["project", "dependencies"]);
    let texts = list.map(Node::items).unwrap_or_default().into_iter();
    texts
        .filter_map(|it| demand::demand(it.string()?.value))
        .filter(|it| it.marker.is_true())
        .map(|it| it.name.to_string())
        .collect()
}
