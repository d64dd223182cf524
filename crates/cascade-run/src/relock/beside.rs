//! The manifests beside a lock that change with it, in rows that are its tool's own.

use std::collections::{BTreeMap, BTreeSet};

use cascade_plan::Step;

use super::judge::{Judge, Wrong};
use crate::export::Export;
use crate::path::folder_of;
use crate::write::Edits;

/// Manifests and settings: path from the lock's folder, and text.
pub(super) type Files = BTreeMap<String, String>;

/// What changed in manifests that is the tool's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// The files, by path from the repository's root.
    files: BTreeMap<String, String>,
    /// What was changed in each, row by row.
    rows: BTreeMap<String, BTreeMap<String, String>>,
}

impl Beside {
    /// Returns what changed of the tool's own in these manifests (path from the lock's folder).
    /// A file of which only the layout changed stays as it was.
    pub(super) fn of(judge: &Judge<'_>, edited: &Files) -> Result<Self, Wrong> {
        let mut beside = Self::default();
        for (name, after) in edited {
            let Some(before) = judge.files().get(name) else {
                continue;
            };
            let path = judge.path_of(name);
            let rows = judge
                .format()
                .own_edits(name, before, after)
                .map_err(|it| {
                    Wrong(format!(
                        "`{path}` would have to change as well, in what is not the tool's own: {}",
                        it.0
                    ))
                })?;
            if !rows.is_empty() {
                beside.files.insert(path.clone(), after.clone());
                beside.rows.insert(path, rows);
            }
        }
        Ok(beside)
    }

    /// Returns the text of a file, where it was changed.
    pub(super) fn text(&self, path: &str) -> Option<&String> {
        self.files.get(path)
    }

    /// Returns what the changed rows are about.
    pub(super) fn subjects(&self) -> BTreeSet<String> {
        let rows = self.rows.values().flat_map(BTreeMap::keys);
        rows.cloned().collect()
    }

    /// Writes the files into the export: other locks are made from them too.
    pub(super) fn write(&self, export: &Export) {
        for (path, text) in &self.files {
            export.write(path, text.as_bytes());
        }
    }

    /// Adds the files to those that the step writes.
    pub(crate) fn add_to(&self, edits: &mut Edits) {
        let files = self.files.iter();
        edits.extend(files.map(|(path, text)| (path.clone(), text.clone().into_bytes())));
    }

    /// Returns what is told of each file that changed with the lock.
    pub(crate) fn notes(&self, lock: &str) -> Vec<String> {
        let told = self.rows.iter().map(|(path, rows)| {
            let rows: Vec<_> = rows.iter().map(|(it, how)| format!("{it} {how}")).collect();
            format!(
                "with `{lock}` rows that are its tool's own changed in `{path}`: {}",
                rows.join(", ")
            )
        });
        told.collect()
    }
}

/// Returns whether a file is as a step planned it, but for what the tool of a lock beside it may
/// have changed there of its own.
pub(crate) fn stands(step: &Step, path: &str, planned: &str, now: &[u8]) -> bool {
    let Ok(now) = std::str::from_utf8(now) else {
        return false;
    };
    if step.is_filled(path, planned, now) {
        return true;
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let beside = step.locks.iter().filter(|it| folder_of(&it.file) == folder);
    let mut formats = beside.filter_map(|it| {
        let file = it.file.rsplit('/').next()?;
        cascade_manifest::ecosystem(&it.ecosystem)?.lock(file)
    });
    formats.any(|it| {
        it.own_edits(name, planned, now)
            .is_ok_and(|it| !it.is_empty())
    })
}
