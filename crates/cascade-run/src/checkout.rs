//! Reads git repositories. The only place that knows libgit2.
//!
//! Invariant: nothing here writes, starts a process, or runs what a repository's own configuration
//! names. Refs, index and stat data are read by hand (`docs/performance.md` says why); objects, and
//! every doubt, are libgit2's.

mod absent;
mod around;
mod commits;
mod config;
mod dirty;
pub(crate) mod disk;
mod history;
mod ignore;
mod index;
mod layout;
mod objects;
mod refs;
#[cfg(test)]
mod tests;
pub(crate) mod untrusted;

use std::cell::OnceCell;
use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::UNIX_EPOCH;

use cascade_plan::{JudgedCommit, Tag, Trouble};
use git2::{ErrorCode, ObjectFormat, Odb, Oid, Repository, RepositoryOpenFlags};

use self::config::Config;
use self::dirty::{Look, Until};
use self::disk::Links;
use self::layout::Layout;

/// A commit as libgit2 knows it, for those who walk a history.
pub(crate) use git2::Oid as CommitId;

pub(crate) use self::absent::Absent;
pub(crate) use self::around::outside;
pub(crate) use self::dirty::Unstaged;
pub(crate) use self::history::{History, Lost};
pub(crate) use self::index::{Entry, Index};
pub(crate) use self::layout::{KEPT, is_bare, is_kept};
pub(crate) use self::objects::{Blob, Objects, RawTag, SUBMODULE};
pub(crate) use self::refs::{Head, Refs, Target};

/// An open repository: a checkout, or a bare one.
pub(crate) struct Checkout {
    layout: Layout,
    config: Config,
    /// libgit2's, opened where it is needed.
    repository: OnceCell<Repository>,
    /// Where it is noted what is not there.
    absent: Option<Absent>,
}

impl Checkout {
    /// Opens the checkout at `folder`.
    pub(crate) fn open(folder: &Path) -> Result<Self, Trouble> {
        let layout = Layout::of(folder)?;
        let config = read_config(&layout.common)?;
        if let Some(elsewhere) = config.get("core", "", "worktree")
            && let Ok(work) = layout.git.join(elsewhere).canonicalize()
            && folder.canonicalize().ok() != Some(work)
        {
            let words = format!("its working tree is elsewhere: `core.worktree` is `{elsewhere}`");
            return Err(Trouble::Unreadable(words));
        }
        Self::with(layout, config)
    }

    /// Opens what stands at a declared path: a checkout, or a bare repository. In a bare one that
    /// lacks objects on purpose, `absent` hears of those that are asked for.
    pub(crate) fn at(folder: &Path, absent: &Absent) -> Result<Self, Trouble> {
        let opened = Self::open(folder);
        if opened.is_ok() || !is_bare(folder) {
            return opened;
        }
        let mut bare = Self::open_bare(folder)?;
        bare.absent = bare.is_partial().then(|| absent.clone());
        Ok(bare)
    }

    /// Returns whether it was cloned without some of its objects.
    fn is_partial(&self) -> bool {
        let config = &self.config;
        let mut remotes = config.names("remote").into_iter();
        remotes.any(|it| config.get("remote", it, "promisor") == Some("true"))
    }

    /// Returns whether it has no working tree.
    pub(crate) fn is_bare(&self) -> bool {
        self.layout.work.is_none()
    }

    /// Opens a bare repository.
    pub(crate) fn open_bare(folder: &Path) -> Result<Self, Trouble> {
        let layout = Layout::bare(folder);
        let config = read_config(&layout.common)?;
        Self::with(layout, config)
    }

