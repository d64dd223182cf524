//! Writes a `yarn.lock` as Yarn would after a bump.
//!
//! What moves is locked once; every request that its block answers is one that the lock shows, and
//! admits the new version; old and new version ask the same of the world, but for what moves along.
//! Then only its block and the rows of the members can change, and the order of the blocks, which
//! goes by their keys.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};

use super::archive::checksum;
use super::blocks::{Block, block};
use super::plain;
use super::step::{self, Catalogues, Peers, descriptor, repeated};
use super::turn::Turn;
use crate::json::Json;
use crate::npm::outline::{Entry, Odd};
use crate::npm::published::{Published, admits};
use crate::npm::spec::{Spec, name_and_range};
use crate::{Ask, Bump, Fallback, Form, Move, Splice, splice};

mod below;

/// The archives of this key are made in one way only.
const KEY: &str = "10c0";

/// Returns the lock after the bump.
///
/// # Errors
/// With what could change beside the records of what moves.
pub(super) fn rewrite(text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
    let work = Work::of(text, bump)?;
    work.guard()?;
    if sorted(text)? != text {
        return Err(Fallback::because("its blocks are not in Yarn's order"));
    }
    let mut splices = work.members()?;
    for it in bump.moves {
        splices.extend(work.package(it)?);
    }
    splices.extend(work.below()?);
    for it in bump.own {
        splices.extend(work.own(it)?);
    }
    let edited = splice(text, &splices).map_err(|it| Fallback(it.to_string()))?;
    sorted(&edited)
}

/// A lock whose blocks are known, and what shall become of it.
struct Work<'a> {
    text: &'a str,
    bump: &'a Bump<'a>,
    entries: Vec<(Entry<'a>, Block)>,
    /// The catalogues after the edit.
    catalogues: Catalogues,
    /// The packages that are not yet at their new version, by name.
    turns: BTreeMap<&'a str, Turn>,
}

impl<'a> Work<'a> {
    fn of(text: &'a str, bump: &'a Bump<'a>) -> Result<Self, Fallback> {
        let mut entries = Vec::new();
        for entry in Entry::whole(text).rows()? {
            if entry.key == "__metadata" {
                known(&entry)?;
            } else {
                let block = block(&entry)?;
                entries.push((entry, block));
            }
        }
        let catalogues = step::written(bump.files);
        let mut work = Self {
            text,
            bump,
            entries,
            catalogues: catalogues.map_err(|it| Fallback(format!("`{}`: {it}", step::SETTINGS)))?,
            turns: BTreeMap::new(),
        };
        for it in bump.moves {
            let (_, block) = work.block_of(it)?;
            if block.version != it.to {
                let turn = Turn::ask(bump.facts, &block.version, it)?;
                work.turns.insert(&it.name, turn);
            }
        }
        Ok(work)
    }

    /// Checks that nothing but what moves was out of step, and that no rule of the project's own
    /// answers requests for it.
    fn guard(&self) -> Result<(), Fallback> {
        let found = step::discords(self.text, self.bump.files);
        let found = found.map_err(|it| Fallback(it.to_string()))?;
        let known = self.bump.moves.iter().chain(self.bump.own);
        for it in found {
            if !known.clone().any(|known| known.name == it.subject) {
                let told = format!("`{}` was out of step with `{}`", it.subject, it.manifest);
                return Err(Fallback(told));
            }
        }
        let mut known = self.bump.moves.iter().chain(self.bump.own);
        known.try_for_each(|it| self.is_free(&it.name))
    }

    /// Checks that no rule of the project's own answers requests for a package.
    fn is_free(&self, name: &str) -> Result<(), Fallback> {
        let forced = step::forced(self.bump.files).map_err(|it| Fallback(it.to_string()))?;
        if forced.contains(name) || self.text.contains(&format!("patch:{name}@")) {
            return Err(Fallback(format!("`resolutions` or a patch name `{name}`")));
        }
        Ok(())
    }

    /// Returns the splices of what the members require.
    fn members(&self) -> Result<Vec<Splice>, Fallback> {
        let mut splices = Vec::new();
        for (entry, block) in &self.entries {
            let Some(folder) = block.folder() else {
                continue;
            };
            let path = match folder {
                "" => "package.json".to_owned(),
                _ => format!("{folder}/package.json"),
            };
            let Some(text) = self.bump.files.get(&path) else {
                continue;
            };
            let json = Json::parse(text).map_err(|it| Fallback(format!("`{path}`: {it}")))?;
            for (field, peers) in [
                ("dependencies", Peers::Without),
                ("peerDependencies", Peers::Only),
            ] {
                let Some(table) = entry.get(field) else {
                    continue;
                };
                let wanted: BTreeMap<&str, &str> =
                    step::rows(json.root(), peers).into_iter().collect();
                for row in table.rows()? {
                    if let Some(value) = wanted.get(row.key) {
                        splices.extend(self.required(&row, value, peers)?);
                    }
                }
            }
        }
        Ok(splices)
    }

