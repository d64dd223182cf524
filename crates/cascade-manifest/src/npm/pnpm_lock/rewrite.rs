//! Writes a `pnpm-lock.yaml` as pnpm would after a bump, line by line.
//!
//! What moves is locked once, from a registry or at a tag of a repository; old and new version ask
//! the same of the world; whoever depends on it, as its peer too, admits the new one. Then nothing
//! but these lines can change: the requirement and what it resolved to, the package's key and
//! digest, the keys of its snapshots, and each line of another snapshot that names it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::HOOKS;
use super::asked::{Asked, asked, is_named, specs};
use super::git::Commit;
use super::lockfile::Locator;
use super::peers::is_shortened;
use super::row::{put, required, scalars, specifier};
use super::step;
use super::turn::{Turn, peers, released};
use crate::npm::outline::{Entry, Odd};
use crate::npm::overrides::Target;
use crate::npm::published::{Published, Witness, admits};
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
    let new = splice(text, &splices).map_err(|it| Fallback(it.to_string()))?;
    work.guard_commits(&new)?;
    Ok(new)
}

/// A lock whose sections are known, and what shall become of it.
struct Work<'a> {
    text: &'a str,
    bump: &'a Bump<'a>,
    sections: BTreeMap<&'a str, Entry<'a>>,
    /// What moves, by name.
    moves: BTreeMap<&'a str, Turn<'a>>,
    catalogues: BTreeMap<(String, String), String>,
    documents: RefCell<BTreeMap<(String, String), Rc<Published>>>,
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
        let asked = work.asked()?;
        for it in bump.moves {
            let turn = work.turn(it, &asked)?;
            work.moves.insert(&it.name, turn);
        }
        Ok(work)
    }

    /// Returns what becomes of a package, of which nothing is proven yet.
    fn turn(&self, it: &'a Move, asked: &[Asked<'a>]) -> Result<Turn<'a>, Fallback> {
        let because = |why: &str| Fallback(format!("`{}` {why}", it.name));
        let record = self.held(&it.name)?;
        let at = Locator::of_key(record.key).ok_or(Odd)?;
        let turn = Turn {
            it,
            from: at.version,
            to: it.to.clone(),
            git: None,
            is_peer: self.text.contains(&format!("({}@", it.name)),
            is_named: is_named(&it.name, asked),
        };
        if at.is_registry() {
            return Ok(turn);
        }
        let commit = Commit::of(&record)
            .ok_or_else(|| because("is locked neither from a registry nor at a commit"))?;
        let (before, after) = specs(&it.name, commit.locator, asked)?;
        if commit.version == it.to && before == after {
            let to = at.version.to_owned();
            return Ok(Turn { to, ..turn });
        }
        if turn.is_peer {
            return Err(because("comes from git, and is a peer of another package"));
        }
        let tagged = commit.moved(self.bump.facts, it, (&before, &after))?;
        let (new, old) = tagged.documents;
        let mut documents = self.documents.borrow_mut();
        documents.insert((it.name.clone(), tagged.locator.clone()), Rc::new(new));
        documents.insert((it.name.clone(), at.version.to_owned()), Rc::new(old));
        Ok(Turn {
            to: tagged.locator,
            git: Some(tagged.resolution),
            ..turn
        })
    }

    fn rows_of(&self, section: &str) -> Result<Vec<Entry<'a>>, Fallback> {
        let section = self.sections.get(section);
        Ok(section.map_or(Ok(Vec::new()), Entry::rows)?)
    }

    /// Returns the record of the one version that is locked.
    fn held(&self, name: &str) -> Result<Entry<'a>, Fallback> {
        let mut held = None;
        for it in self.rows_of("packages")? {
            let named = Locator::of_key(it.key).is_some_and(|it| it.name == name);
            if named && held.replace(it).is_some() {
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

    /// Checks that nothing but what moves was out of step.
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
        Ok(())
    }

    /// Checks that no commit that was left is named any more.
    fn guard_commits(&self, new: &str) -> Result<(), Fallback> {
        let mut gone = self.moves.values().filter(|it| it.git.is_some());
        match gone.find(|it| !it.is_done() && new.contains(it.from)) {
            Some(turn) => Err(Fallback(format!(
                "the lock names `{}` in another way too",
                turn.it.name
            ))),
            None => Ok(()),
        }
    }

    fn document(&self, name: &str, version: &str) -> Result<Rc<Published>, Fallback> {
        let key = (name.to_owned(), version.to_owned());
        if let Some(it) = self.documents.borrow().get(&key) {
            return Ok(it.clone());
        }
        let asked = Rc::new(Published::told(
            self.bump.facts,
            Witness::Registry(None),
            (name, version),
        )?);
        self.documents.borrow_mut().insert(key, asked.clone());
        Ok(asked)
    }

    /// Returns the splices of the package's own record.
    fn package(&self, it: &Move) -> Result<Vec<Splice>, Fallback> {
        let Some(turn) = self.moves.get(it.name.as_str()).filter(|it| !it.is_done()) else {
            return Ok(Vec::new());
        };
        let (old, new) = (
            self.document(&it.name, turn.from)?,
            self.document(&it.name, &turn.to)?,
        );
        let locked = self.locked_beside(&it.name, turn.from)?;
        new.asks_as(&old, &["engines", "deprecated"], &|name, range| {
            locked.get(name).is_some_and(|it| admits(range, it))
        })?;
        let record = self.held(&it.name)?;
        let resolution = record.get("resolution").ok_or(Odd)?;
        let mut splices = vec![self.keyed(&record, turn)?];
        let resolved = match &turn.git {
            Some(resolution) => {
                let (_, version) = record
                    .get("version")
                    .and_then(|it| it.scalar())
                    .ok_or(Odd)?;
                splices.push(put(&version, it.to.clone()));
                resolution.clone()
            }
            None => released(&resolution, (&old, &new))?,
        };
        splices.push(put(&resolution.value_span, resolved));
        Ok(splices)
    }

    /// Returns the splice of a version in a key.
    fn keyed(&self, record: &Entry<'_>, turn: &Turn<'_>) -> Result<Splice, Fallback> {
        let at = Locator::of_key(record.key)
            .filter(|it| it.version == turn.from)
            .ok_or(Odd)?;
        let start = record.key_span.start + at.name.len() + 1;
        let span = start..start + turn.from.len();
        debug_assert_eq!(self.text.get(span.clone()), Some(turn.from));
        Ok(put(&span, turn.to.clone()))
    }

    /// Returns the versions that the package's dependencies are resolved to, after the bump.
    fn locked_beside(&self, name: &str, version: &str) -> Result<BTreeMap<&str, &str>, Fallback> {
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
                let moved = self.moves.get(at.name).map(|it| it.to.as_str());
                locked.insert(row.key, moved.unwrap_or(at.version));
            }
        }
        Ok(locked)
    }

    /// Returns what becomes of what a requirement resolved to, and where the version stands.
    fn moved(
        &self,
        alias: &'a str,
        version: &Entry<'a>,
    ) -> Result<Option<(&Turn<'a>, Splice)>, Fallback> {
        let (said, span) = version.scalar().ok_or(Odd)?;
        let Some(at) = Locator::of_version(alias, said) else {
            return Ok(None);
        };
        let Some(turn) = self.moves.get(at.name) else {
            return Ok(None);
        };
        if at.version != turn.from {
            return Err(Fallback(format!(
                "`{}` is locked in several versions",
                turn.it.name
            )));
        }
        let bare = said.strip_suffix(at.peers).unwrap_or(said);
        let start = span.start + bare.len() - at.version.len();
        let span = start..start + at.version.len();
        Ok(Some((turn, put(&span, turn.to.clone()))))
    }

    fn catalogues(&self) -> Result<Vec<Splice>, Fallback> {
        let mut splices = Vec::new();
        for catalogue in self.rows_of("catalogs")? {
            for row in catalogue.rows()? {
                let version = row.get("version").ok_or(Odd)?;
                let Some((turn, splice)) = self.moved(row.key, &version)? else {
                    continue;
                };
                let key = (catalogue.key.to_owned(), row.key.to_owned());
                let wanted = self.catalogues.get(&key);
                let wanted = wanted.ok_or_else(|| {
                    Fallback(format!("`{}` does not say `{}`", step::WORKSPACE, row.key))
                })?;
                splices.push(splice);
                splices.extend(specifier(&row, wanted, Some(turn.it))?);
            }
        }
        Ok(splices)
    }

    /// Returns what the importers ask for.
    fn asked(&self) -> Result<Vec<Asked<'a>>, Fallback> {
        let mut all = Vec::new();
        for importer in self.rows_of("importers")? {
            all.extend(asked(&importer, self.bump.files)?);
        }
        Ok(all)
    }

    fn importers(&self) -> Result<Vec<Splice>, Fallback> {
        let mut splices = Vec::new();
        for importer in self.rows_of("importers")? {
            let mut versions = Vec::new();
            for it in asked(&importer, self.bump.files)? {
                let version = it.row.get("version").ok_or(Odd)?;
                splices.extend(self.importer(&it, &version)?);
                versions.push((it.row.key, version.scalar().ok_or(Odd)?));
            }
            splices.extend(peers(self.moves.values(), ("", &(0..0)), &versions)?);
        }
        Ok(splices)
    }

    /// Returns the splices of one requirement of an importer.
    fn importer(&self, it: &Asked<'a>, version: &Entry<'a>) -> Result<Vec<Splice>, Fallback> {
        let (row, path) = (&it.row, &it.path);
        let moved = self.moved(row.key, version)?;
        let own = || self.bump.own.iter().find(|it| it.name == row.key);
        let linked = version.value.starts_with("link:");
        let (on, splice, git) = match moved {
            Some((turn, splice)) => (turn.it, Some(splice), turn.is_address()),
            None => match own().filter(|_| linked) {
                Some(own) => (own, None, false),
                None => return Ok(Vec::new()),
            },
        };
        let unsaid = || Fallback(format!("`{path}` does not say `{}`", row.key));
        let wanted = it.wanted.as_deref().ok_or_else(unsaid)?;
        let required = if git {
            specifier(row, wanted, None)?
        } else {
            self.required_of(row, wanted, on)?
        };
        Ok(splice.into_iter().chain(required).collect())
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
            let turned = self.moves.get(at.name).filter(|it| !it.is_done());
            if let Some(turn) = turned {
                splices.push(self.keyed(&snapshot, turn)?);
            }
            let rows = required(&snapshot)?;
            let own = (snapshot.key, &snapshot.key_span);
            splices.extend(peers(self.moves.values(), own, &scalars(&rows)?)?);
            for row in rows {
                let Some((turn, splice)) = self.moved(row.key, &row)? else {
                    continue;
                };
                if !turn.is_done() {
                    let version = turned.map_or(at.version, |it| &it.to);
                    self.dependent(Locator { version, ..at }, row.key, turn)?;
                }
                splices.push(splice);
            }
        }
        Ok(splices)
    }

    /// Checks that a package of the lock admits what moves.
    fn dependent(&self, at: Locator<'_>, alias: &str, turn: &Turn<'_>) -> Result<(), Fallback> {
        let because = |why: &str| Fallback(format!("`{}` depends on it{why}", at.name));
        if turn.git.is_some() {
            return Err(because(", which comes from git"));
        }
        let known = self.moves.get(at.name).is_some_and(|it| it.git.is_some());
        if !known && !at.is_registry() {
            return Err(because(" and is not from a registry"));
        }
        let (document, it) = (self.document(at.name, at.version)?, turn.it);
        match document.requirement(alias) {
            Some(range) if admits(range, &it.to) && !turn.leads(range) => {
                Err(document.because(&format!(
                    "requires `{}` {range}, which no manifest asks for by its own name",
                    it.name
                )))
            }
            Some(range) if admits(range, &it.to) => Ok(()),
            Some(range) => Err(document.because(&format!("requires `{}` {range}", it.name))),
            None => Err(document.because(&format!("does not say that it requires `{}`", it.name))),
        }
    }
}
