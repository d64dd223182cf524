//! What a machine does, and what servers make of it.

use cascade_plan::decide::{Act, Answer, Did, Push, Rest, Seen, Tip};
use cascade_plan::{Oid, Pace, Sight, Turn};

use super::{Event, Job, Mutant, PATIENCE, Sent, Stop, Town};
use crate::family::{BOTS, Time};
use crate::machine::{Line, silence, unready, waits};
use crate::world::{Ask, Name};

impl Town {
    /// Does what is next in a repository.
    pub(super) fn go(&mut self, of: Job) {
        if !self.is_alive(of) || self.crashes(of.machine, "crash before an act") {
            return;
        }
        let (repo, mutant) = (of.repo, self.setting.mutant);
        let act = self.machines[of.machine].decide(&self.world.family, repo, mutant);
        let Some(act) = act else { return };
        if waits(&act) {
            return self.at(self.now, Event::Wake(of));
        }
        let did = match act {
            Act::Look => self.look(of),
            Act::Build => self.build(of),
            Act::Ready(commit) => self.ready(of, commit),
            Act::Push(push) => return self.push(of, push),
            Act::Propose(commit) => return self.propose(of, commit),
            Act::End(end) => return self.end(of, &end),
            Act::Then(..) | Act::AwaitMerge => Ok(Did::Then(Vec::new())),
        };
        self.after(20..20_000, Event::Did { of, did });
    }

    fn look(&mut self, of: Job) -> Result<Did, Stop> {
        if self.fault("no answer to a look", 0.02) {
            return Err(Stop::NoAnswer);
        }
        let seen = self.machines[of.machine].see(&self.world, of.repo);
        Ok(Did::Looked(seen))
    }

    fn build(&mut self, of: Job) -> Result<Did, Stop> {
        if !self.world.stands(of.repo, self.now) {
            self.world.breaks(
                "nothing is committed before its upstreams are visible",
                of.repo,
            );
        }
        if self.fault("a check fails", 0.02) {
            return Err(Stop::Check);
        }
        let built = self.machines[of.machine].build(&mut self.world, of.repo);
        Ok(Did::Built(built))
    }

    fn ready(&mut self, of: Job, commit: Oid) -> Result<Did, Stop> {
        if self.setting.mutant == Mutant::ReadySkipped {
            let job = self.machines[of.machine].job(of.repo);
            if let Some(job) = job {
                job.known.learn(Did::Ready(commit));
            }
            return self.look(of);
        }
        if self.fault("not ready yet", 0.02) {
            return Err(Stop::Check);
        }
        Ok(Did::Ready(commit))
    }

    fn push(&mut self, of: Job, push: Push) {
        let machine = &mut self.machines[of.machine];
        let asks = machine.asks(of.repo, &push, self.setting.mutant);
        let job = machine
            .memory
            .as_ref()
            .and_then(|it| it.running.get(&of.repo));
        if job.is_some_and(|it| unready(it, &push)) {
            self.world
                .breaks("nothing is tagged that was not found ready", of.repo);
        }
        self.send(of, asks, Sent::Push(push));
    }

    fn propose(&mut self, of: Job, commit: Oid) {
        let run = self.machines[of.machine].steps[of.repo].run;
        let ask = Ask {
            name: Name::Own(run),
            from: None,
            to: commit,
            leased: self.setting.mutant != Mutant::LeaseIgnored,
        };
        self.send(of, vec![ask], Sent::Propose);
    }

    /// Writes down what is asked, and asks.
    fn send(&mut self, of: Job, asks: Vec<Ask>, sent: Sent) {
        let line = Line::Pushes {
            repo: of.repo,
            asks: asks.clone(),
        };
        let machine = &mut self.machines[of.machine];
        match self.setting.mutant {
            Mutant::RecordSkipped => {}
            Mutant::RecordUnsynced => machine.write(line, false),
            _ => machine.write(line, true),
        }
        if self.crashes(of.machine, "crash before a push") {
            return;
        }
        self.after(20..5_000, Event::Arrive { of, asks, sent });
    }

    /// A push is at the server.
    pub(super) fn arrive(&mut self, of: Job, asks: &[Ask], sent: Sent) {
        if !self.is_alive(of) && self.rng.bool() {
            return;
        }
        let mut only = None;
        let mut answer = None;
        if self.fault("a push that gets lost", 0.02) {
            return self.answer(of, silence(), sent);
        }
        if self.fault("a push refused for a while", 0.03) {
            let why = "try again".to_owned();
            let branch = false;
            return self.answer(of, Answer::Refused { why, branch }, sent);
        }
        if self.fault("a server that says yes and forgets", 0.01) {
            return self.answer(of, Answer::Taken, sent);
        }
        if asks.len() > 1 && self.fault("a server that dies between two refs", 0.03) {
            only = Some(self.rng.usize(..asks.len()));
            answer = Some(silence());
        }
        if self.fault("an answer that gets lost", 0.03) {
            answer = Some(silence());
        }
        if sent != Sent::Twice && self.fault("a push that arrives twice", 0.02) {
            let (asks, sent) = (asks.to_vec(), Sent::Twice);
            self.after(20..120_000, Event::Arrive { of, asks, sent });
        }
        let before = self.world.remotes[of.repo].clone();
        let took = self.world.take(of.repo, asks, only);
        if took == Answer::Taken {
            let after = std::mem::replace(&mut self.world.remotes[of.repo], before);
            self.world.judge(of.repo, asks, self.now);
            if !self.machines[of.machine].has_written(of.repo, asks) {
                self.world
                    .breaks("a push is on the disk before it is made", of.repo);
            }
            self.world.remotes[of.repo] = after;
        }
        self.react(of.repo);
        self.answer(of, answer.unwrap_or(took), sent);
    }

