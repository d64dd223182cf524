//! `fetch`: clones what is missing and fetches the rest, by the user's git.

mod report;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cascade_plan::{Event, Fate, Graph, Oid, Outcome, Queue, RepoDeclaration, RepoId, Trouble};

use crate::apply::{Worktree, failed, of_git};
use crate::drive::{Teller, drive};
use crate::exec::shown;
use crate::git::Git;
use crate::mirror::Store;
use crate::remote::{self, Remote};
use crate::{Look, Site};

pub use self::report::{Stand, stand};

use self::report::{Extra, ReportClone, ReportError};

/// Whether a fetch moves the branches that are checked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FastForward {
    /// It moves none.
    Never,
    /// It moves those of clean checkouts, where nothing but new commits is between.
    Clean,
}

/// What a fetch makes where nothing stands, and what it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Checkouts; a clone for reports is refused.
    Checkout,
    /// Bare clones for reports; checkouts are fetched as they are.
    Report,
    /// What stands there is fetched as it is; where nothing does, what the others are.
    AsTheyAre,
}

/// Clones what is missing and fetches branches and tags of the rest, `jobs` at a time.
#[expect(
    clippy::too_many_arguments,
    reason = "each is a thing of its own, and all are needed"
)]
pub fn fetch(
    graph: &Graph,
    sites: &[Site],
    git: &Git,
    jobs: usize,
    (mode, ff): (Mode, FastForward),
    on_event: &mut dyn FnMut(Event),
) -> Outcome {
    let mode = match mode {
        Mode::AsTheyAre if are_for_reports(sites) => Mode::Report,
        mode => mode,
    };
    let fetching = Fetching {
        graph,
        sites: sites.iter().map(|it| (&it.repo, it)).collect(),
        git,
        mode,
        ff,
    };
    let queue = Queue::new(sites.iter().map(|it| (it.repo.clone(), Vec::new())));
    let work = |repo: &RepoId, teller: &Teller<'_>| fetching.work(repo, teller);
    drive(queue, jobs, &git.environment().interrupt, &work, on_event)
}

/// What clones for reports are to hold for once, beside what every report reads.
#[derive(Debug, Clone, Copy)]
pub enum Needed<'a> {
    /// What these looks read.
    Looks(&'a BTreeMap<RepoId, Look>),
    /// Every state that a repository went through, from a moment on where one is said.
    Past(&'a RepoId, Option<i64>),
}

impl<'a> Needed<'a> {
    /// Returns what is needed of a repository.
    fn of(self, repo: &RepoId) -> Option<Extra<'a>> {
        match self {
            Self::Looks(looks) => looks.get(repo).map(Extra::Look),
            Self::Past(it, since) => (it == repo).then_some(Extra::Past(since)),
        }
    }
}

/// Fetches what clones for reports lack of what is needed, `jobs` at a time; of other clones nothing.
pub fn fetch_needed(
    graph: &Graph,
    sites: &[Site],
    (git, jobs): (&Git, usize),
    needed: Needed<'_>,
    on_event: &mut dyn FnMut(Event),
) -> Outcome {
    let fetching = Fetching {
        graph,
        sites: sites.iter().map(|it| (&it.repo, it)).collect(),
        git,
        mode: Mode::Report,
        ff: FastForward::Never,
    };
    let meant = sites
        .iter()
        .filter(|it| needed.of(&it.repo).is_some() && stand(&it.folder) == Stand::Report);
    let queue = Queue::new(meant.map(|it| (it.repo.clone(), Vec::new())));
    let work = |repo: &RepoId, teller: &Teller<'_>| {
        let known = fetching.sites.get(repo).zip(graph.repo(repo));
        let Some(((site, declared), extra)) = known.zip(needed.of(repo)) else {
            return Fate::Nothing;
        };
        let done = fetching.report((site, declared), teller, |it| it.fill_extra(extra));
        done.unwrap_or_else(|fate| fate)
    };
    drive(queue, jobs, &git.environment().interrupt, &work, on_event)
}

/// Returns whether what stands there is for reports, and no checkout is among it.
fn are_for_reports(sites: &[Site]) -> bool {
    let stands = || sites.iter().map(|it| stand(&it.folder));
    stands().any(|it| it == Stand::Report) && !stands().any(|it| it == Stand::Checkout)
}

/// Returns the tags that the remote of a clone has, each with its object; `None` where it does not
/// answer, or there is none.
pub fn published_tags(folder: &Path, git: &Git) -> Option<BTreeMap<String, Oid>> {
    let checkout = Worktree { git, folder };
    let (call, remote) = match stand(folder) {
        Stand::Report | Stand::Bare => (git.away(Path::new("/")), report::address_of(folder)?),
        _ => (checkout.call(), Remote::configured(&origin(&checkout)?)),
    };
    let refs = remote::look(call, &remote, &[]).ok()?;
    let tags = refs.tags().filter_map(|it| {
        let object = refs.named(&format!("refs/tags/{it}"))?;
        Some((it.to_owned(), object.clone()))
    });
    Some(tags.collect())
}

