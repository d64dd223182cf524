//! The repository that a push leaves or comes to: its branches as they will be, and what a rewritten
//! one forgets.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use cascade_plan::hook::{Change, Ref, RefChange};
use cascade_plan::{ObservedRepo, Oid, TagStanding, Trouble};

use crate::checkout::{Checkout, CommitId, History, Objects, Refs, git_oid, oid};
use crate::{AskedTag, TagPlace};

/// The repository of a push, and what was pushed.
#[derive(Debug, Clone)]
pub struct Push {
    /// Where it is.
    pub place: PushPlace,
    /// The objects that are not taken yet, where a server asks.
    pub quarantine: Option<PathBuf>,
    /// The remote's name, where a client asks.
    pub remote: Option<String>,
    /// What is pushed.
    pub changes: Vec<RefChange>,
}

/// Where the repository of a push is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushPlace {
    /// A checkout, or a linked working tree.
    Checkout(PathBuf),
    /// A repository without a working tree of its own.
    Bare(PathBuf),
}

/// What a branch that is rewritten leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// The branch.
    pub branch: String,
    /// The tags on commits that it no longer contains.
    pub forgets: Vec<AskedTag>,
}

impl PushPlace {
    /// Returns the repository that git runs a hook in: the folder, or where git says that its own is.
    pub fn of(here: &Path, git_dir: Option<&OsStr>) -> Self {
        let said = git_dir.map(|it| here.join(it));
        let inside = here.join(".git").exists();
        let same = |said: &PathBuf| {
            let own = Checkout::open(here)
                .ok()
                .map(|it| it.git_folder().to_owned());
            own.and_then(|it| it.canonicalize().ok()) == said.canonicalize().ok()
        };
        match said {
            None if inside => Self::Checkout(here.to_owned()),
            Some(said) if !inside || !same(&said) => Self::Bare(said),
            Some(_) => Self::Checkout(here.to_owned()),
            None => Self::Bare(here.to_owned()),
        }
    }

    /// Returns it as those ask for it who read tags.
    pub fn tags(&self) -> TagPlace<'_> {
        match self {
            Self::Checkout(folder) => TagPlace::Checkout(folder),
            Self::Bare(folder) => TagPlace::Bare(folder),
        }
    }

    /// Returns the folder that linked working trees share.
    ///
    /// # Errors
    /// When git's files can not be read.
    pub fn common(&self) -> Result<PathBuf, Trouble> {
        Ok(self.open()?.common_folder().to_owned())
    }

    pub(super) fn open(&self) -> Result<Checkout, Trouble> {
        self.tags().open()
    }
}

impl Push {
    /// Returns what is known of the repository's branches.
    ///
    /// # Errors
    /// When git's files can not be read.
    pub fn seen(&self) -> Result<ObservedRepo, Trouble> {
        let checkout = self.place.open()?;
        let refs = checkout.refs()?;
        let here = refs.head().ok().and_then(|it| it.branch);
        let bare = matches!(self.place, PushPlace::Bare(_));
        let default = Checkout::default_branch(&refs);
        Ok(ObservedRepo {
            default_branch: default.or_else(|| here.clone().filter(|_| bare)),
            branch: here,
            ..ObservedRepo::default()
        })
    }

    /// Returns the branches of the other side as they will be: as they were last seen there, but for
    /// those that are pushed.
    ///
    /// # Errors
    /// When git's files can not be read.
    pub fn branches(&self) -> Result<BTreeMap<String, Oid>, Trouble> {
        let checkout = self.place.open()?;
        let mut branches = match &self.remote {
            Some(remote) if is_plain(remote) => {
                let refs = checkout.refs()?;
                let all = refs.below(&format!("refs/remotes/{remote}/")).into_iter();
                all.filter_map(|(name, tip)| Some((name, oid(tip)?)))
                    .collect()
            }
            _ => BTreeMap::new(),
        };
        for change in &self.changes {
            let Ref::Branch(name) = change.place() else {
                continue;
            };
            match &change.new {
                Some(tip) => branches.insert(name.to_owned(), tip.clone()),
                None => branches.remove(name),
            };
        }
        Ok(branches)
    }
}

impl Push {
    /// Returns the text of a file on the branch that the repository is released from, as it will be;
    /// `None` where there is none.
    ///
    /// # Errors
    /// When git's files can not be read.
    pub fn committed(&self, path: &str) -> Result<Option<String>, Trouble> {
        let checkout = self.place.open()?;
        let objects = checkout.objects_with(self.quarantine.as_deref())?;
        let head = checkout.refs()?.head().map_err(Trouble::Unreadable)?;
        let here = head.branch.as_deref();
        let pushed = self.changes.iter().find_map(|it| match it.place() {
            Ref::Branch(name) if Some(name) == here => git_oid(it.new.as_ref()?),
            _ => None,
        });
        let Some(tip) = pushed.or(head.id) else {
            return Ok(None);
        };
        let bytes = History::new(&objects, checkout.shallow()).file(tip, path, 1 << 20);
        Ok(bytes.and_then(|it| String::from_utf8(it).ok()))
    }
}

/// Returns the branches of a push that are rewritten, each with the tags that it forgets. What the
/// other side has and this one lacks can not be judged, and is passed over: git refuses it itself,
/// unless it is forced.
///
/// # Errors
/// When git's files can not be read.
pub fn forgets(push: &Push) -> Result<Vec<Rewritten>, Trouble> {
    let moves = push
        .changes
        .iter()
        .filter_map(|it| match (it.place(), it.change()) {
            (Ref::Branch(name), Change::Move { from, to }) => {
                Some((name, git_oid(&from)?, git_oid(&to)?))
            }
            _ => None,
        });
    let moves: Vec<(&str, CommitId, CommitId)> = moves.collect();
    if moves.is_empty() {
        return Ok(Vec::new());
    }
    let checkout = push.place.open()?;
    let objects = checkout.objects_with(push.quarantine.as_deref())?;
    let mut history = History::new(&objects, checkout.shallow());
    let mut rewritten = Vec::new();
    for (name, from, to) in moves {
        if let Some(lost) = lost(&mut history, from, to) {
            rewritten.push(Rewritten {
                branch: name.to_owned(),
                forgets: tags_on(&checkout.refs()?, &objects, &lost),
            });
        }
    }
    Ok(rewritten)
}

/// Returns the commits that a branch loses; `None` where it loses none.
fn lost(history: &mut History<'_>, from: CommitId, to: CommitId) -> Option<Vec<CommitId>> {
    let parted = history.parted(from, to).ok()?;
    let lost = parted
        .left
        .iter()
        .filter_map(|it| Some(history.commit(*it)?.0));
    let lost: Vec<CommitId> = lost.collect();
    (!lost.is_empty()).then_some(lost)
}

/// Returns the tags on some commits.
fn tags_on(refs: &Refs<'_>, objects: &Objects<'_>, commits: &[CommitId]) -> Vec<AskedTag> {
    let raw = refs.below("refs/tags/");
    let peeled = refs.tags().into_iter();
    let on = peeled.filter_map(|(name, target)| {
        let commit = git_oid(&objects.peel(target)?)?;
        let object = oid(*raw.get(&name)?)?;
        commits.contains(&commit).then_some(AskedTag {
            name,
            object,
            standing: TagStanding::Published,
        })
    });
    on.collect()
}

/// Returns whether a remote's name is one that git gives to folders of refs, and leads nowhere else.
fn is_plain(name: &str) -> bool {
    let part = |it: &str| !it.is_empty() && !it.starts_with('.') && !it.contains([':', '\\', '\0']);
    name.split('/').all(part)
}
