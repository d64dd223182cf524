//! A machine that carries a plan out: the same decisions as a release, over a world that is made.

use std::collections::BTreeMap;

use cascade_plan::decide::{
    Act, Answer, Built, Did, Found, Known, Likeness, Push, Rest, Seen, Task, Tip, Work, next,
};
use cascade_plan::{Oid, Queue, Receipt, Watch};

use crate::family::{Family, Time};
use crate::mutants::Mutant;
use crate::world::{Ask, Commit, Name, World, id};

/// What a machine was told to bring about in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) run: u32,
    pub(crate) base: Oid,
    pub(crate) work: Work,
}

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    Began,
    Pushes { repo: usize, asks: Vec<Ask> },
    Tells { repo: usize, run: u32, at: Time },
    Told { repo: usize, receipt: Receipt },
    Ended,
}

/// One machine. What is in its memory is gone with a crash; the plan and the journal are not.
pub(crate) struct Machine {
    pub(crate) steps: Vec<Step>,
    pub(crate) journal: Vec<Line>,
    /// How many lines of the journal are on the disk.
    pub(crate) synced: usize,
    pub(crate) jobs: usize,
    /// Counts the lives: what was begun in an earlier one is nobody's any more.
    pub(crate) life: u32,
    pub(crate) memory: Option<Memory>,
    pub(crate) finished: bool,
    pub(crate) starts: u32,
}

/// What a machine knows while it runs.
pub(crate) struct Memory {
    pub(crate) queue: Queue<usize>,
    pub(crate) running: BTreeMap<usize, Job>,
    /// Whether every repository came to a good end so far.
    pub(crate) well: bool,
    /// The repositories whose branch moved away.
    pub(crate) moved: Vec<usize>,
}

/// One repository in work.
#[derive(Default)]
pub(crate) struct Job {
    pub(crate) known: Known,
    pub(crate) watch: Watch,
    pub(crate) since: Option<Time>,
    pub(crate) ready: Vec<Oid>,
}

impl Machine {
    /// Returns a machine that has a plan and was not started.
    pub(crate) fn new(world: &World, jobs: usize) -> Self {
        let all = world.remotes.iter().zip(&world.family.0);
        let steps = all.map(|(remote, node)| Step {
            run: 0,
            base: remote.branch.clone(),
            work: node.work,
        });
        Self {
            steps: steps.collect(),
            journal: Vec::new(),
            synced: 0,
            jobs,
            life: 0,
            memory: None,
            finished: false,
            starts: 0,
        }
    }

    /// Starts a process that takes the run up.
    pub(crate) fn start(&mut self, family: &Family, mutant: Mutant) {
        let items = family.0.iter().enumerate().map(|(at, node)| {
            let on = match mutant {
                Mutant::OrderIgnored => Vec::new(),
                _ => node.on.clone(),
            };
            (at, on)
        });
        self.starts += 1;
        self.life += 1;
        self.write(Line::Began, true);
        self.memory = Some(Memory {
            queue: Queue::new(items),
            running: BTreeMap::new(),
            well: true,
            moved: Vec::new(),
        });
    }

    /// Ends the process without a word; without power, what was not synced is gone too.
    pub(crate) fn crash(&mut self, power: bool) {
        self.memory = None;
        self.life += 1;
        if power {
            self.journal.truncate(self.synced);
        }
    }

    /// Writes a line.
    pub(crate) fn write(&mut self, line: Line, sync: bool) {
        self.journal.push(line);
        if sync {
            self.synced = self.journal.len();
        }
    }

    /// Returns whether the disk has a line that says so.
    pub(crate) fn has_written(&self, repo: usize, asks: &[Ask]) -> bool {
        let lines = self.journal.iter().take(self.synced);
        lines.into_iter().any(
            |it| matches!(it, Line::Pushes { repo: of, asks: what } if *of == repo && what == asks),
        )
    }

    /// Returns whether the disk says that a message of a repository is about to be sent.
    pub(crate) fn has_told(&self, repo: usize, run: u32) -> bool {
        let lines = self.journal.iter().take(self.synced);
        lines.into_iter().any(
            |it| matches!(it, Line::Tells { repo: of, run: key, .. } if (*of, *key) == (repo, run)),
        )
    }

    /// Returns the message of a repository that was sent last, and when, as the journal has it.
    pub(crate) fn sent(&self, repo: usize) -> Option<(Receipt, Time)> {
        let mut lines = self.journal.iter().rev();
        let mut receipt = Receipt::Unknown;
        lines.find_map(|it| match it {
            Line::Told {
                repo: of,
                receipt: it,
            } if *of == repo && receipt == Receipt::Unknown => {
                receipt = *it;
                None
            }
            Line::Tells { repo: of, at, .. } if *of == repo => Some((receipt, *at)),
            _ => None,
        })
    }

    /// Returns what the step of a repository comes to.
    pub(crate) fn task(&self, family: &Family, repo: usize) -> Task {
        let node = &family.0[repo];
        Task {
            base: self.steps[repo].base.clone(),
            branch: "main".to_owned(),
            work: self.steps[repo].work,
            tags: node.tags.clone(),
            rest: node.rest.clone(),
        }
    }

