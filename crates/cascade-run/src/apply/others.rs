//! What others do for a repository: they are asked, once, and their effect is waited for.
//!
//! Invariant: the effect decides. What shows it is not asked for again, and what may have been asked
//! for is only asked again under the same key, after the time that was declared for that.

use std::time::{Duration, Instant};

use cascade_plan::{
    Action, AwaitPage, AwaitPins, Dispatch, Fate, Oid, Receipt, Step, is_message_due,
};

use super::at_tip::{AtTip, Tip};
use super::failed;
use super::filled::Asks;
use super::goal::MAKE_ROOM;
use super::poll::{FIRST_PAUSE, LONGEST_PAUSE};
use super::release::Cascade;
use crate::courier::{Courier, Page, Reception, look};
use crate::drive::Teller;
use crate::environment::rest;
use crate::exec::shown;
use crate::mirror::Mirror;
use crate::registry::Http;

/// How long a receiver is left alone that did not take a message.
const LATER: Duration = Duration::from_secs(5);
/// The command that goes on.
const RESUME: &str = "cascade resume";

/// What others are asked for and waited for in one repository.
pub(super) struct Others<'a> {
    cascade: &'a Cascade<'a>,
    step: &'a Step,
    mirror: &'a Mirror,
    teller: &'a Teller<'a>,
    message: Option<(&'a Dispatch, Courier<'a>)>,
    /// Until when its receiver is left alone, which did not take it in this process.
    alone: Option<Instant>,
    told: String,
}

impl<'a> Others<'a> {
    /// Returns what a step asks of others.
    ///
    /// # Errors
    /// With the fate of the step, where a message could not be sent.
    pub(super) fn of(
        cascade: &'a Cascade<'a>,
        step: &'a Step,
        (mirror, teller): (&'a Mirror, &'a Teller<'a>),
    ) -> Result<Self, Fate> {
        let message = step.message();
        let environment = cascade.git.environment();
        let carried = |it: &'a Dispatch| {
            let courier = Courier::of(&it.to, environment);
            let courier = courier.map_err(|(why, help)| failed(why, help))?;
            Ok((it, courier))
        };
        Ok(Self {
            cascade,
            step,
            mirror,
            teller,
            message: message.map(carried).transpose()?,
            alone: None,
            told: String::new(),
        })
    }

    /// Asks and waits until everything is so; returns the tip of the branch that was looked at.
    ///
    /// # Errors
    /// With the fate of the step: waiting, when the patience is over.
    pub(super) fn bring(mut self) -> Result<Option<Oid>, Fate> {
        for action in &self.step.actions {
            match action {
                Action::AwaitPins(it) => return self.pins(it).map(Some),
                Action::AwaitPage(it) => return self.page(it).map(|()| None),
                _ => {}
            }
        }
        Ok(None)
    }

    fn pins(&mut self, act: &AwaitPins) -> Result<Oid, Fate> {
        let patience = self.cascade.git.environment().patience.tag;
        let patience = act.timeout.map_or(patience, Duration::from_secs);
        let mut at_tip = AtTip::new(self.cascade, self.step, self.mirror, act);
        let what = format!("others to move the pins of `{}`", self.step.repo);
        let tip = self.wait((&what, patience), || match at_tip.look()? {
            Tip::There(tip) => Ok(Look::There(tip)),
            Tip::NotYet(why) => Ok(Look::NotYet(why)),
        })?;
        if !act.anew.is_empty() {
            let repo = &self.step.repo;
            let what = format!("the pins of `{repo}` are there now, and it is planned anew");
            self.cascade.anew(self.step, &what, self.teller);
        }
        Ok(tip)
    }

    fn page(&mut self, act: &AwaitPage) -> Result<(), Fate> {
        let environment = self.cascade.git.environment();
        // What it has to show may be known only now.
        let asker = self.cascade.asker(self.teller);
        let filled = || asker.filled(self.step, Asks::OfMessage);
        let filled = act.is_open().then(filled).transpose()?;
        let act = filled.as_ref().and_then(Step::page).unwrap_or(act);
        let what = format!("`{}` to show `{}`", act.url, act.contains);
        let what = shown(&what, environment);
        let http = Http::new(environment);
        let wanted = (act.url.as_str(), act.contains.as_str());
        self.wait((&what, Duration::from_secs(act.timeout)), || {
            Ok(match look(&http, wanted, environment) {
                Page::There => Look::There(()),
                Page::NotYet(why) => Look::NotYet(why),
            })
        })
    }

