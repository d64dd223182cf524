//! Observes the remotes, through mirrors, and names the checkouts that differ from them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use cascade_plan::{
    Event, Fate, Graph, ObservedRepo, Oid, Queue, RepoDeclaration, RepoId, Snapshot, Trouble,
};

use super::failed;
use crate::drive::{Teller, drive};
use crate::git::{Git, GitError};
use crate::mirror::{Mirror, MirrorError, Store};
use crate::state::{State, StateError};
use crate::{Depth, Site, Tip, observe, observe_commits};

/// A checkout that differs from what is released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The repository.
    pub repo: RepoId,
    /// How it differs.
    pub how: Differs,
}

/// How a checkout differs from its remote's branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Differs {
    /// It has uncommitted changes.
    Dirty,
    /// Another branch is checked out; `None` for a detached head.
    OtherBranch {
        /// The branch that is checked out.
        here: Option<String>,
        /// The branch that is released.
        released: String,
    },
    /// It has commits that the remote lacks, or lacks commits that the remote has.
    Commits {
        /// How many the remote lacks.
        unpushed: usize,
        /// How many the checkout lacks.
        behind: usize,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let repo = &self.repo;
        match &self.how {
            Differs::Dirty => write!(f, "`{repo}` has uncommitted changes"),
            Differs::OtherBranch { here, released } => {
                let here = here.as_deref().unwrap_or("no branch");
                write!(f, "`{repo}` is on {here}, and `{released}` is released")
            }
            Differs::Commits { unpushed, behind } => {
                let own = commits(*unpushed, "has", "unpushed ");
                let lacked = commits(*behind, "lacks", "remote ");
                let both = if own.is_empty() || lacked.is_empty() {
                    ""
                } else {
                    " and "
                };
                write!(f, "`{repo}` {own}{both}{lacked}")
            }
        }
    }
}

fn commits(count: usize, verb: &str, which: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!("{verb} 1 {which}commit"),
        _ => format!("{verb} {count} {which}commits"),
    }
}

/// Refreshes the mirrors, observes each at the tip of its released branch, and names the checkouts
/// that differ from it. A remote that does not answer is a repository in trouble, not an error.
///
/// # Errors
/// When the state folder can not be used.
#[expect(
    clippy::too_many_arguments,
    reason = "each is a thing of its own, and all are needed"
)]
pub fn observe_remotes(
    graph: &Graph,
    sites: &[Site],
    git: &Git,
    state: &State,
    jobs: usize,
    depth: Depth,
    now: i64,
    on_event: &mut dyn FnMut(Event),
) -> Result<(Snapshot, Vec<Difference>), StateError> {
    let look = Look {
        graph,
        sites: sites.iter().map(|it| (&it.repo, it)).collect(),
        git,
        state,
        seen: Mutex::default(),
    };
    state.usable()?;
    let queue = Queue::new(graph.repos().keys().map(|it| (it.clone(), Vec::new())));
    let work = |repo: &RepoId, teller: &Teller<'_>| look.work(repo, teller);
    drive(queue, jobs, &git.environment().interrupt, &work, on_event);
    let seen = look
        .seen
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let differences = differences(graph, sites, (state, &seen), now);
    let snapshot = snapshot(graph, state, seen, (depth, now));
    Ok((snapshot, differences))
}

/// What a remote showed: a branch and its tip, or why nothing.
type Shown = Result<(String, Oid), Trouble>;

struct Look<'a> {
    graph: &'a Graph,
    sites: BTreeMap<&'a RepoId, &'a Site>,
    git: &'a Git,
    state: &'a State,
    seen: Mutex<BTreeMap<RepoId, Shown>>,
}

