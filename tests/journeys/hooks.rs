//! Hooks where they live: real git, real pushes to real bare remotes.

mod branches;
mod commits;
pub(crate) mod neighbours;
mod pushes;
mod servers;
mod standing;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cascade_tests::Town;

use crate::CASCADE;
use crate::family::{Said, cascade_in, crate_toml, refs};

/// `core` at 1.2.0 with its hooks, and nothing beside it: a clone as most people have one.
pub(crate) fn clone() -> Town {
    let town = Town::new();
    let manifest = crate_toml("core", "1.2.0", "");
    town.repo("core", "v1.2.0", &[("Cargo.toml", &manifest)]);
    cascade_in(&town, &town.clone_of("core"), &["hook", "install"]).exits(0);
    town
}

/// Commits a version of `core`.
pub(crate) fn version(town: &Town, version: &str) {
    let manifest = crate_toml("core", version, "");
    town.commit(
        "core",
        &format!("chore: {version}"),
        &[("Cargo.toml", &manifest)],
    );
}

/// Makes an annotated tag in the clone.
pub(crate) fn tag(town: &Town, name: &str) {
    town.git("core", &["tag", "-a", "-m", name, name]);
}

/// Runs git in a folder, and returns what it came to.
pub(crate) fn git_in(town: &Town, folder: &Path, args: &[&str]) -> Said {
    let mut command = town.command("git");
    Said::from(&command.args(args).current_dir(folder).output().unwrap())
}

/// Pushes from the clone.
pub(crate) fn push(town: &Town, args: &[&str]) -> Said {
    let words = [&["push", "-q"], args].concat();
    git_in(town, &town.clone_of("core"), &words)
}

/// Pushes, and requires that it is refused for this, and that the remote is what it was.
#[track_caller]
pub(crate) fn refused(town: &Town, args: &[&str], words: &[&str]) {
    let before = refs(town, "core");
    let said = push(town, args).exits(1).says(words);
    said.says(&["not pushed"]);
    assert_eq!(refs(town, "core"), before, "{args:?}");
}

/// Runs a hook by itself, with this to read.
pub(crate) fn hook(town: &Town, folder: &Path, args: &[&str], input: &[u8]) -> Said {
    let mut command = town.command(CASCADE);
    command.args(["hook", "run"]).args(args).current_dir(folder);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    // A hook that read enough may be gone already.
    let _ = pipe.write_all(input);
    drop(pipe);
    Said::from(&child.wait_with_output().unwrap())
}

/// Writes a program.
pub(crate) fn program(at: &Path, text: &str) {
    std::fs::create_dir_all(at.parent().unwrap()).unwrap();
    crate::bump::hooks::write(at, text);
}

/// Returns the hooks' folder of the clone.
pub(crate) fn hooks_of(town: &Town) -> PathBuf {
    town.clone_of("core").join(".git/hooks")
}
