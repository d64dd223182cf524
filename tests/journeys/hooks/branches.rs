//! What went past `commit-msg` and `pre-commit`: caught where it comes to a branch that is released, by
//! `pre-push` and once more by the server's `pre-receive`.

use cascade_tests::Town;

use super::{clone, git_in, push, refused, version};
use crate::family::{Said, cascade_in, crate_toml, refs};

const POLICY: &str = "[policy]\nprotected = [\"deploy/**\"]\nagents = [\"bot@shop.example\"]\n";

/// Commits past every hook.
fn past(town: &Town, message: &str, files: &[(&str, &str)]) {
    for (path, text) in files {
        town.write("core", path, text);
    }
    town.git("core", &["add", "-A"]);
    let words = [
        "commit",
        "-q",
        "--allow-empty",
        "--no-verify",
        "-m",
        message,
    ];
    town.git("core", &words);
}

/// Takes what is not pushed back.
fn back(town: &Town) {
    town.git("core", &["reset", "-q", "--hard", "origin/main"]);
}

/// `core` with hooks on both sides; what the clone goes past meets the server.
fn both_sides() -> Town {
    let town = clone();
    cascade_in(&town, &town.origin("core"), &["hook", "install"]).exits(0);
    town
}

/// Refused by the clone's hook, and by the server's where that is gone past.
#[track_caller]
fn refused_twice(town: &Town, args: &[&str], words: &[&str]) {
    refused(town, args, words);
    let before = refs(town, "core");
    let unverified = [&["--no-verify"], args].concat();
    push(town, &unverified)
        .exits(1)
        .says(words)
        .says(&["pre-receive hook declined"]);
    assert_eq!(refs(town, "core"), before);
}

#[test]
fn a_message_that_went_past_the_hook_is_no_further_than_the_branch() {
    let town = both_sides();
    town.commit("core", "feat: a", &[]);
    past(&town, "Add retries.", &[]);
    past(&town, "fix: b", &[]);
    let short = town.git("core", &["rev-parse", "--short=7", "HEAD~1"]);
    let words = [
        "main: ",
        short.as_str(),
        "\"Add retries.\" is no Conventional Commit: it has no type",
        "for example: feat: add retries",
        "commit-unconventional",
        "1 ref is not pushed",
    ];
    refused_twice(&town, &["origin", "main"], &words);
    // A branch that is not released takes anything, and so does no way round by it.
    push(&town, &["origin", "main:topic"]).exits(0);
    refused_twice(&town, &["origin", "main"], &words[..2]);
    back(&town);
    past(&town, "feat: say it well", &[]);
    push(&town, &["origin", "main"]).exits(0);
    // What is out already is not judged again.
    past(&town, "whatever", &[]);
    let origin = town.origin("core");
    std::fs::remove_file(origin.join("hooks/pre-receive")).unwrap();
    push(&town, &["--no-verify", "origin", "main"]).exits(0);
    cascade_in(&town, &origin, &["hook", "install"]).exits(0);
    town.commit("core", "feat: on", &[]);
    push(&town, &["origin", "main"]).exits(0);
}

#[test]
fn a_new_branch_that_is_released_brings_only_what_no_branch_has() {
    let town = both_sides();
    let declared = "branch = [\"main\", \"hotfix/*\"]\n";
    past(&town, "old times", &[(".cascade.toml", declared)]);
    let origin = town.origin("core");
    std::fs::remove_file(origin.join("hooks/pre-receive")).unwrap();
    push(&town, &["--no-verify", "origin", "main"]).exits(0);
    cascade_in(&town, &origin, &["hook", "install"]).exits(0);
    town.git("core", &["checkout", "-q", "-b", "hotfix/1.2"]);
    push(&town, &["origin", "hotfix/1.2"]).exits(0);
    past(&town, "Mend it", &[]);
    let words = ["hotfix/1.3: ", "\"Mend it\""];
    refused_twice(&town, &["origin", "HEAD:refs/heads/hotfix/1.3"], &words);
    // What a maintenance branch has was judged there, and comes to the main one as it is.
    town.git("core", &["reset", "-q", "--hard", "origin/hotfix/1.2"]);
    town.commit("core", "fix: mended", &[("a", "1\n")]);
    push(&town, &["origin", "hotfix/1.2"]).exits(0);
    town.git("core", &["checkout", "-q", "main"]);
    let merge = ["merge", "-q", "--no-ff", "--no-verify", "-m"];
    town.git(
        "core",
        &[&merge[..], &["Bring it over", "hotfix/1.2"]].concat(),
    );
    push(&town, &["origin", "main"]).exits(0);
}

