//! Commits and tags, made without a checkout: the same plan gives the same ids everywhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cascade_plan::{Action, Oid, RunId, Step};
use git2::build::TreeUpdateBuilder;
use git2::{ErrorCode, FileMode, ObjectFormat, ObjectType, Repository, Signature, Time, TreeEntry};

use super::Mirror;
use crate::checkout::oid;
use crate::git::GitError;
use crate::path::components;
use crate::write::{Edits, WriteError, settle};

/// The commits that submodules come to be at, by path.
pub(crate) type Submodules = BTreeMap<String, Oid>;

/// How often an object is made before it counts as lost.
const TRIES: u32 = 4;

/// Who commits and tags, and when: the moment is the plan's, not the clock's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    name: String,
    email: String,
    taken: i64,
}

/// Whether the user's git signs what it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    /// It does not.
    Unsigned,
    /// It does.
    Signed,
}

/// Why a commit or a tag can not be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    /// A file can not be changed as planned.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// An object can not be read or made.
    #[error("cascade's mirror can not be read: {}", .0.message())]
    Read(#[from] git2::Error),
    /// git said no: to a signature, to an identity.
    #[error(transparent)]
    Git(#[from] GitError),
    /// git does not know who commits.
    #[error("git does not know who commits")]
    Nobody,
    /// It made something that is no object's id.
    #[error("git answered with `{0}` instead of an object's id")]
    NoId(String),
}

impl Mirror {
    /// Returns who commits, as the user's git has it.
    ///
    /// # Errors
    /// When it has nobody.
    pub(crate) fn identity(&self, taken: i64) -> Result<Identity, BuildError> {
        let answer = self
            .call()
            .signing()
            // Without this git would make somebody up from the machine's name.
            .configured(&["user.useConfigOnly=true"])
            .args(["var", "GIT_COMMITTER_IDENT"])
            .answer();
        let answer = match answer {
            Err(GitError::Failed { .. }) => return Err(BuildError::Nobody),
            other => other?,
        };
        let person = answer.split_once(" <").and_then(|(name, rest)| {
            let (email, _) = rest.split_once('>')?;
            Some((name.trim().to_owned(), email.to_owned()))
        });
        let (name, email) = person.ok_or(BuildError::Nobody)?;
        Ok(Identity { name, email, taken })
    }

    /// Returns whether the user's git signs, by this setting of theirs.
    pub(crate) fn signs(&self, setting: &str) -> Signing {
        let call = self
            .call()
            .args(["config", "--type=bool", "--get", setting]);
        match call.answer() {
            Ok(answer) if answer.trim() == "true" => Signing::Signed,
            _ => Signing::Unsigned,
        }
    }

    /// Returns the tree of `base` with the edits in it.
    ///
    /// # Errors
    /// When an object can not be read or made.
    pub(crate) fn tree(
        &self,
        base: &Oid,
        (edits, modules): (&Edits, &Submodules),
    ) -> Result<git2::Oid, BuildError> {
        let repository = self.objects()?;
        let tree = repository.find_commit(at(base)?)?.tree()?;
        let mut update = TreeUpdateBuilder::new();
        for (path, bytes) in edits {
            let mode = match entry(&repository, &tree, path)? {
                Some(it) if it.filemode() == i32::from(FileMode::BlobExecutable) => {
                    FileMode::BlobExecutable
                }
                _ => FileMode::Blob,
            };
            update.upsert(path.as_str(), repository.blob(bytes)?, mode);
        }
        for (path, commit) in modules {
            update.upsert(path.as_str(), at(commit)?, FileMode::Commit);
        }
        Ok(update.create_updated(&repository, &tree)?)
    }

    /// Returns the planned edits of a step on the tree of its base; none where they are there.
    ///
    /// # Errors
    /// When a file is not what the plan was made for, or can not be edited.
    pub(crate) fn edits(&self, step: &Step) -> Result<Edits, BuildError> {
        let repository = self.objects()?;
        let tree = repository.find_commit(at(&step.base)?)?.tree()?;
        let mut edits = Edits::new();
        for action in &step.actions {
            if let Action::Write {
                path,
                before,
                after,
            } = action
            {
                let now = match entry(&repository, &tree, path)? {
                    Some(it) => Some(repository.find_blob(it.id())?.content().to_vec()),
                    None => None,
                };
                settle(&mut edits, now, (path, before, after))?;
            }
        }
        Ok(edits)
    }

    /// Returns where the submodules of a step come to be at, on the tree of its base; none that are
    /// there.
    ///
    /// # Errors
    /// When one is at another commit than the plan was made for.
    pub(crate) fn submodules(&self, step: &Step) -> Result<Submodules, BuildError> {
        let repository = self.objects()?;
        let mut moved = Submodules::new();
        for action in &step.actions {
            let Action::Submodule {
                path,
                before,
                after,
            } = action
            else {
                continue;
            };
            let now = submodule_at(&repository, &step.base, path)?;
            if now.as_ref() == Some(after) {
                continue;
            }
            if now.as_ref() != Some(before) {
                return Err(WriteError::Drift(path.clone()).into());
            }
            moved.insert(path.clone(), after.clone());
        }
        Ok(moved)
    }

    /// Returns a commit of this tree on `base`.
    ///
    /// # Errors
    /// When it can not be made, or the user's git wants it signed and can not.
    pub(crate) fn commit(
        &self,
        base: &Oid,
        tree: git2::Oid,
        message: &str,
        who: &Identity,
    ) -> Result<Oid, BuildError> {
        let message = ended(message);
        if self.signs("commit.gpgSign") == Signing::Signed {
            return self.signed_commit(base, tree, &message, who);
        }
        let repository = self.objects()?;
        let signature = who.signature()?;
        let (tree, parent) = (
            repository.find_tree(tree)?,
            repository.find_commit(at(base)?)?,
        );
        let id = repository.commit(None, &signature, &signature, &message, &tree, &[&parent])?;
        known(id)
    }

    fn signed_commit(
        &self,
        base: &Oid,
        tree: git2::Oid,
        message: &str,
        who: &Identity,
    ) -> Result<Oid, BuildError> {
        let call = who.on(self.call().signing().uninterrupted());
        let call = call.args(["commit-tree", "-S", "-p", base.as_str(), "-F", "-"]);
        let answer = call.arg(tree.to_string()).input(message).answer()?;
        Oid::parse(answer.trim()).ok_or(BuildError::NoId(answer))
    }

    /// Returns an annotated tag object on a commit; no ref names it yet.
    ///
    /// # Errors
    /// When it can not be made, or the user's git wants it signed and can not.
    pub(crate) fn tag(
        &self,
        name: &str,
        commit: &Oid,
        message: &str,
        who: &Identity,
    ) -> Result<Oid, BuildError> {
        let message = ended(message);
        let wishes = ["tag.gpgSign", "tag.forceSignAnnotated"];
        if wishes.iter().any(|it| self.signs(it) == Signing::Signed) {
            return self.signed_tag(name, commit, &message, who);
        }
        let repository = self.objects()?;
        let target = repository.find_object(at(commit)?, Some(ObjectType::Commit))?;
        known(repository.tag_annotation_create(name, &target, &who.signature()?, &message)?)
    }

    fn signed_tag(
        &self,
        name: &str,
        commit: &Oid,
        message: &str,
        who: &Identity,
    ) -> Result<Oid, BuildError> {
        let call = who.on(self.call().signing().uninterrupted());
        // Forced, since only the mirror's own ref is replaced; the remote was asked before.
        call.args([
            "tag",
            "--sign",
            "--force",
            "-F",
            "-",
            "--",
            name,
            commit.as_str(),
        ])
        .input(message)
        .answer()?;
        let repository = self.objects()?;
        let mut made = repository.find_reference(&format!("refs/tags/{name}"))?;
        let id = made
            .target()
            .ok_or_else(|| BuildError::NoId(name.to_owned()))?;
        // The mirror's tags are the remote's; this one is not there yet.
        made.delete()?;
        known(id)
    }

    /// Makes an object of a run and keeps it; anew where git's own housekeeping in the mirror cleared
    /// away what it is made of, before anything named it.
    ///
    /// # Errors
    /// When it can not be made, or the mirror can not be written.
    pub(crate) fn kept(
        &self,
        run: &RunId,
        name: &str,
        make: impl Fn() -> Result<Oid, BuildError>,
    ) -> Result<Oid, BuildError> {
        let mut tries = 1;
        loop {
            let pinned = make().and_then(|id| self.pin(run, name, &id).map(|()| id));
            match pinned {
                Err(BuildError::Read(error)) if error.code() == ErrorCode::NotFound => {
                    if tries == TRIES {
                        return Err(error.into());
                    }
                    tries += 1;
                }
                other => return other,
            }
        }
    }

    /// Keeps an object of a run from being cleared away.
    ///
    /// # Errors
    /// When the mirror can not be written.
    fn pin(&self, run: &RunId, name: &str, id: &Oid) -> Result<(), BuildError> {
        let full = format!("refs/cascade/{}/{name}", run.0);
        let (repository, id) = (self.objects()?, at(id)?);
        if repository.reference(&full, id, true, "cascade").is_err() {
            // What a power failure tore can not be read, and so not be replaced.
            let _ = fs::remove_file(self.path().join(&full));
            repository.reference(&full, id, true, "cascade")?;
        }
        Ok(())
    }

    /// Returns whether the mirror at a path keeps objects of a run.
    pub(crate) fn keeps(path: &Path, run: &RunId) -> bool {
        let kept = || {
            let mirror = Repository::open_bare(path).ok()?;
            let mut all = mirror
                .references_glob(&format!("refs/cascade/{}/*", run.0))
                .ok()?;
            Some(all.next().is_some())
        };
        kept().unwrap_or(false)
    }

    /// Lets go of every object of a run in the mirror at a path.
    ///
    /// # Errors
    /// When the mirror can not be written.
    pub(crate) fn unpin(path: &Path, run: &RunId) -> Result<(), git2::Error> {
        let mirror = Repository::open_bare(path)?;
        for kept in mirror.references_glob(&format!("refs/cascade/{}/*", run.0))? {
            kept?.delete()?;
        }
        Ok(())
    }

    fn objects(&self) -> Result<Repository, git2::Error> {
        Repository::open_bare(self.path())
    }
}

impl Identity {
    fn signature(&self) -> Result<Signature<'static>, git2::Error> {
        Signature::new(&self.name, &self.email, &Time::new(self.taken, 0))
    }

    fn on(&self, call: crate::git::GitCall) -> crate::git::GitCall {
        let date = format!("{} +0000", self.taken);
        ["AUTHOR", "COMMITTER"].iter().fold(call, |call, who| {
            call.var(&format!("GIT_{who}_NAME"), &self.name)
                .var(&format!("GIT_{who}_EMAIL"), &self.email)
                .var(&format!("GIT_{who}_DATE"), &date)
        })
    }
}

