//! Whether a working tree is as its commit: by hand where that is certain, else by libgit2.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use git2::{Oid, Repository, Status, StatusOptions, StatusShow};

use super::ignore::{Ignore, Is};
use super::index::{Entry, Index};

/// How many paths libgit2 is asked for by name; beyond, it looks through the whole tree.
const NAMED: usize = 64;

/// What a look by hand came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// As the commit, for certain.
    Clean,
    /// Changed, for certain.
    Changed,
    /// Not certain.
    Doubtful(Doubts),
}

/// What a look by hand could not tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Doubts {
    /// Anything may differ, what is staged included.
    whole: bool,
    /// Tracked files that do not look as git noted.
    files: Vec<Vec<u8>>,
    /// Names that git does not track, and that no plain pattern ignores.
    names: Vec<(Vec<u8>, Is)>,
}

impl Doubts {
    fn whole() -> Look {
        Look::Doubtful(Self {
            whole: true,
            ..Self::default()
        })
    }
}

/// Asks libgit2 for what is in doubt, the cheapest question first.
///
/// # Errors
/// With libgit2's words, where it could not tell.
pub(crate) fn settle(
    repository: &Repository,
    work: &Path,
    index: &Index,
    doubts: &Doubts,
) -> Result<bool, String> {
    let unknown = |(path, is): &(Vec<u8>, Is)| *is == Is::File && is_untracked(repository, path);
    if doubts.names.iter().any(unknown) {
        return Ok(true);
    }
    let named = !doubts.whole && doubts.files.len() <= NAMED;
    if named && !doubts.files.is_empty() && ask(repository, index, Question::Files(&doubts.files))?
    {
        return Ok(true);
    }
    let folders = doubts.names.iter().any(|(_, is)| *is == Is::Folder);
    if named && !folders {
        return Ok(false);
    }
    let question = if doubts.whole {
        Question::Everything
    } else {
        Question::WorkTree
    };
    Ok(ask(repository, index, question)? || holds_clone(repository, work, index))
}

/// What lies in a working tree beside the index: paths from its root.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Unstaged {
    /// Tracked files that may differ from what git noted.
    pub(crate) modified: Vec<String>,
    /// Files that git neither tracks nor ignores.
    pub(crate) untracked: Vec<String>,
}

/// Returns what is not staged where nothing is, no tracked file is gone and no folder is
/// untracked; `None` where only git itself can say.
pub(crate) fn unstaged<'r>(
    repository: impl FnOnce() -> Option<&'r Repository>,
    (work, index): (&Path, &Index),
    tree: Oid,
) -> Option<Unstaged> {
    let doubts = match look(work, index, tree) {
        Look::Clean => return Some(Unstaged::default()),
        Look::Doubtful(doubts) if !doubts.whole => doubts,
        Look::Doubtful(_) | Look::Changed => return None,
    };
    let text = |path: Vec<u8>| String::from_utf8(path).ok();
    let modified = doubts.files.into_iter().map(text);
    let mut untracked = Vec::new();
    if !doubts.names.is_empty() {
        let repository = repository()?;
        for (path, is) in doubts.names {
            match is {
                Is::Folder => return None,
                Is::File if is_untracked(repository, &path) => untracked.push(text(path)?),
                Is::File => {}
            }
        }
    }
    untracked.sort();
    Some(Unstaged {
        modified: modified.collect::<Option<_>>()?,
        untracked,
    })
}

fn is_untracked(repository: &Repository, path: &[u8]) -> bool {
    let path = Path::new(OsStr::from_bytes(path));
    !repository.is_path_ignored(path).unwrap_or(true)
}

