//! What breaks under a release: disks, remotes, servers, tools. Each time it says what, does nothing
//! twice, and the same plan is carried out once that is mended.
//!
//! What needs root or strace is not tried without, and that is said.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cascade_tests::Town;

use crate::CASCADE;
use crate::bump::hooks;
use crate::family::{Said, cascade, crate_toml, declaration, refs};
use crate::resume::{RELEASE, asking, world};

type World = BTreeMap<&'static str, Vec<String>>;

/// Returns what the family comes to where nothing breaks.
fn whole() -> World {
    let town = asking();
    cascade(&town, RELEASE).exits(0);
    world(&town)
}

fn skipped(what: &str) {
    #[expect(clippy::print_stderr, reason = "what was not tried is said")]
    {
        eprintln!("skipped: {what}");
    }
}

fn write(at: &Path, text: &str) {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "scratch files of the test")]
    fs::write(at, text).unwrap();
}

/// Runs a shell's line in the town's folder; returns whether it succeeded, and what it said.
fn shell(town: &Town, line: &str) -> (bool, String) {
    let out = town.command("sh").args(["-c", line]).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    (out.status.success(), said)
}

/// Something mounted at a folder of the town, until it is dropped.
struct Mounted<'a> {
    town: &'a Town,
    at: PathBuf,
}

impl<'a> Mounted<'a> {
    /// Mounts; `None` where this process may not.
    fn new(town: &'a Town, at: PathBuf, how: &str) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let there = shell(town, &format!("mount {how} '{}'", at.display())).0;
        there.then_some(Self { town, at })
    }

    fn again(&self, options: &str) {
        let line = format!("mount -o remount,{options} '{}'", self.at.display());
        assert!(shell(self.town, &line).0, "{line}");
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        shell(self.town, &format!("umount '{}'", self.at.display()));
    }
}

/// Takes the run up, or begins it where nothing of it was written down.
fn goes_on(town: &Town) {
    let said = cascade(town, &["resume"]);
    if said.code == 0 {
        return;
    }
    let all = format!("{}{}", said.out, said.err);
    assert!(all.contains("cascade release"), "{all}");
    cascade(town, RELEASE).exits(0);
}

#[test]
fn a_full_disk_below_the_state_folder_is_said_and_made_good() {
    let town = asking();
    let state = town.path().join("home/state");
    let Some(disk) = Mounted::new(&town, state.clone(), "-t tmpfs -o size=16m tmpfs") else {
        return skipped("a full disk, for no small file system may be mounted");
    };
    cascade(&town, RELEASE).exits(0);
    let whole = world(&town);
    let used = shell(&town, "df --output=used -k home/state | tail -n 1").1;
    let used: u64 = used.trim().parse().unwrap();
    drop(disk);
    drop(town);
    let mut stopped = 0;
    for eighth in [1, 3, 4, 5, 6, 7] {
        let town = asking();
        let size = (used * eighth / 8).max(4);
        let how = format!("-t tmpfs -o size={size}k tmpfs");
        let disk = Mounted::new(&town, town.path().join("home/state"), &how).unwrap();
        let said = cascade(&town, RELEASE);
        if said.code != 0 {
            stopped += 1;
            assert!(matches!(said.code, 3..=5), "{}: {}", said.code, said.err);
            let said = format!("{}{}", said.out, said.err);
            let full = [
                "o space left",
                "failed to write",
                "failed to create",
                "couldn't write",
            ];
            assert!(full.iter().any(|it| said.contains(it)), "{size} kB: {said}");
        }
        disk.again("size=16m");
        goes_on(&town);
        assert_eq!(world(&town), whole, "{size} kB");
    }
    assert!(stopped > 2, "the disk was hardly ever full");
}