#[test]
fn a_protected_file_is_changed_with_a_reason_and_by_people_alone() {
    let town = both_sides();
    past(&town, "chore: declare", &[(".cascade.toml", POLICY)]);
    push(&town, &["origin", "main"]).exits(0);
    past(&town, "feat: x", &[("deploy/prod.yaml", "x: 1\n")]);
    let words = [
        "deploy/prod.yaml",
        "Allow-Protected",
        "protected-path-changed",
    ];
    refused_twice(&town, &["origin", "main"], &words);
    back(&town);
    let reason = "feat: x\n\nAllow-Protected: it moved";
    past(&town, reason, &[("deploy/prod.yaml", "x: 1\n")]);
    let mut agent = town.command("git");
    agent.args(["push", "-q", "origin", "main"]);
    agent.env("CASCADE_AGENT", "1");
    let agent = agent.current_dir(town.clone_of("core")).output().unwrap();
    Said::from(&agent)
        .exits(1)
        .says(&["an agent (`CASCADE_AGENT`)"]);
    push(&town, &["origin", "main"]).exits(0);
    // Whom the policy lists is an agent on the server too.
    past(&town, reason, &[("deploy/prod.yaml", "x: 2\n")]);
    let author = "--author=bot <bot@shop.example>";
    let amend = [
        "commit",
        "-q",
        "--amend",
        "--no-verify",
        "--no-edit",
        author,
    ];
    town.git("core", &amend);
    refused_twice(
        &town,
        &["origin", "main"],
        &["an agent (`agents` of the policy)"],
    );
}

#[test]
fn what_blocks_in_a_file_of_the_tip_is_no_further_than_the_branch() {
    let town = both_sides();
    past(&town, "feat: x", &[("Cargo.toml", "[package\nname = ")]);
    let words = ["main: ", "Cargo.toml", "manifest-unreadable"];
    refused_twice(&town, &["origin", "main"], &words);
    past(
        &town,
        "fix: y",
        &[("Cargo.toml", &crate_toml("core", "1.3.0", ""))],
    );
    push(&town, &["origin", "main"]).exits(0);
}

#[test]
fn what_is_declared_of_the_rule_holds_at_every_door() {
    let town = both_sides();
    let check = |text: &str| format!("[check]\n{text}\n");
    let ignored = check("ignore = [\"commit-unconventional\"]");
    past(&town, "chore: declare", &[(".cascade.toml", &ignored)]);
    let folder = town.clone_of("core");
    let commit = ["commit", "-q", "--allow-empty", "-m", "Add retries."];
    git_in(&town, &folder, &commit).exits(0);
    push(&town, &["origin", "main"]).exits(0);
    let told = check("severity = { commit-unconventional = \"warn\" }");
    past(&town, "chore: declare", &[(".cascade.toml", &told)]);
    git_in(&town, &folder, &commit)
        .exits(0)
        .says(&["no Conventional Commit"]);
    push(&town, &["origin", "main"])
        .exits(0)
        .says(&["warning", "commit-unconventional"]);
    let over = "severity = { commit-unconventional = \"block\" }\n[[check.waiver]]\n\
        code = \"commit-unconventional\"\nreason = \"old habits\"\nuntil = 2020-01-01";
    past(&town, "chore: declare", &[(".cascade.toml", &check(over))]);
    push(&town, &["origin", "main"]).exits(0);
    past(&town, "Add retries.", &[]);
    refused_twice(&town, &["origin", "main"], &["Add retries."]);
    git_in(&town, &folder, &commit).exits(1);
}