    fn with(layout: Layout, config: Config) -> Result<Self, Trouble> {
        if config
            .get("extensions", "", "refstorage")
            .is_some_and(|it| it != "files")
        {
            return Err(Trouble::Unreadable(
                "its refs are kept as a reftable, which cascade can not read yet; \
                 `git refs migrate --ref-format=files` changes that"
                    .to_owned(),
            ));
        }
        without_hash_checks();
        let checkout = Self {
            layout,
            config,
            repository: OnceCell::new(),
            absent: None,
        };
        if !checkout.is_plain() {
            checkout.repository()?;
        }
        Ok(checkout)
    }

    /// Returns whether git and libgit2 would open it for certain: this user's own, of the format
    /// that needs no extension. Opening it takes a fifth of everything else.
    fn is_plain(&self) -> bool {
        let Layout { work, git, common } = &self.layout;
        let mine = |folder: &PathBuf| {
            let owner = std::fs::metadata(folder).map(|it| it.uid()).ok();
            owner == Some(rustix::process::geteuid().as_raw())
        };
        let version = self.config.get("core", "", "repositoryformatversion");
        git == common
            && version.is_none_or(|it| it == "0" || it == "1")
            && !self.config.includes()
            && !self.config.has_section("extensions")
            && mine(git)
            && work.as_ref().is_none_or(mine)
    }

    /// Returns libgit2's repository, opened when it is first asked for.
    fn repository(&self) -> Result<&Repository, Trouble> {
        if let Some(open) = self.repository.get() {
            return Ok(open);
        }
        let layout = &self.layout;
        // Only a linked working tree has to be found through its `.git` file.
        let linked = layout.git != layout.common;
        let (path, mut flags) = match &layout.work {
            Some(work) if linked => (work, RepositoryOpenFlags::empty()),
            _ => (&layout.git, RepositoryOpenFlags::NO_DOTGIT),
        };
        flags |= RepositoryOpenFlags::NO_SEARCH;
        let open = Repository::open_ext(path, flags, std::iter::empty::<&Path>())
            .map_err(|error| refusal(&error, path))?;
        Ok(self.repository.get_or_init(|| open))
    }

    /// Returns the folder that is this working tree's own.
    pub(crate) fn git_folder(&self) -> &Path {
        &self.layout.git
    }

    /// Returns the folder that linked working trees share.
    pub(crate) fn common_folder(&self) -> &Path {
        &self.layout.common
    }

