//! What is outside of cascade: remotes, indexes, a forge and people. It knows no plan, and checks
//! every push that arrives against what was promised.

use std::collections::{BTreeMap, BTreeSet};

use cascade_plan::Oid;
use cascade_plan::decide::{Answer, Work};
use fastrand::Rng;

use crate::family::{Family, Time};

/// A remote of the world, with the index that its tags publish to.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    pub(crate) commits: BTreeMap<Oid, Commit>,
    pub(crate) branch: Oid,
    /// The branches of cascade's own, by run.
    pub(crate) own: BTreeMap<u32, Oid>,
    pub(crate) tags: BTreeMap<String, Oid>,
    /// Since when the package of a tag is listed.
    pub(crate) listed: BTreeMap<String, Time>,
    /// Tags whose publisher never started.
    pub(crate) lost: BTreeSet<String>,
    /// Whether what a message asks for is so.
    pub(crate) promoted: bool,
    /// The messages that a receiver may have taken: from which machine, in which run.
    pub(crate) told: BTreeSet<(usize, u32)>,
}

/// A commit, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) parent: Option<Oid>,
    /// Whether it holds every planned edit.
    pub(crate) holds: bool,
    /// Whether cascade made it.
    pub(crate) ours: bool,
}

/// A name on a remote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    Branch,
    Own(u32),
    Tag(String),
}

/// What a push asks of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) name: Name,
    /// Where it has to be before; `None`: nowhere.
    pub(crate) from: Option<Oid>,
    pub(crate) to: Oid,
    /// Whether the remote is to look at `from` at all.
    pub(crate) leased: bool,
}

/// A promise that was not kept.
pub(crate) type Broken = String;

/// All remotes, and what went wrong.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) family: Family,
    pub(crate) remotes: Vec<Remote>,
    pub(crate) broken: Vec<Broken>,
}

/// Returns an id that nothing else has.
pub(crate) fn id(words: &[u64]) -> Oid {
    // FNV-1a, spread over the digits of an id.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in words.iter().flat_map(|it| it.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let more = hash.rotate_left(29) ^ 0x9e37_79b9;
    Oid::parse(&format!("{hash:016x}{more:016x}{:08x}", words.len())).expect("40 digits")
}

impl World {
    /// Returns a world where nothing happened yet.
    pub(crate) fn new(family: Family) -> Self {
        let remotes = (0..family.len()).map(|at| {
            let base = id(&[at as u64]);
            let commit = Commit {
                parent: None,
                holds: false,
                ours: false,
            };
            Remote {
                commits: BTreeMap::from([(base.clone(), commit)]),
                branch: base,
                own: BTreeMap::new(),
                tags: BTreeMap::new(),
                listed: BTreeMap::new(),
                lost: BTreeSet::new(),
                promoted: false,
                told: BTreeSet::new(),
            }
        });
        Self {
            remotes: remotes.collect(),
            family,
            broken: Vec::new(),
        }
    }

    /// Notes a promise that was not kept.
    pub(crate) fn breaks(&mut self, promise: &str, repo: usize) {
        self.broken.push(format!("{promise} (repository {repo})"));
    }

    /// Returns whether everything that a repository stands on is listed.
    pub(crate) fn stands(&self, repo: usize, now: Time) -> bool {
        let on = self.family.0[repo].on.iter();
        on.into_iter().all(|up| self.is_listed(*up, now))
    }

    /// Returns whether every package of a repository is listed.
    pub(crate) fn is_listed(&self, repo: usize, now: Time) -> bool {
        let listed = &self.remotes[repo].listed;
        let all = self.family.0[repo].all_tags();
        all.iter()
            .all(|tag| listed.get(tag).is_some_and(|at| *at <= now))
    }

    /// Takes what is asked, all or none, as a server does; `only` what a dying one came to.
    pub(crate) fn take(&mut self, repo: usize, asks: &[Ask], only: Option<usize>) -> Answer {
        let node = &self.family.0[repo];
        if asks.len() > 1 && !node.atomic {
            return Answer::NotAtomic;
        }
        if node.protected && asks.iter().any(|it| it.name == Name::Branch) {
            let why = "protected".to_owned();
            return Answer::Refused { why, branch: true };
        }
        let stale = asks
            .iter()
            .find(|it| it.leased && self.remotes[repo].at(&it.name) != it.from.as_ref());
        if let Some(stale) = stale {
            let why = "stale".to_owned();
            let branch = stale.name == Name::Branch;
            return Answer::Refused { why, branch };
        }
        for (at, ask) in asks.iter().enumerate() {
            if only.is_none_or(|it| it == at) {
                self.remotes[repo].set(&ask.name, ask.to.clone());
            }
        }
        Answer::Taken
    }

