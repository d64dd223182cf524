//! Faults put into the decision, the driver and the journal on purpose: each must be noticed.

use cascade_plan::decide::{
    Act, Answer, Did, End, Found, Known, Likeness, Push, Rest, Seen, Task, Tip,
};

/// A way to do it wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// None: as it is.
    Original,
    /// Repositories start without waiting for what they stand on.
    OrderIgnored,
    /// Nothing is written down before a push.
    RecordSkipped,
    /// It is written down, and the push does not wait for the disk.
    RecordUnsynced,
    /// The tag goes before its branch.
    TagBeforePush,
    /// A refused push counts as done.
    RefusalIgnored,
    /// An exit code of zero counts as done.
    ExitCodeTrusted,
    /// No answer counts as done.
    SilenceTrusted,
    /// Nobody asks whether a commit may go out.
    ReadySkipped,
    /// A release counts as visible once its tag is out.
    VisibleSkipped,
    /// What was proposed counts as merged.
    MergeAssumed,
    /// Pushes go through wherever the ref was before.
    LeaseIgnored,
    /// A tag that stands for something else counts as the release.
    ConflictIgnored,
    /// What half arrived is left so.
    HalfForgotten,
    /// The second of two tags is forgotten.
    SecondTagForgotten,
    /// What stands on a repository that failed starts all the same.
    FailureIgnored,
    /// Nothing is written down before a message.
    MessageUnrecorded,
    /// It is written down, and the message does not wait for the disk.
    MessageUnsynced,
    /// A message that may have arrived is sent again.
    MessageRepeated,
    /// A message that was taken counts as its effect.
    MessageTrusted,
}

impl Mutant {
    /// Returns what it does, in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Original => "none: as it is",
            Self::OrderIgnored => "repositories start without waiting for what they stand on",
            Self::RecordSkipped => "nothing is written down before a push",
            Self::RecordUnsynced => "it is written down, and the push does not wait for the disk",
            Self::TagBeforePush => "the tag goes before its branch",
            Self::RefusalIgnored => "a refused push counts as done",
            Self::ExitCodeTrusted => "an exit code of zero counts as done",
            Self::SilenceTrusted => "no answer counts as done",
            Self::ReadySkipped => "nobody asks whether a commit may go out",
            Self::VisibleSkipped => "a release counts as visible once its tag is out",
            Self::MergeAssumed => "what was proposed counts as merged",
            Self::LeaseIgnored => "pushes go through wherever the ref was before",
            Self::ConflictIgnored => "a tag that stands for something else counts as the release",
            Self::HalfForgotten => "what half arrived is left so",
            Self::SecondTagForgotten => "the second of two tags is forgotten",
            Self::FailureIgnored => "what stands on a repository that failed starts all the same",
            Self::MessageUnrecorded => "nothing is written down before a message",
            Self::MessageUnsynced => {
                "it is written down, and the message does not wait for the disk"
            }
            Self::MessageRepeated => "a message that may have arrived is sent again",
            Self::MessageTrusted => "a message that was taken counts as its effect",
        }
    }

    /// Every way to do it wrong.
    pub(crate) const ALL: &[Self] = &[
        Self::OrderIgnored,
        Self::RecordSkipped,
        Self::RecordUnsynced,
        Self::TagBeforePush,
        Self::RefusalIgnored,
        Self::ExitCodeTrusted,
        Self::SilenceTrusted,
        Self::ReadySkipped,
        Self::VisibleSkipped,
        Self::MergeAssumed,
        Self::LeaseIgnored,
        Self::ConflictIgnored,
        Self::HalfForgotten,
        Self::SecondTagForgotten,
        Self::FailureIgnored,
        Self::MessageUnrecorded,
        Self::MessageUnsynced,
        Self::MessageRepeated,
        Self::MessageTrusted,
    ];

    /// Returns the act that this one does in the place of the right one.
    pub(crate) fn turns(self, act: Act, task: &Task) -> Act {
        match (self, act) {
            (Self::TagBeforePush, Act::Push(push)) if push.branch && push.tag.is_some() => {
                Act::Push(Push {
                    branch: false,
                    ..push
                })
            }
            (Self::VisibleSkipped, Act::Then(Rest::Visible, commit)) => {
                Act::Then(Rest::After, commit)
            }
            (Self::HalfForgotten, Act::Push(push)) if push.tag.is_none() => Act::End(End::Done {
                commit: push.commit,
                out: task.tags.clone(),
            }),
            (Self::SecondTagForgotten, Act::Push(push))
                if push.tag.is_some() && push.tag == task.tags.get(1).cloned() =>
            {
                Act::End(End::Done {
                    commit: push.commit,
                    out: task.tags.clone(),
                })
            }
            (_, act) => act,
        }
    }

    /// Returns what it takes the remote to show after an act, without a look at it.
    pub(crate) fn believes(self, did: &Did, known: &Known, task: &Task) -> Option<Seen> {
        match (self, did) {
            (Self::RefusalIgnored, Did::Pushed(push, Answer::Refused { .. }))
            | (Self::ExitCodeTrusted, Did::Pushed(push, Answer::Taken))
            | (Self::SilenceTrusted, Did::Pushed(push, Answer::Silence(_))) => {
                Some(landed(push, known, task))
            }
            (Self::ConflictIgnored, Did::Looked(seen)) => Some(Seen {
                tags: seen.tags.iter().map(|it| it.clone().map(taken)).collect(),
                ..seen.clone()
            }),
            _ => None,
        }
    }
}

fn taken(found: Found) -> Found {
    Found {
        is: Likeness::Same,
        ..found
    }
}

/// Returns what a remote shows that took a push.
fn landed(push: &Push, known: &Known, task: &Task) -> Seen {
    let before = known.seen().cloned();
    let mut seen = before.unwrap_or_else(|| Seen {
        branch: Tip::Base,
        own: None,
        tags: vec![None; task.tags.len()],
    });
    if push.branch {
        seen.branch = Tip::Holds(push.commit.clone());
    }
    for (tag, found) in task.tags.iter().zip(&mut seen.tags) {
        if push.tag.as_ref() == Some(tag) {
            *found = Some(Found {
                commit: push.commit.clone(),
                is: Likeness::Same,
            });
        }
    }
    seen
}
