//! Beside husky, lefthook and the pre-commit framework: the real ones, from their registries.
//!
//! They are installed where `CASCADE_HOOK_TOOLS` is set, as CI sets it; else each is passed over, by
//! name.

use std::fs;
use std::path::Path;
use std::process::Command;

use cascade_tests::Town;

use super::{clone, git_in, push, tag, version};
use crate::CASCADE;
use crate::family::{Said, cascade_in, crate_toml};

/// Returns whether tools are to be installed from the registries; says it where they are not.
pub(crate) fn asked_for(tool: &str) -> bool {
    let asked = std::env::var_os("CASCADE_HOOK_TOOLS").is_some();
    if !asked {
        skipped(tool, "it is installed where CASCADE_HOOK_TOOLS is set");
    }
    asked
}

/// Says what was not tried.
#[expect(clippy::print_stderr, reason = "what was not tried is said")]
fn skipped(tool: &str, why: &str) {
    eprintln!("skipped: `{tool}`: {why}");
}

/// `core` without hooks, and `cascade` in a folder of `PATH`.
fn bare_clone() -> Town {
    let town = Town::new();
    let manifest = crate_toml("core", "1.2.0", "");
    let ignored = ("node_modules/\n", ".gitignore");
    town.repo(
        "core",
        "v1.2.0",
        &[("Cargo.toml", &manifest), (ignored.1, ignored.0)],
    );
    let bin = town.path().join("bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(CASCADE, bin.join("cascade")).unwrap();
    town
}

/// Runs something in the clone, `cascade` and the tools' folders in `PATH`.
fn run(town: &Town, words: &[&str]) -> Said {
    let path = String::from_utf8(town.call("printenv", &["PATH"]).stdout).unwrap();
    let folders = ["bin", "tools/bin", "tools/node_modules/.bin"];
    let own: Vec<String> = folders
        .iter()
        .map(|it| town.path().join(it).display().to_string())
        .collect();
    let mut command = town.command("/usr/bin/env");
    command
        .arg(format!("PATH={}:{}", own.join(":"), path.trim()))
        .args(words);
    command.env("PRE_COMMIT_HOME", town.path().join("pre-commit"));
    Said::from(&command.current_dir(town.clone_of("core")).output().unwrap())
}

/// Installs a package of npm into the tools' folder; returns whether it is to be had.
fn npm(town: &Town, package: &str) -> bool {
    let tools = town.path().join("tools");
    fs::create_dir_all(&tools).unwrap();
    let at = tools.display().to_string();
    // Without scripts: lefthook's own one would put hooks into the repository that the test runs in.
    let words = [
        "install",
        "--ignore-scripts",
        "--no-fund",
        "--no-audit",
        "--no-save",
        "--prefix",
    ];
    let args = [&words[..], &[&at, package]].concat();
    installs(&tools, ("npm", &args), package)
}

/// Runs an installer as this machine has it set up, with its registries; returns whether it did.
pub(crate) fn installs(folder: &Path, (program, args): (&str, &[&str]), tool: &str) -> bool {
    #[expect(clippy::disallowed_methods, reason = "a tool of this machine")]
    let mut command = Command::new(program);
    // Some packages set themselves up in the repository that they are installed from.
    command.current_dir(folder).env_remove("LD_LIBRARY_PATH");
    let done = command.args(args).output();
    let installed = done.as_ref().is_ok_and(|it| it.status.success());
    if !installed {
        skipped(tool, "it is not to be had");
    }
    installed
}

fn pushed(town: &Town, args: &[&str]) -> Said {
    run(town, &[&["git", "push", "-q"], args].concat())
}

/// What holds beside every tool: bad versions are refused, good ones go, messages are judged.
fn holds(town: &Town) {
    run(
        town,
        &["git", "commit", "-q", "--allow-empty", "-m", "whatever"],
    )
    .exits(1)
    .says(&["no type"]);
    run(
        town,
        &["git", "commit", "-q", "--allow-empty", "-m", "feat: x"],
    )
    .exits(0);
    version(town, "1.3.0");
    pushed(town, &["origin", "main"]).exits(0);
    town.git("core", &["tag", "v1.3.0"]);
    pushed(town, &["origin", "v1.3.0"])
        .exits(1)
        .says(&["v1.3.0", "not pushed"]);
    town.git("core", &["tag", "-f", "-a", "-m", "x", "v1.3.0"]);
    pushed(town, &["origin", "v1.3.0"]).exits(0);
    run(town, &["cascade", "hook", "status"]).exits(0);
}

#[test]
fn beside_husky() {
    if !asked_for("husky") {
        return;
    }
    let town = bare_clone();
    if !npm(&town, "husky@9") {
        return;
    }
    run(&town, &["husky"]).exits(0);
    let seen = town.path().join("seen");
    let theirs = format!("cat >>'{}'", seen.display());
    town.write("core", ".husky/pre-push", &theirs);
    let shown = run(&town, &["cascade", "hook", "install"]).exits(1);
    shown.says(&[
        "add this to",
        ".husky/pre-push",
        "cascade hook run pre-push",
    ]);
    assert_eq!(town.read("core", ".husky/pre-push"), theirs);
    run(&town, &["cascade", "hook", "install", "--write"]).exits(0);
    run(&town, &["cascade", "hook", "install", "--write"])
        .exits(0)
        .says(&["stands already"]);
    holds(&town);
    let read = fs::read_to_string(&seen).unwrap();
    assert!(
        read.contains("refs/tags/v1.3.0"),
        "what comes after reads it again: {read}"
    );
    run(&town, &["cascade", "hook", "uninstall"]).exits(0);
    assert_eq!(town.read("core", ".husky/pre-push"), theirs);
    assert!(!town.clone_of("core").join(".husky/commit-msg").exists());
}

#[test]
fn beside_lefthook() {
    if !asked_for("lefthook") {
        return;
    }
    let town = bare_clone();
    if !npm(&town, "lefthook@1") {
        return;
    }
    let seen = town.path().join("seen");
    let theirs = format!(
        "# ours\npre-push:\n  commands:\n    lfs:\n      run: cat >>'{}'\n      use_stdin: true\n",
        seen.display()
    );
    town.write("core", "lefthook.yml", &theirs);
    let shown = run(&town, &["cascade", "hook", "install"]).exits(1);
    shown.says(&["lefthook.yml", "use_stdin: true"]);
    run(&town, &["cascade", "hook", "install", "--write"])
        .exits(0)
        .says(&["lefthook install"]);
    run(&town, &["cascade", "hook", "status"])
        .exits(1)
        .says(&["DEAD", "lefthook install"]);
    run(&town, &["lefthook", "install"]).exits(0);
    holds(&town);
    run(&town, &["cascade", "hook", "uninstall"]).exits(0);
    assert_eq!(town.read("core", "lefthook.yml"), theirs);
    assert!(!town.clone_of("core").join(".lefthook").exists());
}

#[test]
fn beside_the_pre_commit_framework() {
    if !asked_for("pre-commit") {
        return;
    }
    let town = bare_clone();
    let tools = town.path().join("tools").display().to_string();
    let pip = format!("{tools}/bin/pip");
    let scratch = town.path();
    let made = installs(scratch, ("python3", &["-m", "venv", &tools]), "venv");
    if !made
        || !installs(
            scratch,
            (&pip, &["install", "-q", "pre-commit"]),
            "pre-commit",
        )
    {
        return;
    }
    let theirs = "repos:\n- repo: local\n  hooks:\n  - id: ours\n    name: ours\n    entry: 'true'\n    language: system\n";
    town.commit(
        "core",
        "chore: hooks",
        &[(".pre-commit-config.yaml", theirs)],
    );
    run(&town, &["cascade", "hook", "install", "--write"])
        .exits(0)
        .says(&[
            "pre-commit install --hook-type commit-msg",
            "pre-push: installed",
        ]);
    let types = ["pre-commit", "commit-msg", "pre-push"];
    for name in types {
        run(&town, &["pre-commit", "install", "--hook-type", name]).exits(0);
    }
    run(&town, &["git", "add", "-A"]).exits(0);
    run(&town, &["git", "commit", "-q", "-m", "chore: ask cascade"]).exits(0);
    holds(&town);
    let bad = "[package\nname = ";
    town.write("core", "Cargo.toml", bad);
    run(&town, &["git", "commit", "-q", "-a", "-m", "fix: x"])
        .exits(1)
        .says(&["manifest-unreadable"]);
    run(&town, &["cascade", "hook", "uninstall"]).exits(0);
    assert_eq!(town.read("core", ".pre-commit-config.yaml"), theirs);
}

#[test]
fn a_folder_of_hooks_that_others_share_is_left_alone() {
    let town = clone();
    let shared = town.path().join("shared");
    fs::create_dir(&shared).unwrap();
    let folder = town.clone_of("core");
    town.git(
        "core",
        &["config", "core.hooksPath", shared.to_str().unwrap()],
    );
    let said = cascade_in(&town, &folder, &["hook", "install"]).exits(3);
    said.says(&[
        "not this repository's own",
        "cascade hook run pre-push -- \"$@\"",
    ]);
    assert_eq!(fs::read_dir(&shared).unwrap().count(), 0);
}

#[test]
fn hooks_that_are_committed_name_no_place_of_this_machine() {
    let town = clone();
    let folder = town.clone_of("core");
    town.git("core", &["config", "core.hooksPath", ".githooks"]);
    cascade_in(&town, &folder, &["hook", "install"]).exits(0);
    let text = town.read("core", ".githooks/pre-push");
    let here = Path::new(CASCADE).parent().unwrap().display().to_string();
    assert!(!text.contains(&here), "{text}");
    town.git("core", &["tag", "v7.0.0"]);
    push(&town, &["origin", "v7.0.0"])
        .exits(1)
        .says(&["not found in PATH"]);
    tag(&town, "nightly");
    git_in(&town, &folder, &["push", "-q", "origin", "nightly"]).exits(0);
}
