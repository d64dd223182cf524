//! Clones for reports: bare, without the files that nobody reads, as their remotes are now.

mod fill;

pub(super) use self::fill::Extra;

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use cascade_plan::{Oid, RepoDeclaration, Trouble};
use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};

use super::is_vacant;
use crate::checkout::{Absent, Checkout, KEPT, git_oid, is_bare, is_kept, oid};
use crate::drive::Teller;
use crate::git::{Git, GitCall, GitError};
use crate::locked::Locked;
use crate::mirror::{is_ref_name, sweep};
use crate::remote::{self, Overview, Remote};
use crate::write::{Overwrite, save};

/// How many packs are left lying side by side.
const PACKS: usize = 50;
/// How deep below `refs` links are looked for.
const DEEPEST: usize = 64;
/// What git takes of a remote.
const REFS: [&str; 2] = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

/// What stands at a repository's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Nothing, or an empty folder.
    Vacant,
    /// A checkout.
    Checkout,
    /// A bare clone that `fetch` keeps for reports, whole or torn.
    Report,
    /// Another bare repository.
    Bare,
    /// Something else.
    Other,
}

/// Returns what stands at a repository's place.
pub fn stand(folder: &Path) -> Stand {
    if is_vacant(folder) {
        Stand::Vacant
    } else if folder.join(".git").exists() {
        Stand::Checkout
    } else if is_kept(folder) {
        Stand::Report
    } else if is_bare(folder) {
        Stand::Bare
    } else {
        Stand::Other
    }
}

/// Returns the address that a bare clone came from; `None` where it says none that cascade speaks.
pub(super) fn address_of(folder: &Path) -> Option<Remote> {
    let clone = Checkout::open_bare(folder).ok()?;
    Remote::parse(clone.origin()?, folder).ok()
}

/// Why a clone for reports is not as its remote is.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReportError {
    /// git, or the remote behind it, said no.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The disk said no.
    #[error("`{}`: {source}", .path.display())]
    Disk {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not as cascade made it.
    #[error("it is torn: {0}")]
    Torn(String),
    /// The remote does not give what its own commits name.
    #[error("its remote does not give everything that its commits name: {0} objects")]
    Withheld(usize),
    /// Another process works on it.
    #[error("another cascade fetches it")]
    Busy,
}

/// A clone for reports.
pub(super) struct ReportClone<'a> {
    pub(super) git: &'a Git,
    pub(super) declared: &'a RepoDeclaration,
    pub(super) folder: &'a Path,
    pub(super) remote: Remote,
    pub(super) teller: &'a Teller<'a>,
}