/// Returns the bytes of a file of a commit; `None` where there is none.
///
/// # Errors
/// When the path leaves the repository, or leads through a link.
pub(crate) fn file_at(
    repository: &Repository,
    commit: &Oid,
    path: &str,
) -> Result<Option<Vec<u8>>, BuildError> {
    let tree = repository.find_commit(at(commit)?)?.tree()?;
    Ok(match entry(repository, &tree, path)? {
        Some(it) => Some(repository.find_blob(it.id())?.content().to_vec()),
        None => None,
    })
}

/// Returns the commit that a submodule of a commit is at; `None` where there is none at the path.
///
/// # Errors
/// When the path leaves the repository.
pub(crate) fn submodule_at(
    repository: &Repository,
    commit: &Oid,
    path: &str,
) -> Result<Option<Oid>, BuildError> {
    components(path).ok_or_else(|| WriteError::Outside(path.to_owned()))?;
    let tree = repository.find_commit(at(commit)?)?.tree()?;
    let found = match tree.get_path(Path::new(path)) {
        Ok(it) => it,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let is_one = found.kind() == Some(ObjectType::Commit);
    Ok(oid(found.id()).filter(|_| is_one))
}

/// Returns the plain file at a path of a tree; `None` where there is none.
fn entry(
    repository: &Repository,
    tree: &git2::Tree<'_>,
    path: &str,
) -> Result<Option<TreeEntry<'static>>, BuildError> {
    let parts = components(path).ok_or_else(|| WriteError::Outside(path.to_owned()))?;
    let mut tree = tree.clone();
    let mut found = None;
    for part in parts {
        let Some(entry) = tree.get_name(part).map(|it| it.to_owned()) else {
            return Ok(None);
        };
        match entry.filemode() {
            0o120_000 | 0o160_000 => return Err(WriteError::Linked(path.to_owned()).into()),
            0o040_000 => tree = repository.find_tree(entry.id())?,
            _ => {}
        }
        found = Some(entry);
    }
    Ok(found.filter(|it| it.kind() == Some(ObjectType::Blob)))
}

/// Returns libgit2's form of an id.
///
/// # Errors
/// When it has none.
pub(crate) fn at(id: &Oid) -> Result<git2::Oid, git2::Error> {
    let format = match id.as_str().len() {
        64 => ObjectFormat::Sha256,
        _ => ObjectFormat::Sha1,
    };
    git2::Oid::from_str_ext(id.as_str(), format)
}

fn known(id: git2::Oid) -> Result<Oid, BuildError> {
    oid(id).ok_or_else(|| BuildError::NoId(id.to_string()))
}

fn ended(message: &str) -> String {
    format!("{}\n", message.trim_end())
}
