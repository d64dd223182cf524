use proptest::prelude::*;

use super::*;

fn oid(digit: u8) -> Oid {
    Oid::parse(&format!("{digit:040x}")).unwrap()
}

const BASE: u8 = 0;
const OURS: u8 = 1;
const MERGED: u8 = 2;

fn task(work: Work, tags: &[&str]) -> Task {
    Task {
        base: oid(BASE),
        branch: "main".to_owned(),
        work,
        tags: tags.iter().map(|it| (*it).to_owned()).collect(),
        rest: vec![Rest::Visible],
    }
}

fn found(commit: u8, is: Likeness) -> Found {
    let commit = oid(commit);
    Found { commit, is }
}

/// A remote that takes what it is asked to, unless its branch is protected.
struct Remote {
    seen: Seen,
    protected: bool,
}

impl Remote {
    fn of(task: &Task) -> Self {
        let branch = match task.work {
            Work::None => Tip::Holds(oid(BASE)),
            _ => Tip::Base,
        };
        Self {
            seen: Seen {
                branch,
                own: None,
                tags: vec![None; task.tags.len()],
            },
            protected: false,
        }
    }

    fn take(&mut self, task: &Task, push: &Push) -> Answer {
        if push.branch && self.protected {
            return Answer::Refused {
                why: "protected".to_owned(),
                branch: true,
            };
        }
        if push.branch {
            self.seen.branch = Tip::Holds(push.commit.clone());
        }
        for (tag, found) in task.tags.iter().zip(&mut self.seen.tags) {
            if push.tag.as_ref() == Some(tag) {
                let commit = push.commit.clone();
                let is = Likeness::Same;
                *found = Some(Found { commit, is });
            }
        }
        Answer::Taken
    }

    fn perform(&mut self, task: &Task, act: Act) -> Did {
        match act {
            Act::Look => Did::Looked(self.seen.clone()),
            Act::Build if task.work == Work::None => Did::Built(Built::Commit(oid(BASE))),
            Act::Build => Did::Built(Built::Commit(oid(OURS))),
            Act::Ready(commit) => Did::Ready(commit),
            Act::Push(push) => {
                let answer = self.take(task, &push);
                Did::Pushed(push, answer)
            }
            Act::Propose(commit) => {
                let is = Likeness::Same;
                self.seen.own = Some(Found { commit, is });
                Did::Proposed(Answer::Taken)
            }
            Act::AwaitMerge => {
                self.seen.branch = Tip::Holds(oid(MERGED));
                Did::Looked(self.seen.clone())
            }
            Act::Then(..) => Did::Then(Vec::new()),
            Act::End(_) => unreachable!("an end is not performed"),
        }
    }

    /// Goes round until the end; returns every act.
    fn run(&mut self, task: &Task) -> Vec<Act> {
        let mut known = Known::default();
        let mut acts = Vec::new();
        while acts.len() < 50 {
            let act = next(task, &known);
            acts.push(act.clone());
            if matches!(act, Act::End(_)) {
                break;
            }
            known.learn(self.perform(task, act));
        }
        acts
    }
}

fn push(commit: u8, branch: bool, tag: Option<&str>) -> Act {
    Act::Push(Push {
        commit: oid(commit),
        branch,
        tag: tag.map(str::to_owned),
    })
}

fn done(commit: u8, out: &[&str]) -> Act {
    Act::End(End::Done {
        commit: oid(commit),
        out: out.iter().map(|it| (*it).to_owned()).collect(),
    })
}

#[test]
fn the_branch_goes_with_the_first_tag_and_every_other_tag_alone() {
    let task = task(Work::Push, &["a", "b"]);
    let want = [
        Act::Look,
        Act::Build,
        Act::Ready(oid(OURS)),
        push(OURS, true, Some("a")),
        Act::Look,
        push(OURS, false, Some("b")),
        Act::Look,
        Act::Then(Rest::Visible, oid(OURS)),
        done(OURS, &["a", "b"]),
    ];
    assert_eq!(Remote::of(&task).run(&task), want);
}

#[test]
fn a_base_that_is_tagged_is_tried_out_first() {
    let task = task(Work::None, &["a"]);
    let want = [
        Act::Look,
        Act::Build,
        Act::Ready(oid(BASE)),
        push(BASE, false, Some("a")),
        Act::Look,
        Act::Then(Rest::Visible, oid(BASE)),
        done(BASE, &["a"]),
    ];
    assert_eq!(Remote::of(&task).run(&task), want);
}

#[test]
fn a_protected_branch_turns_a_push_into_a_pull_request_and_what_was_merged_is_tagged() {
    let task = task(Work::Push, &["a"]);
    let mut remote = Remote::of(&task);
    remote.protected = true;
    let want = [
        Act::Look,
        Act::Build,
        Act::Ready(oid(OURS)),
        push(OURS, true, Some("a")),
        Act::Look,
        Act::Propose(oid(OURS)),
        Act::Look,
        Act::AwaitMerge,
        Act::Ready(oid(MERGED)),
        push(MERGED, false, Some("a")),
        Act::Look,
        Act::Then(Rest::Visible, oid(MERGED)),
        done(MERGED, &["a"]),
    ];
    assert_eq!(remote.run(&task), want);
}

