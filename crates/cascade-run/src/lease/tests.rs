//! Several machines, each with a state folder of its own, and one real remote.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use cascade_plan::{LockReach, Oid, RunId, RunLock};
use cascade_tests::Town;
use proptest::prelude::*;

use super::note::{Note, Word};
use super::{Against, LOCK_REF, Lease, LeaseError, Standing, Terms, Unlocked};
use crate::apply::tests::git_of;
use crate::{Git, Guard, State};

/// A workspace that is tracked by a repository with a remote.
struct World {
    town: Town,
    file: PathBuf,
}

/// One machine: its state folder, with its file lock held.
struct Machine {
    git: Git,
    state: State,
    guard: Guard,
}

impl World {
    fn new() -> Self {
        let town = Town::new();
        let meta = town.repo("meta", "", &[("workspace.toml", "")]);
        let file = meta.join("workspace.toml");
        Self { town, file }
    }

    fn machine(&self, name: &str) -> Machine {
        let state = State::open(&self.town.path().join(name), &self.file).unwrap();
        let guard = state.lock().unwrap();
        let git = git_of(&self.town);
        Machine { git, state, guard }
    }

    fn lock(&self) -> String {
        let all = ["for-each-ref", "--format=%(objectname)", LOCK_REF];
        self.town.git_origin("meta", &all)
    }

    fn note(&self) -> Note {
        let text = ["log", "-1", "--format=%B", LOCK_REF];
        Note::parse(&self.town.git_origin("meta", &text)).unwrap()
    }

