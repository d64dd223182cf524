//! Locks, moved by the ecosystems' own tools against registries on this disk.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use cascade_tests::Town;

use crate::CASCADE;
use crate::family::{crate_toml, declaration, refs};

/// A town with a Cargo registry on disk, which the town's own cargo reads for all others.
struct Registry {
    town: Town,
}

impl Registry {
    fn new() -> Self {
        let town = Town::new();
        let folder = town.path().join("registry");
        fs::create_dir_all(folder.join("index")).unwrap();
        fs::create_dir_all(Self::home(&town)).unwrap();
        let config = format!(
            "[source.crates-io]\nreplace-with = \"disk\"\n[source.disk]\nlocal-registry = \"{}\"\n",
            folder.display()
        );
        write(&Self::home(&town).join("config.toml"), &config);
        Self { town }
    }

    fn home(town: &Town) -> PathBuf {
        town.path().join("home/cargo")
    }

    fn command(&self, program: &str, folder: &str) -> Command {
        let mut command = self.town.command(program);
        command
            .env("CARGO_HOME", Self::home(&self.town))
            .current_dir(self.town.clone_of(folder));
        command
    }

    /// Publishes what the clone holds, by real cargo's own packaging.
    fn publish(&self, repo: &str, version: &str) {
        let target = self.town.path().join("packaged");
        let args = [
            "package",
            "--no-verify",
            "--allow-dirty",
            "--quiet",
            "--target-dir",
        ];
        let out = self
            .command("cargo", repo)
            .args(args)
            .arg(&target)
            .output()
            .unwrap();
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        let file = format!("{repo}-{version}.crate");
        let packed = target.join("package").join(&file);
        let sum = self
            .command("sha256sum", repo)
            .arg(&packed)
            .output()
            .unwrap();
        let sum = String::from_utf8(sum.stdout).unwrap();
        let sum = sum.split_whitespace().next().unwrap();
        let registry = self.town.path().join("registry");
        fs::copy(&packed, registry.join(&file)).unwrap();
        let row = format!(
            "{{\"name\":\"{repo}\",\"vers\":\"{version}\",\"deps\":[],\"cksum\":\"{sum}\",\"features\":{{}},\"yanked\":false}}\n"
        );
        let at = registry
            .join("index")
            .join(repo.get(..2).unwrap())
            .join(repo.get(2..4).unwrap())
            .join(repo);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        let before = fs::read_to_string(&at).unwrap_or_default();
        write(&at, &(before + &row));
    }

    /// Publishes `frames` at another version than its clone says.
    fn publish_next(&self, version: &str) {
        let now = self.town.read("frames", "Cargo.toml");
        self.town
            .write("frames", "Cargo.toml", &crate_toml("frames", version, ""));
        self.publish("frames", version);
        self.town.write("frames", "Cargo.toml", &now);
    }