struct Fetching<'a> {
    graph: &'a Graph,
    sites: BTreeMap<&'a RepoId, &'a Site>,
    git: &'a Git,
    mode: Mode,
    ff: FastForward,
}

impl Fetching<'_> {
    fn work(&self, repo: &RepoId, teller: &Teller<'_>) -> Fate {
        let (Some(site), Some(declared)) = (self.sites.get(repo), self.graph.repo(repo)) else {
            return Fate::Nothing;
        };
        let done = match (stand(&site.folder), self.mode) {
            (Stand::Vacant | Stand::Report, Mode::Report) | (Stand::Report, Mode::AsTheyAre) => {
                self.report((site, declared), teller, |it| match stand(&site.folder) {
                    Stand::Vacant => it.make(),
                    _ => it.refresh(),
                })
            }
            (Stand::Vacant, _) => self.clone_it(site, declared, teller),
            (Stand::Checkout, _) => self.fetch_it(site, declared, teller),
            (Stand::Report, Mode::Checkout) => Err(failed(
                format!(
                    "`{}` is a bare clone for reports, no checkout",
                    declared.path
                ),
                "cascade fetch --mode report; for a checkout, move it away first".to_owned(),
            )),
            (Stand::Bare, _) => Err(failed(
                format!(
                    "`{}` is a bare repository that cascade did not make, so it is not fetched",
                    declared.path
                ),
                "fetch it yourself, or move it away, then run the same command again".to_owned(),
            )),
            (Stand::Other, _) => Err(failed(
                format!("`{}` is there and is not a clone", declared.path),
                "move it away, then run the same command again".to_owned(),
            )),
        };
        done.unwrap_or_else(|fate| fate)
    }

    /// Works on a clone for reports.
    fn report(
        &self,
        (site, declared): (&Site, &RepoDeclaration),
        teller: &Teller<'_>,
        work: impl FnOnce(&ReportClone<'_>) -> Result<(), ReportError>,
    ) -> Result<Fate, Fate> {
        let folder = &site.folder;
        let known = match &declared.remote {
            None if stand(folder) == Stand::Report => report::address_of(folder),
            _ => None,
        };
        let clone = ReportClone {
            git: self.git,
            declared,
            folder,
            remote: known.map_or_else(|| remote_of(site, declared), Ok)?,
            teller,
        };
        let done = work(&clone);
        let again = format!(
            "check the remote of `{}`, then run `{}` again",
            site.repo,
            Trouble::FETCH
        );
        done.map_err(|error| match error {
            ReportError::Git(error) => of_git(error, Some(again)),
            ReportError::Busy => failed(error.to_string(), "wait until it ended".to_owned()),
            error => failed(
                error.to_string(),
                format!("move `{}` away, then `{}`", declared.path, Trouble::FETCH),
            ),
        })?;
        Ok(Fate::Done {
            commit: clone.tip(),
            out: Vec::new(),
        })
    }

    fn clone_it(
        &self,
        site: &Site,
        declared: &RepoDeclaration,
        teller: &Teller<'_>,
    ) -> Result<Fate, Fate> {
        let remote = remote_of(site, declared)?;
        teller.progress("cloning");
        let above = site.folder.parent().unwrap_or(&site.folder);
        let nursery = fs::create_dir_all(above).and_then(|()| {
            tempfile::Builder::new()
                .prefix(".cloning-")
                .tempdir_in(above)
        });
        let nursery =
            nursery.map_err(|error| failed(format!("`{}`: {error}", above.display()), None))?;
        // Beside its place first: an interrupted clone never looks like a whole one.
        let beside = nursery.path().join("clone");
        let call = self.git.away(nursery.path()).network();
        let call = call.of_host(remote.host());
        call.args(["clone", "--quiet", "--origin", "origin", "--"])
            .arg(remote.address())
            .arg(&beside)
            .answer()
            .map_err(|error| of_git(error, Some(again(&site.repo))))?;
        // An empty folder may stand there, which a rename replaces.
        fs::rename(&beside, &site.folder)
            .map_err(|error| failed(format!("`{}`: {error}", site.folder.display()), None))?;
        teller.progress("cloned");
        Ok(self.done(site))
    }

    fn fetch_it(
        &self,
        site: &Site,
        declared: &RepoDeclaration,
        teller: &Teller<'_>,
    ) -> Result<Fate, Fate> {
        let checkout = self.checkout(site);
        let origin = origin(&checkout);
        let name = origin.ok_or_else(|| {
            let why = format!("`{}` has no remote to fetch from", declared.path);
            failed(
                why,
                format!("git -C {} remote add origin ADDRESS", declared.path),
            )
        })?;
        teller.progress("fetching");
        let known = Store::of_checkout(&site.folder)
            .ok()
            .and_then(|it| it.remote(&name));
        let known = known.and_then(|it| Remote::parse(&it, &site.folder).ok());
        let call = checkout.call().network().args(["fetch", "--no-progress"]);
        let call = call.of_host(known.as_ref().and_then(Remote::host));
        call.args(["--tags", "--prune", "--no-recurse-submodules", "--", &name])
            .answer()
            .map_err(|error| of_git(error, Some(moved_or_mute(&site.repo))))?;
        if self.ff == FastForward::Clean {
            self.forward(site, teller)?;
        }
        Ok(self.done(site))
    }

    /// Moves the branch that is checked out to its upstream, where that loses nothing.
    fn forward(&self, site: &Site, teller: &Teller<'_>) -> Result<(), Fate> {
        let checkout = self.checkout(site);
        let standing = checkout.standing().map_err(|it| of_git(it, None))?;
        let stays = |why: &str| teller.note(format!("not fast-forwarded: {why}"));
        if standing.branch.is_none() {
            stays("its head is detached");
            return Ok(());
        }
        if !standing.changed.is_empty() {
            stays("it has uncommitted changes");
            return Ok(());
        }
        let upstream = checkout
            .call()
            .args(["rev-parse", "--verify", "--quiet", "@{upstream}"]);
        let Ok(upstream) = upstream.answer() else {
            stays("its branch has no upstream");
            return Ok(());
        };
        let Some(upstream) = Oid::parse(upstream.trim()) else {
            stays("its upstream can not be read");
            return Ok(());
        };
        if standing.head.as_ref() == Some(&upstream) {
            return Ok(());
        }
        let merge = checkout.call().uninterrupted();
        match merge
            .args(["merge", "--quiet", "--ff-only", upstream.as_str()])
            .answer()
        {
            Ok(_) => teller.progress(format!("fast-forwarded to {}", upstream.short())),
            Err(_) => stays("it has commits of its own"),
        }
        self.tell_parted(site, teller);
        Ok(())
    }

    /// Tells which submodules git left behind, as it does: what they hold may be a person's work.
    fn tell_parted(&self, site: &Site, teller: &Teller<'_>) {
        let checkout = self.checkout(site);
        for path in checkout.standing().unwrap_or_default().parted {
            let line = format!("git -C {} submodule update --init", site.folder.display());
            let note = format!("its submodule `{path}` is at another commit: `{line} {path}`");
            teller.note(shown(&note, self.git.environment()));
        }
    }

    fn checkout<'s>(&'s self, site: &'s Site) -> Worktree<'s> {
        Worktree {
            git: self.git,
            folder: &site.folder,
        }
    }

    fn done(&self, site: &Site) -> Fate {
        let standing = self.checkout(site).standing().unwrap_or_default();
        Fate::Done {
            commit: standing.head,
            out: Vec::new(),
        }
    }
}

