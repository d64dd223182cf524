//! Writes a `pnpm-lock.yaml` as pnpm would after a bump, line by line.
//!
//! What moves is locked once, from a registry, and is nobody's peer; old and new version ask the
//! same of the world; whoever depends on it admits the new one. Then nothing but these lines can
//! change: the requirement and what it resolved to, the package's key and digest, the keys of its
//! snapshots, and each line of another snapshot that names it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::HOOKS;
use super::lockfile::Locator;
use super::row::{is_shortened, put, required, specifier, tables};
use super::step;
use crate::json::Json;
use crate::npm::outline::{Entry, Odd};
use crate::npm::overrides::Target;
use crate::npm::published::{Published, admits};
use crate::{Bump, Fallback, Move, Splice, splice};

/// Sections under which pnpm resolves by more than the manifests say.
const FOREIGN: [(&str, &str); 4] = [
    ("patchedDependencies", "the lock holds patched packages"),
    (
        "packageExtensionsChecksum",
        "`packageExtensions` change what packages require",
    ),
    (
        "pnpmfileChecksum",
        "a pnpmfile changes what packages require",
    ),
    ("time", "the lock records times of publication"),
];

/// Returns the lock after the bump.
///
/// # Errors
/// With what could change beside the records of what moves.
pub(super) fn rewrite(text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
    let work = Work::of(text, bump)?;
    work.guard_manifests()?;
    let mut splices = Vec::new();
    for it in bump.moves {
        splices.extend(work.package(it)?);
    }
    splices.extend(work.catalogues()?);
    splices.extend(work.importers()?);
    splices.extend(work.snapshots()?);
    splice(text, &splices).map_err(|it| Fallback(it.to_string()))
}

/// A lock whose sections are known, and what shall become of it.
struct Work<'a> {
    text: &'a str,
    bump: &'a Bump<'a>,
    sections: BTreeMap<&'a str, Entry<'a>>,
    /// What moves, by name: from which version, if it does not stand at the new one already.
    moves: BTreeMap<&'a str, (Option<&'a str>, &'a Move)>,
    catalogues: BTreeMap<(String, String), String>,
    documents: RefCell<BTreeMap<(String, String), std::rc::Rc<Published>>>,
}

impl<'a> Work<'a> {
    fn of(text: &'a str, bump: &'a Bump<'a>) -> Result<Self, Fallback> {
        let mut sections = BTreeMap::new();
        for section in Entry::whole(text).rows()? {
            sections.insert(section.key, section);
        }
        if sections.get("lockfileVersion").and_then(Entry::str) != Some("9.0") {
            return Err(Fallback::because("the lock is not of version 9.0"));
        }
        if let Some((_, why)) = FOREIGN.iter().find(|(key, _)| sections.contains_key(key)) {
            return Err(Fallback::because(*why));
        }
        if let Some(hook) = HOOKS.iter().find(|it| bump.files.contains_key(**it)) {
            return Err(Fallback(format!("`{hook}` may change what pnpm resolves")));
        }
        let catalogues = step::written(bump.files);
        let mut work = Self {
            text,
            bump,
            sections,
            moves: BTreeMap::new(),
            catalogues: catalogues
                .map_err(|it| Fallback(format!("`{}`: {it}", step::WORKSPACE)))?,
            documents: RefCell::default(),
        };
        work.guard_overrides()?;
        for it in bump.moves {
            let held = work.held(&it.name)?;
            work.moves
                .insert(&it.name, ((held != it.to).then_some(held), it));
        }
        Ok(work)
    }