    /// Returns the splice of one requirement of a member, where it is on what moves.
    fn required(
        &self,
        row: &Entry<'_>,
        value: &str,
        peers: Peers,
    ) -> Result<Option<Splice>, Fallback> {
        let said = row.str().ok_or(Odd)?;
        let name = Spec::of(plain(said))
            .name
            .unwrap_or_else(|| row.key.to_owned());
        let mut moving = self.bump.moves.iter().chain(self.bump.own);
        let new = match peers {
            Peers::Without => repeated(value),
            Peers::Only => Some(value.to_owned()),
        };
        let new = new.ok_or_else(|| Fallback(format!("`{value}` is normalized by Yarn")))?;
        if said == new || !moving.any(|it| it.name == name) {
            return Ok(None);
        }
        if row.value != quoted(said) {
            return Err(Odd.into());
        }
        Ok(Some(Splice {
            span: row.value_span.clone(),
            to: quoted(&new),
        }))
    }

    /// Returns the requests for a package that the lock shows, before the bump or after it: of an
    /// alias too.
    fn asked(&self, name: &str, when: When) -> Result<BTreeSet<String>, Fallback> {
        let mut asked = BTreeSet::new();
        for (_, block) in &self.entries {
            let manifest = block
                .folder()
                .filter(|_| when == When::After)
                .and_then(|folder| {
                    let slash = if folder.is_empty() { "" } else { "/" };
                    self.bump.files.get(&format!("{folder}{slash}package.json"))
                });
            let json = manifest.map(|it| Json::parse(it)).transpose();
            let json = json.map_err(|it| Fallback(it.to_string()))?;
            let rows = json
                .as_ref()
                .map(|it| step::rows(it.root(), Peers::Without));
            let rows: BTreeMap<&str, &str> = rows.into_iter().flatten().collect();
            let turn = self.turns.get(block.name());
            let turn = turn.filter(|_| when == When::After);
            for (alias, range) in &block.dependencies {
                let new = rows.get(alias.as_str()).and_then(|it| repeated(it));
                let new = new.or_else(|| turn.and_then(|it| it.reworded(alias)));
                let range = new.as_ref().unwrap_or(range);
                if range.starts_with("catalog:") && when == When::Before {
                    // The catalogue before the edit is not at hand.
                    continue;
                }
                let Some(request) = descriptor(alias, range, &self.catalogues) else {
                    return Err(Fallback(format!("no catalogue says `{alias}`")));
                };
                let (_, range) = request.split_at_checked(alias.len() + 1).ok_or(Odd)?;
                let spec = Spec::of(plain(range));
                if spec.name.as_deref().unwrap_or(alias) == name {
                    asked.insert(request);
                }
            }
        }
        Ok(asked)
    }

    /// Returns the splices of the block of a package that moves.
    fn package(&self, it: &Move) -> Result<Vec<Splice>, Fallback> {
        let (entry, block) = self.block_of(it)?;
        let asked = self.requests(it, block)?;
        if let Some(odd) = asked.iter().find(|request| !answers(request, it)) {
            return Err(Fallback(format!(
                "`{odd}` does not admit `{}` {}",
                it.name, it.to
            )));
        }
        let mut splices = vec![put(
            &entry.key_span,
            asked.into_iter().collect::<Vec<_>>().join(", "),
        )];
        if let Some(turn) = self.turns.get(it.name.as_str()) {
            splices.extend(self.record(it, entry, turn)?);
        }
        Ok(splices)
    }

    /// Returns the one block of a package of a registry.
    fn block_of(&self, it: &Move) -> Result<&(Entry<'a>, Block), Fallback> {
        let mut blocks = self
            .entries
            .iter()
            .filter(|(_, block)| block.name() == it.name);
        let first = blocks.next();
        let first = first.ok_or_else(|| Fallback(format!("`{}` is not in the lock", it.name)))?;
        if blocks.next().is_some() {
            return Err(Fallback(format!(
                "`{}` is locked in several versions",
                it.name
            )));
        }
        let (_, block) = first;
        if !block.is_from_registry() {
            return Err(Fallback(format!(
                "`{}` is not locked from a registry",
                it.name
            )));
        }
        Ok(first)
    }

    /// Returns the requests that the block answers after the bump. Before it, the lock has to show
    /// who makes each of them.
    fn requests(&self, it: &Move, block: &Block) -> Result<BTreeSet<String>, Fallback> {
        let before = self.asked(&it.name, When::Before)?;
        let after = self.asked(&it.name, When::After)?;
        let held: BTreeSet<String> = block.descriptors.iter().cloned().collect();
        let inherited = self.catalogues.keys().any(|(_, alias)| alias == &it.name);
        let mut unseen = held
            .iter()
            .filter(|it| !before.contains(*it) && !after.contains(*it));
        let strange = unseen.next().filter(|_| !inherited);
        if let Some(request) = strange {
            return Err(Fallback(format!(
                "the lock does not show who asks for `{request}`"
            )));
        }
        Ok(after)
    }