    /// Looks until it is there, and sees to it that it was asked for.
    fn wait<T>(
        &mut self,
        (what, patience): (&str, Duration),
        mut look: impl FnMut() -> Result<Look<T>, Fate>,
    ) -> Result<T, Fate> {
        let teller = self.teller;
        let interrupt = self.cascade.git.environment().interrupt.clone();
        self.tell(format!("waiting for {what}"));
        teller.resting(|| {
            let mut until = Instant::now() + patience;
            let mut pause = FIRST_PAUSE;
            loop {
                let why = match look()? {
                    Look::There(it) => return Ok(it),
                    Look::NotYet(why) => why,
                };
                if self.cascade.git.interrupted() {
                    return Err(Fate::Interrupted);
                }
                if self.ask(&mut until)? == Asked::Now {
                    pause = FIRST_PAUSE;
                }
                let why = self.because(&why);
                self.tell(format!("waiting for {what}: {why}"));
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(Fate::Waiting {
                        what: format!("{what}: {why}"),
                        help: Some(RESUME.to_owned()),
                    });
                }
                rest(&interrupt, pause.min(left));
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        })
    }

    /// Sends the message where it is time to. Asking for digests before has a patience of its own, and
    /// puts off the end of the other's.
    ///
    /// # Errors
    /// With the fate of the step, where it is refused.
    fn ask(&mut self, until: &mut Instant) -> Result<Asked, Fate> {
        let Some((message, courier)) = &self.message else {
            return Ok(Asked::Before);
        };
        let (journal, repo) = (self.cascade.journal, &self.step.repo);
        if !self.is_due(message) {
            return Ok(Asked::Before);
        }
        let asker = self.cascade.asker(self.teller);
        let asks = Instant::now();
        let filled = asker.filled(self.step, Asks::OfMessage)?;
        *until += asks.elapsed();
        let left = until.saturating_duration_since(Instant::now());
        let written = journal.dispatches(repo, &message.key);
        written.map_err(|it| failed(it.to_string(), MAKE_ROOM.to_owned()))?;
        let to = courier.host();
        self.teller
            .progress(format!("sending {to} the message {}", message.key));
        let sent = courier.send(filled.message().unwrap_or(message), left);
        journal.dispatched(repo, sent.reception.clone());
        self.alone = None;
        match &sent.reception {
            Reception::Taken => self.teller.progress(format!("{to} took the message")),
            Reception::Refused { why } => {
                let why = format!("the message that promotes to it was refused: {why}");
                let help = format!(
                    "look at {} in [repo.{repo}.dispatch] of workspace.toml, then `{RESUME}`; where that file changed, `{RESUME} --replan`",
                    sent.look_at
                );
                return Err(failed(why, help));
            }
            Reception::Later { .. } => {
                let pause = sent.wait.unwrap_or_default().max(LATER);
                self.alone = Instant::now().checked_add(pause);
            }
            Reception::Unknown { why } => {
                let note = format!("the message may have arrived or not: {why}");
                self.teller.note(note);
            }
        }
        Ok(Asked::Now)
    }

    /// Returns whether a message was not sent yet, or shall be once more.
    fn is_due(&self, message: &Dispatch) -> bool {
        let sent = self.cascade.journal.sent(&self.step.repo);
        let sent = sent.map(|it| (receipt(it.reception.as_ref()), it.age()));
        let is_left_alone = self.alone.is_some_and(|it| Instant::now() < it);
        is_message_due(sent, message.again.map(Duration::from_secs), is_left_alone)
    }

    /// Returns why it is not there yet, with what became of the message.
    fn because(&self, why: &str) -> String {
        if self.message.is_none() {
            return why.to_owned();
        }
        let sent = self.cascade.journal.sent(&self.step.repo);
        match sent.and_then(|it| it.reception) {
            Some(Reception::Taken) => format!("{why}, and the message was taken"),
            Some(Reception::Later { why: answer }) => format!("{why}, and {answer}"),
            _ => format!("{why}, and nobody knows whether the message arrived"),
        }
    }

    /// Tells where it stands, each time that changes.
    fn tell(&mut self, what: String) {
        if self.told != what {
            self.teller.progress(what.clone());
            self.told = what;
        }
    }
}

fn receipt(reception: Option<&Reception>) -> Receipt {
    match reception {
        Some(Reception::Taken) => Receipt::Taken,
        Some(Reception::Later { .. }) => Receipt::Later,
        Some(Reception::Refused { .. }) => Receipt::Refused,
        Some(Reception::Unknown { .. }) | None => Receipt::Unknown,
    }
}

/// What a look came to.
enum Look<T> {
    There(T),
    NotYet(String),
}

/// When a message was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Now,
    Before,
}
