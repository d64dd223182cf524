//! Whether a working tree is as its commit: by hand where that is certain, else by libgit2.

mod walk;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use git2::{Oid, Repository, Status, StatusOptions, StatusShow, SubmoduleIgnore, SubmoduleStatus};
use rustix::fs::{CWD, Dir};

use super::SUBMODULE;
use super::ignore::Is;
use super::index::Index;
use walk::{children, folder, unknown_names};

pub(crate) use walk::{Doubts, Look, Until, look};

/// How many paths libgit2 is asked for by name; beyond, it looks through the whole tree.
const NAMED: usize = 64;

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
    let doubts = match look(work, index, tree, Until::Everything) {
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

/// Returns whether a clone of something else lies untracked in a tracked folder. libgit2 passes over
/// one without commits; git shows it.
fn holds_clone(repository: &Repository, work: &Path, index: &Index) -> bool {
    let mut open = vec![(Vec::new(), 0..index.entries().len())];
    while let Some((prefix, range)) = open.pop() {
        let (known, below) = children(index, &prefix, range);
        let at = folder(
            CWD,
            work.join(OsStr::from_bytes(&prefix)).as_os_str().as_bytes(),
        );
        let listing = at.and_then(Dir::new).ok();
        let unknown = listing.and_then(|it| unknown_names(it, &prefix, &known));
        let unknown = unknown.unwrap_or_default();
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
            Status::WT_MODIFIED => !is_parted(repository, index, it.path_bytes()),
            _ => true,
        }
    }))
}

/// Returns whether a path is a submodule that lies at another commit, and nothing in it is changed:
/// git leaves it so where it moves a branch on.
fn is_parted(repository: &Repository, index: &Index, path: &[u8]) -> bool {
    let is_submodule = index.find(path).is_some_and(|it| it.mode == SUBMODULE);
    let Some(path) = std::str::from_utf8(path).ok().filter(|_| is_submodule) else {
        return false;
    };
    let edited = SubmoduleStatus::WD_INDEX_MODIFIED
        | SubmoduleStatus::WD_WD_MODIFIED
        | SubmoduleStatus::WD_UNTRACKED;
    let status = repository.submodule_status(path, SubmoduleIgnore::None);
    status.is_ok_and(|it| it.contains(SubmoduleStatus::WD_MODIFIED) && !it.intersects(edited))
}