#[test]
fn a_read_only_remote_is_said_and_made_good() {
    let whole = whole();
    let town = asking();
    let origin = town.origin("lib");
    let from = format!("--bind '{}'", origin.display());
    let Some(disk) = Mounted::new(&town, origin, &from) else {
        return skipped("a read-only remote, for nothing may be mounted");
    };
    disk.again("bind,ro");
    let said = cascade(&town, RELEASE).exits(5);
    said.says(&["lib  failed", "app  skipped", "to continue: cascade resume"]);
    cascade(&town, &["resume"]).exits(5);
    disk.again("bind,rw");
    cascade(&town, &["resume"]).exits(0);
    assert_eq!(world(&town), whole);
}

#[test]
fn a_hook_that_floods_is_cut_short_and_stale_locks_of_the_mirrors_are_swept() {
    let whole = whole();
    let town = asking();
    let hook = town.origin("lib").join("hooks/pre-receive");
    let flood = "#!/bin/sh\nyes \"$(printf '\\033[31mno\\033]52;c;aGk=\\a')\" | head -c 50000000 >&2\nexit 1\n";
    hooks::write(&hook, flood);
    let said = cascade(&town, RELEASE).exits(5);
    let all = format!("{}{}", said.out, said.err);
    assert!(all.len() < 20_000, "{} bytes were said", all.len());
    assert!(!all.contains('\u{1b}') && !all.contains('\u{7}'), "{all}");
    assert!(all.contains("the remote refused the push"), "{all}");
    fs::remove_file(&hook).unwrap();
    let mirrors = shell(&town, "find home/state -name '*.git' -type d").1;
    let locks = "HEAD.lock packed-refs.lock config.lock shallow.lock refs/tags/x.lock \
        refs/heads/main.lock refs/tags/v0.3.2.lock";
    for mirror in mirrors.lines() {
        for lock in locks.split_whitespace() {
            write(&town.path().join(mirror).join(lock), "left behind");
        }
    }
    assert_eq!(mirrors.lines().count(), 4);
    cascade(&town, &["resume"]).exits(0);
    assert_eq!(world(&town), whole);
}

#[test]
fn an_answer_that_is_lost_after_the_push_landed_is_asked_for() {
    let whole = whole();
    let town = asking();
    for repo in ["core", "app"] {
        let hook = town.origin(repo).join("hooks/post-receive");
        // Who pushes is the parent of what receives.
        let kills = "#!/bin/sh\nset -- $(cat /proc/$PPID/stat)\nkill -9 $4\n";
        hooks::write(&hook, kills);
    }
    let said = cascade(&town, RELEASE).exits(0);
    assert_eq!(world(&town), whole, "{}", said.err);
    let story = cascade(&town, &["runs", "show"]).exits(0);
    for repo in ["core", "lib", "app"] {
        let pushes = story.out.matches(&format!("{repo}: about to push")).count();
        assert_eq!(pushes, 1, "{}", story.out);
    }
}

#[test]
fn a_tag_that_landed_without_its_branch_is_completed() {
    let whole = whole();
    let town = asking();
    let hook = town.origin("core").join("hooks/post-receive");
    let back = format!(
        "#!/bin/sh\nwhile read -r old new ref; do\n  if [ $ref = refs/heads/main ]; then rm {}; git update-ref $ref $old; fi\ndone\n",
        hook.display()
    );
    hooks::write(&hook, &back);
    let said = cascade(&town, RELEASE).exits(0);
    assert!(!hook.exists(), "{}", said.err);
    assert_eq!(world(&town), whole, "{}", said.err);
}