    fn answer(&mut self, of: Job, answer: Answer, sent: Sent) {
        if self.crashes(of.machine, "crash after a push") {
            return;
        }
        let did = match sent {
            Sent::Push(push) => Did::Pushed(push, answer),
            Sent::Propose => Did::Proposed(answer),
            Sent::Message | Sent::Twice => return,
        };
        self.after(20..5_000, Event::Did { of, did: Ok(did) });
    }

    pub(super) fn did(&mut self, of: Job, did: Result<Did, Stop>) {
        if !self.is_alive(of) || self.crashes(of.machine, "crash after an act") {
            return;
        }
        if self.fault("a clock that jumps while a lid is closed", 0.002) {
            return self.after(3_600_000..36_000_000, Event::Did { of, did });
        }
        match did {
            Ok(did) => {
                let mutant = self.setting.mutant;
                self.machines[of.machine].learn(&self.world.family, of.repo, did, mutant);
                self.go(of);
            }
            Err(_) => self.ended(of, false),
        }
    }

    /// Looks whether what is waited for came.
    pub(super) fn wake(&mut self, of: Job) {
        if !self.is_alive(of) {
            return;
        }
        let (now, mutant) = (self.now, self.setting.mutant);
        let Some(act) = self.machines[of.machine].decide(&self.world.family, of.repo, mutant)
        else {
            return;
        };
        let Some(job) = self.machines[of.machine].job(of.repo) else {
            return;
        };
        let since = *job.since.get_or_insert(now);
        match act {
            Act::Then(Rest::Visible, _) => return self.read(of, now - since),
            Act::Then(Rest::Others, _) => return self.ask_others(of, now - since),
            _ => {}
        }
        let seen = self.machines[of.machine].see(&self.world, of.repo);
        let did = match &act {
            Act::AwaitMerge if mutant == Mutant::MergeAssumed => {
                let own = seen.own.clone();
                let branch = own.map_or(seen.branch.clone(), |it| Tip::Holds(it.commit));
                Some(Did::Looked(Seen { branch, ..seen }))
            }
            Act::AwaitMerge => matches!(seen.branch, Tip::Holds(_)).then_some(Did::Looked(seen)),
            Act::Then(Rest::Tag, commit) => {
                let remote = &self.world.remotes[of.repo];
                let tag = remote.tags.get(BOTS);
                let there = tag.is_some_and(|it| remote.contains(it, commit));
                there.then(|| Did::Then(vec![BOTS.to_owned()]))
            }
            _ => return self.go(of),
        };
        match did {
            Some(did) => self.at(now, Event::Did { of, did: Ok(did) }),
            None if now - since > PATIENCE => {
                let did = Err(Stop::Late);
                self.at(now, Event::Did { of, did });
            }
            None => self.after(200..5_000, Event::Wake(of)),
        }
    }

    /// Reads the index once, as a wait does.
    fn read(&mut self, of: Job, spent: Time) {
        let listed = self.world.is_listed(of.repo, self.now);
        let sight = if self.fault("an index that does not answer", 0.05) {
            Sight::Unreached {
                why: "busy".to_owned(),
                wait: None,
            }
        } else if !listed || self.fault("an index that shows an old page", 0.1) {
            Sight::Absent { latest: None }
        } else {
            let files = [("a.whl".to_owned(), "sha256:00".to_owned())];
            Sight::Complete {
                files: files.into(),
            }
        };
        let chance = self.rng.u64(..);
        let Some(job) = self.machines[of.machine].job(of.repo) else {
            return;
        };
        let turn = job.watch.hear(sight);
        let pace = Pace::default();
        let pause = |it| job.watch.pause(&pace, chance, it);
        let late = u128::from(spent) > pace.timeout.as_millis();
        let did = match turn {
            Turn::Visible { .. } => Ok(Did::Then(Vec::new())),
            Turn::Never { .. } => Err(Stop::Never),
            Turn::Again { .. } if late => Err(Stop::Late),
            Turn::Again { wait } => {
                let pause = pause(wait).as_millis();
                let when = self.now + u64::try_from(pause).unwrap_or(Time::MAX);
                return self.at(when, Event::Wake(of));
            }
        };
        self.at(self.now, Event::Did { of, did });
    }
}