    /// Returns the refs as they are now.
    pub(crate) fn refs(&self) -> Result<Refs<'_>, Trouble> {
        Refs::read(&self.layout).map_err(Trouble::Unreadable)
    }

    /// Returns the commit that a name leads to, as `git rev-parse` reads it; `None` for none.
    pub(crate) fn find_commit(&self, name: &str) -> Result<Option<Oid>, Trouble> {
        let found = self.repository()?.revparse_single(name);
        let commit = found.and_then(|it| it.peel_to_commit());
        Ok(commit.ok().map(|it| it.id()))
    }

    /// Returns these commits with what they change; those that are missing are passed over. Some may
    /// lie in the folder of a push that is not taken yet.
    pub(crate) fn judged_commits(
        &self,
        ids: &[Oid],
        quarantine: Option<&Path>,
    ) -> Result<Vec<JudgedCommit>, Trouble> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let repository = self.repository()?;
        if let Some(folder) = quarantine {
            let unreadable = |it: git2::Error| Trouble::Unreadable(it.message().to_owned());
            let odb = repository.odb().map_err(unreadable)?;
            let folder = utf8(folder).map_err(unreadable)?;
            odb.add_disk_alternate(folder).map_err(unreadable)?;
        }
        let judged = |&id: &Oid| commits::judged(repository, id);
        Ok(ids.iter().filter_map(judged).collect())
    }

    /// Returns the object database, and beside it what a push brought that is not taken yet.
    pub(crate) fn objects_with(&self, quarantine: Option<&Path>) -> Result<Objects<'_>, Trouble> {
        let objects = self.objects()?;
        let Some(folder) = quarantine else {
            return Ok(objects);
        };
        let words = || Trouble::Unreadable("its quarantined objects can not be read".to_owned());
        objects.beside(folder).ok_or_else(words)
    }

    /// Returns the object database.
    pub(crate) fn objects(&self) -> Result<Objects<'_>, Trouble> {
        let odb = match self.repository.get() {
            Some(repository) => repository.odb(),
            None => plain_odb(&self.layout.common.join("objects")),
        };
        odb.map(|it| Objects::new(it, self.absent.clone()))
            .map_err(|error| Trouble::Unreadable(error.message().to_owned()))
    }

    /// Returns what git tracks.
    pub(crate) fn index(&self) -> Result<Index, Trouble> {
        self.index_at(&self.layout.git.join("index"))
    }

    /// Returns what this file says that git tracks: a commit of some files alone has one of its own.
    pub(crate) fn index_at(&self, file: &Path) -> Result<Index, Trouble> {
        let hash = match self.repository.get().map(Repository::object_format) {
            Some(ObjectFormat::Sha256) => 32,
            Some(ObjectFormat::Sha1) | None => 20,
        };
        Index::read(file, hash).map_err(|it| Trouble::Unreadable(it.to_string()))
    }

    /// Returns whether the working tree differs from the commit's tree.
    pub(crate) fn is_dirty(&self, index: &Index, tree: Oid) -> Result<bool, Trouble> {
        let Some(work) = &self.layout.work else {
            return Ok(false);
        };
        match dirty::look(work, index, tree, Until::Certain) {
            Look::Clean => Ok(false),
            Look::Changed => Ok(true),
            Look::Doubtful(doubts) => {
                let settled = dirty::settle(self.repository()?, work, index, &doubts);
                settled.map_err(Trouble::Unreadable)
            }
        }
    }

    /// Returns what is not staged where nothing else than the commit's tree is; `None` where only git
    /// itself can say.
    pub(crate) fn unstaged(&self, index: &Index, tree: Oid) -> Option<Unstaged> {
        let work = self.layout.work.as_ref()?;
        dirty::unstaged(|| self.repository().ok(), (work, index), tree)
    }

    /// Returns the tip of the branch that a branch follows, as it was last fetched.
    pub(crate) fn upstream(&self, refs: &Refs<'_>, branch: &str) -> Option<Oid> {
        let name = self.upstream_name(branch)?;
        refs.resolve(&name).ok().flatten()
    }

    /// Returns when it was last fetched, in seconds since 1970. A clone is its own first fetch: it
    /// writes its remote's head, and its refs.
    pub(crate) fn fetched(&self) -> Option<i64> {
        let Layout { git, common, .. } = &self.layout;
        let written = [
            git.join("FETCH_HEAD"),
            common.join("refs/remotes/origin/HEAD"),
        ];
        let mut written = written.iter().filter_map(|it| std::fs::metadata(it).ok());
        let packed = || {
            self.origin()?;
            std::fs::metadata(common.join("packed-refs")).ok()
        };
        let about = written.next().or_else(packed)?;
        let since = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    }

    /// Returns the commits whose parents a shallow clone lacks; none in a whole one.
    pub(crate) fn shallow(&self) -> HashSet<Oid> {
        let file = self.layout.common.join("shallow");
        let Ok((bytes, _)) = disk::read(&file, 64 << 20, Links::Follow) else {
            return HashSet::new();
        };
        let text = String::from_utf8_lossy(&bytes);
        text.lines().filter_map(refs::id).collect()
    }

    /// Returns where it was cloned from, as its configuration says it.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.config.get("remote", "origin", "url")
    }

    /// Returns the folder in which its configuration says that hooks are.
    pub(crate) fn hooks_path(&self) -> Option<&str> {
        self.config.get("core", "", "hookspath")
    }

    /// Returns the name of its hash, where its configuration says it.
    pub(crate) fn hash(&self) -> Option<&str> {
        self.config.get("extensions", "", "objectformat")
    }

    /// Returns the remote's default branch, where the clone knows it.
    pub(crate) fn default_branch(refs: &Refs<'_>) -> Option<String> {
        let to = refs.points_to("refs/remotes/origin/HEAD")?;
        Some(to.strip_prefix("refs/remotes/origin/")?.to_owned())
    }

    /// Returns every tag that leads to a commit, by name.
    pub(crate) fn tags(refs: &Refs<'_>, objects: &Objects<'_>) -> Vec<Tag> {
        let peeled = |(name, target)| {
            let commit = objects.peel(target)?;
            Some(Tag { name, commit })
        };
        let mut tags: Vec<_> = refs.tags().into_iter().filter_map(peeled).collect();
        tags.shrink_to_fit();
        tags
    }

    /// Maps `[branch]` through the remote's usual refspec; libgit2 maps what is unusual.
    fn upstream_name(&self, branch: &str) -> Option<String> {
        let full = format!("refs/heads/{branch}");
        let by_libgit2 = || {
            let name = self.repository().ok()?.branch_upstream_name(&full).ok()?;
            Some(name.as_str().ok()?.to_owned())
        };
        if self.config.includes() || self.layout.git != self.layout.common {
            return by_libgit2();
        }
        let remote = self.config.get("branch", branch, "remote")?;
        let merge = self.config.get("branch", branch, "merge")?;
        let usual = format!("+refs/heads/*:refs/remotes/{remote}/*");
        let mut fetch = self.config.all("remote", remote, "fetch");
        match (
            fetch.next(),
            fetch.next(),
            merge.strip_prefix("refs/heads/"),
        ) {
            (Some(only), None, Some(name)) if only == usual => {
                Some(format!("refs/remotes/{remote}/{name}"))
            }
            _ => by_libgit2(),
        }
    }
}

