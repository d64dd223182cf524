//! States of a clone's past: their files alone.

use std::path::Path;

use cascade_plan::{Content, ObservedRepo, Oid, RepoDeclaration, Trouble};

use super::files::Stored;
use super::tree::{read_locks, read_tree};
use super::{Depth, Family, seen};
use crate::checkout::{Absent, Checkout, CommitId, Objects, git_oid};

/// Returns when a commit of a clone was made, in seconds since 1970; `None` where it has no such one.
pub fn committed(folder: &Path, commit: &Oid) -> Option<i64> {
    let checkout = Checkout::at(folder, &Absent::default()).ok()?;
    let objects = checkout.objects().ok()?;
    Some(objects.commit(git_oid(commit)?)?.time)
}

/// Returns what is seen in the files of these trees of a clone: of tags and history nothing. `absent` hears
/// of files that are not there.
pub(crate) fn observe_trees(
    declared: &RepoDeclaration,
    folder: &Path,
    trees: &[CommitId],
    (family, absent): (&Family, &Absent),
) -> Vec<ObservedRepo> {
    let one = |objects: &Objects<'_>, tree| {
        let mut repo = ObservedRepo {
            content: Content::Commit,
            ..ObservedRepo::default()
        };
        let files = objects.files(tree).map_err(Trouble::Unreadable)?;
        let mut files = Stored::new(objects, files);
        read_tree(declared, &mut files, Depth::Survey, &mut repo);
        read_locks(&mut files, family, &mut repo);
        Ok(repo)
    };
    let checkout = Checkout::at(folder, absent);
    let opened = checkout.as_ref().map_err(Trouble::clone);
    let objects = opened.and_then(Checkout::objects);
    let all = trees.iter().map(|tree| match &objects {
        Ok(objects) => seen(one(objects, *tree)),
        Err(trouble) => seen(Err(trouble.clone())),
    });
    all.collect()
}
