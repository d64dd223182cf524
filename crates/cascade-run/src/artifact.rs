//! Artefacts: built by the project's own build, looked into, and tried with the real tools.
//!
//! Invariant: only on an explicit word. Building runs a project's own code, in an export of a commit.

mod archive;
mod bench;
mod build;
mod npm;
mod python;
mod trials;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cascade_plan::{Artifact, Artifacts, Contents, Event, Fate, Queue, RepoId};

use crate::drive::{Teller, drive};
use crate::exhibit::Exhibit;
use crate::git::Git;

use bench::Bench;

/// What is looked into of one repository.
#[derive(Debug, Clone)]
pub struct Inspection<'a> {
    /// The repository and its commit.
    pub exhibit: Exhibit<'a>,
    /// Where its artefacts come from.
    pub source: ArtifactSource,
}

/// Where artefacts come from.
#[derive(Debug, Clone)]
pub enum ArtifactSource {
    /// They are built, by the project's own build.
    Build,
    /// They are there.
    Files(Vec<PathBuf>),
}

/// Whether tools that are not there may be installed, for this one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tools {
    /// What is on `PATH` is used; the rest is said not to be there.
    Found,
    /// What is missing is installed in an environment of its own.
    Installed,
}

/// What an artefact says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its ecosystem.
    pub ecosystem: &'static str,
    /// The name of its package.
    pub name: String,
}

/// Looks into artefacts and tries them, repository by repository; `None` where a person interrupted.
pub fn inspect(
    inspections: &[Inspection<'_>],
    git: &Git,
    tools: Tools,
    on_event: &mut dyn FnMut(Event),
) -> Option<BTreeMap<RepoId, Artifacts>> {
    let found = Mutex::new(BTreeMap::new());
    let work = |repo: &RepoId, teller: &Teller<'_>| {
        let mut ours = inspections.iter().filter(|it| it.exhibit.repo == repo);
        let Some(it) = ours.next() else {
            return Fate::Nothing;
        };
        teller.started();
        let artifacts = match Bench::new(git, teller, tools, it.exhibit) {
            Ok(bench) => bench.inspect(&it.source),
            Err(why) => {
                let help = "make room for temporary files".to_owned();
                return crate::apply::failed(why, help);
            }
        };
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(repo.clone(), artifacts);
        Fate::Nothing
    };
    let ids = inspections.iter().map(|it| it.exhibit.repo.clone());
    let queue = Queue::new(ids.map(|it| (it, Vec::new())));
    let interrupt = &git.environment().interrupt;
    drive(queue, 1, interrupt, &work, on_event);
    let interrupted = interrupt.load(std::sync::atomic::Ordering::Relaxed);
    (!interrupted).then(|| found.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Returns the artefacts that a path means: itself, or those in a folder.
///
/// # Errors
/// Where there is nothing that can be read.
pub fn artifacts_at(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let at = entry?.path();
        if kind(&at).is_some() && at.is_file() {
            found.push(at);
        }
    }
    found.sort();
    Ok(found)
}

/// Returns what an artefact says of itself; what can not be read says it by its name alone.
///
/// # Errors
/// Where it is none.
pub fn label(path: &Path) -> Result<Label, String> {
    let kind = kind(path).ok_or("it is no wheel, source distribution, tarball of npm or crate")?;
    let said = read(kind, path).map(|it| it.contents.name);
    let name = said.ok().filter(|it| !it.is_empty());
    let name = name.or_else(|| named(path));
    Ok(Label {
        ecosystem: kind.ecosystem(),
        name: name.ok_or("neither it nor its name says what it is")?,
    })
}

/// Returns what stands before the version in the name of a file: `core-1.2.0.tgz`.
fn named(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let digit = |it: &str| it.starts_with(|c: char| c.is_ascii_digit());
    let mut parts = name.match_indices('-');
    let (at, _) = parts.find(|(at, _)| name.get(at + 1..).is_some_and(digit))?;
    name.get(..at)
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
}

/// Which kind of artefact a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Wheel,
    Sdist,
    Npm,
    Crate,
}

impl Kind {
    fn ecosystem(self) -> &'static str {
        match self {
            Self::Wheel | Self::Sdist => "python",
            Self::Npm => "npm",
            Self::Crate => "cargo",
        }
    }
}

fn kind(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_str()?;
    let ends = |ending: &str| name.strip_suffix(ending).is_some();
    if ends(".whl") {
        Some(Kind::Wheel)
    } else if ends(".tar.gz") {
        Some(Kind::Sdist)
    } else if ends(".tgz") {
        Some(Kind::Npm)
    } else if ends(".crate") {
        Some(Kind::Crate)
    } else {
        None
    }
}

/// An artefact that was read.
#[derive(Debug, Default)]
struct Opened {
    contents: Contents,
    /// What a wheel installs.
    installed: python::Installed,
    /// The commands that npm installs.
    commands: Vec<String>,
}

fn read(kind: Kind, path: &Path) -> Result<Opened, String> {
    let mut opened = Opened::default();
    match kind {
        Kind::Wheel => (opened.contents, opened.installed) = python::wheel(path)?,
        Kind::Sdist => opened.contents = python::sdist(path)?,
        Kind::Npm => (opened.contents, opened.commands) = npm::tarball(path)?,
        Kind::Crate => opened.contents = npm::krate(path)?,
    }
    Ok(opened)
}

impl Bench<'_> {
    /// Returns what is in the artefacts of a repository, and what tools said.
    fn inspect(&self, source: &ArtifactSource) -> Artifacts {
        let mut found = Artifacts::default();
        let paths = match source {
            ArtifactSource::Files(paths) => paths.clone(),
            ArtifactSource::Build => {
                let built = self.build();
                found.trials = built.trials;
                built.files
            }
        };
        for path in paths {
            let Some(kind) = kind(&path) else { continue };
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            self.teller.progress(format!("looking into `{name}`"));
            let read = read(kind, &path);
            if let Ok(opened) = &read
                // What would leave its folder is not unpacked by anybody.
                && opened.contents.escapes.is_empty()
            {
                self.try_out(kind, (&path, &name), opened, &mut found.trials);
            }
            found.files.push(Artifact {
                file: name,
                ecosystem: kind.ecosystem(),
                read: read.map(|it| it.contents),
            });
        }
        found
    }
}

#[cfg(test)]
mod tests;