impl Look<'_> {
    fn work(&self, repo: &RepoId, teller: &Teller<'_>) -> Fate {
        let Some(declared) = self.graph.repo(repo) else {
            return Fate::Nothing;
        };
        teller.progress("fetching");
        let (shown, fate) = match self.tip(repo, declared) {
            Ok(Some((branch, tip))) => {
                let fate = Fate::Done {
                    commit: Some(tip.clone()),
                    out: Vec::new(),
                };
                (Ok((branch, tip)), fate)
            }
            Ok(None) => (Err(Trouble::NoCommits), Fate::Nothing),
            Err(MirrorError::Git(GitError::Interrupted)) => (
                Err(Trouble::Unreadable("interrupted".to_owned())),
                Fate::Interrupted,
            ),
            Err(error) => {
                let help = format!("cascade fetch, or leave it out with `--skip {repo}`");
                let trouble = Trouble::Unreadable(error.to_string());
                (Err(trouble), failed(error.to_string(), help))
            }
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(repo.clone(), shown);
        fate
    }

    fn tip(
        &self,
        repo: &RepoId,
        declared: &RepoDeclaration,
    ) -> Result<Option<(String, Oid)>, MirrorError> {
        let address = declared.remote.clone().or_else(|| self.origin(repo));
        let mirror = Mirror::open(self.git, self.state, repo, address.as_deref())?;
        mirror.refresh()?;
        let plain = declared
            .branch
            .0
            .iter()
            .find(|it| !it.contains(['*', '?', '[']));
        let branch = match plain {
            Some(branch) => Some(branch.clone()),
            None => mirror.default_branch()?,
        };
        Ok(branch.and_then(|branch| {
            let tip = mirror.branch(&branch)?;
            Some((branch, tip))
        }))
    }

    /// Returns where the checkout comes from, for a repository without a declared remote.
    fn origin(&self, repo: &RepoId) -> Option<String> {
        let checkout = Store::of_checkout(&self.sites.get(repo)?.folder).ok()?;
        checkout.remote("origin")
    }
}

fn snapshot(
    graph: &Graph,
    state: &State,
    seen: BTreeMap<RepoId, Shown>,
    (depth, now): (Depth, i64),
) -> Snapshot {
    let tip = |(repo, shown): (&RepoId, &Shown)| {
        Some(Tip {
            repo: repo.clone(),
            declared: graph.repo(repo)?,
            bare: state.mirror(repo),
            commit: shown.as_ref().ok()?.1.clone(),
        })
    };
    let tips: Vec<Tip<'_>> = seen.iter().filter_map(tip).collect();
    let mut repos = observe_commits(&tips, depth);
    for (repo, shown) in seen {
        let observed = repos.entry(repo).or_default();
        observed.fetched = Some(now);
        match shown {
            Ok((branch, _)) => {
                observed.default_branch = Some(branch.clone());
                observed.branch = Some(branch);
            }
            Err(trouble) => observed.trouble = Some(trouble),
        }
    }
    // An interrupt leaves some unseen; a plan must not take them for empty.
    for repo in graph.repos().keys() {
        repos.entry(repo.clone()).or_insert_with(|| ObservedRepo {
            trouble: Some(Trouble::Unreadable("interrupted".to_owned())),
            ..ObservedRepo::default()
        });
    }
    Snapshot {
        taken: now,
        repos,
        ..Snapshot::default()
    }
}

fn differences(
    graph: &Graph,
    sites: &[Site],
    (state, seen): (&State, &BTreeMap<RepoId, Shown>),
    now: i64,
) -> Vec<Difference> {
    let checkouts = observe(graph, sites, Depth::Survey, now);
    let mut found = Vec::new();
    for site in sites {
        let shown = seen.get(&site.repo).and_then(|it| it.as_ref().ok());
        let here = checkouts
            .repos
            .get(&site.repo)
            .filter(|it| it.trouble.is_none());
        let (Some((branch, tip)), Some(here)) = (shown, here) else {
            continue;
        };
        let mut add = |how| {
            found.push(Difference {
                repo: site.repo.clone(),
                how,
            });
        };
        if here.dirty {
            add(Differs::Dirty);
        }
        if here.branch.as_ref() != Some(branch) {
            add(Differs::OtherBranch {
                here: here.branch.clone(),
                released: branch.clone(),
            });
        } else if let Some(how) = here
            .head
            .as_ref()
            .and_then(|it| parted(state, site, it, tip))
        {
            add(how);
        }
    }
    found
}

/// Returns how many commits two tips are apart, one of the checkout and one of the mirror.
fn parted(state: &State, site: &Site, here: &Oid, there: &Oid) -> Option<Differs> {
    if here == there {
        return None;
    }
    let mirror = Store::bare(&state.mirror(&site.repo)).ok()?;
    let checkout = Store::of_checkout(&site.folder).ok()?;
    let (unpushed, behind) = mirror.apart(&checkout, here, there)?;
    Some(Differs::Commits { unpushed, behind })
}
