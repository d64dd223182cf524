//! Random families: what is released after what, and how each of them behaves.

use cascade_plan::decide::{Rest, Work};
use fastrand::Rng;

/// A moment or a span of the simulation, in milliseconds.
pub(crate) type Time = u64;

/// Repositories, each after everything that it stands on.
#[derive(Debug, Clone)]
pub(crate) struct Family(pub(crate) Vec<Node>);

/// One repository.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// What it stands on.
    pub(crate) on: Vec<usize>,
    /// What becomes of its branch.
    pub(crate) work: Work,
    /// The tags that cascade makes.
    pub(crate) tags: Vec<String>,
    /// What follows.
    pub(crate) rest: Vec<Rest>,
    /// Whether its branch takes no push but a merge.
    pub(crate) protected: bool,
    /// Whether its remote takes several refs as one.
    pub(crate) atomic: bool,
    /// How long a tag takes until its package is listed.
    pub(crate) publishes: Time,
    /// What another system does once it gets a message; `None` where it gets none.
    pub(crate) others: Option<Others>,
    /// How a person merges what is proposed, and after how long.
    pub(crate) merges: (Merge, Time),
}

/// Another system, which a message asks for something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Others {
    /// How long it takes.
    pub(crate) takes: Time,
    /// After how long without an effect the message is sent again, if at all.
    pub(crate) again: Option<Time>,
}

/// How a forge merges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// The proposed commit itself.
    Forward,
    /// A commit of the forge's, with the same edits.
    Squash,
}

/// The tag that another system makes.
pub(crate) const BOTS: &str = "bot";

impl Family {
    /// Draws a family of so many repositories.
    pub(crate) fn draw(rng: &mut Rng, size: usize) -> Self {
        let dense = rng.f64() * 0.6;
        let nodes = (0..size).map(|at| {
            let near = at.saturating_sub(8);
            let on = (near..at).filter(|_| rng.f64() < dense).take(4).collect();
            Node::draw(rng, on)
        });
        Self(nodes.collect())
    }

    /// Returns how many repositories there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Node {
    fn draw(rng: &mut Rng, on: Vec<usize>) -> Self {
        let work = match (on.is_empty(), rng.u8(..10)) {
            (true, 0..5) => Work::None,
            (_, 8..) => Work::Propose,
            _ => Work::Push,
        };
        let by_bot = work != Work::None && rng.u8(..10) == 0;
        let many = if by_bot { 0 } else { rng.usize(1..3) };
        let mut rest = vec![Rest::Visible, Rest::After];
        if by_bot {
            rest.insert(0, Rest::Tag);
        }
        let others = (rng.u8(..6) == 0).then(|| Others {
            takes: rng.u64(1_000..200_000),
            again: rng.bool().then(|| rng.u64(5_000..100_000)),
        });
        if others.is_some() {
            rest.insert(rest.len() - 1, Rest::Others);
        }
        Self {
            on,
            work,
            others,
            tags: (0..many).map(|it| format!("v{it}")).collect(),
            rest,
            protected: work == Work::Push && rng.u8(..8) == 0,
            atomic: rng.u8(..8) != 0,
            publishes: rng.u64(1_000..600_000),
            merges: (
                if rng.bool() {
                    Merge::Forward
                } else {
                    Merge::Squash
                },
                rng.u64(5_000..500_000),
            ),
        }
    }

    /// Returns every tag that its release comes to.
    pub(crate) fn all_tags(&self) -> Vec<String> {
        if self.rest.contains(&Rest::Tag) {
            vec![BOTS.to_owned()]
        } else {
            self.tags.clone()
        }
    }
}