    fn rows_of(&self, section: &str) -> Result<Vec<Entry<'a>>, Fallback> {
        let section = self.sections.get(section);
        Ok(section.map_or(Ok(Vec::new()), Entry::rows)?)
    }

    /// Returns the one version that is locked.
    fn held(&self, name: &str) -> Result<&'a str, Fallback> {
        let mut held = None;
        for it in self.rows_of("packages")? {
            let Some(at) = Locator::of_key(it.key).filter(|it| it.name == name) else {
                continue;
            };
            if !at.is_registry() {
                return Err(Fallback(format!("`{name}` is not locked from a registry")));
            }
            if held.replace(at.version).is_some() {
                return Err(Fallback(format!("`{name}` is locked in several versions")));
            }
        }
        held.ok_or_else(|| Fallback(format!("`{name}` is not in the lock")))
    }

    fn guard_overrides(&self) -> Result<(), Fallback> {
        let moving = |name: &str| self.bump.moves.iter().any(|it| it.name == name);
        let rows = self.rows_of("overrides")?;
        let hit = rows.iter().find(|it| moving(Target::pnpm(it.key).name));
        hit.map_or(Ok(()), |it| {
            Err(Fallback(format!("the override `{}` names it", it.key)))
        })
    }

    /// Checks that nothing but what moves was out of step, and that peers are told in full.
    fn guard_manifests(&self) -> Result<(), Fallback> {
        let found = step::discords(self.text, self.bump.files);
        let found = found.map_err(|it| Fallback(it.to_string()))?;
        let known = |name: &str| {
            let all = self.bump.moves.iter().chain(self.bump.own);
            all.into_iter().any(|it| it.name == name)
        };
        if let Some(it) = found.iter().find(|it| !known(&it.subject)) {
            let told = format!("`{}` was out of step with `{}`", it.subject, it.manifest);
            return Err(Fallback(told));
        }
        for it in self.bump.moves {
            if self.text.contains(&format!("({}@", it.name)) {
                return Err(Fallback(format!(
                    "`{}` is a peer of another package",
                    it.name
                )));
            }
        }
        Ok(())
    }

    fn document(&self, name: &str, version: &str) -> Result<std::rc::Rc<Published>, Fallback> {
        let key = (name.to_owned(), version.to_owned());
        if let Some(it) = self.documents.borrow().get(&key) {
            return Ok(it.clone());
        }
        let asked = std::rc::Rc::new(Published::ask(self.bump.facts, name, version)?);
        self.documents.borrow_mut().insert(key, asked.clone());
        Ok(asked)
    }

    /// Returns the splices of the package's own record.
    fn package(&self, it: &Move) -> Result<Vec<Splice>, Fallback> {
        let Some((Some(from), _)) = self.moves.get(it.name.as_str()) else {
            return Ok(Vec::new());
        };
        let (old, new) = (
            self.document(&it.name, from)?,
            self.document(&it.name, &it.to)?,
        );
        new.tarball()?;
        let locked = self.locked_beside(&it.name, from)?;
        new.asks_as(&old, &["engines", "deprecated"], &|name, range| {
            locked.get(name).is_some_and(|it| admits(range, it))
        })?;
        let key = format!("{}@{from}", it.name);
        let record = self
            .rows_of("packages")?
            .into_iter()
            .find(|it| it.key == key);
        let record = record.ok_or(Odd)?;
        let resolution = record.get("resolution").ok_or(Odd)?;
        let digest = resolution
            .value
            .strip_prefix("{integrity: ")
            .and_then(|it| it.strip_suffix('}'));
        if digest != Some(old.integrity()?) {
            return Err(Fallback(format!(
                "`{}` is not locked by its registry's digest",
                it.name
            )));
        }
        Ok(vec![
            self.keyed(&record, from, &it.to)?,
            put(
                &resolution.value_span,
                format!("{{integrity: {}}}", new.integrity()?),
            ),
        ])
    }

    /// Returns the splice of a version in a key.
    fn keyed(&self, record: &Entry<'_>, from: &str, to: &str) -> Result<Splice, Fallback> {
        let at = Locator::of_key(record.key)
            .filter(|it| it.version == from)
            .ok_or(Odd)?;
        let start = record.key_span.start + at.name.len() + 1;
        let span = start..start + from.len();
        debug_assert_eq!(self.text.get(span.clone()), Some(from));
        Ok(put(&span, to.to_owned()))
    }

    /// Returns the versions that the package's dependencies are resolved to, after the bump.
    fn locked_beside(
        &self,
        name: &str,
        version: &str,
    ) -> Result<BTreeMap<&'a str, &'a str>, Fallback> {
        let mut locked = BTreeMap::new();
        for snapshot in self.rows_of("snapshots")? {
            let at = Locator::of_key(snapshot.key);
            if !at.is_some_and(|it| it.name == name && it.version == version) {
                continue;
            }
            for row in required(&snapshot)? {
                let Some(at) = row.str().and_then(|it| Locator::of_version(row.key, it)) else {
                    continue;
                };
                let moved = self.moves.get(at.name).map(|(_, it)| it.to.as_str());
                locked.insert(row.key, moved.unwrap_or(at.version));
            }
        }
        Ok(locked)
    }

    /// Returns the move of what a requirement resolved to, and where the version stands.
    fn moved(
        &self,
        alias: &'a str,
        version: &Entry<'a>,
    ) -> Result<Option<(&'a Move, Splice)>, Fallback> {
        let (said, span) = version.scalar().ok_or(Odd)?;
        let Some(at) = Locator::of_version(alias, said) else {
            return Ok(None);
        };
        let Some((from, it)) = self.moves.get(at.name) else {
            return Ok(None);
        };
        if at.version != from.unwrap_or(&it.to) {
            return Err(Fallback(format!(
                "`{}` is locked in several versions",
                it.name
            )));
        }
        let bare = said.strip_suffix(at.peers).unwrap_or(said);
        let start = span.start + bare.len() - at.version.len();
        Ok(Some((
            it,
            put(&(start..start + at.version.len()), it.to.clone()),
        )))
    }

    fn catalogues(&self) -> Result<Vec<Splice>, Fallback> {
        let mut splices = Vec::new();
        for catalogue in self.rows_of("catalogs")? {
            for row in catalogue.rows()? {
                let version = row.get("version").ok_or(Odd)?;
                let Some((it, splice)) = self.moved(row.key, &version)? else {
                    continue;
                };
                let key = (catalogue.key.to_owned(), row.key.to_owned());
                let wanted = self.catalogues.get(&key);
                let wanted = wanted.ok_or_else(|| {
                    Fallback(format!("`{}` does not say `{}`", step::WORKSPACE, row.key))
                })?;
                splices.push(splice);
                splices.extend(specifier(&row, wanted, Some(it))?);
            }
        }
        Ok(splices)
    }

    fn importers(&self) -> Result<Vec<Splice>, Fallback> {
        let mut splices = Vec::new();
        for importer in self.rows_of("importers")? {
            let path = step::manifest_of(importer.key);
            let manifest = self.bump.files.get(&path).map(|it| Json::parse(it));
            let manifest = manifest
                .transpose()
                .map_err(|it| Fallback(format!("`{path}`: {it}")))?;
            for row in tables(&importer)? {
                let version = row.get("version").ok_or(Odd)?;
                let moved = self.moved(row.key, &version)?;
                let own = || self.bump.own.iter().find(|it| it.name == row.key);
                let linked = version.value.starts_with("link:");
                let it = match &moved {
                    Some((it, _)) => Some(*it),
                    None if linked => own(),
                    None => None,
                };
                let Some(it) = it else { continue };
                let wanted = manifest
                    .as_ref()
                    .and_then(|json| step::wanted(json.root(), row.key));
                let wanted = wanted
                    .ok_or_else(|| Fallback(format!("`{path}` does not say `{}`", row.key)))?;
                splices.extend(moved.map(|(_, splice)| splice));
                splices.extend(self.required_of(&row, wanted, it)?);
            }
        }
        Ok(splices)
    }

    /// Returns the splice of a requirement that the manifest writes so.
    fn required_of(
        &self,
        row: &Entry<'_>,
        wanted: &str,
        it: &Move,
    ) -> Result<Option<Splice>, Fallback> {
        if let Some(name) = step::catalogue_of(wanted) {
            let key = (name.to_owned(), row.key.to_owned());
            let inherited = self
                .catalogues
                .get(&key)
                .is_some_and(|range| admits(range, &it.to));
            return if inherited {
                specifier(row, wanted, None)
            } else {
                Err(Fallback(format!(
                    "the catalogue does not admit `{}` {}",
                    it.name, it.to
                )))
            };
        }
        specifier(row, wanted, Some(it))
    }

    fn snapshots(&self) -> Result<Vec<Splice>, Fallback> {
        let mut splices = Vec::new();
        for snapshot in self.rows_of("snapshots")? {
            let at = Locator::of_key(snapshot.key).ok_or(Odd)?;
            if is_shortened(at.peers) {
                return Err(Fallback::because(
                    "peers are shortened to a digest in the lock",
                ));
            }
            let own = self
                .moves
                .get(at.name)
                .and_then(|(from, it)| Some(((*from)?, *it)));
            if let Some((from, it)) = own {
                splices.push(self.keyed(&snapshot, from, &it.to)?);
            }
            for row in required(&snapshot)? {
                let Some((it, splice)) = self.moved(row.key, &row)? else {
                    continue;
                };
                if self
                    .moves
                    .get(it.name.as_str())
                    .is_some_and(|(from, _)| from.is_some())
                {
                    let version = own.map_or(at.version, |(_, it)| &it.to);
                    self.dependent(Locator { version, ..at }, row.key, it)?;
                }
                splices.push(splice);
            }
        }
        Ok(splices)
    }

    /// Checks that a package of the lock admits what moves.
    fn dependent(&self, at: Locator<'_>, alias: &str, it: &Move) -> Result<(), Fallback> {
        if !at.is_registry() {
            return Err(Fallback(format!(
                "`{}` depends on it and is not from a registry",
                at.name
            )));
        }
        let document = self.document(at.name, at.version)?;
        match document.requirement(alias) {
            Some(range) if admits(range, &it.to) => Ok(()),
            Some(range) => Err(document.because(&format!("requires `{}` {range}", it.name))),
            None => Err(document.because(&format!("does not say that it requires `{}`", it.name))),
        }
    }
}
