//! Whether a `pnpm-lock.yaml` says what the manifests beside it say.

use std::collections::{BTreeMap, BTreeSet};

use super::lockfile::{Locator, Lockfile, Row, Want};
use super::overridden;
use crate::json::{Json, Node};
use crate::npm::overrides::Target;
use crate::npm::pnpm_workspace::catalogues;
use crate::npm::published::admits;
use crate::npm::spec::Spec;
use crate::yaml::Yaml;
use crate::{Discord, Form, ReadError, Unread};

/// The file of the catalogues.
pub(super) const WORKSPACE: &str = "pnpm-workspace.yaml";

/// The tables that pnpm locks; of a name in several, the first one counts.
const TABLES: [&str; 3] = ["optionalDependencies", "dependencies", "devDependencies"];

/// Returns where the lock and the manifests disagree.
///
/// # Errors
/// When a text is not of its format.
pub(super) fn discords(
    text: &str,
    files: &BTreeMap<String, String>,
) -> Result<Vec<Discord>, Unread> {
    let lock = Lockfile::read(text, Want::Recorded)?;
    let forced: BTreeSet<&str> = lock
        .overrides
        .iter()
        .map(|(key, _)| Target::pnpm(key).name)
        .collect();
    let mut found = in_catalogues(&lock, files)?;
    found.extend(overridden::discords(&lock, files)?);
    let places: BTreeSet<&str> = lock.rows.iter().map(|it| it.place.as_str()).collect();
    let root = files.contains_key("package.json").then_some(".");
    for place in places.into_iter().chain(root).collect::<BTreeSet<_>>() {
        let path = manifest_of(place);
        let Some(manifest) = files.get(&path) else {
            continue;
        };
        let rows = lock.rows.iter().filter(|it| it.place == place);
        let rows: BTreeMap<&str, &Row> = rows.map(|it| (it.alias.as_str(), it)).collect();
        let json = Json::parse(manifest).map_err(|it| it.beside(&path))?;
        found.extend(in_folder(&path, json.root(), &rows, (&lock, &forced)));
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Returns the path of the manifest of a folder of the workspace.
pub(super) fn manifest_of(place: &str) -> String {
    match place {
        "." => "package.json".to_owned(),
        _ => format!("{place}/package.json"),
    }
}

/// Returns what the manifest says of the dependency, whichever table it stands in.
pub(super) fn wanted<'a>(manifest: Node<'a>, alias: &str) -> Option<&'a str> {
    let tables = TABLES.iter().chain(&["peerDependencies"]);
    let mut rows = tables.filter_map(|it| manifest.get(it)?.get(alias)?.str());
    rows.next()
}

/// Returns what the manifest says of every dependency, as [`wanted`] does of one.
fn all_wanted(manifest: Node<'_>) -> BTreeMap<&str, &str> {
    let mut all = BTreeMap::new();
    for table in TABLES.iter().chain(&["peerDependencies"]) {
        for (alias, value) in manifest.get(table).into_iter().flat_map(Node::fields) {
            if let Some(value) = value.str() {
                all.entry(alias).or_insert(value);
            }
        }
    }
    all
}

/// Returns the catalogues as the workspace's file writes them: by catalogue and name.
///
/// # Errors
/// When the file is no YAML.
pub(super) fn written(
    files: &BTreeMap<String, String>,
) -> Result<BTreeMap<(String, String), String>, ReadError> {
    let text = files.get(WORKSPACE).map_or("", String::as_str);
    let yaml = Yaml::parse(text)?;
    let mut rows = BTreeMap::new();
    for (section, table) in yaml.root().into_iter().flat_map(catalogues) {
        let name = section.strip_prefix("catalogs.").unwrap_or("default");
        for (alias, value) in table.followed().entries() {
            let said = value.followed().str().unwrap_or_default();
            rows.insert((name.to_owned(), alias.to_owned()), said.to_owned());
        }
    }
    Ok(rows)
}

