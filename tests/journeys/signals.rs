//! Interrupts: nothing of what cascade started outlives it, and `resume` goes on.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cascade_tests::Town;

use crate::CASCADE;
use crate::bump::hooks;
use crate::family::{Said, cascade, family, refs};

/// A script that starts a child, says who both are, and does not end.
fn endless(pids: &str) -> String {
    format!("#!/bin/sh\nsleep 300 &\necho $$ $! > {pids}.new\nmv {pids}.new {pids}\nwait\n")
}

struct Busy {
    town: Town,
    pids: PathBuf,
    child: Child,
}

/// Starts a release and waits until something in it runs without end.
fn busy(town: Town, pids: PathBuf) -> Busy {
    let mut command = town.command(CASCADE);
    command
        .args(["release", "--repo", "core=major", "--yes"])
        .current_dir(town.work())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    within("it did not begin", || pids.exists());
    Busy { town, pids, child }
}

#[track_caller]
fn within(what: &str, test: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_mins(1);
    while !test() {
        assert!(Instant::now() < until, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

impl Busy {
    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        self.town.call("kill", &[signal, &pid]);
    }

    /// Waits for its end; none of what it started is left then.
    fn ended(self) -> (Town, Said) {
        let pids = fs::read_to_string(&self.pids).unwrap();
        let said = Said::from(&self.child.wait_with_output().unwrap());
        for pid in pids.split_whitespace() {
            within("a process is left", || is_gone(pid));
        }
        fs::remove_file(self.pids).unwrap();
        (self.town, said)
    }
}

/// A process that ended and that nobody asked for yet is gone as well.
fn is_gone(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_ok_and(|it| it.contains(") Z ")) || !PathBuf::from(format!("/proc/{pid}")).exists()
}

fn asking() -> (Town, PathBuf) {
    let town = family();
    let pids = town.path().join("pids");
    (town, pids)
}

#[test]
fn an_interrupt_ends_every_child_and_resume_goes_on() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let (town, pids) = asking();
        let go = town.path().join("go");
        let script = endless(pids.to_str().unwrap());
        let script = script.replacen('\n', &format!("\ntest -e {} && exit 0\n", go.display()), 1);
        town.commit("core", "feat: frames", &[("slow", &script)]);
        town.git("core", &["push", "-q"]);
        let file = town.work().join("workspace.toml");
        let declared = fs::read_to_string(file).unwrap();
        let checked = "[repo.core]\nchecks = [[\"sh\", \"slow\"]]\n";
        town.workspace(&declared.replace("[repo.core]\n", checked));
        let busy = busy(town, pids);
        busy.signal(signal);
        let (town, said) = busy.ended();
        said.exits(130)
            .says(&["core  interrupted", "to continue: cascade resume"]);
        assert!(
            !refs(&town, "core").contains("refs/tags/v2.0.0"),
            "{signal}"
        );
        town.call("touch", &[go.to_str().unwrap()]);
        cascade(&town, &["resume"]).exits(0);
        assert!(refs(&town, "app").contains("refs/tags/v2.0.1"), "{signal}");
    }
}

#[test]
fn a_second_interrupt_waits_for_no_push_and_is_as_safe() {
    let (town, pids) = asking();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let hook = town.origin("core").join("hooks/pre-receive");
    hooks::write(&hook, &endless(pids.to_str().unwrap()));
    let mut busy = busy(town, pids);
    busy.signal("-INT");
    thread::sleep(Duration::from_millis(400));
    assert!(
        busy.child.try_wait().unwrap().is_none(),
        "it left a push alone"
    );
    busy.signal("-INT");
    let (town, said) = busy.ended();
    said.exits(130);
    fs::remove_file(hook).unwrap();
    cascade(&town, &["runs"])
        .exits(0)
        .says(&["broken off", "cascade resume"]);
    cascade(&town, &["resume"]).exits(0);
    assert!(refs(&town, "app").contains("refs/tags/v2.0.1"));
}
