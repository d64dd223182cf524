//! A small family whose release is killed at any line of its journal, and taken up again.
//!
//! strace stops cascade before or after each line that it writes into the journal: before, it makes
//! the write fail as interrupted, so that it is tried again once cascade goes on. Whoever watches lets
//! it go on, or kills it there.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cascade_run::RegistryServer;
use cascade_tests::Town;

/// How long anything may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_mins(4);

/// How long the lock may outlive a killed process: a child that was being started has it until its
/// own program begins.
const HELD: Duration = Duration::from_secs(2);

/// How long no line comes before a signal to go on counts as lost: no wait of the run is so long.
const LOST: Duration = Duration::from_secs(50);

/// Where the kill comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Nothing of the line is written.
    Before,
    /// The line is written, and nothing else happened.
    After,
}

/// Which line of the journal it comes at.
#[derive(Debug, Clone)]
pub(crate) enum Line {
    /// The one of this number, from 1.
    Number(usize),
    /// The one of this kind, and of this number among them.
    Kind(String, usize),
}

/// A kill.
pub(crate) type Kill = (Moment, Line);

/// What kills and what came after them were like.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// The kinds of the lines at which it was killed; a run that ended before is not among them.
    pub(crate) kinds: Vec<String>,
    /// How often a tag was out and its publisher had died with the push: a person started it again.
    pub(crate) dispatched: usize,
    /// Everything that is not as in a run that nobody killed.
    pub(crate) bad: Vec<String>,
}

/// The repositories, each with what it pins and the release that it comes to.
const REPOS: [(&str, &[&str], &str); 3] = [
    ("core", &[], "1.1.0"),
    ("lib", &["core"], "1.0.1"),
    ("app", &["core", "lib"], "1.0.1"),
];

/// Builds the wheel of a tag, the same bytes each time, and publishes it after a while.
const PUBLISHER: &str = r#"
import os, re, subprocess, sys, time, zipfile

town, name, tag, delay = sys.argv[1:]
time.sleep(float(delay))
git = ["git", f"--git-dir={town}/origins/{name}.git", "show", f"{tag}:pyproject.toml"]
project = subprocess.run(git, check=True, capture_output=True, text=True).stdout
version = re.search(r'^version = "(.*)"$', project, re.M)[1]
needs = re.findall(r'"([a-z]+==[0-9.]+)"', project)
about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.8\n"
about += "".join(f"Requires-Dist: {it}\n" for it in needs)
info = f"{name}-{version}.dist-info"
kind = "Wheel-Version: 1.0\nGenerator: it\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
files = {f"{name}.py": "", f"{info}/METADATA": about, f"{info}/WHEEL": kind, f"{info}/RECORD": ""}
part = f"{town}/{name}-{version}.part"
with zipfile.ZipFile(part, "w") as wheel:
    for path, text in files.items():
        wheel.writestr(zipfile.ZipInfo(path), text)
with open(f"{town}/published", "a") as log:
    log.write(f"{name} {version}\n")
os.rename(part, f"{town}/registry/pypi/{name}-{version}-py3-none-any.whl")
busy = f"{town}/busy/{name}"
if os.path.exists(busy):
    os.remove(busy)
"#;

/// What every origin and the registry have in the end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct World {
    refs: String,
    published: String,
}

/// The family, as it is before its release and after one that nobody killed.
pub(crate) struct Scene {
    town: Town,
    server: RegistryServer,
    journal: PathBuf,
    whole: World,
    /// The interpreter itself: what stands in `PATH` may be a script that looks for it.
    python: String,
    /// How long after a push its package appears.
    delay: &'static str,
}

impl Scene {
    /// Founds the family and releases it once without a kill; `Err` says what is missing for it.
    pub(crate) fn found(delay: &'static str) -> Result<Self, String> {
        let town = Town::new();
        answer(&town, &["strace", "-o", "/dev/null", "true"])?;
        let python = answer(
            &town,
            &["python3", "-c", "import sys; print(sys.executable)"],
        )?;
        let server = RegistryServer::start(&town.path().join("registry"), 0);
        let mut scene = Self {
            town,
            server: server.unwrap(),
            journal: PathBuf::new(),
            whole: World::default(),
            python,
            delay,
        };
        scene.build();
        scene.keep();
        scene.run_whole();
        Ok(scene)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.town.path().join(name)
    }

