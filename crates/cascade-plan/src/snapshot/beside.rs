//! What lies beside a lock, and the commands that depend on it.

use std::collections::BTreeMap;

use cascade_manifest::{Ecosystem, LockFacts, Move, Stand};

use super::{folder_of, is_within};
use crate::{Action, ObservedRepo};

/// Manifests and settings: path from the lock's folder, and text.
pub(crate) type Beside = BTreeMap<String, String>;

/// Returns the manifests and settings below the folder of a lock, as they are after these writes.
pub(crate) fn beside(seen: &ObservedRepo, file: &str, writes: &[Action]) -> Beside {
    let folder = folder_of(file);
    let manifests = seen.manifests.iter().map(|it| (&it.path, &it.text));
    let settings = seen.settings.iter().map(|it| (&it.path, &it.text));
    let files = manifests
        .chain(settings)
        .filter_map(|(path, text)| Some((inside(folder, path)?.to_owned(), text.to_string())));
    let mut files: Beside = files.collect();
    for action in writes {
        if let Action::Write { path, after, .. } = action
            && let Some(path) = inside(folder, path)
        {
            files.insert(path.to_owned(), after.clone());
        }
    }
    files
}

/// Returns the ecosystem's own commands that make these moves in a lock.
pub(crate) fn commands(
    seen: &ObservedRepo,
    (file, ecosystem): (&str, &Ecosystem),
    files: &Beside,
    moves: &[Move],
) -> Vec<Vec<String>> {
    let file_name = file.rsplit('/').next().unwrap_or(file);
    let Some(format) = ecosystem.lock(file_name) else {
        return Vec::new();
    };
    let lock = seen.locks.iter().find(|it| it.path == file);
    let unread = LockFacts::default();
    let stand = Stand {
        file_name,
        facts: lock.and_then(|it| it.read.as_ref().ok()).unwrap_or(&unread),
        files,
    };
    format.relock(&stand, moves)
}

/// Returns a path as seen from a folder that it lies in.
fn inside<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    if !is_within(folder_of(path), folder) {
        return None;
    }
    let rest = path.strip_prefix(folder)?;
    Some(rest.strip_prefix('/').unwrap_or(rest))
}
