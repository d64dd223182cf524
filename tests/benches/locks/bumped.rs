//! One pin moves: the whole process of cascade beside the ecosystem's own tool, offline.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use cascade_run::RegistryServer;
use cascade_tests::Town;

use crate::family::{self, ALL, MOVED, NEW, OLD, Trade, put};
use crate::median;

/// How many packages the locks hold, and how often each way is gone.
const SIZES: [(usize, usize); 2] = [(100, 7), (3000, 3)];

/// Where a lock moves both ways.
struct Place {
    trade: &'static Trade,
    town: Town,
    /// Serves as long as it lives.
    _registry: RegistryServer,
    python: String,
    old: String,
    new: String,
}

/// What one way took.
#[derive(Default)]
struct Took {
    wall: Vec<Duration>,
    /// Seconds of processors, in all.
    cpu: f64,
}

/// Both ways, for every lock and size.
pub(crate) fn bumped() {
    println!(
        "\n| one pin moves in | cascade ms | CPU ms | the tool, offline, ms | CPU ms | ratio | of CPU |\n|---|---:|---:|---:|---:|---:|---:|"
    );
    for trade in ALL {
        let tool = trade.first.first().copied().unwrap_or_default();
        if !is_installed(tool) {
            println!("| `{}` | | | `{tool}` is not installed | | | |", trade.lock);
            continue;
        }
        for (count, rounds) in SIZES {
            told(&Place::of(trade, count), count, rounds);
        }
    }
}

fn told(place: &Place, count: usize, rounds: usize) {
    let (mut own, mut tool) = (Took::default(), Took::default());
    // The first round only warms the caches.
    for round in 0..=rounds {
        let (ours, theirs) = (place.natively(), place.by_tool());
        if round > 0 {
            own.add(ours);
            tool.add(theirs);
        }
    }
    let (own, own_cpu) = own.middle();
    let (tool, tool_cpu) = tool.middle();
    println!(
        "| `{}` of {count} packages | {own:.1} | {own_cpu:.0} | {tool:.1} | {tool_cpu:.0} | {:.1} | {:.1} |",
        place.trade.lock,
        tool / own,
        tool_cpu / own_cpu,
    );
}

impl Took {
    fn add(&mut self, (wall, cpu): (Duration, f64)) {
        self.wall.push(wall);
        self.cpu += cpu;
    }

    /// Returns the median on the clock and the mean of the processors, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "a handful of rounds")]
    fn middle(self) -> (f64, f64) {
        let rounds = self.wall.len() as f64;
        let wall = median(self.wall).as_secs_f64();
        (wall * 1000.0, self.cpu * 1000.0 / rounds)
    }
}

impl Place {
    /// Publishes the packages, and lets the tool lock them before and after the bump.
    fn of(trade: &'static Trade, count: usize) -> Self {
        let town = Town::new();
        let root = town.path().join("registry");
        family::publish(trade, &root, count);
        let registry = RegistryServer::start(&root, 0).expect("a registry");
        let base = registry.url();
        let mut it = Self {
            trade,
            town,
            _registry: registry,
            python: python(),
            old: String::new(),
            new: String::new(),
        };
        let project = |version| (trade.files)(count, version, &base);
        it.lay_out(&project(OLD));
        it.call(trade.first);
        it.old = it.lock();
        family::publish_new(trade, &root, count);
        it.lay_out(&project(NEW));
        it.call(trade.bump);
        it.new = it.lock();
        assert_ne!(it.old, it.new, "the tool moves it");
        it.found(&project(OLD), &project(NEW));
        it
    }

    /// Makes the workspace: the package that moves, and the project at its old lock.
    fn found(&self, old: &[(&'static str, String)], new: &[(&'static str, String)]) {
        let (path, text) = self.trade.own;
        self.town.repo("lib", "v1.1.0", &[(path, text)]);
        let files = old.iter().map(|(path, text)| (*path, text.as_str()));
        let files: Vec<_> = files
            .chain([(self.trade.lock, self.old.as_str())])
            .collect();
        self.town.repo("app", "", &files);
        for (path, text) in new {
            self.town.write("app", path, text);
        }
        let origin = |name| self.town.origin(name).display().to_string();
        self.town.workspace(&format!(
            "[workspace]\nname = \"town\"\n\n[repo.lib]\nremote = \"{}\"\n\n[repo.app]\nremote = \"{}\"\nneeds = [\"lib\"]\n",
            origin("lib"),
            origin("app"),
        ));
    }

    fn lay_out(&self, files: &[(&'static str, String)]) {
        for (path, text) in files {
            put(&self.beside(), path, text.as_bytes());
        }
    }

    /// Returns the folder in which the tool works.
    fn beside(&self) -> PathBuf {
        self.town.path().join("beside")
    }

    fn lock(&self) -> String {
        read(&self.beside().join(self.trade.lock))
    }

    /// Moves the pin by cascade; returns what that took.
    fn natively(&self) -> (Duration, f64) {
        self.town.write("app", self.trade.lock, &self.old);
        let mut command = self.command(env!("CARGO_BIN_EXE_cascade"));
        command.args(["lock", "--repo", "app", "--mode", "native"]);
        command.current_dir(self.town.work());
        let took = run(&mut command);
        assert_eq!(self.town.read("app", self.trade.lock), self.new, "{MOVED}");
        took
    }

    /// Moves it by the tool.
    fn by_tool(&self) -> (Duration, f64) {
        put(&self.beside(), self.trade.lock, self.old.as_bytes());
        let took = self.call(&[self.trade.bump, &[self.trade.offline]].concat());
        assert_eq!(self.lock(), self.new, "{MOVED}");
        took
    }

    fn call(&self, argv: &[&str]) -> (Duration, f64) {
        let (program, words) = argv.split_first().expect("a program");
        // Not the proxy that chooses a toolchain first.
        let cargo = variable("CARGO").filter(|_| *program == "cargo");
        let mut command = self.command(cargo.as_deref().unwrap_or(program));
        run(command.args(words).current_dir(self.beside()))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.town.command(program);
        command
            .env("CARGO_HOME", self.town.path().join("home/cargo"))
            .env("UV_PYTHON", &self.python)
            .env("NPM_CONFIG_CACHE", self.town.path().join("home/npm"));
        command
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a lock")
}

fn run(command: &mut Command) -> (Duration, f64) {
    let (start, before) = (Instant::now(), children_cpu());
    let out = command.output().expect("it starts");
    let took = start.elapsed();
    let said = [out.stdout, out.stderr].concat();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&said));
    (took, children_cpu() - before)
}

/// Returns the seconds of processors that the finished children took: fields 16 and 17 of
/// `/proc/self/stat`, in hundredths.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |it| it.1);
    let ticks = after.split_whitespace().skip(13).take(2);
    let ticks = ticks.filter_map(|it| it.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Returns the interpreter itself, so that uv has not to look for one.
fn python() -> String {
    let said = said("python3", &["-c", "import sys; print(sys.executable)"]);
    said.unwrap_or_default().trim().to_owned()
}

fn is_installed(tool: &str) -> bool {
    said(tool, &["--version"]).is_some()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark starts programs")]
fn said(program: &str, words: &[&str]) -> Option<String> {
    let out = Command::new(program).args(words).output().ok()?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    out.status.success().then_some(text)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark is told by its environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
