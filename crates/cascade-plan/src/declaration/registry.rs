//! Where packages appear: registries by name, and which of them a repository's packages use.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use super::fault::{DeclareError, did_you_mean};
use super::file::{OneOrMore, RegistryTable, Text};
use super::package::ecosystem;
use super::path::{Climb, inside};
use super::remote;
use super::resolve::Room;
use super::span::span;
use super::{Appearance, RegistryDeclaration};
use crate::Outlet;

/// The word for wherever the settings of the ecosystem's own tools say.
const CONFIGURED: &str = "configured";
/// The word for nowhere: a tag is all that is waited for.
const NONE: &str = "none";

/// Returns the registries that a file declares, by name.
pub(super) fn registries(
    room: &mut Room<'_>,
    tables: &[(String, Range<usize>, RegistryTable)],
) -> BTreeMap<String, RegistryDeclaration> {
    let read = tables.iter().filter_map(|(name, at, table)| {
        let read = registry(room, (name, at), table)?;
        Some((name.clone(), read))
    });
    read.collect()
}

fn registry(
    room: &mut Room<'_>,
    (name, at): (&str, &Range<usize>),
    table: &RegistryTable,
) -> Option<RegistryDeclaration> {
    if let Err(error) = named(name) {
        room.errors.push(error.at(at, "this name"));
        return None;
    }
    let kind = table.ecosystem.as_ref();
    let ecosystem = kind.and_then(|it| room.keep(it, ecosystem));
    let outlet = match (&table.address, &table.folder) {
        (Some(address), None) => {
            let kept = room.keep(address, |it| remote::address(it).map(|()| it.to_owned()));
            if kept.is_some() && kind.is_none() {
                let what = format!("the registry `{name}` does not say what it speaks");
                let what = DeclareError::new(what).at(at, "no `ecosystem` below it");
                let help = "write `ecosystem = \"python\"`, or another one, below it";
                room.errors.push(what.help(help));
            }
            kept.map(Outlet::Address)
        }
        (None, Some(folder)) => {
            let kept = room.keep(folder, |it| inside(it, Climb::AtTheStart));
            kept.map(Outlet::Folder)
        }
        (Some(_), Some(folder)) => {
            let what = DeclareError::new(format!("the registry `{name}` is in two places"));
            let what = what.at(&folder.span(), "and here");
            room.errors
                .push(what.help("leave `address` or `folder` out"));
            None
        }
        (None, None) => {
            let what = DeclareError::new(format!("the registry `{name}` is nowhere"));
            let what = what.at(at, "no `address` below it");
            room.errors
                .push(what.help("write its `address`, or the `folder` that packages appear in"));
            None
        }
    };
    Some(RegistryDeclaration {
        ecosystem,
        outlet: outlet?,
    })
}

fn named(name: &str) -> Result<(), DeclareError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || name.starts_with(['-', '.']) || !name.chars().all(fits) {
        let what = format!("`{}` can not be a registry's name", name.escape_debug());
        return Err(DeclareError::new(what).help("use letters, digits, `.`, `_` and `-`"));
    }
    if [CONFIGURED, NONE].contains(&name) {
        let what = format!("`{name}` has a meaning of its own where registries are named");
        return Err(DeclareError::new(what).help("give the registry another name"));
    }
    Ok(())
}

/// Returns whether it stands there that nothing is waited for; `None` where nothing stands.
pub(super) fn is_none(texts: Option<&OneOrMore>) -> Option<bool> {
    let mut texts = texts?.0.iter();
    Some(texts.all(|it| it.get_ref() == NONE))
}

impl Room<'_> {
    /// Returns where packages appear, by the names that stand there; `None` where none stand.
    pub(super) fn appearances(
        &mut self,
        texts: Option<&OneOrMore>,
        registries: &BTreeMap<String, RegistryDeclaration>,
    ) -> Option<Vec<Appearance>> {
        let read = |it: &Text| self.keep(it, |it| appearance(it, registries)).flatten();
        Some(texts?.0.iter().filter_map(read).collect())
    }

    /// Returns a span of time, as `30m`.
    pub(super) fn span(&mut self, text: Option<&Text>) -> Option<Duration> {
        self.keep(text?, |it| {
            let read = span(it).ok_or_else(|| {
                DeclareError::new(format!("`{}` is no span of time", it.escape_debug()))
            });
            read.map_err(|it| it.help("write something like `30m`, `90s` or `1h30m`"))
        })
    }
}

fn appearance(
    name: &str,
    registries: &BTreeMap<String, RegistryDeclaration>,
) -> Result<Option<Appearance>, DeclareError> {
    if name == NONE {
        return Ok(None);
    }
    if name == CONFIGURED {
        return Ok(Some(Appearance {
            registry: name.to_owned(),
            ecosystem: None,
            outlet: Outlet::Configured,
        }));
    }
    let Some(registry) = registries.get(name) else {
        let words = registries.keys().map(String::as_str);
        let help = did_you_mean(name, words.chain([CONFIGURED, NONE]));
        let shown = name.escape_debug();
        let help = help.unwrap_or_else(|| {
            format!("declare `[registry.{shown}]`, or write `{CONFIGURED}` or `{NONE}`")
        });
        return Err(DeclareError::new(format!("no registry is called `{shown}`")).help(help));
    };
    Ok(Some(Appearance {
        registry: name.to_owned(),
        ecosystem: registry.ecosystem.clone(),
        outlet: registry.outlet.clone(),
    }))
}
