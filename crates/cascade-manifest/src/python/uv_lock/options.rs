//! What is said for the whole lock: options, and what a workspace wants of all.

use super::book::{self, Entry};
use super::rewrite::Rewrite;
use crate::Fallback;
use crate::python::demand;
use crate::python::headers;
use crate::python::index::Files;
use crate::toml::{Node, Toml};

/// Checks that what is said for all leaves what moves alone.
///
/// # Errors
/// When it could decide the version, or the settings are not those of the lock.
pub(super) fn check(rewrite: &Rewrite<'_, '_>) -> Result<(), Fallback> {
    same_settings(rewrite)?;
    for table in &rewrite.book.head {
        for moving in &rewrite.moving {
            if !book::mentions(table.body, &moving.name) {
                continue;
            }
            let name = &moving.name;
            let unreadable = || Fallback::because(format!("`{name}` is set for the whole lock"));
            for entry in book::rows(table.body).ok_or_else(unreadable)? {
                let is_it = entry.row.get("name") == Some(name.as_str());
                if is_it && !(entry.list == "constraints" && admits(&entry, moving)) {
                    return Err(unreadable());
                }
            }
        }
    }
    Ok(())
}

fn admits(entry: &Entry<'_>, moving: &crate::python::moving::Moving) -> bool {
    let specifier = entry.row.get("specifier").unwrap_or_default();
    let wanted = demand::demand(&format!("{}{specifier}", moving.name));
    wanted.is_some_and(|it| demand::specifiers(&it).contains(&moving.to))
}

/// The line of the lock, and the key of the settings, after which nothing is taken.
const NEWER: &str = "exclude-newer";

/// Checks that the settings hold back what the lock says they do.
fn same_settings(rewrite: &Rewrite<'_, '_>) -> Result<(), Fallback> {
    let held = options(rewrite).find_map(|it| headers::string(it, NEWER));
    if options(rewrite).any(|it| it.starts_with("exclude-newer-span")) {
        let reason = "`exclude-newer` is a span of time: it has to be counted anew";
        return Err(Fallback::because(reason));
    }
    let said = |toml: &Toml<'_>, keys: &[&str]| {
        let said = toml.root().find(keys).and_then(Node::string)?;
        Some(said.value.to_owned())
    };
    // `uv.toml` takes the place of the table.
    let set = if let Some(text) = rewrite.bump.files.get("uv.toml") {
        Toml::parse(text).ok().and_then(|it| said(&it, &[NEWER]))
    } else {
        let root = rewrite.root.toml();
        root.and_then(|it| said(it, &["tool", "uv", NEWER]))
    };
    match (set.as_deref(), held) {
        (None, None) => Ok(()),
        (Some(set), Some(held)) if set == held => Ok(()),
        (Some(_) | None, _) => {
            let reason = "the settings' `exclude-newer` is not spelled as the lock's";
            Err(Fallback::because(reason))
        }
    }
}

fn options<'t>(rewrite: &Rewrite<'t, '_>) -> impl Iterator<Item = &'t str> {
    let tables = rewrite
        .book
        .head
        .iter()
        .filter(|it| it.header == "[options]");
    let lines: Vec<&'t str> = tables.flat_map(|it| it.body.lines()).collect();
    lines.into_iter()
}

/// Checks that the lock's own gate lets the files through.
///
/// # Errors
/// When one is too new, or its time is not known.
pub(super) fn check_age(
    rewrite: &Rewrite<'_, '_>,
    name: &str,
    files: &Files<'_>,
) -> Result<(), Fallback> {
    let head = &rewrite.book.head;
    let mut own = head
        .iter()
        .filter(|it| it.header == "[options.exclude-newer-package]")
        .flat_map(|it| it.body.lines());
    let own = own.find_map(|it| it.strip_prefix(name)?.strip_prefix(" = "));
    let limit = match own {
        Some("false") => return Ok(()),
        Some(quoted) => Some(quoted.trim_matches('"')),
        None => options(rewrite).find_map(|it| headers::string(it, NEWER)),
    };
    let Some(limit) = limit else {
        return Ok(());
    };
    let comparable = |it: &str| it.ends_with('Z') && it.get(10..11) == Some("T");
    let older = |time: &Option<String>| {
        let time = time.as_deref().filter(|it| comparable(it));
        time.is_some_and(|it| instant(it) < instant(limit))
    };
    if comparable(limit) && files.values().all(|it| older(&it.upload_time)) {
        return Ok(());
    }
    Err(Fallback::because(format!(
        "`exclude-newer` holds back `{name}`"
    )))
}

/// Returns a time whose order as text is its order.
fn instant(time: &str) -> (&str, &str) {
    let plain = time.trim_end_matches('Z');
    plain.split_once('.').unwrap_or((plain, ""))
}