/// Returns where a repository is cloned from.
fn remote_of(site: &Site, declared: &RepoDeclaration) -> Result<Remote, Fate> {
    let help = || format!("set `remote` in [repo.{}] of workspace.toml", site.repo);
    let address = declared.remote.as_deref();
    let address =
        address.ok_or_else(|| failed("no clone is there, and no `remote` is declared", help()))?;
    let root = root_of(&site.folder, &declared.path);
    Remote::parse(address, root).map_err(|error| failed(error.to_string(), help()))
}

/// Returns whether nothing stands there: no folder, or an empty one.
fn is_vacant(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => folder.symlink_metadata().is_err(),
    }
}

/// Returns the remote to fetch from: `origin`, or the only one there is. git is only asked where the
/// names can not be read without it.
fn origin(checkout: &Worktree<'_>) -> Option<String> {
    let store = Store::of_checkout(checkout.folder).ok();
    let by_git = || {
        let answer = checkout.call().arg("remote").answer().ok()?;
        Some(answer.lines().map(str::to_owned).collect())
    };
    let names: Vec<String> = store.and_then(|it| it.remotes()).or_else(by_git)?;
    let origin = names.iter().find(|it| *it == "origin");
    let only = || names.first().filter(|_| names.len() == 1);
    origin.or_else(only).cloned()
}

/// Returns the folder that a repository's path is relative to.
fn root_of<'a>(folder: &'a Path, path: &str) -> &'a Path {
    let depth = Path::new(path).components().count();
    folder.ancestors().nth(depth).unwrap_or(folder)
}

/// Returns what to do where a checkout can not be fetched: git moves no tag that it has.
fn moved_or_mute(repo: &RepoId) -> String {
    format!(
        "{}; where a tag was moved there, `cascade check --fetch --select tag-moved --repo {repo}` names it",
        again(repo)
    )
}

fn again(repo: &RepoId) -> String {
    format!("check the remote of `{repo}`, then run `cascade fetch` again")
}
