//! What the tracked files say: manifests, packages, declared sites, the changelog.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, LazyLock};

use cascade_manifest::{ALL, Ecosystem, Format, Lock, LockFacts, ReadError};
use cascade_plan::{
    Changelog, LockFile, ManifestFile, ObservedRepo, RepoDeclaration, Scope, SettingsFile,
    SiteDeclaration, SiteMatch, TrackedFiles, packages_of, path_pattern,
};

use super::Depth;
use super::deploys::read_deploys;
use super::family::Family;
use super::files::{Files, LOCK, MANIFEST};
use super::licenses;
use crate::path::is_foreign;

/// Files that say that release-please releases a repository.
const RELEASE_PLEASE: &[&str] = &[
    "release-please-config.json",
    ".release-please-config.json",
    ".release-please-manifest.json",
];
/// Names of changelogs, the likeliest first.
const CHANGELOGS: &[&str] = &["CHANGELOG.md", "CHANGES.md", "HISTORY.md"];

/// The largest file that rules read, in bytes.
const TEXT: u64 = 256 << 10;
/// How much they read of one repository, in bytes.
const TEXTS: usize = 16 << 20;

/// Reads everything but git's own facts and the insides of locks into `repo`.
pub(crate) fn read_tree(
    declared: &RepoDeclaration,
    files: &mut dyn Files,
    depth: Depth,
    repo: &mut ObservedRepo,
) {
    for path in files.paths(&is_of_interest) {
        if let Some((ecosystem, format)) = format_of(&path) {
            let manifest = read_manifest(files, path, ecosystem, format);
            repo.locks.extend(lock_in(&manifest));
            repo.manifests.push(manifest);
        } else if let Some(ecosystem) = lock_of(&path) {
            repo.locks.push(lock_file(path, ecosystem));
        } else if is_setting(&path) {
            if let Ok(text) = files.text(&path, MANIFEST) {
                let text = text.into();
                repo.settings.push(SettingsFile { path, text });
            }
        } else {
            repo.release_please = true;
        }
    }
    let all: BTreeSet<String> = repo.locks.iter().map(|it| it.path.clone()).collect();
    repo.locks.retain(|it| !is_overruled(it, &all));
    let mut read = |path: &str| Some(files.text(path, MANIFEST).ok()?.into());
    repo.packages = packages_of(declared, &mut repo.manifests, &mut read);
    let sites = declared.sites.iter().enumerate();
    repo.sites = sites
        .map(|(number, site)| read_site(files, number, site))
        .collect();
    repo.deploys = read_deploys(declared, files);
    if depth != Depth::Survey {
        repo.changelog = read_changelog(files);
    }
    if depth == Depth::Releases {
        let audit = repo.audit.get_or_insert_default();
        audit.scope = Scope::Releases;
        audit.files = read_these(files, TrackedFiles::TELLING);
    }
    if depth == Depth::Audit {
        let audit = repo.audit.get_or_insert_default();
        audit.files = read_for_rules(files, declared);
        if declared.check.judges_licenses() {
            audit.licenses = licenses::read(files, &repo.locks);
        }
    }
    // Thousands of repositories lie in memory together.
    repo.manifests.shrink_to_fit();
    repo.locks.shrink_to_fit();
    repo.packages.shrink_to_fit();
}

/// Reads the insides of the locks that [`read_tree`] found.
pub(crate) fn read_locks(files: &mut dyn Files, family: &Family, repo: &mut ObservedRepo) {
    let mut locks = std::mem::take(&mut repo.locks);
    for lock in &mut locks {
        let Some(format) = lock.ecosystem.lock(file_name(&lock.path)) else {
            continue;
        };
        let names = family.names(lock.ecosystem, repo);
        lock.read = match files.text(&lock.path, LOCK) {
            Ok(text) => format.find(&text, &names),
            Err(words) => Err(refusal(&lock.path, &words)),
        };
    }
    repo.locks = locks;
}

/// Returns whether a file has something to do with releases: a manifest, a lock, what says how they are
/// made, a changelog.
pub fn is_of_releases(path: &str) -> bool {
    let name = file_name(path);
    is_of_interest(path) || CHANGELOGS.iter().any(|it| it.eq_ignore_ascii_case(name))
}

/// Returns whether a survey reads a file of this path.
pub(crate) fn is_of_interest(path: &str) -> bool {
    let name = file_name(path);
    let read = |it: &Ecosystem| it.format(name).is_some() || it.lock(name).is_some();
    if ALL.iter().copied().any(read) {
        return !is_foreign(path);
    }
    RELEASE_PLEASE.contains(&path) || is_setting(path)
}

