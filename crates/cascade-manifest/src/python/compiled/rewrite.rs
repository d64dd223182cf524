//! The native rewrite of a compiled requirements file.

use std::collections::BTreeSet;

use pep440_rs::Version;

use super::book::{Book, Row};
use super::{command, git, sources};
use crate::python::demand::{self, Reach};
use crate::python::index::{self, Page};
use crate::python::metadata::{Core, View};
use crate::python::moving::{Moving, moving};
use crate::{Bump, Fallback, Splice, splice};

/// Without comments that say what requires what, every other package is looked at: not more.
const MOST_LOOKED_AT: usize = 200;

/// Everything that a rewrite knows.
pub(super) struct Rewrite<'b> {
    pub(super) text: &'b str,
    pub(super) book: Book,
    pub(super) bump: &'b Bump<'b>,
    pub(super) moving: Vec<Moving>,
    reach: Reach,
}

/// Returns the file after the bump.
///
/// # Errors
/// When more than the rows of what moves could change, or that can not be told.
pub(super) fn rewrite(text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
    if !super::is_lock(text) {
        return Err(Fallback::because("it is not compiled and has no hashes"));
    }
    let moving = moving(bump.moves)?;
    let everywhere = || Fallback::because("no Python is known");
    let rewrite = Rewrite {
        text,
        book: Book::read(text),
        bump,
        moving,
        reach: command::pythons(text).ok_or_else(everywhere)?,
    };
    let mut splices = Vec::new();
    for moving in &rewrite.moving {
        splices.extend(rewrite.moved(moving)?);
    }
    splice(text, &splices).map_err(|e| Fallback::because(format!("the edits do not fit: {e}")))
}