/// Looks by hand.
pub(crate) fn look(work: &Path, index: &Index, tree: Oid) -> Look {
    match index.root {
        // Everything staged is a tree, and it is another one than the commit's.
        Some(root) if root != tree => return Look::Changed,
        Some(_) => {}
        None => return Doubts::whole(),
    }
    if index
        .entries()
        .iter()
        .any(|it| it.stage != 0 || it.intended)
    {
        return Doubts::whole();
    }
    let Some(files) = doubtful_files(work, index) else {
        return Look::Changed;
    };
    let Some(names) = doubtful_names(work, index) else {
        return Doubts::whole();
    };
    if files.is_empty() && names.is_empty() {
        return Look::Clean;
    }
    Look::Doubtful(Doubts {
        whole: false,
        files,
        names,
    })
}

/// Compares every tracked file with what git noted of it; `None` where one is gone.
fn doubtful_files(work: &Path, index: &Index) -> Option<Vec<Vec<u8>>> {
    let mut doubtful = Vec::new();
    let mut path = PathBuf::new();
    for entry in index.entries() {
        if entry.assumed {
            continue;
        }
        path.clear();
        path.push(work);
        path.push(OsStr::from_bytes(index.path(entry)));
        match fs::symlink_metadata(&path) {
            Ok(about) if is_as_noted(entry, &about, index.written) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if !entry.skipped {
                    return None;
                }
            }
            _ => doubtful.push(index.path(entry).to_vec()),
        }
    }
    Some(doubtful)
}

/// Returns whether a file is untouched since git last read it. One that changed in the instant in
/// which the index was written may have changed once more: not certain.
fn is_as_noted(entry: &Entry, about: &Metadata, written: (i64, i64)) -> bool {
    // The index keeps the low 32 bits of everything.
    let low = |number: i64| number.cast_unsigned() as u32;
    let time = |(seconds, nanos)| (low(seconds), low(nanos));
    let modified = (about.mtime(), about.mtime_nsec());
    let plain_or_link = match entry.mode {
        0o100_644 => about.is_file() && about.mode() & 0o100 == 0,
        0o100_755 => about.is_file() && about.mode() & 0o100 != 0,
        0o120_000 => about.is_symlink(),
        _ => false,
    };
    plain_or_link
        && entry.modified == time(modified)
        && entry.changed == time((about.ctime(), about.ctime_nsec()))
        && entry.inode == about.ino() as u32
        && entry.size == about.size() as u32
        && modified < written
}

/// Returns whether a clone of something else lies untracked in a tracked folder. libgit2 passes over
/// one without commits; git shows it.
fn holds_clone(repository: &Repository, work: &Path, index: &Index) -> bool {
    let mut open = vec![(Vec::new(), 0..index.entries().len())];
    while let Some((prefix, range)) = open.pop() {
        let (known, below) = children(index, &prefix, range);
        let unknown = unknown_names(work, &prefix, &known).unwrap_or_default();
        for (path, is) in unknown {
            let is_clone = || work.join(OsStr::from_bytes(&path)).join(".git").exists();
            let folder = [&path, b"/".as_slice()].concat();
            if is == Is::Folder && is_clone() && is_untracked(repository, &folder) {
                return true;
            }
        }
        open.extend(below);
    }
    false
}

/// Looks for names that git does not track in the folders that it does; `None` where a folder can
/// not be looked into.
fn doubtful_names(work: &Path, index: &Index) -> Option<Vec<(Vec<u8>, Is)>> {
    let mut doubtful = Vec::new();
    let entries = index.entries();
    let nested = entries
        .iter()
        .any(|it| index.path(it).ends_with(b"/.gitignore"));
    let mut ignore = None;
    let mut open = vec![(Vec::new(), 0..entries.len())];
    while let Some((prefix, range)) = open.pop() {
        let (known, below) = children(index, &prefix, range);
        for (path, is) in unknown_names(work, &prefix, &known)? {
            let ignore = ignore.get_or_insert_with(|| Ignore::at(work));
            let judged_at_root = prefix.is_empty() || !nested;
            let rules = path.ends_with(b".gitignore");
            if !judged_at_root || rules || !ignore.covers(&path, is) {
                doubtful.push((path, is));
            }
        }
        open.extend(below);
    }
    Some(doubtful)
}

