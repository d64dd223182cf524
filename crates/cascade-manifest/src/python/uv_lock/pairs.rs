//! The rows of the lock that repeat a manifest, beside the requirements that they repeat.

use pep508_rs::ExtraName;

use super::book::{self, Block, Book, Entry};
use super::project::{Origin, Project, Wanted};
use super::row;
use crate::python::demand::{self, Reach};
use crate::{Fallback, Splice, python::canonical};

/// A row, and the requirement that it repeats.
pub(super) struct Pair<'t, 'p> {
    pub(super) row: Entry<'t>,
    pub(super) wanted: &'p Wanted,
}

/// Returns the rows on a package with the requirements that they repeat.
///
/// # Errors
/// When it can not be told which repeats which.
pub(super) fn pairs<'t, 'p>(
    block: &Block<'t>,
    project: &'p Project,
    name: &str,
    reach: &Reach,
) -> Result<Vec<Pair<'t, 'p>>, Fallback> {
    let mut pairs = Vec::new();
    let mut rows = recorded(block, name)?;
    let lists: Vec<String> = lists(&rows, project, name);
    for list in lists {
        let (here, others) = rows.into_iter().partition(|(it, _)| *it == list);
        rows = others;
        let wanted = project.wanted.iter();
        let wanted: Vec<_> = wanted
            .filter(|it| it.list == list && it.demand.name.as_ref() == name)
            .collect();
        pairs.extend(paired(here, &wanted, name, reach)?);
    }
    Ok(pairs)
}

/// A row, with the dependency group that it stands in.
type Recorded<'t> = (String, Entry<'t>);

/// Returns the rows on a package that repeat a manifest.
pub(super) fn recorded<'t>(block: &Block<'t>, name: &str) -> Result<Vec<Recorded<'t>>, Fallback> {
    let mut found = Vec::new();
    for table in block.recorded().filter(|it| book::mentions(it.body, name)) {
        let unreadable = || Fallback::because("its rows are not as uv writes them");
        for entry in book::rows(table.body).ok_or_else(unreadable)? {
            if entry.row.get("name") == Some(name) {
                found.push((list_of(table.header, entry.list), entry));
            }
        }
    }
    Ok(found)
}

/// Returns the group that a list of a table is: empty for the package itself.
pub(super) fn list_of(header: &str, key: &str) -> String {
    if header == "[package.metadata]" {
        String::new()
    } else {
        canonical(key.trim_matches('"')).into_owned()
    }
}

fn lists(rows: &[Recorded<'_>], project: &Project, name: &str) -> Vec<String> {
    let on_it = project.wanted.iter().filter(|it| {
        it.demand.name.as_ref() == name && !(project.is_dynamic && it.list.is_empty())
    });
    let mut lists: Vec<String> = on_it.map(|it| it.list.clone()).collect();
    lists.extend(rows.iter().map(|(list, _)| list.clone()));
    lists.sort();
    lists.dedup();
    lists
}

fn paired<'t, 'p>(
    rows: Vec<Recorded<'t>>,
    wanted: &[&'p Wanted],
    name: &str,
    reach: &Reach,
) -> Result<Vec<Pair<'t, 'p>>, Fallback> {
    let untold = || {
        Fallback::because(format!(
            "the requirements on `{name}` are others than those that the lock repeats"
        ))
    };
    let single = rows.len() == 1 && wanted.len() == 1;
    if rows.len() != wanted.len() {
        return Err(untold());
    }
    let mut pairs = Vec::new();
    for (_, row) in rows {
        let fits = |it: &&&Wanted| single || repeats(&row, it, reach);
        let mut fitting = wanted.iter().filter(fits);
        let one = fitting.next().ok_or_else(untold)?;
        if fitting.next().is_some() {
            return Err(untold());
        }
        pairs.push(Pair { row, wanted: one });
    }
    Ok(pairs)
}

/// Returns whether a row has the extras and the marker of the requirement.
fn repeats(entry: &Entry<'_>, wanted: &Wanted, reach: &Reach) -> bool {
    let extras = entry.row.get("extras").unwrap_or_default();
    let mut extras: Vec<ExtraName> = row::strings(extras).filter_map(demand::extra).collect();
    let mut asked = wanted.demand.extras.clone();
    extras.sort();
    asked.sort();
    let marker = match entry.row.get("marker") {
        Some(text) => demand::marker(text),
        None => Some(pep508_rs::MarkerTree::TRUE),
    };
    let same = |it| reach.within(&it) == reach.within(&wanted.demand.marker);
    extras == asked && marker.is_some_and(same)
}

impl Pair<'_, '_> {
    /// Returns the edit that makes the row say what the requirement says.
    ///
    /// # Errors
    /// When the requirement became one of another kind.
    pub(super) fn edit(&self, book: &Book<'_>) -> Result<Option<Splice>, Fallback> {
        let name = &self.wanted.demand.name;
        let other = || {
            Fallback::because(format!(
                "`{name}` is taken from another place than the lock says"
            ))
        };
        let row = &self.row.row;
        let (held, new) = match &self.wanted.origin {
            Origin::Elsewhere => return Ok(None),
            Origin::Index => {
                let specifiers = demand::specifiers(&self.wanted.demand);
                let new = demand::canonical_specifiers(&specifiers);
                match row.get("specifier") {
                    None if new.is_empty() && !row.has("git") => return Ok(None),
                    held => (held.filter(|_| !new.is_empty()).ok_or_else(other)?, new),
                }
            }
            Origin::Git { key, reference } => {
                let held = row.get("git").ok_or_else(other)?;
                (held, referenced(held, key, reference).ok_or_else(other)?)
            }
        };
        Ok((held != new).then(|| Splice {
            span: book.span(held),
            to: new,
        }))
    }
}

/// Returns the address with another reference: `https://x/y?tag=v1` with `v2`.
pub(super) fn referenced(address: &str, key: &str, reference: &str) -> Option<String> {
    let (url, query) = address.split_once('?')?;
    let mut found = false;
    let parameters: Vec<String> = query
        .split('&')
        .map(|it| {
            if it.split_once('=').is_some_and(|(name, _)| name == key) {
                found = true;
                let value: String = form_urlencoded::byte_serialize(reference.as_bytes()).collect();
                format!("{key}={value}")
            } else {
                it.to_owned()
            }
        })
        .collect();
    found.then(|| format!("{url}?{}", parameters.join("&")))
}
