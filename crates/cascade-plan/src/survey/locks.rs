//! What the lock beside a manifest holds for a pin.

use cascade_manifest::{Ecosystem, Form, Lock, LockFacts, Locked, Manifest, Pin, Source, Version};

use super::{LockState, LockSurvey};
use crate::snapshot::{folder_of, is_within};
use crate::{LockFile, ManifestFile, ObservedRepo};

/// Returns what the lock beside a manifest holds for one of its pins; `None` without a lock.
pub(super) fn lock_beside(
    seen: &ObservedRepo,
    file: &ManifestFile,
    manifest: &Manifest,
    pin: &Pin,
) -> Option<LockSurvey> {
    let name = (file.ecosystem.canonical)(&pin.name);
    let (lock, facts) = if file.is_requirements() {
        lock_in(seen, &file.path)?
    } else {
        lock_of(seen, file.ecosystem, &file.path, Some(&name))?
    };
    let below = relative(folder_of(&file.path), folder_of(&lock.path));
    let entries: Vec<&Locked> = facts.entries.iter().filter(|it| it.name == name).collect();
    let installed = alias(file, pin).unwrap_or(&name);
    let entry = copy_for(&entries, below, installed).or_else(|| admitted(&entries, file, pin));
    let state = match entry {
        None => LockState::Absent,
        Some(entry) if !is_admitted(entry, file, pin) => LockState::Contradicts,
        Some(_) if is_stale(facts, (file, manifest, pin), below) => LockState::Stale,
        Some(_) => LockState::InStep,
    };
    Some(LockSurvey {
        file: lock.path.clone(),
        line: entry.map(|it| it.line),
        version: entry.and_then(|it| it.version.clone()),
        state,
    })
}

/// Returns the name that a package is installed under by a pin, where that is another than its own: the
/// key of `"old": "npm:core@^1"`.
fn alias<'a>(file: &'a ManifestFile, pin: &Pin) -> Option<&'a str> {
    let before = file.text.get(..pin.span.as_ref()?.start)?;
    let before = before.strip_suffix('@')?.strip_suffix(pin.name.as_str())?;
    let before = before.strip_suffix("npm:")?;
    let value = before.strip_suffix("workspace:").unwrap_or(before);
    let key = value.strip_suffix('"')?.trim_end().strip_suffix(':')?;
    key.trim_end().strip_suffix('"')?.rsplit('"').next()
}

/// Returns the lock that a manifest is itself: requirements with hashes, or compiled.
fn lock_in<'a>(seen: &'a ObservedRepo, manifest: &str) -> Option<(&'a LockFile, &'a LockFacts)> {
    let lock = seen.locks.iter().find(|it| it.path == manifest)?;
    Some((lock, lock.read.as_ref().ok()?))
}

/// Returns the lock that a manifest belongs to: in its folder or the nearest above. Where two lie
/// in one folder, the first that holds the name.
pub(crate) fn lock_of<'a>(
    seen: &'a ObservedRepo,
    ecosystem: &Ecosystem,
    manifest: &str,
    name: Option<&str>,
) -> Option<(&'a LockFile, &'a LockFacts)> {
    let folder = folder_of(manifest);
    let near = || {
        seen.locks
            .iter()
            .filter(|it| it.ecosystem == ecosystem && reaches(it, folder))
            .filter(|it| !is_manifest(seen, it))
            .filter_map(|it| Some((it, it.read.as_ref().ok()?)))
    };
    let nearest = near().map(|(it, _)| folder_of(&it.path).len()).max()?;
    let mut beside = near().filter(|(it, _)| folder_of(&it.path).len() == nearest);
    let holds = |facts: &LockFacts| {
        name.is_none_or(|name| facts.entries.iter().any(|entry| entry.name == name))
    };
    let first = beside.clone().next();
    beside.find(|(_, facts)| holds(facts)).or(first)
}

/// Returns whether a lock is a manifest too, and so the lock of its own pins alone.
fn is_manifest(seen: &ObservedRepo, lock: &LockFile) -> bool {
    seen.manifests.iter().any(|it| it.path == lock.path)
}

/// Returns whether a lock governs the manifests of a folder.
fn reaches(lock: &LockFile, folder: &str) -> bool {
    let (own, name) = lock.path.rsplit_once('/').unwrap_or(("", &lock.path));
    let below = || lock.ecosystem.lock(name).is_none_or(Lock::reaches_below);
    folder == own || is_within(folder, own) && below()
}

/// Returns `folder` as seen from `root`, which it lies in.
fn relative<'a>(folder: &'a str, root: &str) -> &'a str {
    let rest = folder.strip_prefix(root).unwrap_or(folder);
    rest.strip_prefix('/').unwrap_or(rest)
}

/// Returns the copy that a folder resolves in a tree-shaped lock: the nearest `node_modules` above.
fn copy_for<'a>(entries: &[&'a Locked], folder: &str, name: &str) -> Option<&'a Locked> {
    let mut at = Some(folder);
    while let Some(folder) = at {
        let place = match folder {
            "" => format!("node_modules/{name}"),
            folder => format!("{folder}/node_modules/{name}"),
        };
        if let Some(found) = entries.iter().find(|it| it.place == place) {
            return Some(found);
        }
        at = (!folder.is_empty()).then(|| folder_of(folder));
    }
    None
}

/// Returns the highest entry that the pin admits, else the highest.
fn admitted<'a>(entries: &[&'a Locked], file: &ManifestFile, pin: &Pin) -> Option<&'a Locked> {
    let version = |it: &Locked| {
        let text = it.version.as_deref()?;
        Version::parse(file.ecosystem.scheme, text)
    };
    entries
        .iter()
        .copied()
        .max_by_key(|it| (is_admitted(it, file, pin), version(it)))
}

/// Returns whether the pin admits what the lock holds; an entry without a version is the
/// workspace's own and always is, and what a source holds stands in for whatever is required.
fn is_admitted(entry: &Locked, file: &ManifestFile, pin: &Pin) -> bool {
    let scheme = file.ecosystem.scheme;
    let version = entry.version.as_deref();
    let Some(version) = version.and_then(|it| Version::parse(scheme, it)) else {
        return true;
    };
    let overridden = !matches!(pin.source, None | Some(Source::Package(_)));
    if pin.form != Form::Range || pin.requirement.is_empty() || overridden {
        return true;
    }
    let grammar = file.ecosystem.grammar;
    grammar.admits(&pin.requirement, &version).unwrap_or(true)
}

/// Returns whether the lock records another requirement than the manifest says. A pin whose source
/// is overridden is recorded by its source and not by its requirement.
fn is_stale(
    facts: &LockFacts,
    (file, manifest, pin): (&ManifestFile, &Manifest, &Pin),
    folder: &str,
) -> bool {
    if pin.form != Form::Range || pin.source.is_some() || pin.forces() {
        return false;
    }
    let canonical = file.ecosystem.canonical;
    let name = canonical(&pin.name);
    let own = manifest.package.as_ref().map(|it| canonical(&it.name));
    let mut recorded = facts
        .recorded
        .iter()
        .filter(|it| it.name == name)
        .filter(|it| it.dependent == folder || own.as_deref() == Some(it.dependent.as_str()))
        .peekable();
    let grammar = file.ecosystem.grammar;
    recorded.peek().is_some() && !recorded.any(|it| grammar.same(&it.requirement, &pin.requirement))
}
