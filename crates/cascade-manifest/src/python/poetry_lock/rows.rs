//! The rows in which a record repeats what its package requires.

use pep440_rs::Version;

use super::range::{self, Written};
use super::rewrite::Record;
use crate::python::metadata::Core;
use crate::python::{canonical, demand, pep508};
use crate::toml::{Node, Text};
use crate::{Fallback, Splice};

/// A requirement that asks for other versions than before.
struct Change {
    /// The canonical name.
    name: String,
    before: Written,
    after: Written,
    /// Whether it applies wherever the package is.
    is_plain: bool,
}

/// Returns the edits of the rows that repeat requirements; `locked` says which versions the lock
/// holds of a package afterwards.
///
/// # Errors
/// When more than the versions that they ask for changed, or those do not fit what is locked.
pub(super) fn edits(
    record: &Record<'_>,
    (before, after): (&Core, &Core),
    locked: &dyn Fn(&str) -> Vec<Version>,
) -> Result<Vec<Splice>, Fallback> {
    let mut splices = Vec::new();
    for change in changes(&record.name, before, after)? {
        fits(record, &change, locked)?;
        splices.extend(change.in_row(record)?);
        splices.extend(change.in_extras(record)?);
    }
    Ok(splices)
}

/// Returns the requirements that changed.
fn changes(name: &str, before: &Core, after: &Core) -> Result<Vec<Change>, Fallback> {
    let otherwise = || Fallback::because(format!("the dependencies of `{name}` changed"));
    if before.written.len() != after.written.len() {
        return Err(otherwise());
    }
    let mut changes = Vec::new();
    let demands = before.requires.iter().zip(&after.requires);
    let texts = before.written.iter().zip(&after.written);
    for ((old, new), (was, is)) in demands.zip(texts) {
        let stays = (frame(was), &old.extras, &old.marker) == (frame(is), &new.extras, &new.marker);
        if !stays {
            return Err(otherwise());
        }
        if (&old.version_or_url, spelled(was)) == (&new.version_or_url, spelled(is)) {
            continue;
        }
        let written = |requirement: &str| {
            range::written(requirement).ok_or_else(|| {
                let reason = format!("Poetry has a way of its own to write `{requirement}`");
                Fallback::because(reason)
            })
        };
        let (before, after) = (written(was)?, written(is)?);
        changes.push(Change {
            name: old.name.to_string(),
            before,
            after,
            is_plain: old.marker.is_true(),
        });
    }
    let asks = |it: &Change| {
        let all = before.requires.iter();
        all.filter(|old| old.name.as_ref() == it.name).count()
    };
    match changes.iter().find(|it| asks(it) > 1) {
        None => Ok(changes),
        Some(it) => {
            let other = &it.name;
            let reason = format!("`{name}` requires `{other}` in several ways, which changed");
            Err(Fallback::because(reason))
        }
    }
}

/// Returns a requirement without its versions: the name as written, and the marker.
fn frame(requirement: &str) -> (Option<&str>, Option<&str>) {
    let name = pep508::split(requirement).and_then(|it| requirement.get(it.name));
    (name, requirement.split_once(';').map(|it| it.1.trim()))
}

/// Returns the clauses of a requirement as written, sorted.
fn spelled(requirement: &str) -> Option<Vec<String>> {
    let clauses = requirement.get(range::specifier(requirement)?)?.split(',');
    let blank = |it: &str| it.split_whitespace().collect::<String>();
    let mut clauses: Vec<String> = clauses.map(blank).collect();
    clauses.sort();
    Some(clauses)
}

/// Checks that what the lock holds of a package is what is asked for now.
fn fits(
    record: &Record<'_>,
    change: &Change,
    locked: &dyn Fn(&str) -> Vec<Version>,
) -> Result<(), Fallback> {
    let (name, other) = (&record.name, &change.name);
    let wanted = change.after.extra.as_deref().unwrap_or_default();
    let demand = demand::demand(&format!("{other}{wanted}"));
    let admitted = demand.map(|it| demand::specifiers(&it));
    let admits = |it: &Version| admitted.as_ref().is_some_and(|all| all.contains(it));
    match locked(other).iter().find(|it| !admits(it)) {
        None => Ok(()),
        Some(held) => Err(Fallback::because(format!(
            "`{name}` needs `{other}{wanted}` now, and {held} is locked"
        ))),
    }
}

impl Change {
    fn unusual(&self, record: &Record<'_>) -> Fallback {
        let (name, other) = (&record.name, &self.name);
        Fallback::because(format!(
            "the rows of `{name}` on `{other}` are not as Poetry writes them"
        ))
    }

    /// Returns the edit of the row in `[package.dependencies]`; where a requirement applies only
    /// under a condition, there may be none.
    fn in_row(&self, record: &Record<'_>) -> Result<Option<Splice>, Fallback> {
        let rows = record.node.get("dependencies").map(Node::entries);
        let mut rows = rows.unwrap_or_default().into_iter();
        let row = rows.find(|(key, _)| canonical(key.name) == self.name);
        let Some((_, row)) = row else {
            let may_be_absent = !self.is_plain;
            return may_be_absent
                .then_some(None)
                .ok_or_else(|| self.unusual(record));
        };
        let text = row.string().or_else(|| row.string_at("version"));
        let text = text.filter(|it| it.value == self.before.row);
        let span = text.and_then(|it| it.editable());
        let to = self.after.row.clone();
        span.map(|span| Some(Splice { span, to }))
            .ok_or_else(|| self.unusual(record))
    }

    /// Returns the edits of the lists in `[package.extras]`, which stay sorted.
    fn in_extras(&self, record: &Record<'_>) -> Result<Vec<Splice>, Fallback> {
        let lists = record.node.get("extras").map(Node::entries);
        let mut splices = Vec::new();
        for (_, list) in lists.unwrap_or_default() {
            let (mut after, known) = (Vec::new(), splices.len());
            for text in list.items().into_iter().filter_map(Node::string) {
                let mut value = text.value.to_owned();
                if self.is_named(text.value) {
                    let edit = self.in_extra(&text, &mut value);
                    splices.push(edit.ok_or_else(|| self.unusual(record))?);
                }
                after.push(value);
            }
            if splices.len() > known && !after.is_sorted() {
                return Err(self.unusual(record));
            }
        }
        Ok(splices)
    }

    fn is_named(&self, requirement: &str) -> bool {
        let name = pep508::split(requirement).and_then(|it| requirement.get(it.name));
        name.is_some_and(|it| canonical(it) == self.name)
    }

    /// Returns the edit of one requirement in such a list, made in its value as well.
    fn in_extra(&self, text: &Text<'_>, value: &mut String) -> Option<Splice> {
        let range = range::specifier(text.value)?;
        let (before, after) = self.before.extra.as_ref().zip(self.after.extra.as_ref())?;
        // Only the marker behind the versions may have escapes.
        let raw = text.raw()?;
        if raw.get(range.clone())? != before || raw.get(..range.end)? != value.get(..range.end)? {
            return None;
        }
        value.replace_range(range.clone(), after);
        let start = text.content()?.start;
        Some(Splice {
            span: start + range.start..start + range.end,
            to: after.clone(),
        })
    }
}