#[test]
fn the_first_commit_is_judged_and_a_history_that_comes_in_whole_is_told() {
    let town = Town::new();
    let origin = town.path().join("first.git");
    let work = town.work().join("first");
    let at = |args: &[&str]| git_in(&town, &work, args);
    town.run(
        town.path(),
        &["init", "-q", "--bare", "-b", "main", "first.git"],
    );
    town.run(&town.work(), &["init", "-q", "-b", "main", "first"]);
    cascade_in(&town, &work, &["hook", "install"]).exits(0);
    town.write("first", "Cargo.toml", "[package\nname = ");
    at(&["add", "-A"]).exits(0);
    at(&["commit", "-q", "-m", "feat: a"])
        .exits(1)
        .says(&["Cargo.toml", "manifest-unreadable"]);
    town.write("first", "Cargo.toml", &crate_toml("first", "0.1.0", ""));
    town.write("first", ".cascade.toml", POLICY);
    town.write("first", "deploy/prod.yaml", "x: 1\n");
    at(&["add", "-A"]).exits(0);
    at(&["commit", "-q", "-m", "Begin"])
        .exits(1)
        .says(&["no type"]);
    at(&["commit", "-q", "-m", "feat: begin"])
        .exits(1)
        .says(&["Allow-Protected"]);
    at(&["commit", "-q", "--no-verify", "-m", "Begin"]).exits(0);
    at(&["remote", "add", "origin", origin.to_str().unwrap()]).exits(0);
    at(&["push", "-q", "-u", "origin", "main"]).exits(0).says(&[
        "`main` is the first branch there",
        "\"Begin\" is no Conventional Commit",
        "deploy/prod.yaml",
    ]);
    at(&[
        "commit",
        "-q",
        "--allow-empty",
        "--no-verify",
        "-m",
        "Go on",
    ])
    .exits(0);
    at(&["push", "-q"]).exits(1).says(&["\"Go on\""]);
}

#[test]
fn a_person_goes_past_the_own_hook_which_is_written_down_and_not_past_the_servers() {
    let town = clone();
    version(&town, "1.3.0");
    past(&town, "Add retries.", &[]);
    let mut command = town.command("git");
    command.args(["push", "-q", "origin", "main"]);
    command.env("CASCADE_HOOK", "0");
    let done = command.current_dir(town.clone_of("core")).output().unwrap();
    Said::from(&done).exits(0).says(&["was not judged"]);
    let log = town.clone_of("core").join(".git/cascade-hooks.log");
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("refs/heads/main"), "{log}");
    cascade_in(&town, &town.origin("core"), &["hook", "install"]).exits(0);
    past(&town, "Add more.", &[]);
    let mut command = town.command("git");
    command.args(["push", "-q", "--no-verify", "origin", "main"]);
    command.env("CASCADE_HOOK", "0");
    let done = command.current_dir(town.clone_of("core")).output().unwrap();
    Said::from(&done)
        .exits(1)
        .says(&["does not count on a server", "\"Add more.\""]);
}

#[test]
fn no_message_paints_a_terminal_and_many_are_told_in_a_few_lines() {
    let town = both_sides();
    let hostile = format!("x\u{1b}[2K\u{202e} {}", "a".repeat(5_000));
    past(&town, &hostile, &[]);
    for number in 0..60 {
        past(&town, &format!("Number {number}"), &[]);
    }
    let said = push(&town, &["origin", "main"]).exits(1);
    assert!(!said.err.contains(['\u{1b}', '\u{202e}']), "{:?}", said.err);
    assert!(said.err.len() < 10_000 && said.err.lines().count() < 60);
    said.says(&["and 41 more"]);
}
