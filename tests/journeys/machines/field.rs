//! A field of machines: state folders and clones of their own, one workspace remote for all.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cascade_tests::Town;

/// How long a race may take before something hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(170);

/// `core` and `side` that stand alone, a workspace that a repository with a remote tracks, and a
/// machine for each number, whose runs rest before they commit until they are let go.
pub(crate) struct Field {
    pub(crate) town: Town,
    program: String,
}

/// How a racer ended.
pub(crate) struct Ended {
    pub(crate) machine: usize,
    pub(crate) process: u32,
    pub(crate) code: i32,
    pub(crate) said: String,
    pub(crate) took: Duration,
}

impl Field {
    /// Returns a field whose `[workspace]` says this too.
    pub(crate) fn new(program: &str, said: &str) -> Self {
        let town = Town::new();
        let manifest = |name: &str| {
            format!("[package]\nname = \"{name}\"\nversion = \"1.2.0\"\nedition = \"2024\"\n")
        };
        for name in ["core", "side"] {
            town.repo(name, "v1.2.0", &[("Cargo.toml", &manifest(name))]);
        }
        let rests = town.path().join("rests");
        let script = "#!/bin/sh\nwhile [ ! -e \"$XDG_STATE_HOME/go\" ]; do sleep 0.05; done\n";
        write_program(&rests, script);
        let repo = |name: &str| {
            format!(
                "[repo.{name}]\nremote = \"{}\"\nchecks = [[\"sh\", \"{}\"]]\n",
                town.origin(name).display(),
                rests.display()
            )
        };
        let text = format!(
            "[workspace]\nname = \"field\"\n{said}\n{}\n{}",
            repo("core"),
            repo("side")
        );
        town.repo("meta", "", &[("workspace.toml", &text)]);
        let program = program.to_owned();
        let field = Self { town, program };
        field.grow();
        field
    }

    /// Gives both repositories something to release.
    pub(crate) fn grow(&self) {
        for repo in ["core", "side"] {
            self.town.git(repo, &["pull", "-q", "--ff-only"]);
            self.town.commit(repo, "fix: more of it", &[]);
            self.town.git(repo, &["push", "-q"]);
        }
    }

    /// Returns the state folder of a machine.
    pub(crate) fn state(&self, machine: usize) -> PathBuf {
        self.town.path().join(format!("machine-{machine}/state"))
    }

    /// Returns the folder of a machine's workspace.
    pub(crate) fn workspace(&self, machine: usize) -> PathBuf {
        let at = self.town.path().join(format!("machine-{machine}/meta"));
        if !at.exists() {
            fs::create_dir_all(self.state(machine)).unwrap();
            let (from, to) = (self.town.origin("meta"), at.display().to_string());
            let words = ["clone", "-q", from.to_str().unwrap(), &to];
            self.town.run(self.town.path(), &words);
        }
        at
    }

    /// Lets the runs of a machine go on.
    pub(crate) fn let_go(&self, machine: usize) {
        self.workspace(machine);
        fs::File::create(self.state(machine).join("go")).unwrap();
    }

    /// Makes the runs of a machine rest.
    pub(crate) fn hold_back(&self, machine: usize) {
        let _ = fs::remove_file(self.state(machine).join("go"));
    }

    /// Returns cascade on a machine, which starts when it reads a line.
    pub(crate) fn command(&self, machine: usize, args: &[&str]) -> Command {
        let mut command = self.town.command("sh");
        command
            .args(["-c", "read -r go && exec \"$@\"", "sh", &self.program])
            .args(args)
            .current_dir(self.workspace(machine))
            .env("XDG_STATE_HOME", self.state(machine))
            .env("USER", OsStr::new("releaser"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Starts cascade on many machines at once, waits until all but one ended, lets that one go, and
    /// returns how each ended, in this order.
    pub(crate) fn race(&self, machines: usize, args: &[&str]) -> Vec<Ended> {
        self.grow();
        (0..machines).for_each(|it| self.hold_back(it));
        let start = |it| (it, self.command(it, args).spawn().unwrap());
        let mut running: Vec<(usize, Child)> = (0..machines).map(start).collect();
        let begin = Instant::now();
        for (_, child) in &mut running {
            go(child);
        }
        let mut ended = Vec::new();
        while let Some(at) = self.next_to_end(&mut running, begin) {
            let (machine, child) = running.swap_remove(at);
            let (process, took) = (child.id(), begin.elapsed());
            let output = child.wait_with_output().unwrap();
            ended.push(Ended {
                machine,
                process,
                code: output.status.code().unwrap_or(-1),
                said: said(&output),
                took,
            });
        }
        ended
    }

    /// Returns the racer that ended next; the last one is let go.
    fn next_to_end(&self, running: &mut [(usize, Child)], begin: Instant) -> Option<usize> {
        if let [(last, _)] = running {
            self.let_go(*last);
        }
        loop {
            let ended = |it: &mut (usize, Child)| it.1.try_wait().unwrap().is_some();
            if let Some(at) = running.iter_mut().position(ended) {
                return Some(at);
            }
            if running.is_empty() {
                return None;
            }
            if begin.elapsed() > PATIENCE {
                for (_, child) in running.iter_mut() {
                    child.kill().unwrap();
                }
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Returns the lock as its remote has it: the object, and what it says.
    pub(crate) fn lock(&self) -> (String, String) {
        let of = |format: &str| {
            let all = ["for-each-ref", format, "refs/cascade/lock"];
            self.town.git_origin("meta", &all)
        };
        (of("--format=%(objectname)"), of("--format=%(contents)"))
    }

    /// Returns the tags of a repository.
    pub(crate) fn tags(&self, repo: &str) -> Vec<String> {
        let tags = self.town.git_origin(repo, &["tag", "--list"]);
        tags.lines().map(str::to_owned).collect()
    }
}

/// Returns everything that was said, in one line.
pub(crate) fn said(output: &Output) -> String {
    let text = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    let text = text.concat().replace('\u{2502}', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lets a machine begin.
pub(crate) fn go(child: &mut Child) {
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(b"go\n").unwrap();
}

fn write_program(at: &std::path::Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    #[expect(clippy::disallowed_methods, reason = "a check of the test")]
    fs::write(at, text).unwrap();
    fs::set_permissions(at, fs::Permissions::from_mode(0o755)).unwrap();
}