fn in_catalogues(
    lock: &Lockfile,
    files: &BTreeMap<String, String>,
) -> Result<Vec<Discord>, Unread> {
    if !files.contains_key(WORKSPACE) {
        return Ok(Vec::new());
    }
    let written = written(files).map_err(|it| it.beside(WORKSPACE))?;
    let discord = |row: &Row| {
        let key = (row.place.clone(), row.alias.clone());
        let wanted = written.get(&key).map_or("", String::as_str);
        let fits = wanted == row.specifier && fits(row, &row.specifier);
        (!fits).then(|| told(row, WORKSPACE, wanted))
    };
    Ok(lock.catalogues.iter().filter_map(discord).collect())
}

fn in_folder(
    path: &str,
    manifest: Node<'_>,
    rows: &BTreeMap<&str, &Row>,
    (lock, forced): (&Lockfile, &BTreeSet<&str>),
) -> Vec<Discord> {
    let mut found = Vec::new();
    let all = all_wanted(manifest);
    let tables = TABLES.iter().filter_map(|it| manifest.get(it));
    for (alias, value) in tables.flat_map(Node::fields) {
        let said = value.str().unwrap_or_default();
        let wanted = all.get(alias).copied().unwrap_or(said);
        match rows.get(alias) {
            None => found.push(Discord {
                subject: Spec::of(wanted).name.unwrap_or_else(|| alias.to_owned()),
                manifest: path.to_owned(),
                wanted: wanted.to_owned(),
                held: None,
            }),
            Some(_) if forced.contains(alias) => {}
            Some(row) if row.specifier != wanted => found.push(told(row, path, wanted)),
            Some(_) => {}
        }
    }
    for (alias, row) in rows {
        let wanted = all.get(alias).copied();
        let catalogue = of_catalogue(lock, row);
        let specifier = catalogue.map_or(&row.specifier, |it| &it.specifier);
        let same = catalogue.is_none_or(|it| bare(it) == bare(row));
        if wanted.is_none() || !fits(row, specifier) || !same {
            found.push(told(row, path, wanted.unwrap_or_default()));
        }
    }
    found
}

/// Returns what the row resolved to, without its peers.
fn bare(row: &Row) -> Option<(&str, &str)> {
    Locator::of_version(&row.alias, &row.version).map(|it| (it.name, it.version))
}

/// Returns the row of the catalogue that a row inherits.
fn of_catalogue<'l>(lock: &'l Lockfile, row: &Row) -> Option<&'l Row> {
    let name = catalogue_of(&row.specifier)?;
    let mut rows = lock.catalogues.iter();
    rows.find(|it| it.place == name && it.alias == row.alias)
}

/// Returns the catalogue that a requirement names.
pub(super) fn catalogue_of(specifier: &str) -> Option<&str> {
    let name = specifier.strip_prefix("catalog:")?.trim();
    Some(if name.is_empty() { "default" } else { name })
}

/// Returns whether the version that is locked is one that the requirement admits.
fn fits(row: &Row, specifier: &str) -> bool {
    let at = Locator::of_version(&row.alias, &row.version);
    let spec = Spec::of(specifier);
    match at.filter(|it| it.is_registry()) {
        Some(at) if spec.form == Form::Range && !spec.requirement.is_empty() => {
            let name = spec.name.as_deref().unwrap_or(&row.alias);
            name == at.name && admits(specifier, at.version)
        }
        _ => true,
    }
}

fn told(row: &Row, path: &str, wanted: &str) -> Discord {
    let spec = Spec::of(&row.specifier);
    let held = if row.specifier == wanted {
        &row.version
    } else {
        &row.specifier
    };
    Discord {
        subject: spec.name.unwrap_or_else(|| row.alias.clone()),
        manifest: path.to_owned(),
        wanted: wanted.to_owned(),
        held: Some(held.clone()),
    }
}
