//! Who contains whom: which commits stand above a tag, and how far two tips have parted.
//!
//! Both questions are one walk from two tips, newest commit first, that paints what each tip
//! reaches. It ends early only where the answer can not change any more. Dates steer it; the answer
//! does not rest on them: where every open path runs through one single commit, and no path has
//! come to a root, everything seen descends from that commit, so nothing below it can lead back.

use std::collections::{BinaryHeap, HashMap, HashSet};

use git2::Oid;

use super::objects::{Objects, RawCommit};

const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const BOTH: u8 = LEFT | RIGHT;
const QUEUED: u8 = 4;
const EXPANDED: u8 = 8;

/// How many commits are walked past the point where both sides agree while dates run backwards.
const SLOP: usize = 256;
/// The same where some date was seen that does not.
const SKEWED_SLOP: usize = 20_000;

/// The commits of one repository that were looked at, each read once.
pub(crate) struct History<'r> {
    objects: &'r Objects<'r>,
    nodes: Vec<Node>,
    by_id: HashMap<Oid, usize>,
    /// Commits whose parents a shallow clone lacks.
    grafts: HashSet<Oid>,
}

struct Node {
    id: Oid,
    commit: RawCommit,
}

/// How two tips have parted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parted {
    /// The commits that only the left tip reaches, as numbers of this history.
    pub(crate) left: Vec<usize>,
    /// How many commits only the right tip reaches.
    pub(crate) right: usize,
    /// Whether the left tip reaches the right one.
    pub(crate) contained: bool,
}

/// What a tip has beyond what is known.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Beyond {
    /// The commits, the newest first, as numbers of this history.
    pub(crate) commits: Vec<usize>,
    /// Whether there are more of them.
    pub(crate) more: bool,
}

/// A commit that should be there and is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("its commit {0} is missing or broken; `git fsck` there says more")]
pub(crate) struct Lost(pub(crate) Oid);

impl<'r> History<'r> {
    /// Returns a history of which nothing is known yet.
    pub(crate) fn new(objects: &'r Objects<'r>, grafts: HashSet<Oid>) -> Self {
        Self {
            objects,
            nodes: Vec::new(),
            by_id: HashMap::new(),
            grafts,
        }
    }

    /// Returns the number of a commit.
    pub(crate) fn number(&mut self, id: Oid) -> Result<usize, Lost> {
        if let Some(&known) = self.by_id.get(&id) {
            return Ok(known);
        }
        let mut commit = self.objects.commit(id).ok_or(Lost(id))?;
        if self.grafts.contains(&id) {
            commit.parents.clear();
        }
        let number = self.nodes.len();
        self.nodes.push(Node { id, commit });
        self.by_id.insert(id, number);
        Ok(number)
    }

    /// Returns the tree of a commit.
    pub(crate) fn tree(&mut self, id: Oid) -> Result<Oid, Lost> {
        let number = self.number(id)?;
        self.nodes
            .get(number)
            .map(|it| it.commit.tree)
            .ok_or(Lost(id))
    }

    /// Returns a file of a commit; `None` where there is none, or a larger one.
    pub(crate) fn file(&mut self, id: Oid, path: &str, cap: u64) -> Option<Vec<u8>> {
        let tree = self.tree(id).ok()?;
        let blob = self.objects.at(tree, path)?;
        self.objects.blob(blob, cap).ok()
    }

    /// Returns the id of a commit, and the commit.
    pub(crate) fn commit(&self, number: usize) -> Option<(Oid, &RawCommit)> {
        self.nodes.get(number).map(|it| (it.id, &it.commit))
    }

    /// Returns every commit that a tip reaches.
    pub(crate) fn all(&mut self, tip: Oid) -> Result<Vec<usize>, Lost> {
        let mut seen = HashSet::new();
        let mut open = vec![self.number(tip)?];
        while let Some(number) = open.pop() {
            if seen.insert(number) {
                for parent in self.parents(number) {
                    open.push(self.number(parent)?);
                }
            }
        }
        Ok(seen.into_iter().collect())
    }

    /// Returns which of these commits a tip reaches. Dates bound the walk: it ends where all that is
    /// open is older than what is looked for, and stayed so for a while.
    pub(crate) fn reached(&mut self, tip: Oid, wanted: &[Oid]) -> Result<HashSet<Oid>, Lost> {
        let tip = self.number(tip)?;
        let numbers = wanted.iter().filter_map(|&it| self.number(it).ok());
        let mut missing: HashSet<usize> = numbers.collect();
        let oldest = missing.iter().map(|&it| self.time(it)).min();
        let (mut found, mut seen) = (HashSet::new(), HashSet::from([tip]));
        let mut queue = BinaryHeap::from([(self.time(tip), tip)]);
        let (mut late, mut skewed) = (0, false);
        while let Some((time, number)) = queue.pop() {
            if missing.remove(&number) {
                found.extend(self.nodes.get(number).map(|it| it.id));
            }
            late = if Some(time) < oldest { late + 1 } else { 0 };
            if missing.is_empty() || late > slop(skewed) {
                break;
            }
            for parent in self.parents(number) {
                let parent = self.number(parent)?;
                skewed |= self.time(parent) > time;
                if seen.insert(parent) {
                    queue.push((self.time(parent), parent));
                }
            }
        }
        Ok(found)
    }

