//! The kit: builds real towns of git repositories for the tests.
//!
//! Invariant: it knows git, and not cascade.
#![expect(
    clippy::expect_used,
    reason = "a kit that can not build its town should stop the test"
)]
#![expect(
    clippy::missing_panics_doc,
    reason = "every function of a kit panics when it fails"
)]

mod corpus;
mod forge;
mod http;

pub use corpus::{replay, replay_texts, targets};
pub use forge::{Fault, ForgeStub, StubIssue};
pub use http::{Asked, Reply, Server};

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A scratch folder with bare remotes in `origins/` and clones of them in `work/`.
///
/// Every commit and tag is made by the user's own git with a fixed name and a clock that ticks a
/// minute a time, under a home of its own: the same calls give the same object ids everywhere.
#[derive(Debug)]
pub struct Town {
    dir: tempfile::TempDir,
    clock: Cell<i64>,
}

impl Default for Town {
    fn default() -> Self {
        Self::new()
    }
}

impl Town {
    /// Returns an empty town.
    pub fn new() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("town-")
            .tempdir()
            .expect("scratch folder");
        for folder in ["origins", "work", "home"] {
            fs::create_dir(dir.path().join(folder)).expect("folder of the town");
        }
        Self {
            dir,
            clock: Cell::new(1_700_000_000),
        }
    }

    /// Returns the town's folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Returns the folder that holds the clones: the workspace's root.
    pub fn work(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    /// Returns the clone of this name.
    pub fn clone_of(&self, repo: &str) -> PathBuf {
        self.work().join(repo)
    }

    /// Returns the bare remote of this name.
    pub fn origin(&self, repo: &str) -> PathBuf {
        self.dir.path().join("origins").join(format!("{repo}.git"))
    }

    /// Founds a repository: a bare remote and a clone on `main` with one pushed commit of these
    /// files, and this tag on it unless it is empty.
    pub fn repo(&self, name: &str, tag: &str, files: &[(&str, &str)]) -> PathBuf {
        let (origin, clone) = (self.origin(name), self.clone_of(name));
        self.run(
            self.path(),
            &["init", "-q", "--bare", "-b", "main", text(&origin)],
        );
        self.run(self.path(), &["clone", "-q", text(&origin), text(&clone)]);
        self.run(&clone, &["symbolic-ref", "HEAD", "refs/heads/main"]);
        self.commit(name, "feat: found it", files);
        if !tag.is_empty() {
            self.git(name, &["tag", "-a", tag, "-m", tag]);
        }
        self.git(
            name,
            &["push", "-q", "--follow-tags", "-u", "origin", "main"],
        );
        self.git(name, &["remote", "set-head", "origin", "main"]);
        clone
    }

    /// Writes these files in the clone and commits everything there; returns the commit's id.
    pub fn commit(&self, repo: &str, message: &str, files: &[(&str, &str)]) -> String {
        for (path, content) in files {
            self.write(repo, path, content);
        }
        self.git(repo, &["add", "-A"]);
        self.git(repo, &["commit", "-q", "--allow-empty", "-m", message]);
        self.git(repo, &["rev-parse", "HEAD"])
    }

    /// Commits one file without running the repository's own filters.
    pub fn commit_quietly(&self, repo: &str, path: &str, content: &str) {
        self.write(repo, path, content);
        let quiet = ["-c", "core.fsmonitor=false", "-c", "filter.x.clean=cat"];
        self.git(repo, &[&quiet[..], &["add", path]].concat());
        self.git(
            repo,
            &[&quiet[..], &["commit", "-q", "-m", "chore: quiet"]].concat(),
        );
    }

    /// Writes a file in the clone, its folders too.
    pub fn write(&self, repo: &str, path: &str, content: &str) {
        let at = self.clone_of(repo).join(path);
        fs::create_dir_all(at.parent().expect("a folder above the file")).expect("folders");
        #[expect(clippy::disallowed_methods, reason = "the kit's own scratch files")]
        fs::write(at, content).expect("file of the town");
    }

    /// Returns the text of a file in the clone.
    pub fn read(&self, repo: &str, path: &str) -> String {
        fs::read_to_string(self.clone_of(repo).join(path)).expect("file of the town")
    }

    /// Runs git in the clone; returns what it printed, trimmed.
    pub fn git(&self, repo: &str, args: &[&str]) -> String {
        self.run(&self.clone_of(repo), args)
    }

    /// Runs git in the bare remote; returns what it printed, trimmed.
    pub fn git_origin(&self, repo: &str, args: &[&str]) -> String {
        self.run(&self.origin(repo), args)
    }

    /// Runs git in a folder of the town; returns what it printed, trimmed.
    pub fn run(&self, folder: &Path, args: &[&str]) -> String {
        let out = self
            .command("git")
            .args(args)
            .current_dir(folder)
            .output()
            .expect("git starts");
        assert!(
            out.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }

    /// Writes `workspace.toml` at the root of the clones.
    pub fn workspace(&self, content: &str) {
        #[expect(clippy::disallowed_methods, reason = "the kit's own scratch files")]
        fs::write(self.work().join("workspace.toml"), content).expect("workspace.toml");
    }

    /// Runs a program with these arguments in the folder of the clones, and returns all it said.
    pub fn call(&self, program: &str, args: &[&str]) -> Output {
        self.command(program)
            .args(args)
            .current_dir(self.work())
            .output()
            .expect("program starts")
    }

    /// Returns a command in the town's environment: a home and a state folder of its own, no
    /// configuration of this machine, a clock that ticks, nothing to ask a person.
    pub fn command(&self, program: &str) -> Command {
        self.clock.set(self.clock.get() + 60);
        let date = format!("{} +0000", self.clock.get());
        let home = self.dir.path().join("home");
        #[expect(
            clippy::disallowed_methods,
            reason = "the kit starts git and the program under test"
        )]
        let mut command = Command::new(program);
        command
            .env_clear()
            .stdin(Stdio::null())
            .current_dir(self.path());
        // Of certificates only which ones this machine trusts: real tools talk to real indexes.
        let trust = ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"];
        let own = ["PATH", "TMPDIR", "CARGO_HOME", "RUSTUP_HOME"];
        for name in own.into_iter().chain(trust) {
            #[expect(
                clippy::disallowed_methods,
                reason = "what a child needs of this machine"
            )]
            if let Ok(value) = std::env::var(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", &home)
            .env("RUSTUP_HOME", rustup_home())
            .env("XDG_STATE_HOME", home.join("state"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .env("NO_COLOR", "1")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "release manager");
            command.env(format!("GIT_{who}_EMAIL"), "release@example.invalid");
        }
        command
    }
}

/// Returns where rustup's toolchains are, so that the town's cargo is this machine's.
fn rustup_home() -> PathBuf {
    let home = || PathBuf::from(of_this_machine("HOME").unwrap_or_default()).join(".rustup");
    of_this_machine("RUSTUP_HOME").map_or_else(home, PathBuf::from)
}

fn of_this_machine(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "what a child needs of this machine"
    )]
    std::env::var(name).ok()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of the town is UTF-8")
}
