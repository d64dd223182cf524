//! The simulation: one line of moments, drawn from a seed. Every fault comes from here.

mod acts;
mod messages;
mod others;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use cascade_plan::Receipt;
use cascade_plan::decide::{Did, End, Push, Work};
use fastrand::Rng;

use crate::family::{Family, Time};
use crate::machine::{Job as InWork, Line, Machine, Step};
use crate::mutants::Mutant;
use crate::world::{Ask, Broken, World};

/// What one simulation is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) seed: u64,
    /// The most repositories.
    pub(crate) size: usize,
    pub(crate) faults: Faults,
    pub(crate) mutant: Mutant,
}

/// What may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Faults {
    /// Nothing.
    None,
    /// The network, servers and indexes.
    Lines,
    /// These, and the machine itself.
    Crashes,
    /// These, and people and a second machine.
    All,
}

/// What a simulation came to.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) broken: Vec<Broken>,
    pub(crate) state: Vec<String>,
    /// How often each fault was injected.
    pub(crate) faults: BTreeMap<&'static str, u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Event {
    Start(usize),
    Arrive { of: Job, asks: Vec<Ask>, sent: Sent },
    Did { of: Job, did: Result<Did, Stop> },
    Wake(Job),
    Tell { of: Job, run: u32, sent: Sent },
    Heard { of: Job, receipt: Receipt },
    Promote(usize),
    Publish { repo: usize, tag: String },
    Merge { repo: usize, run: u32 },
    Bot(usize),
    Person,
    Heal,
}

/// Which work of which life of which machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Job {
    machine: usize,
    life: u32,
    repo: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Sent {
    Push(Push),
    Propose,
    Message,
    /// The same bytes a second time: nobody hears the answer.
    Twice,
}

/// Why an act was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    NoAnswer,
    Check,
    Late,
    Never,
}

/// Every kind of fault.
pub(crate) const KINDS: &[&str] = &[
    "no answer to a look",
    "a check fails",
    "a clock that jumps while a lid is closed",
    "not ready yet",
    "a push that gets lost",
    "a push refused for a while",
    "a server that says yes and forgets",
    "a server that dies between two refs",
    "an answer that gets lost",
    "a push that arrives twice",
    "an index that does not answer",
    "an index that shows an old page",
    "a publisher that never starts",
    "a person pushes",
    "a person types the pins",
    "a person makes the tag",
    "a person makes the tag on the wrong commit",
    "a person takes cascade's branch",
    "a message that gets lost",
    "a message that is not taken for a while",
    "a message that is taken and forgotten",
    "a message that arrives twice",
    "a message whose answer gets lost",
    "crash before a message",
    "crash after a message",
    "crash before an act",
    "crash before a push",
    "crash after a push",
    "crash after an act",
];
/// Promised: how often a run that is let alone has to be taken up, at most.
const TAKEN_UP: u32 = 60;
const MOMENTS: u64 = 4_000_000;
const PATIENCE: Time = 600_000;

pub(crate) struct Town {
    setting: Setting,
    rng: Rng,
    now: Time,
    line: BinaryHeap<Reverse<(Time, u64)>>,
    events: BTreeMap<u64, Event>,
    count: u64,
    world: World,
    machines: Vec<Machine>,
    faulty: bool,
    reacted: BTreeSet<(usize, String)>,
    injected: BTreeMap<&'static str, u64>,
}

/// Runs one simulation to its end.
pub(crate) fn simulate(setting: Setting) -> Report {
    let mut rng = Rng::with_seed(setting.seed);
    let size = match rng.u8(..100) {
        0..90 => rng.usize(1..=12.min(setting.size)),
        90..99 => rng.usize(1..=40.min(setting.size)),
        _ => rng.usize(1..=setting.size),
    };
    let world = World::new(Family::draw(&mut rng, size));
    let mut town = Town {
        setting,
        now: 0,
        line: BinaryHeap::new(),
        events: BTreeMap::new(),
        count: 0,
        world,
        machines: Vec::new(),
        faulty: setting.faults != Faults::None,
        reacted: BTreeSet::new(),
        injected: BTreeMap::new(),
        rng,
    };
    town.run();
    town.world.close();
    Report {
        state: town.world.state(),
        broken: town.world.broken,
        faults: town.injected,
    }
}

impl Town {
    fn run(&mut self) {
        let everything = self.setting.faults == Faults::All;
        let machines = if everything && self.rng.u8(..4) == 0 {
            2
        } else {
            1
        };
        for at in 0..machines {
            let jobs = self.rng.usize(1..8);
            self.machines.push(Machine::new(&self.world, jobs));
            let start = self.rng.u64(..60_000) * at as u64;
            self.at(start, Event::Start(at));
        }
        if self.faulty {
            let heal = self.rng.u64(60_000..7_200_000);
            self.at(heal, Event::Heal);
        }
        if everything {
            for _ in 0..self.rng.usize(..4) {
                let when = self.rng.u64(..3_600_000);
                self.at(when, Event::Person);
            }
        }
        let mut moments = 0;
        while let Some(Reverse((time, key))) = self.line.pop() {
            moments += 1;
            if moments > MOMENTS || !self.world.broken.is_empty() {
                break;
            }
            self.now = time;
            if let Some(event) = self.events.remove(&key) {
                self.happen(event);
            }
            if self.machines.iter().all(|it| it.finished) {
                break;
            }
        }
        if self.world.broken.is_empty() && !self.machines.iter().all(|it| it.finished) {
            self.world.breaks("a run that is taken up ends", 0);
        }
    }