impl ReportClone<'_> {
    /// Clones where nothing stands.
    pub(super) fn make(&self) -> Result<(), ReportError> {
        self.place()?;
        let _alone = self.alone()?;
        if self.has_every_file() {
            self.teller
                .note("its server knows no filters, so every file was fetched");
        }
        self.fill()?;
        self.stamp()
    }

    /// Makes the clone say what its remote says: every branch and tag, nothing else, and the files that
    /// are read. One that can not be brought there is made anew.
    pub(super) fn refresh(&self) -> Result<(), ReportError> {
        let alone = self.alone()?;
        let Err(first) = self.follow() else {
            return Ok(());
        };
        if first.is_interrupt() || self.overview().is_err() {
            return Err(first);
        }
        // The remote answers, so the fault is the clone's own: what a killed git left, or a torn file.
        sweep(self.folder, 0);
        match self.follow() {
            Err(error) if !error.is_interrupt() => {}
            done => return done,
        }
        drop(alone);
        self.make()
    }

    /// Returns the commit that is read.
    pub(super) fn tip(&self) -> Option<Oid> {
        let clone = Checkout::open_bare(self.folder).ok()?;
        oid(clone.refs().ok()?.head().ok()?.id?)
    }

    /// Clones beside its place, and puts what it made there: an interrupted clone never looks whole.
    fn place(&self) -> Result<(), ReportError> {
        self.teller.progress("cloning");
        let above = self.folder.parent().unwrap_or(self.folder);
        let nursery = fs::create_dir_all(above).and_then(|()| {
            let mut beside = tempfile::Builder::new();
            beside.prefix(".cloning-").tempdir_in(above)
        });
        let nursery = nursery.map_err(|it| disk(above, it))?;
        let beside = nursery.path().join("clone");
        let call = self.git.away(nursery.path()).network();
        call.of_host(self.remote.host())
            .var("GIT_DEFAULT_REF_FORMAT", "files")
            .args(["clone", "--quiet", "--bare", "--filter=blob:none"])
            // A remote on this disk is asked as any other: it filters too.
            .args(["--no-local", "--template=", "--origin", "origin", "--"])
            .arg(self.remote.address())
            .arg(&beside)
            .answer()?;
        self.configure(&beside)?;
        let put = if is_vacant(self.folder) {
            Ok(())
        } else {
            fs::rename(self.folder, nursery.path().join("gone"))
        };
        put.and_then(|()| fs::rename(&beside, self.folder))
            .map_err(|it| disk(self.folder, it))
    }

    /// Fetches what is new, and what of it is read.
    fn follow(&self) -> Result<(), ReportError> {
        self.sound()?;
        self.teller.progress("fetching");
        let theirs = self.overview()?;
        if !self.has(&theirs)? {
            let call = self.fetching(&["--prune"]);
            let lone = theirs.branch.is_none() && theirs.head.is_some();
            let lone = lone.then_some("HEAD");
            call.args(["--", "origin"]).args(REFS).args(lone).answer()?;
        }
        self.turn_head(&theirs)?;
        self.fill()?;
        self.tidy();
        self.stamp()
    }

    /// Asks the remote, with no word of what stands in the clone.
    fn overview(&self) -> Result<Overview, GitError> {
        remote::overview(self.git.away(Path::new("/")), &self.remote)
    }

    /// Returns whether it has what the remote says that it has.
    fn has(&self, theirs: &Overview) -> Result<bool, ReportError> {
        let clone = Checkout::open_bare(self.folder).map_err(torn)?;
        let objects = clone.objects().map_err(torn)?;
        let head = theirs.head.as_ref().and_then(git_oid);
        let has_head = head.is_none_or(|it| objects.commit(it).is_some());
        Ok(has_head && ours(&clone).map_err(torn)? == theirs.refs)
    }

    /// Returns a sign of everything that says which files are read, and of what holds them.
    fn sign(&self) -> Result<String, ReportError> {
        let clone = Checkout::open_bare(self.folder).map_err(torn)?;
        let mut said = format!("{} {:?}\n", env!("CARGO_PKG_VERSION"), self.declared);
        said += &fs::read_to_string(self.folder.join("HEAD")).unwrap_or_default();
        for (name, id) in ours(&clone).map_err(torn)? {
            said += &[id.as_str(), " ", &name, "\n"].concat();
        }
        for (pack, size) in self.packs() {
            said += &[&pack.to_string_lossy(), " ", &size.to_string(), "\n"].concat();
        }
        let digest = Sha256::digest(said.as_bytes());
        let digits = digest.iter().map(|it| format!("{it:02x}"));
        Ok(digits.collect())
    }

    /// Returns its packs with their sizes.
    fn packs(&self) -> BTreeMap<PathBuf, u64> {
        let packs = fs::read_dir(self.folder.join("objects/pack"));
        let packs = packs.into_iter().flatten().flatten();
        let packs = packs.filter(|it| it.path().extension().is_some_and(|it| it == "pack"));
        packs
            .map(|it| (it.path(), it.metadata().map_or(0, |it| it.len())))
            .collect()
    }

    /// Lets its head name the branch that the remote's head names.
    fn turn_head(&self, theirs: &Overview) -> Result<(), ReportError> {
        let wanted = match (&theirs.branch, &theirs.head) {
            (Some(branch), _) if is_ref_name(&format!("refs/heads/{branch}")) => {
                format!("ref: refs/heads/{branch}\n")
            }
            (None, Some(commit)) => format!("{commit}\n"),
            _ => return Ok(()),
        };
        self.write("HEAD", &wanted)
    }

    /// Returns whether the files of its commit are there, though nobody asked for them.
    fn has_every_file(&self) -> bool {
        let first = || {
            let clone = Checkout::at(self.folder, &Absent::default()).ok()?;
            let head = clone.refs().ok()?.head().ok()?.id?;
            let objects = clone.objects().ok()?;
            let files = objects.files(objects.commit(head)?.tree).ok()?;
            let file = files.values().find(|it| it.mode & 0o170_000 == 0o100_000)?;
            Some(!matches!(objects.blob(file.id, 0), Err(None)))
        };
        first().unwrap_or(false)
    }

    /// Puts many packs into one, where they became too many. Nothing hangs on it.
    fn tidy(&self) {
        if self.packs().len() > PACKS {
            self.teller.progress("tidying up");
            let _ = self.call().args(["gc", "--quiet"]).answer();
        }
    }

    /// Notes when it was fetched, as git does: by an empty file.
    fn stamp(&self) -> Result<(), ReportError> {
        let at = self.folder.join("FETCH_HEAD");
        let mut options = File::options();
        let emptied = options.create(true).truncate(true).write(true).open(&at);
        emptied.map(drop).map_err(|it| disk(&at, it))
    }

    /// Makes sure that git, called in it, writes nowhere else and runs nothing that somebody put there.
    fn sound(&self) -> Result<(), ReportError> {
        if !is_bare(self.folder) {
            return Err(torn(Trouble::NotARepository));
        }
        // Three places where git would write through a link.
        let places = [("", 0), ("objects", 0), ("refs", DEEPEST)];
        let mut links = places.into_iter();
        if let Some(link) = links.find_map(|(it, deep)| find_link(&self.folder.join(it), deep)) {
            let words = format!("`{}` is a link", link.display());
            return Err(ReportError::Torn(words));
        }
        let foreign = ["commondir", "config.worktree", "objects/info/alternates"];
        if let Some(foreign) = foreign.iter().find(|it| self.folder.join(it).exists()) {
            return Err(ReportError::Torn(format!("`{foreign}` is not cascade's")));
        }
        self.configure(self.folder)
    }

    /// Writes its configuration: what else stood there is gone.
    fn configure(&self, folder: &Path) -> Result<(), ReportError> {
        let clone = Checkout::open_bare(folder).ok();
        let hash = clone.as_ref().and_then(Checkout::hash);
        let settings = settings(self.remote.address(), hash);
        let at = folder.join("config");
        if fs::read_to_string(&at).is_ok_and(|it| it == settings) {
            return Ok(());
        }
        save(&at, &settings, Overwrite::Replace).map_err(|it| disk(&at, it))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), ReportError> {
        let at = self.folder.join(name);
        if fs::read_to_string(&at).is_ok_and(|it| it == text) {
            return Ok(());
        }
        save(&at, text, Overwrite::Replace).map_err(|it| disk(&at, it))
    }

    fn fetching(&self, options: &[&str]) -> GitCall {
        let call = self.call().network().of_host(self.remote.host());
        let call = call.args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"]);
        call.arg("--no-recurse-submodules").args(options)
    }

    /// Returns a call of git in it, which fetches nothing of its own accord.
    fn call(&self) -> GitCall {
        self.git.bare(self.folder).var("GIT_NO_LAZY_FETCH", "1")
    }

    /// Returns the right to change it, if no other cascade has it.
    fn alone(&self) -> Result<Locked, ReportError> {
        let at = self.folder.join("cascade.busy");
        let mut options = File::options();
        let file = options.create(true).truncate(false).write(true);
        let flags = OFlags::NOFOLLOW.bits().cast_signed();
        let file = file.custom_flags(flags).open(&at);
        let file = file.map_err(|it| disk(&at, it))?;
        Locked::take(file).map_err(|(why, _)| match why {
            TryLockError::WouldBlock => ReportError::Busy,
            TryLockError::Error(source) => disk(&at, source),
        })
    }
}

