//! `lock`: the locks of checkouts, as the manifests in them stand now; nothing is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cascade_manifest::ALL;
use cascade_plan::{
    Action, Event, FamilyTags, Fate, Illegible, LockHeld, LockStand, Oid, Outcome, Plan, RepoId,
    Step,
};

use super::release::queue_of;
use super::worktree::Worktree;
use super::{ApplyError, failed, of_build, of_git, of_write};
use crate::Site;
use crate::checkout::{Checkout, Unstaged, oid};
use crate::drive::{Teller, drive};
use crate::export::Export;
use crate::git::{Git, GitError};
use crate::mirror::Store;
use crate::path::{folder_of, is_foreign};
use crate::relock::{Desk, Relocked, gathered, left_out, relock};
use crate::write::{Edits, current, stage};

/// How large a file may be that git does not know and a tool gets to see.
const UNKNOWN: usize = 8 << 20;

/// Returns how the locks in a checkout stand beside its manifests, both as they are on disk, and
/// the commit that is checked out. Of a commit that a lock keeps the tags of the family tell what it
/// is.
///
/// # Errors
/// When git can not read the checkout, or it has no commit.
pub fn lock_stands(
    site: &Site,
    git: &Git,
    tags: &FamilyTags<'_>,
) -> Result<(Oid, Vec<LockStand>), ApplyError> {
    let checkout = Worktree {
        git,
        folder: &site.folder,
    };
    let listed = Listed::of(&checkout).map_err(|it| told(&it))?;
    let head = listed.head.ok_or_else(|| ApplyError {
        why: "it has no commit".to_owned(),
        help: None,
    })?;
    let stands = listed.paths.iter();
    let stands = stands.filter_map(|it| stand(&site.folder, it, tags));
    Ok((head, stands.collect()))
}

/// The files of a checkout, as paths from its root.
struct Listed {
    /// The commit that is checked out; `None` before the first one.
    head: Option<Oid>,
    /// What git tracks, and what it neither tracks nor ignores.
    paths: BTreeSet<String>,
    /// Those of them that may differ from the commit's, and tracked ones that are gone.
    changed: BTreeSet<String>,
}

impl Listed {
    /// Lists by hand, which starts no process, and where that is not certain as git does.
    ///
    /// # Errors
    /// When git can not say.
    fn of(checkout: &Worktree<'_>) -> Result<Self, GitError> {
        match Self::by_hand(checkout.folder) {
            Some(it) => Ok(it),
            None => Self::by_git(checkout),
        }
    }

    fn by_hand(folder: &Path) -> Option<Self> {
        let opened = Checkout::open(folder).ok()?;
        let head = opened.refs().ok()?.head().ok()?.id?;
        let tree = opened.objects().ok()?.commit(head)?.tree;
        let index = opened.index().ok()?;
        let Unstaged {
            modified,
            untracked,
        } = opened.unstaged(&index, tree)?;
        let tracked = index.entries().iter().map(|it| index.path(it));
        let tracked = tracked.map(|it| Some(str::from_utf8(it).ok()?.to_owned()));
        let mut paths: BTreeSet<String> = tracked.collect::<Option<_>>()?;
        paths.extend(untracked.iter().cloned());
        Some(Self {
            head: oid(head),
            paths,
            changed: modified.into_iter().chain(untracked).collect(),
        })
    }

    fn by_git(checkout: &Worktree<'_>) -> Result<Self, GitError> {
        let all = [
            "ls-files",
            "-z",
            "--exclude-standard",
            "--cached",
            "--others",
        ];
        let answer = checkout.call().args(all).answer()?;
        let paths = answer.split('\0').filter(|it| !it.is_empty());
        let standing = checkout.standing_with_all_files()?;
        Ok(Self {
            head: standing.head,
            paths: paths.map(str::to_owned).collect(),
            changed: standing.changed.into_iter().collect(),
        })
    }
}

fn told(error: &GitError) -> ApplyError {
    ApplyError {
        why: error.to_string(),
        help: Some("cascade fetch".to_owned()),
    }
}

fn stand(root: &Path, path: &str, tags: &FamilyTags<'_>) -> Option<LockStand> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if is_foreign(folder) {
        return None;
    }
    let found = ALL.iter().find_map(|it| Some((*it, it.lock(name)?)));
    let (ecosystem, format) = found?;
    let illegible = |beside: Option<String>, message: String| Illegible {
        beside,
        message,
        spot: None,
    };
    let text = match text(root, path) {
        Ok(text) => text?,
        // Whether one that may be a manifest is a lock, only its text says.
        Err(_) if ecosystem.format(name).is_some() => return None,
        Err(why) => {
            return Some(LockStand {
                file: path.to_owned(),
                ecosystem,
                files: BTreeMap::new(),
                read: Err(illegible(None, why)),
            });
        }
    };
    if ecosystem.format(name).is_some() && !format.is_lock(&text) {
        return None;
    }
    let other = format.overruled_by().filter(|it| *it != name);
    if other.is_some_and(|it| root.join(folder).join(it).is_file()) {
        return None;
    }
    let files = gathered(root, folder, ecosystem, format);
    let read = match left_out(root, folder, (ecosystem, format), (&text, &files)) {
        Some((name, why)) => Err(illegible(Some(name), why)),
        None => LockHeld::read(format, (&text, &files), tags),
    };
    Some(LockStand {
        file: path.to_owned(),
        ecosystem,
        files,
        read,
    })
}