    fn at(&mut self, when: Time, event: Event) {
        self.count += 1;
        self.line.push(Reverse((when, self.count)));
        self.events.insert(self.count, event);
    }

    fn after(&mut self, span: std::ops::Range<Time>, event: Event) {
        let when = self.now + self.rng.u64(span);
        self.at(when, event);
    }

    /// Returns whether a fault of this name happens here.
    fn fault(&mut self, name: &'static str, chance: f64) -> bool {
        let happens = self.faulty && self.rng.f64() < chance;
        if happens {
            *self.injected.entry(name).or_default() += 1;
        }
        happens
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Start(machine) => self.start(machine),
            Event::Arrive { of, asks, sent } => self.arrive(of, &asks, sent),
            Event::Did { of, did } => self.did(of, did),
            Event::Wake(of) => self.wake(of),
            Event::Tell { of, run, sent } => self.tell(of, run, &sent),
            Event::Heard { of, receipt } => self.heard(of, receipt),
            Event::Promote(repo) => self.world.remotes[repo].promoted = true,
            Event::Publish { repo, tag } => {
                let now = self.now;
                self.world.remotes[repo].listed.entry(tag).or_insert(now);
            }
            Event::Merge { repo, run } => self.merge(repo, run),
            Event::Bot(repo) => self.bot(repo),
            Event::Person => self.person(),
            Event::Heal => self.heal(),
        }
    }

    fn start(&mut self, machine: usize) {
        if self.machines[machine].finished || self.machines[machine].memory.is_some() {
            return;
        }
        self.machines[machine].start(&self.world.family, self.setting.mutant);
        if !self.faulty && self.machines[machine].starts > TAKEN_UP {
            self.world
                .breaks("a run that is let alone comes to its end", machine);
        }
        self.fill(machine);
    }

    /// Starts what is ready, and ends the process where nothing is left to do.
    fn fill(&mut self, machine: usize) {
        loop {
            let it = &mut self.machines[machine];
            let jobs = it.jobs;
            let Some(memory) = &mut it.memory else { return };
            if memory.running.len() >= jobs {
                return;
            }
            let Some(repo) = memory.queue.next() else {
                break;
            };
            memory.running.insert(repo, InWork::default());
            let life = it.life;
            self.go(Job {
                machine,
                life,
                repo,
            });
        }
        let it = &mut self.machines[machine];
        let Some(memory) = &it.memory else { return };
        if !memory.running.is_empty() {
            return;
        }
        let (well, moved) = (memory.well, memory.moved.clone());
        it.memory = None;
        it.finished = well;
        it.write(Line::Ended, true);
        for repo in moved {
            self.plan_anew(machine, repo);
        }
        if !well {
            self.after(30_000..600_000, Event::Start(machine));
        }
    }

    fn plan_anew(&mut self, machine: usize, repo: usize) {
        let remote = &self.world.remotes[repo];
        let base = remote.branch.clone();
        // What is there already asks for no commit.
        let work = if remote.commits[&base].holds {
            Work::None
        } else {
            self.world.family.0[repo].work
        };
        let run = self.machines[machine].steps[repo].run + 1;
        self.machines[machine].steps[repo] = Step { run, base, work };
    }

    fn is_alive(&self, of: Job) -> bool {
        let machine = &self.machines[of.machine];
        machine.life == of.life && machine.memory.is_some()
    }

    fn crashes(&mut self, machine: usize, when: &'static str) -> bool {
        let may = matches!(self.setting.faults, Faults::Crashes | Faults::All);
        if !may || !self.fault(when, 0.006) {
            return false;
        }
        let power = self.rng.bool();
        self.machines[machine].crash(power);
        self.after(1_000..900_000, Event::Start(machine));
        true
    }

    fn end(&mut self, of: Job, end: &End) {
        let well = matches!(end, End::Done { .. } | End::Nothing);
        if well {
            let remote = &self.world.remotes[of.repo];
            let node = &self.world.family.0[of.repo];
            let there = node
                .all_tags()
                .iter()
                .all(|it| remote.tags.contains_key(it));
            let promoted = node.others.is_none() || remote.promoted;
            if !there || !promoted || !self.world.is_listed(of.repo, self.now) {
                self.world.breaks("what is called done is so", of.repo);
            }
        }
        if let (End::Moved(_), Some(memory)) = (end, &mut self.machines[of.machine].memory) {
            memory.moved.push(of.repo);
        }
        self.ended(of, well);
    }

    fn ended(&mut self, of: Job, well: bool) {
        if let Some(memory) = &mut self.machines[of.machine].memory {
            memory.running.remove(&of.repo);
            memory.well &= well;
            if well || self.setting.mutant == Mutant::FailureIgnored {
                memory.queue.done(&of.repo);
            } else {
                memory.queue.failed(&of.repo);
            }
        }
        self.fill(of.machine);
    }
}