#[test]
fn what_half_arrived_is_completed() {
    let task = task(Work::Push, &["a"]);
    let mut branch_only = Remote::of(&task);
    branch_only.seen.branch = Tip::Holds(oid(OURS));
    let acts = branch_only.run(&task);
    assert_eq!(acts[2], push(OURS, false, Some("a")), "{acts:?}");
    let mut tag_only = Remote::of(&task);
    tag_only.seen.tags = vec![Some(found(OURS, Likeness::Same))];
    let acts = tag_only.run(&task);
    assert_eq!(acts[1], push(OURS, true, None), "{acts:?}");
}

#[test]
fn a_tag_that_a_person_made_elsewhere_brings_no_commit_of_theirs_to_the_branch() {
    let task = task(Work::Push, &["a"]);
    let mut remote = Remote::of(&task);
    remote.seen.tags = vec![Some(found(7, Likeness::Alike))];
    let acts = remote.run(&task);
    assert_eq!(acts.last(), Some(&done(7, &["a"])));
    assert!(
        !acts.iter().any(|it| matches!(it, Act::Push(_))),
        "{acts:?}"
    );
}

#[test]
fn what_was_built_and_is_gone_is_built_anew() {
    let task = task(Work::Push, &["a"]);
    let (mut known, mut remote) = (Known::default(), Remote::of(&task));
    for _ in 0..3 {
        known.learn(remote.perform(&task, next(&task, &known)));
    }
    assert_eq!(next(&task, &known), push(OURS, true, Some("a")));
    known.learn(Did::Lost);
    assert_eq!(next(&task, &known), Act::Build);
    known.learn(remote.perform(&task, Act::Build));
    assert_eq!(next(&task, &known), push(OURS, true, Some("a")));
}

#[test]
fn one_ref_at_a_time_goes_where_no_more_do() {
    let task = task(Work::Push, &["a"]);
    let mut known = Known::default();
    let mut remote = Remote::of(&task);
    for _ in 0..3 {
        known.learn(remote.perform(&task, next(&task, &known)));
    }
    let Act::Push(both) = next(&task, &known) else {
        panic!("{known:?}")
    };
    known.learn(Did::Pushed(both, Answer::NotAtomic));
    known.learn(remote.perform(&task, Act::Look));
    assert_eq!(next(&task, &known), push(OURS, true, None));
}

fn any_found() -> impl Strategy<Value = Found> {
    let is = prop_oneof![
        3 => Just(Likeness::Same),
        1 => Just(Likeness::Alike),
        1 => Just(Likeness::Foreign),
    ];
    (0_u8..4, is).prop_map(|(commit, is)| found(commit, is))
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let branch = prop_oneof![
        Just(Tip::Base),
        (1_u8..4).prop_map(|it| Tip::Holds(oid(it))),
        Just(Tip::Elsewhere(None)),
        Just(Tip::Elsewhere(Some(oid(9)))),
    ];
    let own = proptest::option::weighted(0.3, any_found());
    let tags = proptest::collection::vec(proptest::option::weighted(0.3, any_found()), 2);
    (branch, own, tags).prop_map(|(branch, own, tags)| Seen { branch, own, tags })
}

fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        2 => Just(Answer::Taken),
        1 => any::<bool>().prop_map(|branch| Answer::Refused { why: "no".to_owned(), branch }),
        1 => Just(Answer::NotAtomic),
        1 => Just(Answer::Silence("lost".to_owned())),
    ]
}

proptest! {
    /// Whatever a remote shows and answers, from look to look: nothing that is there is pushed again
    /// or moved, a branch goes only from the base, and nothing goes out that was not found ready.
    #[test]
    fn no_remote_brings_it_to_a_wrong_push(
        shown in proptest::collection::vec(any_seen(), 1..6),
        answers in proptest::collection::vec(any_answer(), 1..6),
        work in prop_oneof![Just(Work::None), Just(Work::Push), Just(Work::Propose)],
    ) {
        let task = task(work, &["a", "b"]);
        let (mut shown, mut answers) = (shown.into_iter().cycle(), answers.into_iter().cycle());
        let mut known = Known::default();
        let mut ready = Vec::new();
        let (mut acts, mut pushes) = (0, 0);
        // A remote that shows something else each time may be pushed to for ever.
        while acts < 200 && pushes < 12 {
            acts += 1;
            let act = next(&task, &known);
            let did = match act {
                Act::Look | Act::AwaitMerge => Did::Looked(shown.next().unwrap()),
                Act::Build => Did::Built(Built::Commit(oid(OURS))),
                Act::Ready(commit) => {
                    ready.push(commit.clone());
                    Did::Ready(commit)
                }
                Act::Push(push) => {
                    let seen = known.seen().unwrap();
                    let tags = task.tags.iter().zip(&seen.tags);
                    for (tag, found) in tags {
                        prop_assert!(push.tag.as_ref() != Some(tag) || found.is_none());
                        prop_assert!(found.as_ref().is_none_or(|it| it.is != Likeness::Foreign));
                    }
                    prop_assert!(!push.branch || (seen.branch == Tip::Base && work == Work::Push));
                    let untagged = seen.tags.iter().all(Option::is_none);
                    prop_assert!(!untagged || ready.contains(&push.commit));
                    pushes += 1;
                    Did::Pushed(push, answers.next().unwrap())
                }
                Act::Propose(_) => {
                    prop_assert!(known.seen().unwrap().own.is_none());
                    pushes += 1;
                    Did::Proposed(answers.next().unwrap())
                }
                Act::Then(..) => Did::Then(Vec::new()),
                Act::End(_) => break,
            };
            known.learn(did);
        }
    }
}