impl ReportError {
    fn is_interrupt(&self) -> bool {
        matches!(self, Self::Git(GitError::Interrupted))
    }
}

/// Returns the whole configuration of a clone for reports.
fn settings(address: &str, hash: Option<&str>) -> String {
    let hash = match hash {
        Some("sha256") => "[extensions]\n\tobjectformat = sha256\n",
        _ => "",
    };
    let address = address.replace('\\', "\\\\").replace('"', "\\\"");
    let [branches, tags] = REFS;
    format!(
        "{KEPT}[core]\n\trepositoryformatversion = 1\n\tfilemode = true\n\tbare = true\n{hash}\
         [remote \"origin\"]\n\turl = \"{address}\"\n\tfetch = {branches}\n\tfetch = {tags}\n\
         \tpromisor = true\n\tpartialclonefilter = blob:none\n"
    )
}

/// Returns a link in a folder, or in folders so deep below it.
fn find_link(folder: &Path, deep: usize) -> Option<PathBuf> {
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.find_map(|entry| match entry.file_type() {
        Ok(it) if it.is_symlink() => Some(entry.path()),
        Ok(it) if it.is_dir() => find_link(&entry.path(), deep.checked_sub(1)?),
        _ => None,
    })
}

/// Returns the branches and tags of a clone by full name.
fn ours(clone: &Checkout) -> Result<BTreeMap<String, Oid>, Trouble> {
    let refs = clone.refs()?;
    let of = |folder: &str| {
        let below = refs.below(folder).into_iter();
        let named = below.filter_map(|(name, id)| Some((format!("{folder}{name}"), oid(id)?)));
        named.collect::<Vec<_>>()
    };
    let all = ["refs/heads/", "refs/tags/"].map(of);
    Ok(all.into_iter().flatten().collect())
}

fn torn(trouble: Trouble) -> ReportError {
    ReportError::Torn(match trouble {
        Trouble::Unreadable(why) | Trouble::Unfetched(why) => why,
        Trouble::Missing | Trouble::NotARepository | Trouble::NoCommits => {
            "git's own files are missing".to_owned()
        }
    })
}

fn disk(path: &Path, source: io::Error) -> ReportError {
    ReportError::Disk {
        path: path.to_path_buf(),
        source,
    }
}
