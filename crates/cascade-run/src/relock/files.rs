//! The manifests and settings that a lock is made from.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cascade_manifest::{Ecosystem, Limit, Lock};

use crate::path::{is_foreign, joined};
use crate::write::current;

/// Folders that git or a build made, in which nothing is looked for.
const MADE: &[&str] = &[".git", "target"];
/// How deep manifests are looked for.
const DEEPEST: usize = 16;
/// How many files a lock is made from at most.
const MOST: usize = 20_000;

/// Returns the manifests and settings below the folder of a lock: path from there, and text.
/// A folder below that has a lock of this format too answers for itself.
pub(crate) fn gathered(
    root: &Path,
    folder: &str,
    ecosystem: &Ecosystem,
    format: &dyn Lock,
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![(String::new(), 0_usize)];
    while let Some((below, depth)) = open.pop() {
        let here = joined(folder, &below);
        let names = names_in(&root.join(&here));
        let own = [Some(format.file_name()), format.overruled_by()];
        let nested = |it: &(String, bool)| !it.1 && own.contains(&Some(it.0.as_str()));
        if depth > 0 && names.iter().any(nested) {
            continue;
        }
        for (name, is_folder) in names {
            let path = joined(&below, &name);
            if is_folder {
                if depth < DEEPEST && !is_foreign(&name) && !MADE.contains(&name.as_str()) {
                    open.push((path, depth + 1));
                }
            } else if ecosystem.format(&name).is_some() && found.len() < MOST {
                found.extend(text(root, folder, &path).map(|it| (path, it)));
            }
        }
    }
    for name in format.settings() {
        found.extend(text(root, folder, name).map(|it| ((*name).to_owned(), it)));
    }
    found
}

/// Returns a manifest in the folder of a lock that [`gathered`] had to leave out, and why, if the
/// lock has to be held against it.
pub(crate) fn left_out(
    root: &Path,
    folder: &str,
    (ecosystem, format): (&Ecosystem, &dyn Lock),
    (lock, files): (&str, &BTreeMap<String, String>),
) -> Option<(String, String)> {
    let entries = fs::read_dir(root.join(folder)).into_iter().flatten();
    let names = entries.filter_map(|it| it.ok()?.file_name().into_string().ok());
    let mut missing = names.filter(|it| ecosystem.format(it).is_some() && !files.contains_key(it));
    missing.find_map(|name| {
        let why = unread(root, &joined(folder, &name))?;
        let mut files = files.clone();
        files.insert(name.clone(), NO_FORMATS.to_owned());
        let told = format.discords(lock, &files).err()?;
        (told.beside.as_ref() == Some(&name)).then_some((name, why))
    })
}

/// A text that is of no format.
const NO_FORMATS: &str = "[(\n";

/// Returns why a file is no text of a manifest.
fn unread(root: &Path, path: &str) -> Option<String> {
    let bytes = match current(root, path) {
        Ok(bytes) => bytes?,
        Err(error) => return Some(error.to_string()),
    };
    if !Limit::MANIFEST.takes(bytes.len() as u64) {
        return Some(format!(
            "it is larger than the {} that are read",
            Limit::MANIFEST
        ));
    }
    let error = String::from_utf8(bytes).err()?;
    let at = error.utf8_error().valid_up_to();
    Some(format!("it is not UTF-8: byte {at} is no character's"))
}

fn text(root: &Path, folder: &str, path: &str) -> Option<String> {
    let bytes = current(root, &joined(folder, path)).ok().flatten()?;
    String::from_utf8(bytes)
        .ok()
        .filter(|it| Limit::MANIFEST.takes(it.len() as u64))
}

/// Returns what lies in a folder, sorted, links left out, and whether each is a folder.
fn names_in(folder: &Path) -> Vec<(String, bool)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let plain = entries.filter_map(|it| {
        let kind = it.file_type().ok().filter(|it| !it.is_symlink())?;
        Some((it.file_name().into_string().ok()?, kind.is_dir()))
    });
    let mut names: Vec<_> = plain.collect();
    names.sort();
    names
}
