//! What others do: publishers, the forge, its bot, and people.

use std::mem;

use cascade_plan::decide::{Rest, Work};

use super::{Event, Town};
use crate::family::{BOTS, Merge};
use crate::world::{Commit, id};

impl Town {
    /// Starts what a changed remote starts: publishers, the forge's people and its bot.
    pub(super) fn react(&mut self, repo: usize) {
        let node = self.world.family.0[repo].clone();
        let remote = self.world.remotes[repo].clone();
        let edits = node.work != Work::None;
        for (tag, at) in &remote.tags {
            let right = !edits || remote.commits[at].holds;
            if right && self.reacted.insert((repo, tag.clone())) {
                if self.fault("a publisher that never starts", 0.03) {
                    self.world.remotes[repo].lost.insert(tag.clone());
                    continue;
                }
                let (when, tag) = (self.now + node.publishes, tag.clone());
                self.at(when, Event::Publish { repo, tag });
            }
        }
        for run in remote.own.keys() {
            if self.reacted.insert((repo, format!("own {run}"))) {
                let event = Event::Merge { repo, run: *run };
                self.at(self.now + node.merges.1, event);
            }
        }
        let holds = remote.commits[&remote.branch].holds;
        let by_bot = node.rest.contains(&Rest::Tag) && holds;
        if by_bot && self.reacted.insert((repo, "holds".to_owned())) {
            self.after(1_000..300_000, Event::Bot(repo));
        }
    }

    /// The forge's bot makes its tag.
    pub(super) fn bot(&mut self, repo: usize) {
        let remote = &mut self.world.remotes[repo];
        let tip = remote.branch.clone();
        remote.tags.entry(BOTS.to_owned()).or_insert(tip);
        self.react(repo);
    }

    /// The forge merges what was proposed.
    pub(super) fn merge(&mut self, repo: usize, run: u32) {
        let how = self.world.family.0[repo].merges.0;
        let remote = &mut self.world.remotes[repo];
        let Some(own) = remote.own.get(&run).cloned() else {
            return;
        };
        let tip = remote.branch.clone();
        if remote.commits[&tip].holds || !remote.commits[&own].holds {
            return;
        }
        if how == Merge::Forward && remote.commits[&own].parent.as_ref() == Some(&tip) {
            remote.branch = own;
        } else {
            remote.commits_by_hand(&mut self.rng, Some(true));
        }
        self.react(repo);
    }

    /// A person does something, in any repository.
    pub(super) fn person(&mut self) {
        if !self.faulty {
            return;
        }
        let repo = self.rng.usize(..self.world.remotes.len());
        let edits = self.world.family.0[repo].work != Work::None;
        let tag = self.world.family.0[repo].tags.first().cloned();
        let remote = &mut self.world.remotes[repo];
        let tip = remote.branch.clone();
        let (holds, tagged) = (remote.commits[&tip].holds, !remote.tags.is_empty());
        let what = match self.rng.u8(..5) {
            // What only half arrived is not on the branch: nobody knows of it there.
            0 if !tagged || holds => {
                remote.commits_by_hand(&mut self.rng, None);
                "a person pushes"
            }
            1 if edits && !holds && !tagged => {
                remote.commits_by_hand(&mut self.rng, Some(true));
                "a person types the pins"
            }
            2 if edits && holds && !tagged && tag.is_some() => {
                remote.tags.insert(tag.unwrap_or_default(), tip);
                "a person makes the tag"
            }
            3 if edits && !holds && !tagged && tag.is_some() => {
                remote.tags.insert(tag.unwrap_or_default(), tip);
                "a person makes the tag on the wrong commit"
            }
            4 if !remote.own.is_empty() => {
                let parent = Some(tip);
                let wrong = Commit {
                    parent,
                    holds: false,
                    ours: false,
                };
                let wrong = remote.add(id(&[self.rng.u64(..), 9]), wrong);
                remote.own.values_mut().for_each(|it| *it = wrong.clone());
                "a person takes cascade's branch"
            }
            _ => return,
        };
        *self.injected.entry(what).or_default() += 1;
        self.react(repo);
    }

    /// From here on nothing fails, and people have mended what only they can.
    pub(super) fn heal(&mut self) {
        self.faulty = false;
        for machine in &mut self.machines {
            machine.starts = 0;
        }
        for repo in 0..self.world.remotes.len() {
            let edits = self.world.family.0[repo].work != Work::None;
            let remote = &mut self.world.remotes[repo];
            let commits = &remote.commits;
            remote.tags.retain(|_, at| !edits || commits[at].holds);
            remote.own.retain(|_, at| commits[at].holds);
            let own: Vec<u32> = remote.own.keys().copied().collect();
            // A person does what nobody was told of, or forgot.
            let forgotten = self.machines.iter().any(|it| it.sent(repo).is_some());
            if forgotten && !remote.promoted {
                self.after(1_000..60_000, Event::Promote(repo));
            }
            let remote = &mut self.world.remotes[repo];
            for tag in mem::take(&mut remote.lost) {
                self.after(1_000..60_000, Event::Publish { repo, tag });
            }
            for run in own {
                self.after(1_000..60_000, Event::Merge { repo, run });
            }
            self.reacted
                .retain(|(of, what)| *of != repo || !what.starts_with("own"));
        }
    }
}