#[test]
fn a_server_that_dies_between_two_refs_is_rolled_forward() {
    let trial = Town::new();
    let strace = trial
        .command("strace")
        .args(["-o", "/dev/null", "true"])
        .output();
    if !strace.is_ok_and(|it| it.status.success()) {
        return skipped("a server that dies, for strace is not there, or may not");
    }
    let whole = whole();
    for (dies_at, landed) in [("heads/main", false), ("tags/v2.0.0", true)] {
        let town = asking();
        let base = town.git_origin("core", &["rev-parse", "main"]);
        let lock = format!("{}/./refs/{dies_at}.lock", town.origin("core").display());
        let mut strace = town.command("strace");
        strace
            .args(["-f", "-o", "/dev/null", "-P", &lock])
            .args(["-e", "trace=rename,renameat,renameat2"])
            .args(["-e", "inject=rename,renameat,renameat2:signal=KILL"])
            .arg(CASCADE)
            .args(RELEASE)
            .current_dir(town.work());
        let said = Said::from(&strace.output().unwrap());
        let now = town.git_origin("core", &["rev-parse", "main"]);
        assert_eq!(now != base, landed, "{dies_at}: {}", said.err);
        assert!(!refs(&town, "core").contains("v2.0.0"), "{}", said.err);
        assert!(!refs(&town, "lib").contains("v0.3.2"), "{}", said.err);
        assert_ne!(said.code, 0, "{dies_at}: {}", said.err);
        // What the server left behind is the server's own, and its administrator's.
        cascade(&town, &["resume"]).exits(3).says(&[".lock"]);
        let swept = shell(&town, "find origins -name '*.lock' -print -delete").1;
        assert!(swept.contains("tags/v2.0.0.lock"), "{swept}");
        cascade(&town, &["resume"]).exits(0);
        assert_eq!(world(&town), whole, "{dies_at}");
    }
}

#[test]
fn gits_own_housekeeping_in_the_mirrors_takes_nothing_away() {
    let whole = whole();
    let town = asking();
    drop(kept_house(&town, "").exits(0));
    assert_eq!(world(&town), whole);
}

#[test]
fn housekeeping_that_spares_nothing_new_costs_another_try_and_nothing_else() {
    let whole = whole();
    let town = asking();
    let ended = kept_house(&town, "--prune=now").code;
    // What is out is taken up; where nothing is, the same command plans anew.
    match ended {
        0 => {}
        5 | 7 => drop(cascade(&town, &["resume"]).exits(0)),
        _ => drop(cascade(&town, RELEASE).exits(0)),
    }
    assert_eq!(world(&town), whole);
}

/// Releases while git keeps house in the mirrors all the time; returns what the release said.
fn kept_house(town: &Town, how: &str) -> Said {
    let (stop, rounds) = (AtomicBool::new(false), AtomicBool::new(false));
    let folder = town.path().to_path_buf();
    let mut gc = town.command("sh");
    let script = format!(
        "for it in $(find home/state -name '*.git' -type d); do git -C $it gc --quiet {how} || :; done; \
         find home/state -name '*.pack' | head -n 1"
    );
    gc.current_dir(&folder).args(["-c", &script]);
    let said = thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let out = gc.output().unwrap();
                rounds.fetch_or(!out.stdout.is_empty(), Ordering::Relaxed);
            }
        });
        // A check that takes a while leaves it time between the commit and the push.
        let file = town.work().join("workspace.toml");
        let declared = fs::read_to_string(file).unwrap();
        let slow = "checks = [[\"sleep\", \"0.5\"]]\n";
        let text = ["core", "lib", "app"].iter().fold(declared, |text, it| {
            let table = format!("[repo.{it}]\n");
            text.replace(&table, &format!("{table}{slow}"))
        });
        town.workspace(&text);
        let said = cascade(town, RELEASE);
        stop.store(true, Ordering::Relaxed);
        said
    });
    assert!(rounds.into_inner(), "nothing was ever packed");
    said
}

/// Returns a family whose release stopped half-way, since `lib` was refused; nothing refuses it now.
fn stopped() -> Town {
    let town = asking();
    let hook = town.origin("lib").join("hooks/pre-receive");
    hooks::write(&hook, "#!/bin/sh\nexit 1\n");
    cascade(&town, RELEASE).exits(5);
    fs::remove_file(&hook).unwrap();
    town
}

#[test]
fn mirrors_that_a_power_failure_emptied_are_made_anew() {
    let whole = whole();
    let emptied = ["objects/*", "refs/*", "HEAD", "config", "*"];
    for which in emptied {
        let town = stopped();
        let line = format!(
            "find home/state -path '*.git/{which}' -type f -exec truncate -s 0 {{}} + -print | wc -l"
        );
        let files = shell(&town, &line).1;
        assert_ne!(files.trim(), "0", "{which}");
        let said = cascade(&town, &["resume"]);
        assert_eq!(said.code, 0, "{which}: {}\n{}", said.out, said.err);
        assert_eq!(world(&town), whole, "{which}");
    }
}

