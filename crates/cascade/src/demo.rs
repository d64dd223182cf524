//! The family that `cascade demo` plays with: nine small repositories with a past.
//!
//! Invariant: offline, git only, nothing outside the demo's own folder.

mod family;
mod history;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use cascade_run::{Founding, Git, Overwrite, found, save};

pub(crate) use self::family::{DEPLOYED, LOCK};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shown::Shown;

/// Texts of files, by their paths.
pub(crate) type Texts = Vec<(&'static str, String)>;

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

    /// Returns the texts of some files, by their paths from the folder of the clones.
    pub(crate) fn texts(&self, files: &[&'static str]) -> Texts {
        let read = |path| fs::read_to_string(self.work().join(path)).unwrap_or_default();
        files.iter().map(|path| (*path, read(*path))).collect()
    }

    /// Returns the folder of the family's own registry.
    pub(crate) fn registry(&self) -> PathBuf {
        self.folder.join("registry")
    }

    /// Returns a text of the family with what differs from demo to demo: where the registry is, and
    /// the sum and the digest of what is published already.
    fn fill(&self, text: &str, url: &str) -> String {
        if !text.contains('@') {
            return text.to_owned();
        }
        let folder = self.registry().display().to_string().replace('\'', "'\\''");
        text.replace("@URL@", url)
            .replace("@HOST@", url.trim_start_matches("http://"))
            .replace("@FOLDER@", &format!("'{folder}'"))
            .replace("@SUM@", &self.sum().unwrap_or_default())
            .replace("@DIGEST@", &self.digest())
    }

    /// Returns the digest of the image that is deployed first.
    fn digest(&self) -> String {
        let digits = fs::read_to_string(self.registry().join(family::IMAGE));
        format!("sha256:{}", digits.unwrap_or_default())
    }

    /// Returns the sum of the latest crate in the registry, as its index says it.
    fn sum(&self) -> Option<String> {
        let rows = fs::read_to_string(self.registry().join(family::INDEX)).ok()?;
        let (_, sum) = rows.trim_end().rsplit_once("\"cksum\":\"")?;
        Some(sum.split('"').next()?.to_owned())
    }
}

/// Founds the whole family, and declares it: first what is published, then several repositories at
/// once.
pub(crate) fn make(
    place: &Place,
    (git, url): (&Git, &str),
    now: i64,
    jobs: usize,
) -> Result<PathBuf, Failure> {
    let (first, others): (Vec<&family::Member>, Vec<_>) =
        family::FAMILY.iter().partition(|it| it.publishes());
    for member in first {
        settle(place, (git, url), now, member)?;
    }
    let waiting = Mutex::new(others.into_iter());
    let failed = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, family::FAMILY.len()) {
            scope.spawn(|| {
                while let Some(member) = next(&waiting) {
                    if let Err(failure) = settle(place, (git, url), now, member) {
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
    let text = family::declaration(
        |repo| place.origin(repo).display().to_string(),
        |text| place.fill(text, url),
    );
    save(&file, &text, Overwrite::Never).map_err(|error| unmade("workspace.toml", &error))?;
    Ok(file)
}

/// Founds one repository: a bare remote with its past, and a clone of it.
fn settle(
    place: &Place,
    (git, url): (&Git, &str),
    now: i64,
    member: &family::Member,
) -> Result<(), Failure> {
    let fill = |text: &str| place.fill(text, url);
    let founding = Founding {
        origin: place.origin(member.name),
        clone: place.work().join(member.name),
        history: history::stream(member, now, fill),
        post_receive: member.hook.map(fill),
    };
    found(git, &founding).map_err(|error| unmade(member.name, &error))
}

/// Takes the next member.
fn next<T>(waiting: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
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