/// The tracked names in one folder, sorted, and the folders among them with their entries.
type Children<'i> = (Vec<(&'i [u8], Is)>, Vec<(Vec<u8>, Range<usize>)>);

fn children<'i>(index: &'i Index, prefix: &[u8], range: Range<usize>) -> Children<'i> {
    let mut known = Vec::new();
    let mut below: Vec<(Vec<u8>, Range<usize>)> = Vec::new();
    for (number, entry) in range
        .clone()
        .zip(index.entries().get(range).unwrap_or_default())
    {
        let rest = index.path(entry).get(prefix.len()..).unwrap_or_default();
        let Some(slash) = rest.iter().position(|&b| b == b'/') else {
            known.push((rest, Is::File));
            continue;
        };
        let (name, with_slash) = (rest.get(..slash), rest.get(..=slash));
        let name = (name.unwrap_or_default(), Is::Folder);
        // What lies in one folder stands together.
        if known.last() == Some(&name)
            && let Some((_, last)) = below.last_mut()
        {
            last.end = number + 1;
            continue;
        }
        known.push(name);
        let path = [prefix, with_slash.unwrap_or_default()].concat();
        below.push((path, number..number + 1));
    }
    known.sort_unstable();
    (known, below)
}

/// Returns what lies in a folder beside the tracked names; `None` where that is not certain.
fn unknown_names(work: &Path, prefix: &[u8], known: &[(&[u8], Is)]) -> Option<Vec<(Vec<u8>, Is)>> {
    let mut unknown = Vec::new();
    let listing = match fs::read_dir(work.join(OsStr::from_bytes(prefix))) {
        Ok(listing) => listing,
        // Its tracked files were missed already, where they had to be there.
        Err(error) if error.kind() == ErrorKind::NotFound => return Some(unknown),
        Err(_) => return None,
    };
    for entry in listing {
        let entry = entry.ok()?;
        let is_folder = entry.file_type().ok()?.is_dir();
        let (is, other) = if is_folder {
            (Is::Folder, Is::File)
        } else {
            (Is::File, Is::Folder)
        };
        let name = entry.file_name().into_vec();
        let tracked = |is| known.binary_search(&(name.as_slice(), is)).is_ok();
        if tracked(is) || prefix.is_empty() && name == b".git" {
            continue;
        }
        // A tracked folder that is a link now, or a file that is a folder.
        if tracked(other) {
            return None;
        }
        unknown.push(([prefix, &name].concat(), is));
    }
    Some(unknown)
}

/// What libgit2 is asked about.
#[derive(Clone, Copy)]
enum Question<'a> {
    /// These tracked files, in the working tree.
    Files(&'a [Vec<u8>]),
    /// The working tree against the index.
    WorkTree,
    /// The index against the commit, too.
    Everything,
}

/// Asks libgit2, which reads the bytes of what looks changed, and never writes the index.
fn ask(repository: &Repository, index: &Index, question: Question<'_>) -> Result<bool, String> {
    let mut options = StatusOptions::new();
    options.include_untracked(true).include_ignored(false);
    options.update_index(false).disable_pathspec_match(true);
    if !matches!(question, Question::Everything) {
        options.show(StatusShow::Workdir);
    }
    if let Question::Files(paths) = question {
        for path in paths {
            options.pathspec(path.as_slice());
        }
    }
    let statuses = repository
        .statuses(Some(&mut options))
        .map_err(|error| error.message().to_owned())?;
    Ok(statuses.iter().any(|it| {
        let status = it.status();
        let outside = || index.find(it.path_bytes()).is_some_and(|it| it.skipped);
        match status {
            Status::CURRENT | Status::IGNORED => false,
            Status::WT_DELETED => !outside(),
            _ => true,
        }
    }))
}