    /// Runs a shell's line in the town's folder.
    fn shell(&self, line: &str) -> String {
        let out = self.town.command("sh").args(["-c", line]).output().unwrap();
        assert!(out.status.success(), "{line}: {}", said(&out));
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    fn build(&self) {
        self.shell("mkdir -p registry/pypi busy && touch published");
        write(&self.path("publisher.py"), PUBLISHER);
        for (name, pins, _) in REPOS {
            let project = project(name, pins);
            let mut files = vec![("pyproject.toml", project)];
            if name == "lib" {
                files.push(("requirements.in", "core==1.0.0\n".to_owned()));
                files.push(("requirements.txt", self.lock()));
            }
            let files: Vec<_> = files.iter().map(|it| (it.0, it.1.as_str())).collect();
            self.town.repo(name, "v1.0.0", &files);
            self.publish(name, "v1.0.0");
            self.hooks(name, pins);
        }
        self.town
            .commit("core", "feat: more of it", &[("more", "")]);
        self.town.git("core", &["push", "-q"]);
        self.declare();
    }

    /// Returns the compiled requirements of `lib`, with the digest of what is published.
    fn lock(&self) -> String {
        let sum = self.shell("sha256sum registry/pypi/core-1.0.0-py3-none-any.whl");
        let sum = sum.split_whitespace().next().unwrap();
        format!(
            "# This file was autogenerated by uv via the following command:\n\
             #    uv pip compile requirements.in --generate-hashes -o requirements.txt\n\
             core==1.0.0 \\\n    --hash=sha256:{sum}\n    # via -r requirements.in\n"
        )
    }

    fn publish(&self, name: &str, tag: &str) {
        let town = self.town.path().display().to_string();
        let script = self.path("publisher.py");
        let mut python = self.town.command(&self.python);
        let out = python.arg(script).args([&town, name, tag, "0"]).output();
        let out = out.unwrap();
        assert!(out.status.success(), "{}", said(&out));
    }

    /// Lets a remote publish its tags in a session of their own, and write down who came too early.
    fn hooks(&self, name: &str, pins: &[&str]) {
        let town = self.town.path().display();
        let mut early = "#!/bin/sh\n".to_owned();
        for (pin, _, version) in REPOS.iter().filter(|it| pins.contains(&it.0)) {
            let wheel = format!("{town}/registry/pypi/{pin}-{version}-py3-none-any.whl");
            writeln!(
                early,
                "[ -e {wheel} ] || echo {name} before {pin} >> {town}/published"
            )
            .unwrap();
        }
        let path = answer(&self.town, &["printenv", "PATH"]).unwrap();
        let publishes = format!(
            "#!/bin/sh\nwhile read -r old new ref; do\n  case $ref in refs/tags/*)\n    touch {town}/busy/{name}\n    \
             setsid env -i PATH='{path}' {} {town}/publisher.py {town} {name} ${{ref#refs/tags/}} {} \
             </dev/null >/dev/null 2>&1 & ;;\n  esac\ndone\n",
            self.python, self.delay
        );
        for (hook, text) in [("pre-receive", early), ("post-receive", publishes)] {
            let at = self.town.origin(name).join("hooks").join(hook);
            write(&at, &text);
            self.shell(&format!("chmod +x '{}'", at.display()));
        }
    }

    fn declare(&self) {
        let mut text =
            "[workspace]\nname = \"town\"\nregistry = \"configured\"\ntimeout = \"30s\"\n"
                .to_owned();
        for (name, pins, _) in REPOS {
            let remote = self.town.origin(name);
            writeln!(
                text,
                "\n[repo.{name}]\nremote = \"{}\"\nneeds = {pins:?}",
                remote.display()
            )
            .unwrap();
        }
        self.town.workspace(&text);
    }

    /// Plans the release and keeps the town as it is now.
    fn keep(&self) {
        self.shell("mkdir kept");
        let out = self.cascade(&["plan", "--out", "../plan.json"]);
        assert!(out.status.success(), "{}", said(&out));
        self.shell("cp -a origins work home registry published kept/");
    }

    fn restore(&self) {
        self.shell(
            "rm -rf origins work home registry/* busy/* && cp -a kept/origins kept/work kept/home . \
             && cp -a kept/registry/. registry && cp kept/published .",
        );
    }

    fn run_whole(&mut self) {
        let out = self.cascade(APPLY);
        assert!(out.status.success(), "{}", said(&out));
        self.rest();
        self.whole = self.world();
        let journal = self.shell("find home/state -name journal");
        self.journal = self.path(journal.trim());
    }

    /// Waits until no publisher is at work.
    fn rest(&self) {
        let begin = Instant::now();
        while fs::read_dir(self.path("busy")).unwrap().next().is_some() {
            assert!(begin.elapsed() < PATIENCE, "a publisher hangs");
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn world(&self) -> World {
        let format = "--format=%(refname) %(objectname) %(*objectname)";
        let refs = REPOS.map(|(name, ..)| {
            self.town.git_origin(name, &["fsck", "--strict"]);
            let refs = self.town.git_origin(name, &["for-each-ref", format]);
            format!("{name}\n{refs}\n")
        });
        World {
            refs: refs.concat(),
            published: fs::read_to_string(self.path("published")).unwrap(),
        }
    }

    /// Returns a digest of all checkouts: bytes, names, modes and times.
    fn checkouts(&self) -> String {
        self.shell("tar --sort=name -cf - work | sha256sum")
    }

    fn environment(&self, command: &mut Command) {
        let index = format!("{}/pypi/simple/", self.server.url());
        command
            .env("UV_DEFAULT_INDEX", index)
            .current_dir(self.town.work());
    }

    fn cascade(&self, args: &[&str]) -> Output {
        let mut command = self.town.command(env!("CARGO_BIN_EXE_cascade"));
        self.environment(&mut command);
        command.args(args).output().unwrap()
    }

    /// Kills the release at these lines of its journal, the second and later ones when it is taken up
    /// again, and lets it come to its end.
    pub(crate) fn round(&self, kills: &[Kill]) -> Round {
        self.restore();
        let before = self.checkouts();
        let mut round = Round::default();
        let mut pushing = Vec::new();
        for (moment, line) in kills {
            let args = if pushing.is_empty() { APPLY } else { RESUME };
            let mut traced = Traced::start(self, *moment, (pushing.len(), args));
            let written = self.lines();
            if let Some((kind, number)) = traced.kill_at(line) {
                let number = number - usize::from(*moment == Moment::Before);
                if self.lines() != written + number {
                    round
                        .bad
                        .push(format!("{kind}: not killed where it should be"));
                }
                round.kinds.push(kind);
            }
            pushing.push(traced);
        }
        self.resume(&mut round);
        pushing.iter_mut().for_each(Traced::end);
        self.rest();
        let (there, whole) = (self.world(), &self.whole);
        if there != *whole {
            round.bad.push(format!("{there:?}, and not {whole:?}"));
        }
        if self.checkouts() != before {
            round.bad.push("a checkout changed".to_owned());
        }
        self.is_over(&mut round);
        round
    }

    /// Returns how many lines the journal has.
    fn lines(&self) -> usize {
        let text = fs::read_to_string(&self.journal).unwrap_or_default();
        text.lines().count()
    }

    fn resume(&self, round: &mut Round) {
        for _ in REPOS {
            let mut out = self.cascade(RESUME);
            let begin = Instant::now();
            while said(&out).contains("another cascade runs") && begin.elapsed() < HELD {
                out = self.cascade(RESUME);
            }
            if out.status.code() == Some(2) {
                // It was killed before anything of it was written down.
                out = self.cascade(APPLY);
            }
            match out.status.code() {
                Some(0) => return,
                Some(7) if self.dispatch(round) => {}
                _ => return round.bad.push(said(&out)),
            }
        }
        round.bad.push("it does not come to its end".to_owned());
    }

    /// Publishes what is tagged and never came, as a person does who starts a job again; returns
    /// whether there was anything to wait for.
    fn dispatch(&self, round: &mut Round) -> bool {
        if self.is_publishing() {
            return true;
        }
        let published = fs::read_to_string(self.path("published")).unwrap();
        let lost = REPOS.iter().find(|(name, _, version)| {
            let tag = format!("refs/tags/v{version}");
            let out = self.town.git_origin(name, &["for-each-ref", &tag]);
            !out.is_empty() && !published.contains(&format!("{name} {version}\n"))
        });
        if let Some((name, _, version)) = lost {
            self.publish(name, &format!("v{version}"));
            round.dispatched += 1;
        }
        lost.is_some()
    }

    /// Waits a moment for the publishers that the remotes started; returns whether any were at work.
    fn is_publishing(&self) -> bool {
        let begin = Instant::now();
        let busy = || fs::read_dir(self.path("busy")).unwrap().next().is_some();
        let was = busy();
        while busy() && begin.elapsed() < 5 * HELD {
            thread::sleep(Duration::from_millis(10));
        }
        // One that died before it began will never say that it ended.
        let dead = busy();
        self.shell("rm -rf busy/*");
        was && !dead
    }

    /// Requires that the journal says so too, and that nothing is left to do.
    fn is_over(&self, round: &mut Round) {
        for (args, word) in [
            (&["resume"][..], "nothing is left"),
            (&["runs"], "3 of 3"),
            (&["runs"], "finished"),
        ] {
            let out = self.cascade(args);
            if !said(&out).contains(word) {
                round.bad.push(format!("{args:?}: {}", said(&out)));
            }
        }
    }
}

const APPLY: &[&str] = &["apply", "../plan.json", "--yes", "--jobs", "2"];
const RESUME: &[&str] = &["resume", "--jobs", "2"];

/// Returns the manifest of a repository at 1.0.0.
fn project(name: &str, pins: &[&str]) -> String {
    let pins: Vec<_> = pins.iter().map(|it| format!("\"{it}==1.0.0\"")).collect();
    let pins = pins.join(", ");
    format!("[project]\nname = \"{name}\"\nversion = \"1.0.0\"\ndependencies = [{pins}]\n")
}

/// Returns what a program says; `Err` where it does not run.
fn answer(town: &Town, argv: &[&str]) -> Result<String, String> {
    let out = town.command(argv[0]).args(&argv[1..]).output();
    match out {
        Ok(out) if out.status.success() => {
            Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
        }
        _ => Err(format!("`{}` is not there, or may not", argv[0])),
    }
}

fn said(out: &Output) -> String {
    let both = [&out.stdout[..], &out.stderr[..]].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn write(at: &Path, text: &str) {
    #[expect(clippy::disallowed_methods, reason = "scratch files of the test")]
    fs::write(at, text).unwrap();
}

/// A release that strace stops at each line of its journal.
struct Traced<'a> {
    scene: &'a Scene,
    log: PathBuf,
    child: Child,
}

/// A stop: the thread that writes, and the kind of the line.
struct Stop {
    thread: String,
    kind: String,
}

impl<'a> Traced<'a> {
    fn start(scene: &'a Scene, moment: Moment, (number, args): (usize, &[&str])) -> Self {
        let log = scene.path(&format!("trace-{number}"));
        write(&log, "");
        let inject = match moment {
            // Of each thread's writes the first, third, ... come to nothing, and are tried again.
            Moment::Before => "inject=write:error=EINTR:signal=STOP:when=1+2",
            Moment::After => "inject=write:signal=STOP",
        };
        let mut strace = scene.town.command("strace");
        scene.environment(&mut strace);
        strace
            .args(["-f", "-s", "400", "-o"])
            .arg(&log)
            .arg("-P")
            .arg(&scene.journal)
            .args(["-e", "trace=write", "-e", inject])
            .arg(env!("CARGO_BIN_EXE_cascade"))
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = strace.spawn().unwrap();
        Self { scene, log, child }
    }

    /// Lets the release go on up to this line and kills it there; returns the line's kind and number,
    /// `None` where the release ended before it.
    fn kill_at(&mut self, line: &Line) -> Option<(String, usize)> {
        let begin = Instant::now();
        let (mut seen, mut last) = (Vec::new(), Instant::now());
        loop {
            let ended = self.child.try_wait().unwrap().is_some();
            for stop in self.stops().split_off(seen.len()) {
                let hit = is_at(line, &seen, &stop.kind);
                self.signal(if hit { "-KILL" } else { "-CONT" }, &stop.thread);
                if hit {
                    self.gone();
                    return Some((stop.kind, seen.len() + 1));
                }
                seen.push(stop.kind);
                last = Instant::now();
            }
            if ended {
                return None;
            }
            if last.elapsed() > LOST {
                self.stops()
                    .last()
                    .inspect(|it| self.signal("-CONT", &it.thread));
                last = Instant::now();
            }
            assert!(begin.elapsed() < PATIENCE, "it hangs behind {seen:?}");
            thread::sleep(Duration::from_millis(4));
        }
    }

    fn signal(&self, signal: &str, thread: &str) {
        let mut kill = self.scene.town.command("kill");
        kill.args([signal, thread]).output().unwrap();
    }

    /// Waits until the process is gone, and what it held with it.
    fn gone(&self) {
        let begin = Instant::now();
        let text = fs::read_to_string(&self.log).unwrap();
        let first = text.split_whitespace().next().unwrap();
        let process = Path::new("/proc").join(first);
        while process.join("status").exists() {
            assert!(begin.elapsed() < PATIENCE, "it does not die");
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn stops(&self) -> Vec<Stop> {
        stops(&fs::read_to_string(&self.log).unwrap())
    }

    /// Waits for what it started: a push that was under way.
    fn end(&mut self) {
        let begin = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(begin.elapsed() < PATIENCE, "what it started hangs");
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Traced<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_at(line: &Line, seen: &[String], kind: &str) -> bool {
    match line {
        Line::Number(number) => seen.len() + 1 == *number,
        Line::Kind(wanted, number) => {
            let earlier = seen.iter().filter(|it| *it == wanted).count();
            wanted == kind && earlier + 1 == *number
        }
    }
}

/// Returns the stops that a log of strace tells of: each line of it is a thread's.
fn stops(log: &str) -> Vec<Stop> {
    let whole = log.rsplit_once('\n').map_or("", |it| it.0);
    let mut writes = std::collections::BTreeMap::new();
    let mut stops = Vec::new();
    for line in whole.lines() {
        let Some((thread, what)) = line.split_once(' ') else {
            continue;
        };
        let what = what.trim_start();
        if what.starts_with("write(") {
            writes.insert(thread, kind(what));
        } else if what.starts_with("--- SIGSTOP {") {
            let kind = writes.get(thread).cloned().unwrap_or_default();
            let thread = thread.to_owned();
            stops.push(Stop { thread, kind });
        }
    }
    stops
}

/// Returns the kind of a line of the journal: its entry, the event, what is in progress.
fn kind(write: &str) -> String {
    let text = write.replace("\\\"", "\"").replace("\\\\", "\\");
    let after = |key: &str| {
        let text = text.split(&format!("\"{key}\":\"")).nth(1)?;
        text.split('"').next()
    };
    match (after("entry"), after("event"), after("what")) {
        (Some("happened"), Some("progress"), Some(what)) => match what {
            it if it.contains("is visible") => "progress: visible".to_owned(),
            it => format!("progress: {}", it.split(' ').next().unwrap_or_default()),
        },
        (Some("happened"), Some(event), _) => format!("event: {event}"),
        (Some(entry), ..) => entry.to_owned(),
        _ => String::new(),
    }
}
