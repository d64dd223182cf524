//! `commit-msg` and `pre-commit`: real commits, by real git.

use cascade_tests::Town;

use super::{clone, git_in, program};
use crate::family::{Said, crate_toml};

fn commit(town: &Town, args: &[&str]) -> Said {
    let words = [&["commit", "-q", "--allow-empty"], args].concat();
    git_in(town, &town.clone_of("core"), &words)
}

/// Commits by an editor that puts this before what git wrote.
fn edited(town: &Town, message: &str, args: &[&str]) -> Said {
    let editor = town.path().join("editor");
    let script = format!(
        "#!/bin/sh\n{{ printf '%s\\n' '{message}'; cat \"$1\"; }} >\"$1.new\" && mv \"$1.new\" \"$1\"\n"
    );
    program(&editor, &script);
    let mut command = town.command("git");
    let words = [&["commit", "-q", "--allow-empty"], args].concat();
    command
        .args(words)
        .current_dir(town.clone_of("core"))
        .env("GIT_EDITOR", editor);
    Said::from(&command.output().unwrap())
}

#[test]
fn a_message_keeps_the_form_or_is_refused_with_an_example() {
    let town = clone();
    commit(&town, &["-m", "Add retries."]).exits(1).says(&[
        "no Conventional Commit: it has no type",
        "for example: feat: add retries",
    ]);
    commit(&town, &["-m", "feat(net)!: retries\n\nbody"]).exits(0);
    commit(&town, &["-m", "faet: x"])
        .exits(0)
        .says(&["did you mean `feat`?"]);
    commit(&town, &["-m", "fix: x\ny"])
        .exits(1)
        .says(&["second line"]);
    commit(&town, &["-m", "# fix: x"]).exits(1);
    commit(&town, &["--no-verify", "-m", "whatever"]).exits(0);
    let hostile = "x\u{1b}[2K\u{202e}: y";
    let said = commit(&town, &["-m", hostile]).exits(1);
    assert!(!said.err.contains(['\u{1b}', '\u{202e}']), "{:?}", said.err);
}

#[test]
fn what_git_writes_itself_is_taken() {
    let town = clone();
    town.commit("core", "feat: a", &[("a", "1\n")]);
    commit(&town, &["--fixup", "HEAD"]).exits(0);
    commit(&town, &["--squash", "HEAD~1", "-m", "x"]).exits(0);
    let folder = town.clone_of("core");
    git_in(&town, &folder, &["revert", "--no-edit", "HEAD~2"]).exits(0);
    git_in(&town, &folder, &["revert", "--no-edit", "HEAD"]).exits(0);
    town.git("core", &["checkout", "-q", "-b", "side", "HEAD~3"]);
    town.commit("core", "feat: b", &[("b", "1\n")]);
    git_in(&town, &folder, &["merge", "-q", "--no-edit", "main"]).exits(0);
    let subject = town.git("core", &["log", "-1", "--format=%s"]);
    assert!(subject.starts_with("Merge branch"), "{subject}");
}

#[test]
fn comments_and_what_stands_below_the_scissors_are_no_message() {
    let town = clone();
    town.write("core", "x", "1\n");
    town.git("core", &["add", "x"]);
    edited(&town, "fix: shown", &["-v"]).exits(0);
    for (setting, message) in [
        ("core.commentChar=;", "; note\nfix: semicolon\n\n#12"),
        ("core.commentChar=auto", "fix: auto\n\n#12 is gone"),
        ("commit.cleanup=scissors", "fix: scissors"),
    ] {
        let (key, value) = setting.split_once('=').unwrap();
        town.git("core", &["config", key, value]);
        edited(&town, message, &[]).exits(0);
        edited(&town, &message.replace("fix: ", "fix "), &[]).exits(1);
        edited(&town, message, &["-v"]).exits(0);
        town.git("core", &["config", "--unset", key]);
    }
    // A setting of one command counts as well.
    let mut command = town.command("git");
    let words = [
        "-c",
        "core.commentChar=%",
        "commit",
        "-q",
        "--allow-empty",
        "--cleanup=strip",
    ];
    let editor = town.path().join("editor");
    program(
        &editor,
        "#!/bin/sh\nprintf '%s\\n' '% note' 'fix: percent' >\"$1\"\n",
    );
    command
        .args(words)
        .current_dir(town.clone_of("core"))
        .env("GIT_EDITOR", editor);
    Said::from(&command.output().unwrap()).exits(0);
    assert_eq!(
        town.git("core", &["log", "-1", "--format=%B"]),
        "fix: percent"
    );
}

#[test]
fn what_is_staged_is_judged_and_nothing_else() {
    let town = clone();
    let (good, bad) = (crate_toml("core", "1.3.0", ""), "[package\nname = ");
    town.write("core", "Cargo.toml", bad);
    town.git("core", &["add", "-A"]);
    town.write("core", "Cargo.toml", &good);
    commit(&town, &["-m", "fix: a"])
        .exits(1)
        .says(&["Cargo.toml", "manifest-unreadable"]);
    town.git("core", &["add", "-A"]);
    town.write("core", "Cargo.toml", bad);
    commit(&town, &["-m", "fix: a"]).exits(0);
    town.write("core", "README.md", "x\n");
    town.git("core", &["add", "README.md"]);
    commit(&town, &["-m", "docs: a"]).exits(0);
    // A commit of one file alone has an index of its own.
    town.write("core", "other.txt", "x\n");
    town.git("core", &["add", "other.txt"]);
    commit(&town, &["-m", "fix: b", "--", "Cargo.toml"])
        .exits(1)
        .says(&["manifest-unreadable"]);
    commit(&town, &["-m", "docs: b", "--", "other.txt"]).exits(0);
    commit(&town, &["-a", "-m", "fix: b"]).exits(1);
    let count = town.git("core", &["rev-list", "--count", "HEAD"]);
    assert_eq!(count, "4");
}

#[test]
fn what_a_policy_protects_is_changed_with_a_reason_and_by_people() {
    let town = clone();
    let policy = "[policy]\nprotected = [\"deploy/**\"]\n";
    town.commit("core", "chore: declare", &[(".cascade.toml", policy)]);
    town.write("core", "deploy/prod.yaml", "x: 1\n");
    town.git("core", &["add", "-A"]);
    commit(&town, &["-m", "feat: x"]).exits(1).says(&[
        "deploy/prod.yaml",
        "Allow-Protected",
        ".cascade.toml:2",
    ]);
    let reason = ["-m", "feat: x", "-m", "Allow-Protected: it moved"];
    let mut agent = town.command("git");
    agent.args(["commit", "-q"]).args(reason);
    agent.env("CASCADE_AGENT", "1");
    let agent = agent.current_dir(town.clone_of("core")).output().unwrap();
    Said::from(&agent).exits(1).says(&["an agent"]);
    commit(&town, &reason).exits(0);
    commit(&town, &["-m", "feat: nothing of it"]).exits(0);
}
