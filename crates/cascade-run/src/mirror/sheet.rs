//! Sheets: commits that hold one file, kept by a ref of their own on the remote.

use std::path::Path;

use cascade_manifest::Limit;
use cascade_plan::Oid;
use git2::{FileMode, ObjectType, Repository, Signature, Time};

use super::build::{BuildError, at};
use super::{Mirror, MirrorError};
use crate::checkout::oid;

impl Mirror {
    /// Returns a commit whose only file is this, on top of another one.
    ///
    /// # Errors
    /// When the mirror can not be written.
    pub(crate) fn sheet(
        &self,
        (name, bytes): (&str, &[u8]),
        on: Option<&Oid>,
        (message, seconds): (&str, i64),
    ) -> Result<Oid, BuildError> {
        let repository = Repository::open_bare(self.path())?;
        let mut tree = repository.treebuilder(None)?;
        tree.insert(name, repository.blob(bytes)?, i32::from(FileMode::Blob))?;
        let tree = repository.find_tree(tree.write()?)?;
        let who = Signature::new("cascade", "cascade@localhost", &Time::new(seconds, 0))?;
        let on = on.map(|it| repository.find_commit(at(it)?)).transpose()?;
        let on: Vec<_> = on.iter().collect();
        let id = repository.commit(None, &who, &who, message, &tree, &on)?;
        oid(id).ok_or_else(|| BuildError::NoId(id.to_string()))
    }

    /// Returns the bytes of a file of a sheet; `None` where it has none.
    ///
    /// # Errors
    /// With why the sheet can not be read, or the file is no file or too large.
    pub(crate) fn of_sheet(&self, sheet: &Oid, name: &str) -> Result<Option<Vec<u8>>, String> {
        let said = |error: git2::Error| error.message().to_owned();
        let repository = Repository::open_bare(self.path()).map_err(said)?;
        file_of(&repository, at(sheet).map_err(said)?, name)
    }

    /// Makes a ref of the mirror what it is on the remote.
    ///
    /// # Errors
    /// When the mirror can not be written.
    pub(crate) fn keep(&self, name: &str, to: Option<&Oid>) -> Result<(), MirrorError> {
        let repository = Repository::open_bare(self.path())?;
        match to {
            Some(to) => drop(repository.reference(name, at(to)?, true, "cascade")?),
            None => {
                if let Ok(mut known) = repository.find_reference(name) {
                    known.delete()?;
                }
            }
        }
        Ok(())
    }

    /// Returns a file as the mirror at a path last saw it at a ref, without a lock on the mirror.
    pub(crate) fn kept_file(path: &Path, name: &str, file: &str) -> Option<Vec<u8>> {
        let repository = Repository::open_bare(path).ok()?;
        let sheet = repository.find_reference(name).ok()?.target()?;
        file_of(&repository, sheet, file).ok()?
    }
}

fn file_of(
    repository: &Repository,
    sheet: git2::Oid,
    name: &str,
) -> Result<Option<Vec<u8>>, String> {
    let said = |error: git2::Error| error.message().to_owned();
    let tree = repository.find_commit(sheet).and_then(|it| it.tree());
    let tree = tree.map_err(said)?;
    let Some(entry) = tree.get_name(name) else {
        return Ok(None);
    };
    let (size, kind) = repository
        .odb()
        .and_then(|it| it.read_header(entry.id()))
        .map_err(said)?;
    if kind != ObjectType::Blob || entry.filemode() == i32::from(FileMode::Link) {
        return Err(format!("`{name}` is no file"));
    }
    if !Limit::HISTORY.takes(size as u64) {
        return Err(Limit::HISTORY.refusal(size as u64));
    }
    let blob = repository.find_blob(entry.id()).map_err(said)?;
    Ok(Some(blob.content().to_vec()))
}
