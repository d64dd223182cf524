//! `fetch`: clones what is missing and fetches the rest, in the checkouts, by the user's git.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cascade_plan::{Event, Fate, Graph, Oid, Outcome, Queue, RepoDeclaration, RepoId};

use crate::Site;
use crate::apply::{Worktree, failed, of_git};
use crate::drive::{Teller, drive};
use crate::git::Git;
use crate::mirror::Store;
use crate::remote::{self, Remote};

/// Whether a fetch moves the branches that are checked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FastForward {
    /// It moves none.
    Never,
    /// It moves those of clean checkouts, where nothing but new commits is between.
    Clean,
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
    ff: FastForward,
    on_event: &mut dyn FnMut(Event),
) -> Outcome {
    let fetching = Fetching {
        graph,
        sites: sites.iter().map(|it| (&it.repo, it)).collect(),
        git,
        ff,
    };
    let queue = Queue::new(sites.iter().map(|it| (it.repo.clone(), Vec::new())));
    let work = |repo: &RepoId, teller: &Teller<'_>| fetching.work(repo, teller);
    drive(queue, jobs, &git.environment().interrupt, &work, on_event)
}

/// Returns the tags that the remote of a clone has, each with its object; `None` where it does not
/// answer, or there is none.
pub fn published_tags(folder: &Path, git: &Git) -> Option<BTreeMap<String, Oid>> {
    let checkout = Worktree { git, folder };
    let name = origin(&checkout)?;
    let call = checkout.call();
    let refs = remote::look(call, &Remote::configured(&name), &[]).ok()?;
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
    ff: FastForward,
}

impl Fetching<'_> {
    fn work(&self, repo: &RepoId, teller: &Teller<'_>) -> Fate {
        let (Some(site), Some(declared)) = (self.sites.get(repo), self.graph.repo(repo)) else {
            return Fate::Nothing;
        };
        let done = if is_vacant(&site.folder) {
            self.clone_it(site, declared, teller)
        } else {
            self.fetch_it(site, declared, teller)
        };
        done.unwrap_or_else(|fate| fate)
    }

    fn clone_it(
        &self,
        site: &Site,
        declared: &RepoDeclaration,
        teller: &Teller<'_>,
    ) -> Result<Fate, Fate> {
        let address = declared.remote.as_deref().ok_or_else(|| {
            let help = format!("set `remote` in [repo.{}] of workspace.toml", site.repo);
            failed("no clone is there, and no `remote` is declared", help)
        })?;
        let root = root_of(&site.folder, &declared.path);
        let remote = Remote::parse(address, root).map_err(|error| {
            let help = format!("set `remote` in [repo.{}] of workspace.toml", site.repo);
            failed(error.to_string(), help)
        })?;
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
        if !site.folder.join(".git").exists() {
            let why = format!("`{}` is there and is not a clone", declared.path);
            return Err(failed(
                why,
                "move it away, then run the same command again".to_owned(),
            ));
        }
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
        let call = checkout.call().network().args(["fetch", "--quiet"]);
        let call = call.of_host(known.as_ref().and_then(Remote::host));
        call.args(["--tags", "--prune", "--no-recurse-submodules", "--", &name])
            .answer()
            .map_err(|error| of_git(error, Some(again(&site.repo))))?;
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
        Ok(())
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

/// Returns whether nothing stands there: no folder, or an empty one.
fn is_vacant(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => folder.symlink_metadata().is_err(),
    }
}

/// Returns the remote to fetch from: `origin`, or the only one there is.
fn origin(checkout: &Worktree<'_>) -> Option<String> {
    let answer = checkout.call().arg("remote").answer().ok()?;
    let names: Vec<&str> = answer.lines().collect();
    let origin = names.iter().find(|it| **it == "origin");
    let only = || names.first().filter(|_| names.len() == 1);
    origin.or_else(only).map(|it| (*it).to_owned())
}

/// Returns the folder that a repository's path is relative to.
fn root_of<'a>(folder: &'a Path, path: &str) -> &'a Path {
    let depth = Path::new(path).components().count();
    folder.ancestors().nth(depth).unwrap_or(folder)
}

fn again(repo: &RepoId) -> String {
    format!("check the remote of `{repo}`, then run `cascade fetch` again")
}
