//! The family that `cascade demo` plays with: nine small repositories with a past.
//!
//! Invariant: offline, git only, nothing outside the demo's own folder.

mod family;
mod history;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use cascade_run::{Founding, Git, Overwrite, found, save};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::shown::Shown;

/// Where a demo's family lives.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The folder of everything.
    folder: PathBuf,
}

impl Place {
    /// Returns the place in a folder.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
        }
    }

    /// Returns the folder of the clones, where `workspace.toml` is.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// Returns the bare remote of a repository.
    fn origin(&self, repo: &str) -> PathBuf {
        self.folder.join("origins").join(format!("{repo}.git"))
    }

    /// Returns the folder that cascade's state lives in while the demo runs.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }
}

/// Founds the whole family, several repositories at once, and declares it.
pub(crate) fn make(place: &Place, git: &Git, now: i64, jobs: usize) -> Result<PathBuf, Failure> {
    let waiting = Mutex::new(family::FAMILY.iter());
    let failed = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, family::FAMILY.len()) {
            scope.spawn(|| {
                while let Some(member) = next(&waiting) {
                    if let Err(failure) = settle(place, git, now, member) {
                        lock(&failed).get_or_insert(failure);
                    }
                }
            });
        }
    });
    if let Some(failure) = lock(&failed).take() {
        return Err(failure);
    }
    let file = place.work().join("workspace.toml");
    let text = family::declaration(|repo| place.origin(repo).display().to_string());
    save(&file, &text, Overwrite::Never).map_err(|error| unmade("workspace.toml", &error))?;
    Ok(file)
}

/// Founds one repository: a bare remote with its past, and a clone of it.
fn settle(place: &Place, git: &Git, now: i64, member: &family::Member) -> Result<(), Failure> {
    let founding = Founding {
        origin: place.origin(member.name),
        clone: place.work().join(member.name),
        history: history::stream(member, now),
        post_receive: member.hook.map(str::to_owned),
    };
    found(git, &founding).map_err(|error| unmade(member.name, &error))
}

/// Takes the next member.
fn next<'a>(waiting: &Mutex<std::slice::Iter<'a, family::Member>>) -> Option<&'a family::Member> {
    lock(waiting).next()
}

/// Returns what a lock holds, whoever panicked with it.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Returns the failure to make a part of the demo.
fn unmade(what: &str, error: &dyn std::error::Error) -> Failure {
    Failure::new(
        Exit::Failed,
        format!(
            "`{what}` of the demo could not be made: {}",
            Shown(&error.to_string())
        ),
        "try another folder: `cascade demo --dir DIR`",
    )
}