/// Returns the text of a lock; `None` where none is there, and why it has none.
fn text(root: &Path, path: &str) -> Result<Option<String>, String> {
    let Some(bytes) = current(root, path).map_err(|it| it.to_string())? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes);
    text.map(Some).map_err(|_| "it is not UTF-8".to_owned())
}

/// Brings the locks of a plan in step in the checkouts. Only locks are written, and
/// what their tools own in the manifests beside them; nothing is committed.
pub fn lock(
    plan: &Plan,
    sites: &[Site],
    git: &Git,
    jobs: usize,
    on_event: &mut dyn FnMut(Event),
) -> Outcome {
    let bench = Bench {
        desk: Desk::new(git, &plan.request),
        sites: sites
            .iter()
            .map(|it| (&it.repo, it.folder.as_path()))
            .collect(),
        steps: plan.steps.iter().map(|it| (&it.repo, it)).collect(),
    };
    let work = |repo: &RepoId, teller: &Teller<'_>| bench.work(repo, teller);
    let interrupt = &git.environment().interrupt;
    drive(queue_of(plan), jobs, interrupt, &work, on_event)
}

struct Bench<'a> {
    desk: Desk<'a>,
    sites: BTreeMap<&'a RepoId, &'a Path>,
    steps: BTreeMap<&'a RepoId, &'a Step>,
}

impl Bench<'_> {
    fn work(&self, repo: &RepoId, teller: &Teller<'_>) -> Fate {
        let (Some(step), Some(folder)) = (self.steps.get(repo), self.sites.get(repo)) else {
            return Fate::Nothing;
        };
        self.relock_all(step, folder, teller)
            .unwrap_or_else(|fate| fate)
    }

    fn relock_all(&self, step: &Step, folder: &Path, teller: &Teller<'_>) -> Result<Fate, Fate> {
        teller.started();
        let export = self.export(step, folder)?;
        let mut edits = Edits::new();
        for action in &step.actions {
            let Action::Relock(it) = action else { continue };
            teller.progress(format!("relocking `{}`", it.file));
            let before = export.read(&it.file);
            match relock(&self.desk, step, it, &export) {
                Relocked::InStep(made) => {
                    made.tell(&it.file, teller);
                    if before.as_ref() != Some(&made.text) {
                        made.beside.add_to(&mut edits);
                        edits.insert(it.file.clone(), made.text);
                    }
                }
                Relocked::Interrupted => return Err(Fate::Interrupted),
                Relocked::Stale { why, mend } => {
                    let why = format!("`{}` can not be brought in step: {why}", it.file);
                    return Err(failed(why, mend));
                }
            }
        }
        if edits.is_empty() {
            return Ok(Fate::Nothing);
        }
        let staged = stage(folder, &edits).map_err(|it| of_write(step, &it))?;
        staged.write().map_err(|it| of_write(step, &it))?;
        Ok(Fate::Done {
            commit: None,
            out: Vec::new(),
        })
    }

    /// Returns the tree of the checkout as it stands, in a folder of its own.
    fn export(&self, step: &Step, folder: &Path) -> Result<Export, Fate> {
        let git = self.desk.git;
        let checkout = Worktree { git, folder };
        let listed = Listed::of(&checkout).map_err(|it| of_git(it, None))?;
        let locks = step.locks.iter().map(|it| it.file.clone());
        let (mut edits, mut gone) = (Edits::new(), Vec::new());
        for path in listed.changed.into_iter().chain(locks) {
            match current(folder, &path) {
                Ok(Some(bytes)) if bytes.len() <= UNKNOWN || folder_of(&path).is_empty() => {
                    edits.insert(path, bytes);
                }
                Ok(None) => gone.push(path),
                // Too large for a manifest, or behind a link.
                _ => {}
            }
        }
        let build = |it| of_build(step, it);
        let store = Store::of_checkout(folder).map_err(build)?;
        let tree = store.tree(&step.base).map_err(build)?;
        let export = Export::of(&store, tree, &edits, &git.environment().scratch())
            .map_err(|it| failed(format!("the tree can not be exported: {it}"), None))?;
        for it in gone {
            export.remove(&it);
        }
        Ok(export)
    }
}
