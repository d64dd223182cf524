//! Messages that ask another system for something, and what becomes of them.

use std::time::Duration;

use cascade_plan::decide::Did;
use cascade_plan::{Receipt, is_message_due};

use super::{Event, Job, Mutant, PATIENCE, Sent, Stop, Town};
use crate::family::Time;
use crate::machine::Line;

impl Town {
    /// Looks whether what others are asked for is so, and asks where it is time to.
    pub(super) fn ask_others(&mut self, of: Job, waited: Time) {
        let machine = &self.machines[of.machine];
        let (run, sent) = (machine.steps[of.repo].run, machine.sent(of.repo));
        let mutant = self.setting.mutant;
        let trusted =
            mutant == Mutant::MessageTrusted && sent.is_some_and(|it| it.0 == Receipt::Taken);
        if self.world.remotes[of.repo].promoted || trusted {
            let did = Ok(Did::Then(Vec::new()));
            return self.at(self.now, Event::Did { of, did });
        }
        let again = self.world.family.0[of.repo].others.and_then(|it| it.again);
        let again = match mutant {
            Mutant::MessageRepeated => Some(Duration::ZERO),
            _ => again.map(Duration::from_millis),
        };
        let age = |at: Time| Duration::from_millis(self.now.saturating_sub(at));
        if is_message_due(sent.map(|it| (it.0, age(it.1))), again, false) {
            return self.send_message(of, run);
        }
        if waited > PATIENCE {
            let did = Err(Stop::Late);
            return self.at(self.now, Event::Did { of, did });
        }
        self.after(200..5_000, Event::Wake(of));
    }

    /// Writes down that a message is about to be sent, and sends it.
    fn send_message(&mut self, of: Job, run: u32) {
        let (repo, at) = (of.repo, self.now);
        let machine = &mut self.machines[of.machine];
        match self.setting.mutant {
            Mutant::MessageUnrecorded => {}
            it => machine.write(Line::Tells { repo, run, at }, it != Mutant::MessageUnsynced),
        }
        if self.crashes(of.machine, "crash before a message") {
            return;
        }
        let sent = Sent::Message;
        self.after(20..5_000, Event::Tell { of, run, sent });
    }

    /// A message is at its receiver.
    pub(super) fn tell(&mut self, of: Job, run: u32, sent: &Sent) {
        if !self.is_alive(of) && self.rng.bool() {
            return;
        }
        if *sent == Sent::Message {
            if self.fault("a message that gets lost", 0.05) {
                return self.answer_message(of, Receipt::Later);
            }
            self.world
                .judge_message(of.repo, (of.machine, run), self.now);
            if !self.machines[of.machine].has_told(of.repo, run) {
                let promise = "a message is on the disk before it is sent";
                self.world.breaks(promise, of.repo);
            }
            if self.fault("a message that is not taken for a while", 0.05) {
                return self.answer_message(of, Receipt::Later);
            }
            self.world.remotes[of.repo].told.insert((of.machine, run));
        }
        let forgets = self.fault("a message that is taken and forgotten", 0.05);
        if let Some(others) = self.world.family.0[of.repo].others.filter(|_| !forgets) {
            self.at(self.now + others.takes, Event::Promote(of.repo));
        }
        if *sent == Sent::Twice {
            return;
        }
        if self.fault("a message that arrives twice", 0.05) {
            let sent = Sent::Twice;
            self.after(20..120_000, Event::Tell { of, run, sent });
        }
        if self.fault("a message whose answer gets lost", 0.05) {
            return self.answer_message(of, Receipt::Unknown);
        }
        self.answer_message(of, Receipt::Taken);
    }

    fn answer_message(&mut self, of: Job, receipt: Receipt) {
        if self.is_alive(of) && !self.crashes(of.machine, "crash after a message") {
            self.after(20..5_000, Event::Heard { of, receipt });
        }
    }

    /// The answer to a message is there.
    pub(super) fn heard(&mut self, of: Job, receipt: Receipt) {
        if self.is_alive(of) {
            let line = Line::Told {
                repo: of.repo,
                receipt,
            };
            self.machines[of.machine].write(line, true);
            self.at(self.now, Event::Wake(of));
        }
    }
}
