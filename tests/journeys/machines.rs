//! Several machines and one workspace: one releases at a time, and nobody who lost the lock pushes.

mod field;

use std::fs;
use std::process::{Child, Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use cascade_tests::Town;

use crate::CASCADE;
use crate::bump::hooks;
use crate::family::{Said, cascade, family, refs};
use field::{Field, PATIENCE, go, said};

/// What the lock says once its run is planned.
const RUNNING: &str = "\"state\":\"held\",\"run\":\"";
const SIDE: &[&str] = &["release", "--repo", "side=patch", "--yes"];
const CORE: &[&str] = &["release", "--repo", "core=patch", "--yes"];

impl Field {
    /// Starts cascade on a machine.
    fn start(&self, machine: usize, args: &[&str]) -> Child {
        let mut child = self.command(machine, args).spawn().unwrap();
        go(&mut child);
        child
    }

    /// Runs cascade on a machine to its end.
    fn run(&self, machine: usize, args: &[&str]) -> Output {
        self.start(machine, args).wait_with_output().unwrap()
    }

    /// Returns when the lock says this.
    fn until_lock_says(&self, word: &str) {
        let begin = Instant::now();
        while !self.lock().1.contains(word) {
            assert!(begin.elapsed() < PATIENCE, "{word}: {:?}", self.lock());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn of_twelve_that_start_at_once_one_runs_and_the_others_say_who() {
    let field = Field::new(CASCADE, "");
    for round in 1..=2 {
        let mut ended = field.race(12, SIDE);
        let winner = ended.pop().unwrap();
        assert_eq!(winner.code, 0, "{}", winner.said);
        for it in &ended {
            assert_eq!(it.code, 3, "{round} {}: {}", it.machine, it.said);
            let said = &it.said;
            let who = format!("process {}, since", winner.process);
            assert!(said.contains(&who) && said.contains("releaser@"), "{said}");
            assert!(said.contains("cascade release --take-over"), "{said}");
            assert!(it.took < winner.took, "{} waited", it.machine);
        }
        assert!(field.lock().1.contains("\"state\":\"free\""));
        assert_eq!(
            field.tags("side").len(),
            1 + round,
            "{:?}",
            field.tags("side")
        );
    }
}

#[test]
fn a_lock_whose_holder_was_killed_goes_to_its_own_machine_at_once() {
    let field = Field::new(CASCADE, "");
    let mut killed = field.start(0, SIDE);
    field.until_lock_says(RUNNING);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let refused = field.run(1, CORE);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    field.let_go(0);
    let begin = Instant::now();
    let resumed = field.run(0, &["resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", said(&resumed));
    assert!(begin.elapsed() < Duration::from_secs(150), "it was watched");
    assert_eq!(field.tags("side"), ["v1.2.0", "v1.2.1"]);
}

#[test]
fn a_lock_whose_machine_is_gone_is_freed_by_its_name_or_taken_over() {
    let field = Field::new(CASCADE, "run-lock-expires = \"3s\"");
    let mut killed = field.start(0, SIDE);
    field.until_lock_says(RUNNING);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let (object, _) = field.lock();
    let told = field.run(1, &["unlock"]);
    assert!(said(&told).contains(&object), "{}", said(&told));
    field.let_go(1);
    let unlocked = field.run(1, &["unlock", &object]);
    assert_eq!(unlocked.status.code(), Some(0), "{}", said(&unlocked));
    let released = field.run(1, CORE);
    assert_eq!(released.status.code(), Some(0), "{}", said(&released));

    field.grow();
    let mut killed = field.start(0, SIDE);
    field.until_lock_says(RUNNING);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let over = field.run(1, &[CORE, &["--take-over"]].concat());
    assert_eq!(over.status.code(), Some(0), "{}", said(&over));
    assert!(
        said(&over).contains("watching the lock for 3s"),
        "{}",
        said(&over)
    );
    assert_eq!(field.tags("core"), ["v1.2.0", "v1.2.1", "v1.2.2"]);
}

#[test]
fn a_zombie_changes_nothing() {
    let field = Field::new(CASCADE, "run-lock-expires = \"3s\"");
    let mut zombie = field.start(0, SIDE);
    field.until_lock_says(RUNNING);
    signal(&zombie, "STOP");
    field.let_go(1);
    let other = field.run(1, &[CORE, &["--take-over"]].concat());
    assert_eq!(other.status.code(), Some(0), "{}", said(&other));
    let before = refs(&field.town, "side");
    field.let_go(0);
    signal(&zombie, "CONT");
    let code = zombie.wait().unwrap().code();
    let said = said(&zombie.wait_with_output().unwrap());
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("is not this run's any more"), "{said}");
    assert_eq!(refs(&field.town, "side"), before, "the zombie pushed");
    assert!(field.lock().1.contains("\"state\":\"free\""));
}

#[test]
fn an_interrupt_frees_the_lock() {
    let field = Field::new(CASCADE, "");
    let mut stopped = field.start(0, SIDE);
    field.until_lock_says(RUNNING);
    signal(&stopped, "INT");
    assert_eq!(stopped.wait().unwrap().code(), Some(130));
    assert!(field.lock().1.contains("\"state\":\"free\""));
}

fn signal(child: &Child, name: &str) {
    #[expect(clippy::disallowed_methods, reason = "a signal from another process")]
    let mut kill = Command::new("kill");
    let words = [format!("-{name}"), child.id().to_string()];
    assert!(kill.args(words).status().unwrap().success());
}

#[test]
fn a_remote_that_keeps_no_lock_is_told_and_one_that_is_silent_is_no_yes() {
    let field = Field::new(CASCADE, "");
    field.let_go(0);
    let hook = field.town.origin("meta").join("hooks/pre-receive");
    hooks::write(&hook, "#!/bin/sh\necho no such refs here >&2\nexit 1\n");
    let released = field.run(0, SIDE);
    assert_eq!(released.status.code(), Some(0), "{}", said(&released));
    for word in ["note:", "refs/cascade/lock", "no such refs here"] {
        assert!(
            said(&released).contains(word),
            "{word}: {}",
            said(&released)
        );
    }
    field.grow();
    let origin = field.town.origin("meta");
    fs::rename(&origin, origin.with_extension("away")).unwrap();
    let refused = field.run(0, SIDE);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    assert!(
        said(&refused).contains("run-lock = \"local\""),
        "{}",
        said(&refused)
    );
    let file = field.workspace(0).join("workspace.toml");
    let text = fs::read_to_string(&file).unwrap();
    let local = text.replace("[workspace]\n", "[workspace]\nrun-lock = \"local\"\n");
    #[expect(clippy::disallowed_methods, reason = "the test's own workspace")]
    fs::write(&file, local).unwrap();
    let released = field.run(0, SIDE);
    assert_eq!(released.status.code(), Some(0), "{}", said(&released));
}

#[test]
fn two_plans_at_once_leave_no_split_graph() {
    let field = Field::new(CASCADE, "");
    (0..2).for_each(|it| field.let_go(it));
    let of = |level: &str| {
        let all = ["core", "side"].map(|it| format!("{it}={level}"));
        ["release", "--yes", "--repo", &all[0], "--repo", &all[1]].map(str::to_owned)
    };
    let start = |machine, level| {
        let words = of(level);
        field.start(
            machine,
            &words.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    };
    let both = [start(0, "major"), start(1, "minor")];
    let both = both.map(|it| it.wait_with_output().unwrap());
    let ended: Vec<_> = both.iter().map(|it| it.status.code()).collect();
    let text = both.map(|it| said(&it)).concat();
    let tags = ["core", "side"].map(|it| field.tags(it));
    assert_eq!(tags[0], tags[1], "the graph is split: {text}");
    // Who came second was refused, or planned after the first one had ended.
    let runs = ended.iter().filter(|it| **it == Some(0)).count();
    assert!(
        ended.iter().all(|it| matches!(it, Some(0 | 3))),
        "{ended:?} {text}"
    );
    assert_eq!(tags[0].len(), 1 + runs, "{tags:?} {text}");
}

/// The family, its workspace tracked in the folder of the clones.
fn tracked(lock: &str) -> Town {
    let town = family();
    let file = town.work().join("workspace.toml");
    let text = fs::read_to_string(file).unwrap();
    let said = format!("[workspace]\nrun-lock = \"{lock}\"\n");
    town.workspace(&text.replace("[workspace]\n", &said));
    let origin = town.origin("meta").display().to_string();
    town.run(
        town.path(),
        &["init", "-q", "--bare", "-b", "main", &origin],
    );
    let git = |words: &[&str]| town.run(&town.work(), words);
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "workspace.toml"]);
    git(&["commit", "-q", "-m", "feat: declare it"]);
    git(&["remote", "add", "origin", &origin]);
    git(&["push", "-q", "-u", "origin", "main"]);
    town
}

#[test]
fn two_machines_with_the_same_plan_both_end_well_with_the_same_objects() {
    for lock in ["shared", "local"] {
        let town = tracked(lock);
        town.commit("core", "feat: frames", &[]);
        town.git("core", &["push", "-q"]);
        cascade(
            &town,
            &["plan", "--repo", "core=major", "--out", "plan.json"],
        )
        .exits(0);
        let start = |machine: &str| {
            let mut command = town.command(CASCADE);
            command.args(["apply", "plan.json", "--yes"]);
            command.current_dir(town.work());
            command.env("XDG_STATE_HOME", town.path().join(machine));
            command
        };
        let machine = |name: &'static str| {
            let mut command = start(name);
            thread::spawn(move || {
                let begin = Instant::now();
                loop {
                    let said = Said::from(&command.output().unwrap());
                    let held = said.err.contains("another cascade runs");
                    if !held || begin.elapsed() > Duration::from_mins(2) {
                        return said;
                    }
                }
            })
        };
        let both = [machine("one"), machine("two")].map(|it| it.join().unwrap());
        for said in both {
            said.exits(0);
        }
        for repo in ["core", "lib", "app"] {
            let count = town.git_origin(repo, &["rev-list", "--count", "--all"]);
            let before = if repo == "core" { "3" } else { "2" };
            assert_eq!(count, before, "{repo}, {lock}");
            assert_eq!(town.git_origin(repo, &["tag", "--list"]).lines().count(), 2);
        }
    }
}