    /// Returns the splices of version, resolution, requirements and checksum.
    fn record(&self, it: &Move, entry: &Entry<'a>, turn: &Turn) -> Result<Vec<Splice>, Fallback> {
        let (old, new) = (&turn.old, &turn.new);
        let (_, block) = self.block_of(it)?;
        new.asks_as(old, &[], &|alias, range| self.takes(block, alias, range))?;
        let (_, version) = field(entry, "version")?;
        let (_, resolution) = field(entry, "resolution")?;
        let mut splices = vec![
            put(&version, it.to.clone()),
            put(&resolution, format!("{}@npm:{}", it.name, it.to)),
        ];
        splices.extend(turn.required(entry)?);
        if let Some(sum) = entry.get("checksum") {
            let (held, span) = sum.scalar().ok_or(Odd)?;
            if held != self.checksum(old, &it.name)? {
                return Err(old.because("has another archive in the lock"));
            }
            splices.push(put(&span, self.checksum(new, &it.name)?));
        } else {
            new.tarball()?;
        }
        Ok(splices)
    }

    fn checksum(&self, of: &Published, name: &str) -> Result<String, Fallback> {
        let url = of.tarball()?.to_owned();
        let tarball = self.bump.facts.ask(&Ask::Tarball { url })?;
        let digest = STANDARD.encode(Sha512::digest(&tarball));
        if of.integrity()?.strip_prefix("sha512-") != Some(digest.as_str()) {
            return Err(of.because("has a tarball of another digest than the registry says"));
        }
        Ok(format!("{KEY}/{}", checksum(name, &tarball)?))
    }

    /// Returns the splice of the requests for a member of the workspace whose version moves.
    fn own(&self, it: &Move) -> Result<Option<Splice>, Fallback> {
        let mut members = self.entries.iter();
        let member = members.find(|(_, block)| block.folder().is_some() && block.name() == it.name);
        let Some((entry, block)) = member else {
            return Ok(None);
        };
        let mut asked = self.asked(&it.name, When::After)?;
        asked.insert(block.resolution.clone());
        if let Some(odd) = asked.iter().find(|request| !near(request, it)) {
            return Err(Fallback(format!(
                "`{odd}` does not admit `{}` {}",
                it.name, it.to
            )));
        }
        Ok(Some(put(
            &entry.key_span,
            asked.into_iter().collect::<Vec<_>>().join(", "),
        )))
    }
}

/// When requests are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
}

/// Checks that the lock is of a kind whose bytes are known.
fn known(metadata: &Entry<'_>) -> Result<(), Fallback> {
    let says = |key: &str| metadata.get(key).as_ref().and_then(Entry::str);
    if !matches!(says("version"), Some("8" | "9" | "10")) {
        return Err(Fallback::because("the lock is not of version 8 to 10"));
    }
    match says("cacheKey") {
        Some(KEY) => Ok(()),
        Some(other) => Err(Fallback(format!(
            "its archives are not those of cache key `{KEY}`, but of `{other}`"
        ))),
        None => Err(Fallback::because("the lock names no cache key")),
    }
}

/// Returns whether a request for a package of the registry admits the version.
fn answers(request: &str, it: &Move) -> bool {
    let range = name_and_range(request).and_then(|(_, it)| it);
    let registry = range.filter(|it| it.starts_with("npm:"));
    registry.is_some_and(|range| admits(plain(range), &it.to))
}

/// Returns whether a request for a member of the workspace admits its version.
fn near(request: &str, it: &Move) -> bool {
    let Some((_, Some(range))) = name_and_range(request) else {
        return false;
    };
    match range.strip_prefix("workspace:") {
        Some(_) => Spec::of(range).form != Form::Range || admits(range, &it.to),
        None => range.starts_with("npm:") && admits(plain(range), &it.to),
    }
}

fn field<'t>(entry: &Entry<'t>, key: &str) -> Result<(&'t str, std::ops::Range<usize>), Odd> {
    entry.get(key).and_then(|it| it.scalar()).ok_or(Odd)
}

/// Returns the text with its blocks in the order of their keys.
fn sorted(text: &str) -> Result<String, Fallback> {
    let entries = Entry::whole(text).rows()?;
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Err(Odd.into());
    };
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let head = text.get(..first.span.start).unwrap_or_default();
    let tail = last.text();
    let tail = tail.get(tail.trim_end().len()..).unwrap_or_default();
    let mut blocks: Vec<(bool, &str, &str)> = entries
        .iter()
        .map(|it| (it.key != "__metadata", it.key, it.text().trim_end()))
        .collect();
    blocks.sort_unstable();
    let blocks: Vec<&str> = blocks.into_iter().map(|(_, _, it)| it).collect();
    Ok(format!("{head}{}{tail}", blocks.join(&line_end.repeat(2))))
}

/// Returns the scalar as Yarn writes it: between `"` unless it is of plain characters.
pub(super) fn quoted(text: &str) -> String {
    let odd_first = text.starts_with(|c: char| "-?:,][{}#&*!|>'\"%@` \t\r\n".contains(c));
    let odd = text.contains(|c: char| ",][{}:#\r\n".contains(c) || c.is_control());
    if odd_first || odd || text.is_empty() || text.ends_with(' ') {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text.to_owned()
    }
}

fn put(span: &std::ops::Range<usize>, to: String) -> Splice {
    Splice {
        span: span.clone(),
        to,
    }
}