    /// Checks a push of cascade's that is about to be looked at by the server.
    pub(crate) fn judge(&mut self, repo: usize, asks: &[Ask], now: Time) {
        if !self.stands(repo, now) {
            self.breaks("nothing goes out before its upstreams are visible", repo);
        }
        let edits = self.family.0[repo].work != Work::None;
        for ask in asks {
            let remote = &self.remotes[repo];
            let there = remote.at(&ask.name);
            match &ask.name {
                Name::Tag(_) => {
                    if !ask.leased && there.is_some_and(|it| *it != ask.to) {
                        self.breaks("no tag ever moves", repo);
                    } else if !remote.tag_fits(ask, asks, edits) {
                        self.breaks("a tag stands on the branch, where the edits are", repo);
                    }
                }
                Name::Branch | Name::Own(_) => {
                    if !ask.leased && there.is_some_and(|it| !remote.contains(&ask.to, it)) {
                        self.breaks("no commit of anybody's is thrown away", repo);
                    }
                }
            }
        }
    }

    /// Checks a message of a machine that is about to arrive.
    pub(crate) fn judge_message(&mut self, repo: usize, key: (usize, u32), now: Time) {
        if !self.stands(repo, now) || !self.is_listed(repo, now) {
            self.breaks("nobody is told of what is not visible", repo);
        }
        let again = self.family.0[repo].others.and_then(|it| it.again);
        if self.remotes[repo].told.contains(&key) && again.is_none() {
            self.breaks("what may have arrived is not sent again", repo);
        }
    }

    /// Returns what is left when all is over, in words that two runs can be compared by.
    pub(crate) fn state(&self) -> Vec<String> {
        let of = |(at, remote): (usize, &Remote)| {
            let holds = |it: &Oid| remote.commits[it].holds;
            let tags = remote.tags.iter();
            let tags: Vec<String> = tags
                .map(|(name, at)| format!("{name}:{}", holds(at)))
                .collect();
            let edits = self.family.0[at].work != Work::None;
            let tip = if edits { holds(&remote.branch) } else { false };
            let promoted = remote.promoted;
            format!("{tip} {tags:?} {:?} {promoted}", remote.listed.keys())
        };
        self.remotes.iter().enumerate().map(of).collect()
    }

    /// Checks what has to be so at the end, besides the state.
    pub(crate) fn close(&mut self) {
        for repo in 0..self.remotes.len() {
            let remote = &self.remotes[repo];
            let down = remote.down(&remote.branch);
            if down.iter().filter(|it| remote.commits[*it].ours).count() > 1 {
                self.breaks("one commit of cascade's in each repository", repo);
            }
        }
    }
}

impl Remote {
    /// Returns where a name is.
    pub(crate) fn at(&self, name: &Name) -> Option<&Oid> {
        match name {
            Name::Branch => Some(&self.branch),
            Name::Own(run) => self.own.get(run),
            Name::Tag(tag) => self.tags.get(tag),
        }
    }

    fn set(&mut self, name: &Name, to: Oid) {
        match name {
            Name::Branch => self.branch = to,
            Name::Own(run) => drop(self.own.insert(*run, to)),
            Name::Tag(tag) => drop(self.tags.insert(tag.clone(), to)),
        }
    }

    /// Returns a commit and all before it, newest first.
    pub(crate) fn down(&self, tip: &Oid) -> Vec<Oid> {
        let parent = |it: &Oid| self.commits.get(it)?.parent.clone();
        std::iter::successors(Some(tip.clone()), parent).collect()
    }

    /// Returns whether a commit is the tip or before it.
    pub(crate) fn contains(&self, tip: &Oid, commit: &Oid) -> bool {
        self.down(tip).contains(commit)
    }

    fn tag_fits(&self, ask: &Ask, asks: &[Ask], edits: bool) -> bool {
        let pushed = asks.iter().find(|it| it.name == Name::Branch);
        let tip = pushed.map_or(&self.branch, |it| &it.to);
        // Beside another tag of the same release it stands right, wherever that one is.
        let beside = self.tags.values().any(|it| *it == ask.to);
        let there = beside || self.contains(tip, &ask.to);
        there && (!edits || self.commits[&ask.to].holds)
    }

    /// Adds a commit on top of another, and returns it.
    pub(crate) fn add(&mut self, id: Oid, commit: Commit) -> Oid {
        self.commits.entry(id.clone()).or_insert(commit);
        id
    }

    /// Adds a person's commit on the branch.
    pub(crate) fn commits_by_hand(&mut self, rng: &mut Rng, holds: Option<bool>) {
        let parent = self.branch.clone();
        let holds = holds.unwrap_or(self.commits[&parent].holds);
        let id = id(&[rng.u64(..), 7]);
        let commit = Commit {
            parent: Some(parent),
            holds,
            ours: false,
        };
        self.branch = self.add(id, commit);
    }
}