/// Opens an object database of SHA-1 ids alone, its alternates included.
fn plain_odb<'a>(objects: &Path) -> Result<Odb<'a>, git2::Error> {
    let odb = Odb::new()?;
    odb.add_disk_alternate(utf8(objects)?)?;
    Ok(odb)
}

/// Returns a path as libgit2 takes it.
fn utf8(path: &Path) -> Result<&str, git2::Error> {
    let words = || git2::Error::from_str("its path is not UTF-8");
    path.to_str().ok_or_else(words)
}

/// Reading checks no hashes: git did when it wrote the objects, and `git fsck` does.
fn without_hash_checks() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| git2::opts::strict_hash_verification(false));
}

/// Returns libgit2's id as the plan knows it.
pub(crate) fn oid(id: Oid) -> Option<cascade_plan::Oid> {
    cascade_plan::Oid::parse(&id.to_string())
}

/// Returns the plan's id as libgit2 knows it.
pub(crate) fn git_oid(id: &cascade_plan::Oid) -> Option<Oid> {
    refs::id(id.as_str())
}

fn read_config(common: &Path) -> Result<Config, Trouble> {
    match disk::read(&common.join("config"), 4 << 20, Links::Follow) {
        Ok((bytes, _)) => Ok(Config::parse(&String::from_utf8_lossy(&bytes))),
        Err(disk::Unread::Missing) if common.join("HEAD").exists() => Ok(Config::default()),
        Err(disk::Unread::Missing) => Err(Trouble::NotARepository),
        Err(error) => Err(Trouble::Unreadable(format!("its `config` {error}"))),
    }
}

fn refusal(error: &git2::Error, path: &Path) -> Trouble {
    match error.code() {
        ErrorCode::Owner => Trouble::Unreadable(format!(
            "another user owns it; if you trust it: `git config --global --add safe.directory {}`",
            path.parent().unwrap_or(path).display()
        )),
        ErrorCode::NotFound => Trouble::NotARepository,
        _ => Trouble::Unreadable(error.message().to_owned()),
    }
}
