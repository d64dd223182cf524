//! Whether a `yarn.lock` says what the manifests beside it say.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{self, Block, Flavour};
use super::plain;
use crate::json::{Json, Node};
use crate::npm::overrides::Target;
use crate::npm::pnpm_workspace::catalogues;
use crate::npm::published::admits;
use crate::npm::spec::Spec;
use crate::yaml::Yaml;
use crate::{Discord, Form, Move, ReadError, Scheme, Unread, Version};

/// The settings of Yarn, which hold its catalogues.
pub(super) const SETTINGS: &str = ".yarnrc.yml";

/// The tables of a member that its block gathers.
const TABLES: [&str; 3] = ["dependencies", "devDependencies", "optionalDependencies"];

/// Entries of the catalogues: by catalogue and name.
pub(super) type Catalogues = BTreeMap<(String, String), String>;

/// Returns where the lock and the manifests disagree.
///
/// # Errors
/// When a text is not of its format.
pub(super) fn discords(
    text: &str,
    files: &BTreeMap<String, String>,
) -> Result<Vec<Discord>, Unread> {
    let (flavour, blocks) = blocks::read(text, None)?;
    let step = Step {
        flavour,
        keys: keys(&blocks),
        members: members(&blocks),
        catalogues: written(files).map_err(|it| it.beside(SETTINGS))?,
        forced: forced(files).map_err(|it| it.beside("package.json"))?,
    };
    let mut found = Vec::new();
    for (path, text) in files {
        let Some(folder) = folder_of(path) else {
            continue;
        };
        if !step.is_member(folder) {
            continue;
        }
        let json = Json::parse(text).map_err(|it| it.beside(path))?;
        found.extend(step.folder(path, folder, json.root()));
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Returns the folder whose manifest stands at the path.
pub(super) fn folder_of(path: &str) -> Option<&str> {
    match path.strip_suffix("package.json")? {
        "" => Some(""),
        folder => folder.strip_suffix('/'),
    }
}

/// Returns the requirements of a manifest as a lock of Yarn repeats them: those on packages, and
/// those on peers.
pub(super) fn rows(manifest: Node<'_>, peers: Peers) -> Vec<(&str, &str)> {
    let tables: &[&str] = match peers {
        Peers::Without => &TABLES,
        Peers::Only => &["peerDependencies"],
    };
    let tables = tables.iter().filter_map(|it| manifest.get(it));
    let rows = tables.flat_map(Node::fields);
    rows.filter_map(|(name, it)| Some((name, it.str()?)))
        .collect()
}

/// Which requirements are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peers {
    /// Those on packages.
    Without,
    /// Those on peers.
    Only,
}

/// Returns a requirement as Yarn's lock repeats it: ranges and tags of the registry with their
/// protocol; `None` for what Yarn normalizes in ways of its own.
pub(super) fn repeated(value: &str) -> Option<String> {
    let value = value.trim();
    let known = [
        "npm:",
        "workspace:",
        "catalog:",
        "patch:",
        "file:",
        "link:",
        "portal:",
    ];
    if known.iter().any(|it| value.starts_with(it)) {
        return Some(value.to_owned());
    }
    let spec = Spec::of(value);
    let plain = spec.source.is_none() && matches!(spec.form, Form::Range | Form::Unversioned);
    (plain && !value.is_empty()).then(|| format!("npm:{value}"))
}

/// Returns the catalogues as the settings write them.
///
/// # Errors
/// When the settings are no YAML.
pub(super) fn written(files: &BTreeMap<String, String>) -> Result<Catalogues, ReadError> {
    let text = files.get(SETTINGS).map_or("", String::as_str);
    let yaml = Yaml::parse(text)?;
    let mut rows = BTreeMap::new();
    for (section, table) in yaml.root().into_iter().flat_map(catalogues) {
        let name = section.strip_prefix("catalogs.").unwrap_or_default();
        for (alias, value) in table.followed().entries() {
            let said = value.followed().str().unwrap_or_default();
            rows.insert((name.to_owned(), alias.to_owned()), said.to_owned());
        }
    }
    Ok(rows)
}

/// Returns the names whose requests the root's `resolutions` answer.
///
/// # Errors
/// When the root's manifest is no JSON.
pub(super) fn forced(files: &BTreeMap<String, String>) -> Result<BTreeSet<String>, ReadError> {
    let Some(text) = files.get("package.json") else {
        return Ok(BTreeSet::new());
    };
    let json = Json::parse(text)?;
    let table = json.root().get("resolutions");
    let keys = table.into_iter().flat_map(Node::fields);
    Ok(keys
        .map(|(key, _)| Target::yarn(key).name.to_owned())
        .collect())
}

/// Returns the request that a requirement of a lock makes.
pub(super) fn descriptor(alias: &str, range: &str, catalogues: &Catalogues) -> Option<String> {
    let range = match range.strip_prefix("catalog:") {
        Some(name) => {
            let key = (name.trim().to_owned(), alias.to_owned());
            repeated(catalogues.get(&key)?)?
        }
        None => range.to_owned(),
    };
    Some(format!("{alias}@{range}"))
}

/// Returns the requests for what moves, in the lock and in the manifests, that say a range, with
/// what to bind them to.
pub(super) fn ranges(
    requests: &[String],
    files: &BTreeMap<String, String>,
    moves: &[Move],
) -> Vec<(String, String)> {
    let catalogues = written(files).unwrap_or_default();
    let mut asked: BTreeSet<String> = requests.iter().cloned().collect();
    for text in files
        .iter()
        .filter(|(path, _)| folder_of(path).is_some())
        .map(|(_, it)| it)
    {
        let Ok(json) = Json::parse(text) else {
            continue;
        };
        for (alias, value) in rows(json.root(), Peers::Without) {
            let range = repeated(value).and_then(|it| descriptor(alias, &it, &catalogues));
            asked.extend(range);
        }
    }
    let bound = |it: &String| {
        let (alias, range) = it
            .split_once("@npm:")
            .filter(|(alias, _)| !alias.is_empty())?;
        let range = format!("npm:{range}");
        let spec = Spec::of(plain(&range));
        let name = spec.name.as_deref().unwrap_or(alias);
        let to = &moves.iter().find(|it| it.name == name)?.to;
        let exact = Version::parse(Scheme::Semver, &spec.requirement).is_some();
        let bound = match &spec.name {
            Some(name) => format!("npm:{name}@{to}"),
            None => format!("npm:{to}"),
        };
        (!exact && admits(&spec.requirement, to)).then(|| (it.clone(), bound))
    };
    asked.iter().filter_map(bound).collect()
}

fn keys(blocks: &[Block]) -> BTreeMap<&str, &Block> {
    let keys = blocks.iter().flat_map(|block| {
        let descriptors = block.descriptors.iter();
        descriptors.map(move |it| (it.as_str(), block))
    });
    keys.collect()
}

fn members(blocks: &[Block]) -> BTreeMap<&str, &Block> {
    let members = blocks.iter().rev();
    let members = members.filter_map(|it| Some((it.folder()?, it)));
    members.collect()
}

/// A lock and what is written beside it.
struct Step<'b> {
    flavour: Flavour,
    keys: BTreeMap<&'b str, &'b Block>,
    /// The blocks of the workspace's own folders.
    members: BTreeMap<&'b str, &'b Block>,
    catalogues: Catalogues,
    forced: BTreeSet<String>,
}

