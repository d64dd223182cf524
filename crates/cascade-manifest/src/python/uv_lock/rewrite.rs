//! The native rewrite: nothing is resolved, it is proven that only the records of what moves can
//! change.

use std::collections::BTreeMap;

use pep440_rs::Version;

use super::book::{Block, Book};
use super::pairs;
use super::project::{self, Project, Root};
use super::{git, record};
use crate::python::canonical;
use crate::python::demand::{self, Reach};
use crate::python::index::{self, Page};
use crate::python::metadata::{Core, View};
use crate::python::moving::{Moving, moving};
use crate::{Bump, Fallback, Splice, splice};

/// The newest revision of the schema that is known.
const REVISION: u32 = 5;

/// Everything that a rewrite knows.
pub(super) struct Rewrite<'t, 'b> {
    pub(super) book: &'t Book<'t>,
    pub(super) bump: &'b Bump<'b>,
    pub(super) reach: Reach,
    pub(super) moving: Vec<Moving>,
    /// The workspace's own manifest.
    pub(super) root: &'b Root<'b>,
    /// The manifests, by their path.
    pub(super) projects: BTreeMap<String, Project>,
}

/// Returns the lock after the bump.
///
/// # Errors
/// When more than the records of what moves could change, or that can not be told.
pub(super) fn rewrite(text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
    let unusual = || Fallback::because("the lock is not as uv writes it");
    let book = Book::read(text).ok_or_else(unusual)?;
    let revision = book.number("revision").unwrap_or_default();
    if book.number("version") != Some(1) || revision > REVISION {
        return Err(Fallback::because(
            "the lock is of a schema that is not known",
        ));
    }
    let python = book.said("requires-python").ok_or_else(unusual)?;
    let root = Root::of(bump.files);
    let rewrite = Rewrite {
        book: &book,
        bump,
        reach: Reach::of(python).ok_or_else(unusual)?,
        moving: moving(bump.moves)?,
        root: &root,
        projects: projects(&book, bump, &root)?,
    };
    super::options::check(&rewrite)?;
    let mut splices = rewrite.repeated()?;
    for moving in &rewrite.moving {
        splices.extend(rewrite.moved(moving)?);
    }
    splices.extend(rewrite.own()?);
    splice(text, &splices).map_err(|e| Fallback::because(format!("the edits do not fit: {e}")))
}

fn projects(
    book: &Book<'_>,
    bump: &Bump<'_>,
    root: &Root<'_>,
) -> Result<BTreeMap<String, Project>, Fallback> {
    let mut projects = BTreeMap::new();
    for path in book.blocks.iter().filter_map(Block::manifest) {
        if let Some(text) = bump.files.get(&path) {
            let project = project::project((&path, text), root)
                .map_err(|e| Fallback::because(format!("`{path}` can not be read: {e}")))?;
            projects.insert(path, project);
        }
    }
    Ok(projects)
}