    /// Returns how two tips have parted.
    pub(crate) fn parted(&mut self, left: Oid, right: Oid) -> Result<Parted, Lost> {
        let (left, right) = (self.number(left)?, self.number(right)?);
        let mut walk = Walk::after(BOTH);
        walk.paint(self, left, LEFT);
        walk.paint(self, right, RIGHT);
        while !walk.is_settled() && walk.step(self)?.is_some() {}
        Ok(walk.outcome(right))
    }

    /// Returns the newest commits that a tip reaches and none of the known ones does, so many at the
    /// most. Known ones that are missing here are passed over.
    pub(crate) fn beyond(&mut self, tip: Oid, known: &[Oid], most: usize) -> Result<Beyond, Lost> {
        let tip = self.number(tip)?;
        let mut walk = Walk::after(LEFT);
        walk.paint(self, tip, LEFT);
        for known in known {
            if let Ok(known) = self.number(*known) {
                walk.paint(self, known, RIGHT);
            }
        }
        let mut found = Vec::new();
        while !walk.is_settled() && found.len() <= most {
            let Some(number) = walk.step(self)? else {
                break;
            };
            if walk.flags(number) & BOTH == LEFT {
                found.push(number);
            }
        }
        let more = found.len() > most;
        // What is found late to be known was taken for new before.
        found.retain(|it| walk.flags(*it) & BOTH == LEFT);
        found.truncate(most);
        Ok(Beyond {
            commits: found,
            more,
        })
    }

    fn parents(&self, number: usize) -> Vec<Oid> {
        let node = self.nodes.get(number);
        node.map(|it| it.commit.parents.clone()).unwrap_or_default()
    }

    fn time(&self, number: usize) -> i64 {
        self.nodes.get(number).map_or(0, |it| it.commit.time)
    }
}

/// One walk from tips of two sides.
#[derive(Default)]
struct Walk {
    flags: Vec<u8>,
    queue: BinaryHeap<(i64, usize)>,
    /// The sides of which is asked what only they have.
    sought: u8,
    /// How many of the queue only a side has that is asked for, so far.
    single: usize,
    /// How many were expanded since a commit was last found on one side only, or found late.
    calm: usize,
    /// Whether some path came to a commit without parents.
    rooted: bool,
    /// Whether some commit is older than its parent.
    skewed: bool,
}

impl Walk {
    /// Returns a walk after what only these sides have.
    fn after(sought: u8) -> Self {
        Self {
            sought,
            ..Self::default()
        }
    }

    /// Expands the newest open commit, and returns it; `None` where nothing is open.
    fn step(&mut self, history: &mut History<'_>) -> Result<Option<usize>, Lost> {
        let Some(number) = self.pop() else {
            return Ok(None);
        };
        let colours = self.flags(number) & BOTH;
        let parents = history.parents(number);
        self.rooted |= parents.is_empty();
        for parent in parents {
            let parent = history.number(parent)?;
            self.skewed |= history.time(parent) > history.time(number);
            self.paint(history, parent, colours);
        }
        Ok(Some(number))
    }

    fn flags(&self, number: usize) -> u8 {
        self.flags.get(number).copied().unwrap_or(0)
    }

    /// Adds colours to a commit; one that gains some has to be expanded, again if need be.
    fn paint(&mut self, history: &History<'_>, number: usize, colours: u8) {
        if number >= self.flags.len() {
            self.flags.resize(history.nodes.len().max(number + 1), 0);
        }
        let Some(flags) = self.flags.get_mut(number) else {
            return;
        };
        let before = *flags;
        if before & colours == colours {
            return;
        }
        *flags = (before | colours | QUEUED) & !EXPANDED;
        let after = *flags;
        let (was_sought, is_sought) = (self.is_sought(before), self.is_sought(after));
        if before & EXPANDED != 0 || is_sought {
            self.calm = 0;
        }
        if before & QUEUED == 0 {
            self.queue.push((history.time(number), number));
        } else if was_sought {
            self.single -= 1;
        }
        self.single += usize::from(is_sought);
    }

    /// Returns whether only one side has a commit, so far, and is asked for.
    fn is_sought(&self, flags: u8) -> bool {
        matches!(flags & BOTH, LEFT | RIGHT) && flags & self.sought != 0
    }

    fn pop(&mut self) -> Option<usize> {
        let (_, number) = self.queue.pop()?;
        let before = self.flags(number);
        self.single -= usize::from(self.is_sought(before));
        *self.flags.get_mut(number)? = before & !QUEUED | EXPANDED;
        self.calm += 1;
        Some(number)
    }

    /// Returns whether nothing that is still open can change the answer.
    fn is_settled(&self) -> bool {
        let agreed = self.queue.len() == 1 && !self.rooted || self.calm > slop(self.skewed);
        self.single == 0 && agreed
    }

    fn outcome(&self, right: usize) -> Parted {
        let of = |colour: u8| {
            let flags = self.flags.iter().enumerate();
            flags
                .filter(move |(_, flags)| **flags & BOTH == colour)
                .map(|(number, _)| number)
        };
        Parted {
            left: of(LEFT).collect(),
            right: of(RIGHT).count(),
            contained: self.flags(right) & LEFT != 0,
        }
    }
}

/// Returns how many commits are walked past the point where the answer seems to be certain.
fn slop(skewed: bool) -> usize {
    if skewed { SKEWED_SLOP } else { SLOP }
}