    /// Returns the commit that the plan makes in a repository: the same on every machine.
    pub(crate) fn made(&self, repo: usize) -> Oid {
        let step = &self.steps[repo];
        let hash = step.base.as_str().get(..12).unwrap_or_default();
        let base = u64::from_str_radix(hash, 16).unwrap_or_default();
        id(&[repo as u64, u64::from(step.run), base, 1])
    }

    /// Returns what the remote of a repository shows.
    pub(crate) fn see(&self, world: &World, repo: usize) -> Seen {
        let remote = &world.remotes[repo];
        let step = &self.steps[repo];
        let work = step.work;
        let made = self.made(repo);
        let found = |commit: &Oid| {
            let same = match work {
                Work::None => *commit == step.base,
                _ => *commit == made,
            };
            let alike = remote.commits[commit].holds && remote.contains(commit, &step.base);
            let is = match (same, alike && work != Work::None) {
                (true, _) => Likeness::Same,
                (_, true) => Likeness::Alike,
                _ => Likeness::Foreign,
            };
            let commit = commit.clone();
            Found { commit, is }
        };
        let down = remote.down(&remote.branch);
        let fresh = || down.iter().take_while(|it| **it != step.base);
        let holding = || fresh().take_while(|it| remote.commits[*it].holds).last();
        let branch = match work {
            Work::None if down.contains(&step.base) => Tip::Holds(step.base.clone()),
            _ if remote.branch == step.base => Tip::Base,
            Work::Push => match fresh().find(|it| **it == made).or_else(holding) {
                Some(at) if down.contains(&step.base) => Tip::Holds(at.clone()),
                _ => Tip::Elsewhere(Some(remote.branch.clone())),
            },
            _ => match holding() {
                Some(at) if down.contains(&step.base) => Tip::Holds(at.clone()),
                _ => Tip::Elsewhere(Some(remote.branch.clone())),
            },
        };
        let tags = world.family.0[repo].tags.iter();
        Seen {
            branch,
            own: remote.own.get(&step.run).map(found),
            tags: tags.map(|it| remote.tags.get(it).map(found)).collect(),
        }
    }

    /// Makes the commit of a repository; it is nowhere but here.
    pub(crate) fn build(&self, world: &mut World, repo: usize) -> Built {
        let step = &self.steps[repo];
        if step.work == Work::None {
            return Built::Commit(step.base.clone());
        }
        let commit = Commit {
            parent: Some(step.base.clone()),
            holds: true,
            ours: true,
        };
        Built::Commit(world.remotes[repo].add(self.made(repo), commit))
    }

    /// Returns what a push asks of the remote.
    pub(crate) fn asks(&self, repo: usize, push: &Push, mutant: Mutant) -> Vec<Ask> {
        let leased = mutant != Mutant::LeaseIgnored;
        let branch = push.branch.then(|| Ask {
            name: Name::Branch,
            from: Some(self.steps[repo].base.clone()),
            to: push.commit.clone(),
            leased,
        });
        let tag = push.tag.as_ref().map(|it| Ask {
            name: Name::Tag(it.clone()),
            from: None,
            to: push.commit.clone(),
            leased,
        });
        branch.into_iter().chain(tag).collect()
    }

    /// Returns what is done next, as the mutant would have it.
    pub(crate) fn decide(&self, family: &Family, repo: usize, mutant: Mutant) -> Option<Act> {
        let job = self.memory.as_ref()?.running.get(&repo)?;
        let task = self.task(family, repo);
        Some(mutant.turns(next(&task, &job.known), &task))
    }

    /// Takes in what came of an act, as the mutant would have it.
    pub(crate) fn learn(&mut self, family: &Family, repo: usize, did: Did, mutant: Mutant) {
        let task = self.task(family, repo);
        let Some(job) = self.job(repo) else { return };
        if let Did::Ready(commit) = &did {
            job.ready.push(commit.clone());
        }
        let believed = mutant.believes(&did, &job.known, &task);
        job.known.learn(did);
        if let Some(seen) = believed {
            job.known.learn(Did::Looked(seen));
        }
        job.since = None;
        job.watch = Watch::default();
    }

    /// Returns a repository in work.
    pub(crate) fn job(&mut self, repo: usize) -> Option<&mut Job> {
        self.memory.as_mut()?.running.get_mut(&repo)
    }
}

/// Returns whether a tag may go out only after a question that was not asked.
pub(crate) fn unready(job: &Job, push: &Push) -> bool {
    let tags = job.known.seen().map_or(0, |it| it.tags.len());
    let untagged = job
        .known
        .seen()
        .is_none_or(|it| it.tags.iter().all(Option::is_none));
    tags > 0 && untagged && !job.ready.contains(&push.commit)
}

/// Returns whether the answer to an act is one that only waiting brings.
pub(crate) fn waits(act: &Act) -> bool {
    matches!(
        act,
        Act::AwaitMerge | Act::Then(Rest::Tag | Rest::Visible | Rest::Others, _)
    )
}

/// Returns the answer of a server that dropped the line.
pub(crate) fn silence() -> Answer {
    Answer::Silence("the line is dead".to_owned())
}