impl Step<'_> {
    /// Returns whether the lock has to answer the manifest in a folder: the root's, and a member's.
    /// Which folders are members Yarn 1's does not say.
    fn is_member(&self, folder: &str) -> bool {
        match self.flavour {
            Flavour::Classic => folder.is_empty(),
            Flavour::Berry => folder.is_empty() || self.members.contains_key(folder),
        }
    }

    fn folder(&self, path: &str, folder: &str, manifest: Node<'_>) -> Vec<Discord> {
        if self.flavour == Flavour::Classic {
            let rows = rows(manifest, Peers::Without).into_iter();
            return rows
                .filter_map(|row| self.request(path, row, row.1))
                .collect();
        }
        let mut found = Vec::new();
        let wanted = rows(manifest, Peers::Without);
        let Some(member) = self.members.get(folder) else {
            return wanted.into_iter().map(|it| told(path, it, None)).collect();
        };
        let mut accepted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (alias, value) in &wanted {
            accepted.entry(alias).or_default().push(value);
        }
        let held: BTreeMap<_, _> = member.dependencies.iter().rev().map(pair).collect();
        for row in &wanted {
            let (alias, value) = *row;
            let said = held.get(alias).copied();
            let same = accepted
                .get(alias)
                .into_iter()
                .flatten()
                .filter_map(|it| repeated(it))
                .any(|it| Some(it.as_str()) == said);
            if !same && repeated(value).is_some() {
                found.push(told(path, *row, said));
            } else if let Some(range) = said {
                found.extend(self.request(path, *row, range));
            }
        }
        for (alias, range) in &member.dependencies {
            if !accepted.contains_key(alias.as_str()) {
                found.push(told(path, (alias, ""), Some(range)));
            }
        }
        found.extend(in_peers(path, manifest, member));
        found
    }

    /// Returns the discord of a request that no block answers, or one of a wrong version.
    fn request(&self, path: &str, row: (&str, &str), range: &str) -> Option<Discord> {
        let (alias, value) = row;
        let key = descriptor(alias, range, &self.catalogues);
        let foreign = Spec::of(value).source.is_some() || range.starts_with("patch:");
        if self.forced.contains(alias) || foreign {
            return None;
        }
        let Some(key) = key else {
            // The catalogues are not at hand, or do not say it.
            let known = !self.catalogues.is_empty();
            return known.then(|| told(path, row, None));
        };
        let Some(block) = self.keys.get(key.as_str()) else {
            return Some(told(path, row, None));
        };
        let (_, said) = key.split_at(alias.len() + 1);
        let said = plain(said);
        let ranged = Spec::of(said).form == Form::Range && block.folder().is_none();
        (ranged && !admits(said, &block.version)).then(|| told(path, row, Some(&block.version)))
    }
}

fn in_peers(path: &str, manifest: Node<'_>, member: &Block) -> Vec<Discord> {
    let wanted = rows(manifest, Peers::Only);
    let names: BTreeSet<&str> = wanted.iter().map(|(name, _)| *name).collect();
    let held: BTreeMap<&str, &str> = member.peers.iter().map(pair).collect();
    let missing = wanted
        .iter()
        .filter(|(name, it)| held.get(name) != Some(it));
    let mut found: Vec<Discord> = missing
        .map(|row| told(path, *row, held.get(row.0).copied()))
        .collect();
    let gone = held.iter().filter(|(name, _)| !names.contains(**name));
    found.extend(gone.map(|(name, it)| told(path, (name, ""), Some(it))));
    found
}

fn pair((name, it): &(String, String)) -> (&str, &str) {
    (name, it)
}

fn told(path: &str, (alias, value): (&str, &str), held: Option<&str>) -> Discord {
    Discord {
        subject: Spec::of(value).name.unwrap_or_else(|| alias.to_owned()),
        manifest: path.to_owned(),
        wanted: value.to_owned(),
        held: held.map(str::to_owned),
    }
}