    fn cascade(&self, args: &[&str]) -> (i32, String) {
        let out = self.command(CASCADE, ".").args(args).output().unwrap();
        let said = [out.stdout, out.stderr].concat();
        (out.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    /// Returns what real cargo makes of the lock of a commit beside the manifests of another one.
    fn by_cargo(&self, lock_of: &str, manifests_of: &str) -> String {
        let copy = self.town.path().join("copy");
        let copy = copy.to_str().unwrap();
        self.town.git(
            "server",
            &["worktree", "add", "--force", "-q", copy, manifests_of],
        );
        let lock = self
            .town
            .git("server", &["show", &format!("{lock_of}:Cargo.lock")]);
        let at = self.town.path().join("copy/Cargo.lock");
        write(&at, &(lock.trim_end().to_owned() + "\n"));
        let out = self
            .command("cargo", "server")
            .current_dir(copy)
            .args(["update", "--workspace", "--offline"])
            .output()
            .unwrap();
        assert!(out.status.success(), "{out:?}");
        fs::read_to_string(at).unwrap()
    }

    /// `frames` at 1.2.0, published, and `server`, which pins it exactly and has a lock by cargo.
    fn family() -> Self {
        let it = Self::new();
        it.town.repo(
            "frames",
            "v1.2.0",
            &[
                ("Cargo.toml", &crate_toml("frames", "1.2.0", "")),
                ("src/lib.rs", ""),
            ],
        );
        it.publish("frames", "1.2.0");
        let server = crate_toml("server", "0.3.1", "frames = \"=1.2.0\"");
        it.town
            .repo("server", "", &[("Cargo.toml", &server), ("src/lib.rs", "")]);
        let out = it
            .command("cargo", "server")
            .args(["generate-lockfile", "--offline"])
            .output();
        assert!(out.unwrap().status.success());
        it.town.commit("server", "chore: lock", &[]);
        it.town
            .git("server", &["tag", "-a", "v0.3.1", "-m", "v0.3.1"]);
        it.town.git("server", &["push", "-q", "--follow-tags"]);
        it.town.workspace(&declaration(
            &it.town,
            &[("frames", ""), ("server", "frames")],
        ));
        it
    }
}

fn write(at: &std::path::Path, text: &str) {
    #[expect(clippy::disallowed_methods, reason = "scratch files of the test")]
    fs::write(at, text).unwrap();
}

#[test]
fn bump_moves_the_lock_when_the_version_is_published_and_says_how_when_not() {
    let it = Registry::family();
    let lock = it.town.read("server", "Cargo.lock");
    let (code, said) = it.cascade(&["bump", "minor", "--repo", "frames", "--yes"]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("cargo update") && said.contains("Cargo.lock"),
        "{said}"
    );
    assert_eq!(
        it.town.read("server", "Cargo.lock"),
        lock,
        "a lock half-made"
    );
    assert!(
        it.town
            .read("server", "Cargo.toml")
            .contains("frames = \"=1.3.0\"")
    );
    let (code, said) = it.cascade(&["tag", "--repo", "server"]);
    assert_eq!(code, 4, "a repository with a stale lock was tagged: {said}");
    assert!(said.contains("Cargo.lock"), "{said}");

    it.publish("frames", "1.3.0");
    let (code, said) = it.cascade(&["bump", "--repo", "frames=1.3.0", "--yes"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("`Cargo.lock` natively"), "{said}");
    let after = it.town.read("server", "Cargo.lock");
    assert!(
        after.contains("name = \"frames\"\nversion = \"1.3.0\""),
        "{after}"
    );
    assert_eq!(it.town.git("server", &["status", "--porcelain"]), "");
    let locked = ["metadata", "--locked", "--offline", "--format-version", "1"];
    let check = it.command("cargo", "server").args(locked).output().unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
}

#[test]
fn a_release_waits_for_the_lock_and_the_same_command_continues() {
    let it = Registry::family();
    it.town.commit("frames", "feat: more", &[]);
    it.town.git("frames", &["push", "-q"]);
    let args = ["release", "--repo", "frames=minor", "--yes"];
    let (code, said) = it.cascade(&args);
    assert_eq!(code, 7, "{said}");
    assert!(
        said.contains("server") && said.contains("cargo update"),
        "{said}"
    );
    assert!(refs(&it.town, "frames").contains("refs/tags/v1.3.0"));
    assert!(!refs(&it.town, "server").contains("refs/tags/v0.3.2"));

    it.town.git("frames", &["pull", "-q", "--tags"]);
    it.publish("frames", "1.3.0");
    let (code, said) = it.cascade(&args);
    assert_eq!(code, 0, "{said}");
    assert!(refs(&it.town, "server").contains("refs/tags/v0.3.2"));
    let lock = it.town.git_origin("server", &["show", "main:Cargo.lock"]);
    assert!(
        lock.contains("name = \"frames\"\nversion = \"1.3.0\""),
        "{lock}"
    );
    assert!(
        lock.contains("name = \"server\"\nversion = \"0.3.2\""),
        "{lock}"
    );
}

#[test]
fn both_ways_make_the_same_lock() {
    let it = Registry::family();
    let before = it.town.git("server", &["rev-parse", "HEAD"]);
    it.town.commit("frames", "feat: more", &[]);
    let next = crate_toml("frames", "1.3.0", "");
    it.town
        .commit("frames", "chore: 1.3.0", &[("Cargo.toml", &next)]);
    it.publish("frames", "1.3.0");
    it.town
        .git("frames", &["tag", "-a", "v1.3.0", "-m", "v1.3.0"]);
    let (code, said) = it.cascade(&["plan", "--for", "bump", "--repo", "frames"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("natively, else `cargo update"), "{said}");
    assert!(
        said.contains("twice where a pin on it is a range"),
        "{said}"
    );
    let (code, said) = it.cascade(&["bump", "--repo", "frames", "--yes"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("natively"), "{said}");
    let native = it.town.read("server", "Cargo.lock");
    assert!(native.contains("version = \"1.3.0\""), "{native}");
    assert_eq!(native, it.by_cargo(before.trim(), "HEAD"));
}

#[test]
fn lock_tells_what_is_out_of_step_and_mends_it_where_it_stands() {
    let it = Registry::family();
    let (code, said) = it.cascade(&["lock", "--verify"]);
    assert_eq!(code, 0, "{said}");
    it.publish_next("1.3.0");
    let server = crate_toml("server", "0.3.1", "frames = \"=1.3.0\"");
    it.town.write("server", "Cargo.toml", &server);
    let (code, said) = it.cascade(&["lock", "--verify"]);
    assert_eq!(code, 1, "{said}");
    for word in [
        "out of step",
        "frames",
        "=1.3.0",
        "cascade lock --repo server",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let (code, said) = it.cascade(&["lock", "--mode", "native", "--format", "json"]);
    assert_eq!(code, 0, "{said}");
    for word in ["cascade.lock/1", "\"relocked\"", "natively"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert_eq!(
        it.town.git("server", &["status", "--porcelain"]),
        "M Cargo.lock\n M Cargo.toml"
    );
    assert!(it.town.read("server", "Cargo.toml").contains("=1.3.0"));
    let (code, said) = it.cascade(&["lock", "--verify"]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = it.cascade(&["lock"]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn check_mends_a_lock_by_itself_when_asked_to() {
    let it = Registry::family();
    it.publish_next("1.3.0");
    let server = crate_toml("server", "0.3.1", "frames = \"=1.3.0\"");
    it.town.write("server", "Cargo.toml", &server);
    let check = |more: &[&str]| it.cascade(&[&["check", "--select", "lock-*"], more].concat());
    let (code, said) = check(&[]);
    assert_eq!(code, 1, "{said}");
    let (code, said) = check(&["--fix"]);
    assert_eq!(code, 0, "{said}");
    assert!(it.town.read("server", "Cargo.lock").contains("1.3.0"));
    let (code, said) = check(&["--fix"]);
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains("mended"), "{said}");
}

#[test]
fn drift_finds_a_lock_that_contradicts_and_mends_it_when_asked_to() {
    let it = Registry::family();
    it.publish_next("1.3.0");
    let server = crate_toml("server", "0.3.1", "frames = \"=1.3.0\"");
    it.town.write("server", "Cargo.toml", &server);
    let (_, said) = it.cascade(&["drift"]);
    assert!(said.contains("lock-contradicts"), "{said}");
    let (_, said) = it.cascade(&["drift", "--fix"]);
    assert!(!said.contains("lock-contradicts"), "{said}");
    assert!(it.town.read("server", "Cargo.lock").contains("1.3.0"));
}

#[test]
fn a_lock_follows_what_is_staged_and_what_git_does_not_know_yet() {
    let it = Registry::family();
    it.publish_next("1.3.0");
    let pinned = crate_toml("server", "0.3.1", "frames = \"=1.3.0\"");
    it.town.write("server", "Cargo.toml", &pinned);
    it.town.git("server", &["add", "Cargo.toml"]);
    let (code, said) = it.cascade(&["lock", "--mode", "native"]);
    assert_eq!(code, 0, "{said}");
    let lock = it.town.read("server", "Cargo.lock");
    assert!(
        lock.contains("name = \"frames\"\nversion = \"1.3.0\""),
        "{lock}"
    );
    let both = crate_toml("tools", "0.1.0", "frames = \"=1.2.0\"");
    it.town.write("server", "tools/Cargo.toml", &both);
    it.town.write(
        "server",
        "tools/Cargo.lock",
        &lock.replace("server", "tools"),
    );
    let (code, said) = it.cascade(&["lock", "--verify"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("tools/Cargo.lock"), "{said}");
}

#[test]
fn a_lock_that_nobody_may_touch_is_left_and_told_of() {
    let it = Registry::family();
    let text = declaration(&it.town, &[("frames", ""), ("server", "frames")]);
    it.town
        .workspace(&text.replace("[repo.server]", "[repo.server]\nlock = \"off\""));
    let lock = it.town.read("server", "Cargo.lock");
    it.publish_next("1.3.0");
    let (code, said) = it.cascade(&["bump", "--repo", "frames=1.3.0", "--yes"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("left alone"), "{said}");
    assert_eq!(it.town.read("server", "Cargo.lock"), lock);
    let (_, said) = it.cascade(&["status"]);
    assert!(said.contains("leaves it alone"), "{said}");
}