/// Returns whether a file says how some lock is made.
fn is_setting(path: &str) -> bool {
    static LAST: LazyLock<HashSet<&str>> = LazyLock::new(|| settings().map(file_name).collect());
    let is_it = |name: &str| {
        let above = path.strip_suffix(name);
        above.is_some_and(|it| it.is_empty() || it.ends_with('/'))
    };
    LAST.contains(file_name(path)) && settings().any(is_it) && !is_foreign(path)
}

/// Returns the files that say how locks are made.
fn settings() -> impl Iterator<Item = &'static str> {
    let locks = ALL.iter().flat_map(|it| it.locks);
    locks.flat_map(|it| it.settings()).copied()
}

pub(super) fn format_of(path: &str) -> Option<(&'static Ecosystem, &'static dyn Format)> {
    let name = file_name(path);
    ALL.iter().find_map(|it| Some((*it, it.format(name)?)))
}

fn lock_of(path: &str) -> Option<&'static Ecosystem> {
    let name = file_name(path);
    ALL.iter().copied().find(|it| it.lock(name).is_some())
}

/// Returns the lock that a manifest is too: a requirements file that a tool made.
fn lock_in(manifest: &ManifestFile) -> Option<LockFile> {
    let lock = manifest.ecosystem.lock(file_name(&manifest.path))?;
    let is_it = lock.is_lock(&manifest.text);
    is_it.then(|| lock_file(manifest.path.clone(), manifest.ecosystem))
}

/// Returns whether another lock of the same format is read in the place of one beside it.
fn is_overruled(lock: &LockFile, all: &BTreeSet<String>) -> bool {
    let name = file_name(&lock.path);
    let other = lock.ecosystem.lock(name).and_then(Lock::overruled_by);
    let folder = lock.path.strip_suffix(name).unwrap_or_default();
    other.is_some_and(|it| it != name && all.contains(&format!("{folder}{it}")))
}

fn lock_file(path: String, ecosystem: &'static Ecosystem) -> LockFile {
    LockFile {
        path,
        ecosystem,
        read: Ok(LockFacts::default()),
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

pub(super) fn read_manifest(
    files: &mut dyn Files,
    path: String,
    ecosystem: &'static Ecosystem,
    format: &dyn Format,
) -> ManifestFile {
    let (text, read) = match files.text(&path, MANIFEST) {
        Ok(text) => {
            let read = format.read(&text);
            (text.into(), read)
        }
        Err(words) => (Arc::default(), Err(refusal(&path, &words))),
    };
    ManifestFile {
        path,
        text,
        ecosystem,
        read,
        auxiliary: false,
    }
}

fn refusal(path: &str, words: &str) -> ReadError {
    ReadError {
        message: format!("`{path}` {words}"),
        span: None,
    }
}

fn read_site(files: &mut dyn Files, number: usize, site: &SiteDeclaration) -> SiteMatch {
    let text = files.text(&site.file, MANIFEST);
    let text = text.map_err(|words| format!("`{}` {words}", site.file));
    SiteMatch::of(number, site, text.map(Arc::from))
}

/// Reads the files that rules look at for their own sake.
fn read_for_rules(files: &mut dyn Files, declared: &RepoDeclaration) -> TrackedFiles {
    let paths = files.paths(&|_| true);
    let headers = declared.check.headers.iter();
    let headers: Vec<_> = headers
        .filter_map(|it| path_pattern(&it.files).ok())
        .collect();
    let is_read =
        |path: &str| TrackedFiles::reads(path) || headers.iter().any(|it| it.is_match(path));
    let mut texts = BTreeMap::new();
    let mut left = TEXTS;
    for path in paths.iter().filter(|it| is_read(it)) {
        if let Ok(text) = files.text(path, TEXT)
            && text.len() <= left
        {
            left -= text.len();
            texts.insert(path.clone(), text.into());
        }
    }
    TrackedFiles { paths, texts }
}

/// Reads these files alone; which others there are is not asked.
fn read_these(files: &mut dyn Files, wanted: &[&str]) -> TrackedFiles {
    let text = |path: &&str| Some(((*path).to_owned(), files.text(path, TEXT).ok()?.into()));
    let texts: BTreeMap<String, _> = wanted.iter().filter_map(text).collect();
    TrackedFiles {
        paths: texts.keys().cloned().collect(),
        texts,
    }
}

fn read_changelog(files: &mut dyn Files) -> Option<Changelog> {
    CHANGELOGS.iter().find_map(|path| {
        let text = files.text(path, MANIFEST).ok()?;
        Some(Changelog {
            path: (*path).to_owned(),
            text: text.into(),
        })
    })
}
