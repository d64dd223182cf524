//! Whether a lock and the manifests beside it say the same, in text and in meaning.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::VersionSpecifiers;

use super::book::{self, Block, Book};
use super::pairs;
use super::project::{self, Files, Origin, Project, Root, Wanted};
use crate::python::canonical;
use crate::python::demand::{self, Reach};
use crate::{Discord, ReadError, Unread};

/// The records of a lock by name.
type Named<'c, 't> = BTreeMap<&'t str, Vec<&'c Block<'t>>>;

/// A lock and one of its manifests.
struct Case<'c, 't> {
    named: &'c Named<'c, 't>,
    block: &'c Block<'t>,
    path: &'c str,
    project: &'c Project,
    reach: &'c Reach,
}

/// Returns where a lock and the manifests disagree.
///
/// # Errors
/// When a text is not of its format.
pub(super) fn discords(text: &str, files: &Files) -> Result<Vec<Discord>, Unread> {
    let unreadable = |message: &str| ReadError {
        message: message.to_owned(),
        span: None,
    };
    let book = Book::read(text).ok_or_else(|| unreadable("the lock is not as uv writes it"))?;
    let python = book.said("requires-python").unwrap_or_default();
    let reach = Reach::of(python).ok_or_else(|| unreadable("`requires-python` is unreadable"))?;
    let root = Root::of(files);
    let mut named = Named::new();
    for block in &book.blocks {
        named.entry(block.name).or_default().push(block);
    }
    let mut found = Vec::new();
    let mut pythons = Vec::new();
    for block in &book.blocks {
        let Some((path, text)) = block.manifest().and_then(|it| files.get_key_value(&it)) else {
            continue;
        };
        let project = project::project((path, text), &root)?;
        pythons.extend(project.requires_python.clone().map(|it| (path, it)));
        let case = Case {
            named: &named,
            block,
            path,
            project: &project,
            reach: &reach,
        };
        found.extend(case.own_version());
        found.extend(case.repeated());
        found.extend(project.wanted.iter().filter_map(|it| case.held(it)));
    }
    found.extend(python_discord(python, &pythons));
    found.extend(absent(&book, &root)?);
    found.sort();
    found.dedup();
    Ok(found)
}

/// Returns the project beside the lock, where that holds no record of it.
fn absent(book: &Book<'_>, root: &Root<'_>) -> Result<Option<Discord>, Unread> {
    let is_held = |it: &Block<'_>| it.folder() == Some(".");
    let project = root.project()?.filter(|_| !book.blocks.iter().any(is_held));
    Ok(project.map(|(name, version)| Discord {
        subject: canonical(&name).into_owned(),
        manifest: "pyproject.toml".to_owned(),
        wanted: version.unwrap_or_default(),
        held: None,
    }))
}

/// Where all manifests say the same, so does the lock; else it has what they share.
fn python_discord(held: &str, pythons: &[(&String, String)]) -> Option<Discord> {
    let (path, first) = pythons.first()?;
    let parsed = |it: &str| it.parse::<VersionSpecifiers>().ok();
    let agree = pythons.iter().all(|(_, it)| parsed(it) == parsed(first));
    (agree && parsed(held) != parsed(first)).then(|| Discord {
        subject: "requires-python".to_owned(),
        manifest: (*path).clone(),
        wanted: first.clone(),
        held: Some(held.to_owned()),
    })
}

/// What tells one repeated requirement from another: the group, the name, and what is wanted.
type Repeated = (String, String, String);

impl Case<'_, '_> {
    fn discord(&self, subject: &str, wanted: String, held: Option<String>) -> Discord {
        Discord {
            subject: subject.to_owned(),
            manifest: self.path.to_owned(),
            wanted,
            held,
        }
    }

    fn own_version(&self) -> Option<Discord> {
        let said = self.project.version.as_deref()?;
        let held = self.block.version?;
        let same = demand::version(said) == demand::version(held);
        (!same).then(|| self.discord(self.block.name, said.to_owned(), Some(held.to_owned())))
    }