impl<'t> Rewrite<'t, '_> {
    /// Returns the one block of a package.
    fn block(&self, name: &str) -> Result<&'t Block<'t>, Fallback> {
        let mut blocks = self.book.named(name);
        let Some(block) = blocks.next() else {
            return Err(Fallback::because(format!("`{name}` is not in the lock")));
        };
        let is_forked = |it: &Block<'_>| {
            let mut lines = it.tables().flat_map(|it| it.body.lines());
            lines.any(|it| it.starts_with("resolution-markers"))
        };
        if blocks.next().is_some() || is_forked(block) {
            let reason = format!("the lock is forked: it may hold several versions of `{name}`");
            return Err(Fallback::because(reason));
        }
        Ok(block)
    }

    /// Returns the edits of the rows that repeat requirements on what moves.
    fn repeated(&self) -> Result<Vec<Splice>, Fallback> {
        let own = self
            .bump
            .own
            .iter()
            .map(|it| canonical(&it.name).into_owned());
        let names: Vec<String> = self
            .moving
            .iter()
            .map(|it| it.name.clone())
            .chain(own)
            .collect();
        let mut splices = Vec::new();
        for block in &self.book.blocks {
            let project = block.manifest().and_then(|it| self.projects.get(&it));
            let Some(project) = project else {
                continue;
            };
            for name in &names {
                for pair in pairs::pairs(block, project, name, &self.reach)? {
                    splices.extend(pair.edit(self.book)?);
                }
            }
        }
        Ok(splices)
    }

    /// Returns the edits of one record that moves.
    fn moved(&self, moving: &Moving) -> Result<Vec<Splice>, Fallback> {
        let block = self.block(&moving.name)?;
        let held = block.version.and_then(demand::version);
        let held = held.ok_or_else(|| {
            Fallback::because(format!("the lock holds no version of `{}`", moving.name))
        })?;
        self.required(moving, block)?;
        if let Some(address) = block.source.get("git") {
            return git::moved(self, moving, block, address);
        }
        if held == moving.to {
            return Ok(Vec::new());
        }
        let Some(registry) = block.source.get("registry").filter(|it| it.contains("://")) else {
            let reason = format!("`{}` does not come from a registry or git", moving.name);
            return Err(Fallback::because(reason));
        };
        if registry.starts_with("file:") {
            let reason = format!("`{}` comes from a folder", moving.name);
            return Err(Fallback::because(reason));
        }
        let page = Page::ask(self.bump.facts, Some(registry), &moving.name)?;
        let (old, new) = (
            page.files(&moving.name, &held)?,
            page.fresh_files(&moving.name, &moving.to)?,
        );
        super::options::check_age(self, &moving.name, &new)?;
        let facts = self.bump.facts;
        let before = index::core(facts, &moving.name, &old)?;
        let after = index::core(facts, &moving.name, &new)?;
        self.same(moving, block, &before, &after)?;
        self.dependents(moving)?;
        record::edits(
            self.book,
            block,
            &record::Files {
                held,
                to: &moving.to,
                old,
                new,
            },
        )
    }

    /// Checks that the lock sees no difference between two versions of a package.
    pub(super) fn same(
        &self,
        moving: &Moving,
        block: &Block<'_>,
        old: &Core,
        new: &Core,
    ) -> Result<(), Fallback> {
        let mut extras: Vec<_> = block.optional().filter_map(demand::extra).collect();
        for other in self.book.mentioning(&moving.name) {
            let unreadable = || Fallback::because("its rows are not as uv writes them");
            let asked = other.extras_asked_of(&moving.name).ok_or_else(unreadable)?;
            extras.extend(asked.into_iter().filter_map(demand::extra));
            if other.requires(&moving.name) && other.source.has("registry") {
                let core = self.core_of(other)?;
                extras.extend(core.extras_asked_of(&moving.name).cloned());
            }
        }
        extras.sort();
        extras.dedup();
        let locked = |name: &str| self.versions(name);
        let view = View {
            name: &moving.name,
            reach: &self.reach,
            extras,
            locked: &locked,
        };
        view.same(old, new)
    }

    /// Returns the versions that the lock holds of a package after the bump.
    fn versions(&self, name: &str) -> Vec<Version> {
        if let Some(it) = self.moving.iter().find(|it| it.name == name) {
            return vec![it.to.clone()];
        }
        let held = self.book.named(name).filter_map(|it| it.version);
        held.filter_map(demand::version).collect()
    }

    /// Checks that every other package of the lock that requires this one admits its version.
    pub(super) fn dependents(&self, moving: &Moving) -> Result<(), Fallback> {
        let mentioning = self.book.mentioning(&moving.name);
        for block in mentioning
            .into_iter()
            .filter(|it| it.requires(&moving.name))
        {
            if block.source.has("registry") {
                let core = self.core_of(block)?;
                let admitted = core.admits(&moving.name, &moving.to, &self.reach);
                admitted.map_err(|wanted| excluded(block, moving, &wanted))?;
            } else if block.source.has("git") {
                git::admits(self, moving, block)?;
            } else {
                self.admitted_by_rows(block, moving)?;
            }
        }
        Ok(())
    }

    /// Returns the metadata of a locked package as it is after the bump.
    fn core_of(&self, block: &Block<'_>) -> Result<Core, Fallback> {
        let name = block.name;
        let unknown = || Fallback::because(format!("what `{name}` requires can not be looked up"));
        let version = self.versions(name).into_iter().next().ok_or_else(unknown)?;
        let version = if self.moving.iter().any(|it| it.name == name) {
            version
        } else {
            block
                .version
                .and_then(demand::version)
                .ok_or_else(unknown)?
        };
        let registry = block.source.get("registry").filter(|it| it.contains("://"));
        let page = Page::ask(self.bump.facts, Some(registry.ok_or_else(unknown)?), name)?;
        index::core(self.bump.facts, name, &page.files(name, &version)?)
    }

    /// Checks the rows of a package whose manifest is not there to be read.
    fn admitted_by_rows(&self, block: &Block<'_>, moving: &Moving) -> Result<(), Fallback> {
        if block
            .manifest()
            .is_some_and(|it| self.projects.contains_key(&it))
        {
            return Ok(()); // Its requirements are looked at themselves.
        }
        let rows = pairs::recorded(block, &moving.name)?;
        let admits = |specifier: &str| {
            let parsed = demand::demand(&format!("{}{specifier}", moving.name));
            parsed.is_some_and(|it| demand::specifiers(&it).contains(&moving.to))
        };
        let mut wanted = rows.iter().filter_map(|(_, it)| it.row.get("specifier"));
        match wanted.find(|it| !admits(it)) {
            Some(wanted) => Err(excluded(block, moving, wanted)),
            None if rows.is_empty() => {
                let reason = format!("what `{}` requires is not in the lock", block.name);
                Err(Fallback::because(reason))
            }
            None => Ok(()),
        }
    }

    /// Checks that the manifests ask for the version, and for a pre-release by name.
    fn required(&self, moving: &Moving, block: &Block<'_>) -> Result<(), Fallback> {
        let mut names_pre_release = block.source.has("git") || !moving.to.any_prerelease();
        for (path, project) in &self.projects {
            let on_it = project.wanted.iter();
            for wanted in on_it.filter(|it| it.demand.name.as_ref() == moving.name) {
                let specifiers = demand::specifiers(&wanted.demand);
                names_pre_release |= specifiers.iter().any(|it| it.version().any_prerelease());
                let impossible = self.reach.within(&wanted.demand.marker).is_false();
                if !specifiers.contains(&moving.to) && !impossible {
                    let reason = format!(
                        "`{path}` requires `{}{}`, which excludes {}",
                        moving.name,
                        demand::canonical_specifiers(&specifiers),
                        moving.to
                    );
                    return Err(Fallback::because(reason));
                }
            }
        }
        if names_pre_release {
            return Ok(());
        }
        let (name, to) = (&moving.name, &moving.to);
        Err(Fallback::because(format!(
            "no manifest asks for the pre-release {to} of `{name}`"
        )))
    }

    /// Returns the edits of the versions of the workspace's own packages.
    fn own(&self) -> Result<Vec<Splice>, Fallback> {
        let mut splices = Vec::new();
        for own in moving(self.bump.own)? {
            let local = self
                .book
                .named(&own.name)
                .filter(|it| it.folder().is_some());
            for held in local.filter_map(|it| it.version) {
                splices.extend(changed(self.book, held, &own.to.to_string()));
            }
        }
        Ok(splices)
    }
}

/// Returns why a package keeps another from moving.
pub(super) fn excluded(block: &Block<'_>, moving: &Moving, wanted: &str) -> Fallback {
    let name = block.name;
    Fallback::because(format!(
        "`{name}` requires `{wanted}`, which excludes {}",
        moving.to
    ))
}

/// Returns the edit of a value, where it changes.
pub(super) fn changed(book: &Book<'_>, held: &str, to: &str) -> Option<Splice> {
    (held != to).then(|| Splice {
        span: book.span(held),
        to: to.to_owned(),
    })
}

#[cfg(test)]
mod tests;
