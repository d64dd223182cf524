//! Whether the overrides that a lock repeats are those that are written.

use std::collections::BTreeMap;

use super::HOOKS;
use super::lockfile::Lockfile;
use super::step::{WORKSPACE, catalogue_of, wanted, written};
use crate::json::{Json, Node};
use crate::npm::overrides::Target;
use crate::yaml::Yaml;
use crate::{Discord, ReadError, Unread};

/// The manifest of the lock's folder.
const ROOT: &str = "package.json";

/// The first version of pnpm that reads its settings from the workspace's file alone.
const ALONE: u64 = 11;

/// One override as it is written.
struct Override {
    key: String,
    value: String,
    /// The file.
    path: &'static str,
    read: Read,
}

/// Whether the pnpm of the workspace reads an override.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Certainly,
    /// Only some versions do.
    Maybe,
}

/// Returns where the overrides of the lock are not those that are written: another value, one that
/// is gone, or one that the lock lacks.
///
/// # Errors
/// When a text is not of its format.
pub(super) fn discords(
    lock: &Lockfile,
    files: &BTreeMap<String, String>,
) -> Result<Vec<Discord>, Unread> {
    let hooked = HOOKS.iter().any(|it| files.contains_key(*it));
    let Some(text) = files.get(ROOT).filter(|_| !hooked) else {
        // Nobody knows what else they may be.
        return Ok(Vec::new());
    };
    let root = Json::parse(text).map_err(|it| it.beside(ROOT))?;
    let broken = |it: ReadError| it.beside(WORKSPACE);
    let all = overrides(root.root(), files).map_err(broken)?;
    let catalogues = written(files).map_err(broken)?;
    let resolved = |it: &Override| resolved(it, root.root(), &catalogues);
    let mut found = Vec::new();
    for (key, held) in &lock.overrides {
        let rows = || all.iter().filter(|it| it.key == *key);
        let fits = |it: &Override| resolved(it).is_none_or(|it| it == *held);
        if !rows().any(fits) {
            let (path, value) = rows().next().map_or((ROOT, ""), |it| (it.path, &it.value));
            found.push(told((key, path), value, Some(held)));
        }
    }
    let is_locked = |it: &Override| lock.overrides.iter().any(|(key, _)| *key == it.key);
    let missing = all.iter().filter(|it| it.read == Read::Certainly);
    let missing = missing.filter(|it| !is_locked(it));
    found.extend(missing.map(|it| told((&it.key, it.path), &it.value, None)));
    Ok(found)
}

/// Returns every override that is written: the workspace's file, where it has any, stands in the
/// place of the manifest's own.
fn overrides(root: Node<'_>, files: &BTreeMap<String, String>) -> Result<Vec<Override>, ReadError> {
    let yaml = Yaml::parse(files.get(WORKSPACE).map_or("", String::as_str))?;
    let table = yaml.root().and_then(|it| it.get("overrides"));
    let mut all: Vec<Override> = table
        .into_iter()
        .flat_map(|it| it.followed().entries())
        .map(|(key, value)| Override {
            key: key.to_owned(),
            value: value.followed().str().unwrap_or_default().to_owned(),
            path: WORKSPACE,
            read: Read::Certainly,
        })
        .collect();
    let is_old = major(root).is_some_and(|it| it < ALONE);
    let read = if is_old && all.is_empty() {
        Read::Certainly
    } else {
        Read::Maybe
    };
    let own = root.get("pnpm").and_then(|it| it.get("overrides"));
    for table in own.into_iter().chain(root.get("resolutions")) {
        let rows = table.fields();
        all.extend(rows.filter_map(|(key, value)| {
            Some(Override {
                key: key.to_owned(),
                value: value.str()?.to_owned(),
                path: ROOT,
                read,
            })
        }));
    }
    Ok(all)
}

/// Returns the major version of the pnpm that a manifest asks for.
fn major(root: Node<'_>) -> Option<u64> {
    let asked = root.get("packageManager")?.str()?;
    let version = asked.strip_prefix("pnpm@")?;
    version.split('.').next()?.parse().ok()
}

/// Returns an override as a lock repeats it; `None` where that can not be told.
fn resolved(
    it: &Override,
    root: Node<'_>,
    catalogues: &BTreeMap<(String, String), String>,
) -> Option<String> {
    if let Some(name) = it.value.strip_prefix('$') {
        return wanted(root, name).map(str::to_owned);
    }
    match catalogue_of(&it.value) {
        Some(catalogue) => {
            let name = Target::pnpm(&it.key).name.to_owned();
            catalogues.get(&(catalogue.to_owned(), name)).cloned()
        }
        None => Some(it.value.clone()),
    }
}

fn told((key, path): (&str, &str), wanted: &str, held: Option<&str>) -> Discord {
    Discord {
        subject: Target::pnpm(key).name.to_owned(),
        manifest: path.to_owned(),
        wanted: wanted.to_owned(),
        held: held.map(str::to_owned),
    }
}