impl Rewrite<'_> {
    fn row(&self, name: &str) -> Result<&Row, Fallback> {
        let mut rows = self.book.rows.iter().filter(|it| it.name == name);
        let none = || Fallback::because(format!("`{name}` is not in the file"));
        let row = rows.next().ok_or_else(none)?;
        match rows.next() {
            Some(_) => Err(Fallback::because(format!(
                "the file has several rows of `{name}`"
            ))),
            None => Ok(row),
        }
    }

    fn moved(&self, moving: &Moving) -> Result<Vec<Splice>, Fallback> {
        let name = &moving.name;
        let row = self.row(name)?;
        if row.address.is_some() {
            let unknown = || {
                let reason = format!("`{name}` comes from an address without a tag or commit");
                Fallback::because(reason)
            };
            let spot = row.reference.as_ref().ok_or_else(unknown)?;
            self.required(moving)?;
            return git::moved(self, moving, row, spot);
        }
        let pinned = || Fallback::because(format!("`{name}` is not pinned with `==`"));
        let spot = row.version.as_ref().ok_or_else(pinned)?;
        let held = demand::version(&spot.text).ok_or_else(pinned)?;
        self.required(moving)?;
        if held == moving.to {
            return Ok(Vec::new());
        }
        if moving.to.any_prerelease() && !self.names_pre_release(name) {
            let reason = format!(
                "no source asks for the pre-release {} of `{name}`",
                moving.to
            );
            return Err(Fallback::because(reason));
        }
        let facts = self.bump.facts;
        let page = Page::ask(facts, None, name)?;
        let (old, new) = (
            page.files(name, &held)?,
            page.fresh_files(name, &moving.to)?,
        );
        let before = index::core(facts, name, &old)?;
        let after = index::core(facts, name, &new)?;
        self.same(moving, row, (&before, &after))?;
        let mut splices = vec![Splice {
            span: spot.span.clone(),
            to: moving.to.to_string(),
        }];
        splices.extend(self.hashes(row, &old, &new)?);
        Ok(splices)
    }

    /// Checks that the sources ask for the version.
    fn required(&self, moving: &Moving) -> Result<(), Fallback> {
        let Some(command) = command::command(self.text) else {
            return Ok(());
        };
        let wanted = sources::wanted(&command, self.bump.files);
        let mut on_it = wanted.iter().filter(|it| it.name == moving.name);
        match on_it.find(|it| !it.admits_version(&moving.to)) {
            None => Ok(()),
            Some(it) => Err(Fallback::because(format!(
                "`{}` requires `{}{}`, which excludes {}",
                it.file,
                it.name,
                it.text(),
                moving.to
            ))),
        }
    }

    fn names_pre_release(&self, name: &str) -> bool {
        let Some(command) = command::command(self.text) else {
            return true; // The row itself is the requirement.
        };
        let wanted = sources::wanted(&command, self.bump.files);
        wanted
            .iter()
            .any(|it| it.name == name && it.names_pre_release())
    }

    /// Checks that nothing else in the file can change.
    pub(super) fn same(
        &self,
        moving: &Moving,
        row: &Row,
        (before, after): (&Core, &Core),
    ) -> Result<(), Fallback> {
        let mut extras = extras_of(row);
        if let Some(command) = command::command(self.text) {
            let wanted = sources::wanted(&command, self.bump.files);
            let on_it = wanted.iter().filter(|it| it.name == moving.name);
            extras.extend(on_it.flat_map(|it| it.extras().to_vec()));
        }
        for other in self.dependents(row)? {
            let core = self.core_of(other)?;
            let admitted = core.admits(&moving.name, &moving.to, &self.reach);
            admitted.map_err(|wanted| {
                let (name, to) = (&other.name, &moving.to);
                Fallback::because(format!("`{name}` requires `{wanted}`, which excludes {to}"))
            })?;
            extras.extend(core.extras_asked_of(&moving.name).cloned());
        }
        self.told(moving, before, after)?;
        let locked = |name: &str| self.versions(name);
        let view = View {
            name: &moving.name,
            reach: &self.reach,
            extras,
            locked: &locked,
        };
        view.same(before, after)
    }

    /// Checks that it asks as before for every package of which the file keeps no version.
    fn told(&self, moving: &Moving, before: &Core, after: &Core) -> Result<(), Fallback> {
        let stays = |it: &&Row| !self.moving.iter().any(|other| other.name == it.name);
        let rows = self.book.rows.iter().filter(|it| it.version.is_none());
        let changed = |it: &&Row| asked(before, &it.name) != asked(after, &it.name);
        match rows.filter(stays).find(changed) {
            None => Ok(()),
            Some(row) => Err(Fallback::because(format!(
                "`{}` asks for another `{}` now, and no version of it is locked",
                moving.name, row.name
            ))),
        }
    }

    /// Returns the rows that may require this one.
    fn dependents(&self, row: &Row) -> Result<Vec<&Row>, Fallback> {
        let rows = &self.book.rows;
        if self.book.is_annotated && !row.via.is_empty() {
            return Ok(rows
                .iter()
                .filter(|it| row.via.contains(&it.name))
                .collect());
        }
        if rows.len() > MOST_LOOKED_AT {
            let reason = "the file does not say what requires what, and has many packages";
            return Err(Fallback::because(reason));
        }
        Ok(rows.iter().filter(|it| it.name != row.name).collect())
    }

    fn versions(&self, name: &str) -> Vec<Version> {
        if let Some(it) = self.moving.iter().find(|it| it.name == name) {
            return vec![it.to.clone()];
        }
        let rows = self.book.rows.iter().filter(|it| it.name == name);
        let versions = rows.filter_map(|it| it.version.as_ref());
        versions
            .filter_map(|it| demand::version(&it.text))
            .collect()
    }

    fn core_of(&self, row: &Row) -> Result<Core, Fallback> {
        if row.address.is_some() {
            return git::core_of(self, row);
        }
        let name = &row.name;
        let unknown = || Fallback::because(format!("what `{name}` requires can not be looked up"));
        let version = self.versions(name).into_iter().next().ok_or_else(unknown)?;
        let page = Page::ask(self.bump.facts, None, name)?;
        index::core(self.bump.facts, name, &page.files(name, &version)?)
    }

    /// Returns the edit that puts the hashes of the new files in the place of the old ones'.
    fn hashes(
        &self,
        row: &Row,
        old: &index::Files<'_>,
        new: &index::Files<'_>,
    ) -> Result<Option<Splice>, Fallback> {
        let (Some(first), Some(last)) = (row.hashes.first(), row.hashes.last()) else {
            return Ok(None);
        };
        let name = &row.name;
        let unknown =
            || Fallback::because(format!("the index has no SHA-256 of a file of `{name}`"));
        let held: Vec<String> = row.hashes.iter().map(|it| it.text.clone()).collect();
        if sorted(old).ok_or_else(unknown)? != held {
            let reason = format!("the hashes of `{name}` are not those of all its files");
            return Err(Fallback::because(reason));
        }
        let between = match row.hashes.get(1) {
            Some(second) => self.text.get(first.span.end..second.span.start),
            None => self.line_before(first.span.start),
        };
        let between = between.ok_or_else(unknown)?;
        let to = sorted(new).ok_or_else(unknown)?.join(between);
        Ok(Some(Splice {
            span: first.span.start..last.span.end,
            to,
        }))
    }

    /// Returns what stands between the requirement and its only hash, which would stand between
    /// two.
    fn line_before(&self, hash: usize) -> Option<&str> {
        let before = self.text.get(..hash)?;
        let line_end = before.rfind('\n')?;
        let start = before.get(..line_end)?.rfind(" \\")?;
        before.get(start..)
    }
}

/// Returns the versions that a package asks for of another.
fn asked(core: &Core, name: &str) -> BTreeSet<String> {
    let on_it = core.requires.iter().filter(|it| it.name.as_ref() == name);
    on_it
        .map(|it| demand::canonical_specifiers(&demand::specifiers(it)))
        .collect()
}

/// Returns the hashes of all files, as the file has them.
fn sorted(files: &index::Files<'_>) -> Option<Vec<String>> {
    let one = |it: &&index::File| {
        let digest = it.sha256()?;
        let is_plain = digest.len() == 64 && digest.bytes().all(|it| it.is_ascii_hexdigit());
        is_plain.then(|| format!("sha256:{digest}"))
    };
    let mut hashes: Vec<String> = files.values().map(one).collect::<Option<_>>()?;
    hashes.sort();
    Some(hashes)
}

fn extras_of(row: &Row) -> Vec<pep508_rs::ExtraName> {
    demand::demand(&row.written)
        .map(|it| it.extras)
        .unwrap_or_default()
}