    fn hook(&self, name: &str, script: &str) {
        let hook = self.town.origin("meta").join("hooks").join(name);
        #[expect(clippy::disallowed_methods, reason = "the test's own hook")]
        fs::write(&hook, script).unwrap();
        fs::set_permissions(hook, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

impl Machine {
    fn take(&self, against: Against, expires: u64) -> Result<Lease, LeaseError> {
        let terms = Terms {
            lock: lock(expires),
            run: None,
            against,
        };
        Lease::take(&self.git, (&self.state, &self.guard), &terms, &mut |_| {})
    }

    fn unlock(&self, object: &str) -> Unlocked {
        let object = Oid::parse(object).unwrap();
        let with = (&self.state, &self.guard);
        Lease::unlock(&self.git, with, (lock(60), &object)).unwrap()
    }
}

fn lock(seconds: u64) -> RunLock {
    RunLock {
        reach: LockReach::Shared,
        expires: Duration::from_secs(seconds),
    }
}

/// Leaves the lock as a kill does: nobody renews it, nobody frees it.
fn killed(mut lease: Lease) {
    if let Some(hold) = lease.hold.take() {
        hold.stop();
    }
    lease.beat.take().map(thread::JoinHandle::join);
}

#[test]
fn one_holds_it_and_the_other_hears_who() {
    let world = World::new();
    let (one, two) = (world.machine("one"), world.machine("two"));
    let lease = one.take(Against::Yield, 60).unwrap();
    let Err(LeaseError::Held(holder)) = two.take(Against::Yield, 60) else {
        panic!("the second got in")
    };
    assert_eq!(holder.object.as_str(), world.lock());
    let process = format!("process {}", std::process::id());
    assert!(holder.who.contains(&process), "{}", holder.who);
    assert!(holder.who.contains(" UTC"), "{}", holder.who);
    drop(lease);
    assert_eq!(world.note().state, Word::Free);
    let again = two.take(Against::Yield, 60).unwrap();
    assert_eq!(world.note().state, Word::Held);
    let count = ["rev-list", "--count", LOCK_REF];
    assert_eq!(world.town.git_origin("meta", &count), "3", "the record");
    drop(again);
}

#[test]
fn a_workspace_without_a_remote_or_a_wish_has_no_lock() {
    let world = World::new();
    world.town.git("meta", &["remote", "remove", "origin"]);
    let one = world.machine("one");
    let lease = one.take(Against::Yield, 60).unwrap();
    assert!(lease.hold.is_none() && lease.remark().is_none());
    let world = World::new();
    let one = world.machine("one");
    let mut terms = Terms {
        lock: lock(60),
        run: None,
        against: Against::Yield,
    };
    terms.lock.reach = LockReach::Local;
    let lease = Lease::take(&one.git, (&one.state, &one.guard), &terms, &mut |_| {});
    assert!(lease.unwrap().hold.is_none());
    assert_eq!(world.lock(), "");
}

#[test]
fn of_many_that_start_at_once_one_wins() {
    let world = World::new();
    let machines: Vec<Machine> = (0..8).map(|it| world.machine(&format!("m{it}"))).collect();
    for round in 0..2 {
        let taken: Vec<_> = thread::scope(|scope| {
            let start = |it| scope.spawn(move || Machine::take(it, Against::Yield, 60));
            let all: Vec<_> = machines.iter().map(start).collect();
            all.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let held = taken.iter().filter(|it| it.is_ok()).count();
        assert_eq!(held, 1, "round {round}: {taken:?}");
        let heard = taken.iter().filter_map(|it| it.as_ref().err());
        for error in heard {
            assert!(matches!(error, LeaseError::Held(_)), "{error}");
        }
    }
}

#[test]
fn a_dead_one_of_this_state_folder_is_taken_over_at_once() {
    let world = World::new();
    let one = world.machine("one");
    killed(one.take(Against::Yield, 3600).unwrap());
    let begin = Instant::now();
    let lease = one.take(Against::Yield, 3600).unwrap();
    assert!(begin.elapsed() < Duration::from_mins(1));
    drop(lease);
}

#[test]
fn a_dead_one_elsewhere_is_taken_over_when_it_stood_still() {
    let world = World::new();
    let (one, two) = (world.machine("one"), world.machine("two"));
    killed(one.take(Against::Yield, 2).unwrap());
    let Err(LeaseError::Held(_)) = two.take(Against::Yield, 1) else {
        panic!("it was not watched")
    };
    let begin = Instant::now();
    let lease = two.take(Against::TakeOver, 1).unwrap();
    // As long as its holder thought that it would hold.
    assert!(begin.elapsed() >= Duration::from_secs(2));
    drop(lease);
}

#[test]
fn a_live_one_is_renewed_and_never_taken_over() {
    let world = World::new();
    let (one, two) = (world.machine("one"), world.machine("two"));
    let lease = one.take(Against::Yield, 3).unwrap();
    let refused = two.take(Against::TakeOver, 1);
    assert!(matches!(refused, Err(LeaseError::Alive(_))), "{refused:?}");
    lease.guarding(&one.git).may_push().unwrap();
    drop(lease);
    assert!(two.take(Against::Yield, 3).is_ok());
}

#[test]
fn a_holder_that_slept_too_long_pushes_nothing() {
    let world = World::new();
    let (one, two) = (world.machine("one"), world.machine("two"));
    let asleep = one.take(Against::Yield, 1).unwrap();
    let git = asleep.guarding(&one.git);
    asleep.hold.as_ref().unwrap().stop();
    let lease = two.take(Against::TakeOver, 1).unwrap();
    let refused = git.may_push().unwrap_err().to_string();
    assert!(
        refused.contains("not this run's any more: it is held"),
        "{refused}"
    );
    // And it does not free what is another's.
    let there = world.note().holder.seat;
    drop(asleep);
    assert_eq!(world.note().holder.seat, there);
    assert_eq!(world.note().state, Word::Held);
    drop(lease);
}

#[test]
fn a_holder_whose_lock_nobody_took_goes_on() {
    let world = World::new();
    let one = world.machine("one");
    let lease = one.take(Against::Yield, 1).unwrap();
    lease.hold.as_ref().unwrap().stop();
    thread::sleep(Duration::from_millis(1100));
    let before = world.lock();
    lease.guarding(&one.git).may_push().unwrap();
    assert_ne!(world.lock(), before, "it was renewed first");
    let origin = world.town.origin("meta");
    let away = origin.with_extension("away");
    fs::rename(&origin, &away).unwrap();
    lease.guarding(&one.git).may_push().unwrap();
    thread::sleep(Duration::from_millis(1100));
    let refused = lease.guarding(&one.git).may_push().unwrap_err().to_string();
    assert!(refused.contains("was not renewed for"), "{refused}");
    fs::rename(&away, &origin).unwrap();
    lease.guarding(&one.git).may_push().unwrap();
    drop(lease);
    assert_eq!(world.note().state, Word::Free);
}

#[test]
fn a_remote_that_takes_no_such_ref_leaves_the_lock_of_this_machine() {
    let world = World::new();
    world.hook("pre-receive", "#!/bin/sh\necho not here >&2\nexit 1\n");
    let one = world.machine("one");
    let lease = one.take(Against::Yield, 60).unwrap();
    let remark = lease.remark().unwrap();
    assert!(
        remark.contains("not here") && remark.contains(LOCK_REF),
        "{remark}"
    );
    lease.guarding(&one.git).may_push().unwrap();
}

#[test]
fn a_remote_that_does_not_answer_is_no_yes() {
    let world = World::new();
    let one = world.machine("one");
    fs::remove_dir_all(world.town.origin("meta")).unwrap();
    let refused = one.take(Against::Yield, 60);
    assert!(
        matches!(refused, Err(LeaseError::Silent { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_lock_file_of_the_server_is_told() {
    let world = World::new();
    let one = world.machine("one");
    let stale = world.town.origin("meta").join(format!("{LOCK_REF}.lock"));
    fs::create_dir_all(stale.parent().unwrap()).unwrap();
    fs::File::create(stale).unwrap();
    let refused = one.take(Against::Yield, 60);
    assert!(
        matches!(refused, Err(LeaseError::Jammed { .. })),
        "{refused:?}"
    );
}

#[test]
fn what_nobody_wrote_is_held_and_painted_nowhere() {
    for text in ["\u{1b}[2J", "{}", "", &"x".repeat(100_000)] {
        let world = World::new();
        let commit = ["commit-tree", "HEAD^{tree}", "-m", text];
        let commit = world.town.git("meta", &commit);
        let to = format!("{commit}:{LOCK_REF}");
        world.town.git("meta", &["push", "-q", "origin", &to]);
        let one = world.machine("one");
        let Err(LeaseError::Held(holder)) = one.take(Against::Yield, 60) else {
            panic!("it was free")
        };
        assert!(holder.who.contains("nothing that this cascade wrote"));
        assert_eq!(one.unlock(&commit), Unlocked::Freed(holder));
        assert!(one.take(Against::Yield, 60).is_ok());
    }
}

#[test]
fn it_is_freed_by_the_name_of_its_object_alone() {
    let world = World::new();
    let (one, two) = (world.machine("one"), world.machine("two"));
    assert_eq!(two.unlock(&"0".repeat(40)), Unlocked::Free);
    let lease = one.take(Against::Yield, 60).unwrap();
    let other = two.unlock(&"1".repeat(40));
    assert!(matches!(other, Unlocked::Other(_)), "{other:?}");
    let freed = two.unlock(&world.lock());
    assert!(matches!(freed, Unlocked::Freed(_)), "{freed:?}");
    assert_eq!(world.note().state, Word::Free);
    let standing = Lease::look(&two.git, (&two.state, &two.guard), lock(60));
    assert_eq!(standing.unwrap(), Standing::Free);
    let taken = two.take(Against::Yield, 60).unwrap();
    lease.hold.as_ref().unwrap().stop();
    drop(lease);
    assert_eq!(
        world.note().state,
        Word::Held,
        "the first one freed the second's"
    );
    drop(taken);
}

#[test]
fn a_run_is_named_when_it_is_planned() {
    let world = World::new();
    let one = world.machine("one");
    let lease = one.take(Against::Yield, 60).unwrap();
    assert_eq!(world.note().run, None);
    lease.guarding(&one.git).runs(&RunId("3fa2".to_owned()));
    let until = Instant::now() + Duration::from_secs(20);
    while world.note().run.as_deref() != Some("3fa2") {
        assert!(Instant::now() < until, "{:?}", world.note());
        thread::sleep(Duration::from_millis(50));
    }
    drop(lease);
}

#[test]
fn a_torn_scratch_repository_is_made_anew() {
    let world = World::new();
    let (one, two) = (world.machine("one"), world.machine("two"));
    killed(one.take(Against::Yield, 60).unwrap());
    let scratch = one.state.folder().join("lock.git");
    fs::remove_dir_all(scratch.join("objects")).unwrap();
    fs::create_dir(scratch.join("objects")).unwrap();
    drop(one.take(Against::Yield, 60).unwrap());
    drop(two.take(Against::Yield, 60).unwrap());
    assert_eq!(world.note().state, Word::Free);
}

proptest! {
    #[test]
    fn no_text_of_the_lock_is_a_panic_or_a_mark_on_the_screen(
        user in "\\PC{0,40}|.{0,200}", since in ".{0,40}", run in proptest::option::of(".{0,80}")
    ) {
        let world = Town::new();
        let git = git_of(&world);
        let json = serde_json::json!({
            "state": "held", "run": run, "since": since, "nonce": "n", "beat": 3, "expires": u64::MAX,
            "holder": { "user": user, "host": user, "process": 7, "seat": "s" }, "later": [1],
        });
        let note = Note::parse(&json.to_string()).unwrap();
        prop_assert!(note.expires() <= Duration::from_hours(1));
        let who = note.who(&git);
        prop_assert!(!who.chars().any(crate::is_hidden), "{who:?}");
        let written = Note::parse(&note.text()).unwrap();
        prop_assert_eq!(written, note);
    }

    #[test]
    fn any_text_is_a_note_or_none(text in "\\PC{0,80}|[\\[\\]{}\":,a-z0-9]{0,80}") {
        if let Some(note) = Note::parse(&text) {
            prop_assert_eq!(Note::parse(&note.text()), Some(note));
        }
    }
}