    /// Returns where the rows that repeat the manifest differ from it.
    fn repeated(&self) -> Vec<Discord> {
        if self.block.recorded().next().is_none() {
            return Vec::new(); // A lock that repeats nothing.
        }
        let is_told = |list: &str| !(self.project.is_dynamic && list.is_empty());
        let held = self.rows().into_iter().filter(|it| is_told(&it.0));
        let held: BTreeSet<Repeated> = held.collect();
        let wanted = self.project.wanted.iter().filter(|it| is_told(&it.list));
        let wanted: BTreeSet<Repeated> = wanted.map(repeated).collect();
        let beside = |list: &str, name: &str, others: &BTreeSet<Repeated>| {
            let from = (list.to_owned(), name.to_owned(), String::new());
            let first = others.range(from..).next();
            first
                .filter(|it| it.0 == list && it.1 == name)
                .map(|it| it.2.clone())
        };
        let missing = wanted
            .difference(&held)
            .map(|(list, name, text)| self.discord(name, text.clone(), beside(list, name, &held)));
        let left = held
            .difference(&wanted)
            .filter(|it| beside(&it.0, &it.1, &wanted).is_none());
        let left = left.map(|it| self.discord(&it.1, String::new(), Some(it.2.clone())));
        missing.chain(left).collect()
    }

    fn rows(&self) -> Vec<Repeated> {
        let mut rows = Vec::new();
        for table in self.block.recorded() {
            for entry in book::rows(table.body).unwrap_or_default() {
                let Some(name) = entry.row.get("name") else {
                    continue;
                };
                let list = pairs::list_of(table.header, entry.list);
                let elsewhere = ["url", "path", "directory", "editable", "virtual"];
                let text = match entry.row.get("git") {
                    Some(address) => reference_in(address),
                    None if elsewhere.iter().any(|it| entry.row.has(it)) => ELSEWHERE.to_owned(),
                    None => entry.row.get("specifier").unwrap_or_default().to_owned(),
                };
                rows.push((list, name.to_owned(), text));
            }
        }
        rows
    }

    /// Returns the discord of a requirement that nothing in the lock meets.
    fn held(&self, wanted: &Wanted) -> Option<Discord> {
        let name = wanted.demand.name.as_ref();
        let blocks = self.named.get(name).map(Vec::as_slice).unwrap_or_default();
        if blocks.is_empty() {
            let impossible = self.reach.within(&wanted.demand.marker).is_false();
            return (!impossible).then(|| self.discord(name, text_of(wanted), None));
        }
        let is_met = |block: &&&Block<'_>| match &wanted.origin {
            Origin::Index => {
                let version = block.version.and_then(demand::version);
                version.is_none_or(|it| demand::specifiers(&wanted.demand).contains(&it))
            }
            Origin::Git { .. } => block
                .source
                .get("git")
                .is_some_and(|it| reference_in(it) == text_of(wanted)),
            Origin::Elsewhere => true,
        };
        if blocks.iter().any(|it| is_met(&it)) {
            return None;
        }
        let held = blocks.first().map(|it| match it.source.get("git") {
            Some(address) => reference_in(address),
            None => it.version.unwrap_or_default().to_owned(),
        });
        Some(self.discord(name, text_of(wanted), held))
    }
}

/// Stands for whatever has neither version nor tag.
const ELSEWHERE: &str = "@";

fn repeated(wanted: &Wanted) -> Repeated {
    let name = wanted.demand.name.to_string();
    (wanted.list.clone(), name, text_of(wanted))
}

/// Returns what is wanted, as the lock repeats it.
fn text_of(wanted: &Wanted) -> String {
    match &wanted.origin {
        Origin::Index => demand::canonical_specifiers(&demand::specifiers(&wanted.demand)),
        Origin::Git { key, reference } => {
            pairs::referenced(&format!("?{key}="), key, reference).unwrap_or_default()
        }
        Origin::Elsewhere => ELSEWHERE.to_owned(),
    }
}

/// Returns the tag or commit that an address names: `?tag=v1`.
fn reference_in(address: &str) -> String {
    let plain = address.split('#').next().unwrap_or_default();
    let query = plain.split_once('?').map_or("", |(_, it)| it);
    let mut parameters = query.split('&');
    let names = |it: &&str| it.starts_with("tag=") || it.starts_with("rev=");
    parameters
        .find(names)
        .map_or_else(|| ELSEWHERE.to_owned(), |it| format!("?{it}"))
}