#[test]
fn tags_that_only_a_clone_has_are_nobody_elses() {
    let whole = whole();
    let town = asking();
    town.git("core", &["tag", "v2.0.0", "v1.2.0"]);
    town.git("lib", &["tag", "-a", "-m", "by hand", "v0.3.2"]);
    let tag = |repo, name| town.git(repo, &["rev-parse", name]);
    let before = [tag("core", "v2.0.0"), tag("lib", "v0.3.2")];
    cascade(&town, RELEASE).exits(0);
    assert_eq!(world(&town), whole);
    assert_eq!([tag("core", "v2.0.0"), tag("lib", "v0.3.2")], before);
}

/// `core` and `app`, whose lock this script moves in cargo's name.
fn locked(script: &str) -> Town {
    let town = Town::new();
    let core = crate_toml("core", "1.2.0", "");
    town.repo("core", "v1.2.0", &[("Cargo.toml", &core)]);
    let lock = "# This file is automatically @generated by Cargo.\n# It is not intended for manual editing.\n\
        version = 4\n\n[[package]]\nname = \"app\"\nversion = \"2.0.0\"\ndependencies = [\n \"core\",\n]\n\n\
        [[package]]\nname = \"core\"\nversion = \"1.2.0\"\n\
        source = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"\n";
    let app = crate_toml("app", "2.0.0", "core = \"=1.2.0\"");
    town.repo(
        "app",
        "v2.0.0",
        &[("Cargo.toml", &app), ("Cargo.lock", lock)],
    );
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let text = declaration(&town, &[("core", ""), ("app", "core")]);
    town.workspace(&text.replace("[repo.app]\n", "[repo.app]\nlock = \"tool\"\n"));
    hooks::write(&town.path().join("bin/cargo"), script);
    town
}

/// Returns a release with the town's own cargo.
fn with_tool(town: &Town) -> std::process::Command {
    let path = String::from_utf8(town.call("printenv", &["PATH"]).stdout).unwrap();
    let path = format!("{}:{}", town.path().join("bin").display(), path.trim());
    let mut command = town.command(CASCADE);
    command
        .args(["release", "--repo", "core=minor", "--yes"])
        .env("PATH", path)
        .current_dir(town.work());
    command
}

#[test]
fn a_lock_command_that_floods_is_cut_short() {
    let flood = "#!/bin/sh\nyes 'and so on' | head -c 50000000\nyes 'and on' | head -c 50000000 >&2\necho the end >&2\nexit 1\n";
    let town = locked(flood);
    let said = Said::from(&with_tool(&town).output().unwrap()).exits(7);
    let all = format!("{}{}", said.out, said.err);
    assert!(
        all.contains("app  waiting") && all.contains("the end"),
        "{all}"
    );
    assert!(all.len() < 20_000, "{} bytes were said", all.len());
    assert!(refs(&town, "core").contains("v1.3.0"));
    assert!(!refs(&town, "app").contains("v2.0.1"));
}

#[test]
fn a_lock_command_that_hangs_is_ended_with_all_it_started() {
    let town = locked("#!/bin/sh\nsleep 7531 &\nsleep 7532\n");
    let mut child = with_tool(&town)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|it| it.unwrap().contains("relocking")));
    let alive = || shell(&town, "grep -al 'sleep.753[12]' /proc/[0-9]*/cmdline").1;
    let begin = Instant::now();
    while alive().lines().count() < 2 {
        assert!(begin.elapsed() < Duration::from_secs(20), "it never began");
        thread::sleep(Duration::from_millis(20));
    }
    town.call("kill", &["-TERM", &child.id().to_string()]);
    drop(lines);
    Said::from(&child.wait_with_output().unwrap()).exits(130);
    assert!(begin.elapsed() < Duration::from_secs(20), "it took long");
    assert_eq!(alive(), "");
    assert!(!refs(&town, "app").contains("v2.0.1"));
}
