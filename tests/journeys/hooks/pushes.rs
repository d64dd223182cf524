//! `pre-push`: what goes, and what does not.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use cascade_tests::Town;

use super::{clone, git_in, hook, push, refused, tag, version};
use crate::family::{cascade_in, crate_toml, refs};

const ZERO: &str = "0000000000000000000000000000000000000000";

#[test]
fn what_is_no_version_goes_at_once() {
    let town = clone();
    town.commit("core", "feat: more", &[]);
    push(&town, &["origin", "main"]).exits(0);
    push(&town, &["origin", "main"]).exits(0);
    push(&town, &["--dry-run", "origin", "main:again"]).exits(0);
    town.git("core", &["checkout", "-q", "-b", "feature"]);
    town.commit("core", "feat: x", &[]);
    push(&town, &["origin", "feature"]).exits(0);
    town.git(
        "core",
        &["commit", "-q", "--allow-empty", "--amend", "-m", "feat: y"],
    );
    push(&town, &["--force", "origin", "feature"]).exits(0);
    push(&town, &["origin", ":feature"]).exits(0);
    for name in ["nightly", "версия-1", "2024-archive", "v-next"] {
        town.git("core", &["tag", name]);
        push(&town, &["origin", name]).exits(0);
        town.git("core", &["tag", "-f", name, "HEAD~1"]);
        push(&town, &["--force", "origin", name]).exits(0);
        push(&town, &["origin", &format!(":refs/tags/{name}")]).exits(0);
    }
    // A tag that is nowhere else is free.
    town.git("core", &["tag", "v9.9.9"]);
    town.git("core", &["tag", "-d", "v9.9.9"]);
    push(&town, &["origin", ":refs/tags/v9.9.9"]);
    let there = refs(&town, "core");
    assert!(
        there.contains("refs/tags/v1.2.0") && !there.contains("nightly"),
        "{there}"
    );
}

#[test]
fn a_good_version_goes_however_it_is_pushed() {
    let town = clone();
    version(&town, "1.3.0");
    tag(&town, "v1.3.0");
    push(&town, &["--atomic", "origin", "main", "v1.3.0"]).exits(0);
    version(&town, "1.4.0");
    tag(&town, "v1.4.0");
    push(&town, &["--follow-tags", "origin", "main"]).exits(0);
    version(&town, "1.5.0");
    push(&town, &["origin", "main"]).exits(0);
    tag(&town, "v1.5.0");
    push(&town, &["origin", "v1.5.0"]).exits(0);
    version(&town, "1.6.0-rc.1");
    tag(&town, "v1.6.0-rc.1");
    push(&town, &["--mirror", "origin"]).exits(0);
    version(&town, "1.6.0");
    tag(&town, "v1.6.0");
    push(
        &town,
        &[
            "origin",
            "HEAD~0:refs/heads/main",
            "v1.6.0:refs/tags/v1.6.0",
        ],
    )
    .exits(0);
    let there = refs(&town, "core");
    for name in ["v1.3.0", "v1.4.0", "v1.5.0", "v1.6.0-rc.1", "v1.6.0"] {
        assert!(
            there.contains(&format!("refs/tags/{name}\n")),
            "{name} in {there}"
        );
    }
}

#[test]
fn a_maintenance_branch_that_is_declared_gets_its_versions() {
    let town = clone();
    let declared = "branch = [\"main\", \"hotfix/*\"]\n";
    town.commit("core", "chore: declare", &[(".cascade.toml", declared)]);
    version(&town, "2.0.0");
    tag(&town, "v2.0.0");
    push(&town, &["--atomic", "origin", "main", "v2.0.0"]).exits(0);
    town.git("core", &["checkout", "-q", "-b", "hotfix/1.2", "v1.2.0"]);
    town.commit("core", "chore: declare", &[(".cascade.toml", declared)]);
    version(&town, "1.2.1");
    tag(&town, "v1.2.1");
    push(&town, &["--atomic", "origin", "hotfix/1.2", "v1.2.1"]).exits(0);
}

#[test]
fn a_version_that_is_no_good_release_is_refused() {
    let town = clone();
    version(&town, "1.3.0");
    push(&town, &["origin", "main"]).exits(0);
    town.git("core", &["tag", "v1.3.0"]);
    refused(&town, &["origin", "v1.3.0"], &["v1.3.0", "tag -a"]);
    town.git("core", &["tag", "-d", "v1.3.0"]);
    for name in ["v1.3.x", "v1.3", "v2-final"] {
        tag(&town, name);
        refused(&town, &["origin", name], &[name, "is no version"]);
    }
    tag(&town, "v1.4.0");
    refused(&town, &["origin", "v1.4.0"], &["v1.4.0", "1.3.0"]);
    town.git("core", &["tag", "-d", "v1.4.0"]);
    tag(&town, "v1.3.0");
    push(&town, &["origin", "v1.3.0"]).exits(0);
    version(&town, "1.2.9");
    push(&town, &["origin", "main"]).exits(0);
    tag(&town, "v1.2.9");
    refused(&town, &["origin", "v1.2.9"], &["v1.2.9", "v1.3.0"]);
    town.git("core", &["checkout", "-q", "-b", "feature"]);
    version(&town, "1.5.0");
    tag(&town, "v1.5.0");
    refused(&town, &["origin", "v1.5.0"], &["v1.5.0", "main"]);
    refused(&town, &["origin", "feature", "v1.5.0"], &["v1.5.0", "main"]);
    // On a branch that is not there yet, and not pushed with it.
    town.git("core", &["checkout", "-q", "main"]);
    version(&town, "1.6.0");
    tag(&town, "v1.6.0");
    refused(&town, &["origin", "v1.6.0"], &["v1.6.0", "main"]);
    push(&town, &["--atomic", "origin", "main", "v1.6.0"]).exits(0);
}

#[test]
fn what_is_out_stays_as_it_is() {
    let town = clone();
    version(&town, "1.3.0");
    tag(&town, "v1.3.0");
    push(&town, &["--atomic", "origin", "main", "v1.3.0"]).exits(0);
    refused(&town, &["origin", ":v1.2.0"], &["v1.2.0", "not deleted"]);
    town.git("core", &["tag", "-d", "v1.2.0"]);
    refused(
        &town,
        &["--prune", "origin", "refs/tags/*:refs/tags/*"],
        &["v1.2.0"],
    );
    town.git("core", &["fetch", "-q", "--tags"]);
    town.git("core", &["tag", "-f", "-a", "-m", "x", "v1.2.0", "HEAD"]);
    refused(
        &town,
        &["--force", "origin", "v1.2.0"],
        &["v1.2.0", "would move"],
    );
    town.git("core", &["tag", "-f", "v1.2.0", "HEAD~1^{commit}"]);
    refused(
        &town,
        &["--force", "origin", "v1.2.0"],
        &["v1.2.0", "would move"],
    );
    refused(&town, &["origin", ":main"], &["main", "would be deleted"]);
    town.git("core", &["commit", "-q", "--amend", "-m", "chore: again"]);
    refused(
        &town,
        &["--force", "origin", "main"],
        &["main", "v1.3.0", "git revert"],
    );
    town.git("core", &["reset", "-q", "--hard", "origin/main"]);
    town.commit("core", "fix: a", &[]);
    push(&town, &["origin", "main"]).exits(0);
    town.git(
        "core",
        &["commit", "-q", "--allow-empty", "--amend", "-m", "fix: b"],
    );
    push(&town, &["--force", "origin", "main"]).exits(0);
}

#[test]
fn release_please_makes_its_tags_itself() {
    let town = clone();
    town.commit(
        "core",
        "chore: release-please",
        &[(".release-please-manifest.json", "{\".\": \"1.3.0\"}\n")],
    );
    version(&town, "1.3.0");
    tag(&town, "v1.3.0");
    let words = [
        "v1.3.0",
        "release-please makes",
        "https://github.com/googleapis/release-please",
    ];
    refused(&town, &["--atomic", "origin", "main", "v1.3.0"], &words);
    push(&town, &["origin", "main"]).exits(0);
    refused(&town, &["origin", "v1.3.0"], &words);
    town.git("core", &["tag", "nightly"]);
    push(&town, &["origin", "nightly"]).exits(0);
}

/// `core` with so many versions, each in a commit of its own, annotated; all but one.
fn many(town: &Town, count: usize, light: Option<usize>) {
    let mut stream = String::new();
    for nth in 1..=count {
        let manifest = crate_toml("core", &format!("2.{nth}.0"), "");
        let from = if nth == 1 {
            "from refs/heads/main^0\n"
        } else {
            ""
        };
        let when = 1_800_000_000 + nth;
        let who = format!("a <a@example.invalid> {when} +0000");
        write!(
            stream,
            "commit refs/heads/main\nmark :{nth}\ncommitter {who}\ndata 8\nfeat: x\n\n{from}M 100644 inline Cargo.toml\ndata {}\n{manifest}\n",
            manifest.len()
        )
        .unwrap();
        if light == Some(nth) {
            writeln!(stream, "reset refs/tags/v2.{nth}.0\nfrom :{nth}\n").unwrap();
        } else {
            write!(
                stream,
                "tag v2.{nth}.0\nfrom :{nth}\ntagger {who}\ndata 2\nx\n\n"
            )
            .unwrap();
        }
        writeln!(stream, "reset refs/heads/topic/{nth}-ä\nfrom :{nth}\n").unwrap();
    }
    let mut command = town.command("git");
    command
        .args(["fast-import", "--quiet"])
        .current_dir(town.clone_of("core"));
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(stream.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    town.git("core", &["reset", "-q", "--hard"]);
}

#[test]
fn two_hundred_refs_go_at_once_or_not_at_all() {
    let town = clone();
    many(&town, 200, Some(100));
    refused(
        &town,
        &["origin", "main", "--tags"],
        &["1 ref is not pushed", "v2.100.0"],
    );
    refused(&town, &["--mirror", "origin"], &["v2.100.0"]);
    town.git(
        "core",
        &["tag", "-f", "-a", "-m", "x", "v2.100.0", "v2.100.0"],
    );
    push(&town, &["--mirror", "origin"]).exits(0);
    let there = refs(&town, "core");
    assert_eq!(
        there.matches("refs/tags/v2.").count(),
        400,
        "each with what it leads to"
    );
    assert_eq!(there.matches("refs/heads/topic/").count(), 200);
    // Two hundred that may not go are told in a few lines.
    let all = refs(&town, "core");
    let words: Vec<String> = (1..=200).map(|it| format!(":v2.{it}.0")).collect();
    let args: Vec<&str> = ["origin"]
        .into_iter()
        .chain(words.iter().map(String::as_str))
        .collect();
    let said = push(&town, &args)
        .exits(1)
        .says(&["200 refs are not pushed", "and 180 more"]);
    assert!(said.err.lines().count() < 60);
    assert_eq!(refs(&town, "core"), all);
}

#[test]
fn names_do_nothing_but_name() {
    let town = clone();
    let names = [
        "--upload-pack=touch${IFS}hacked",
        "-c",
        "$(touch${IFS}hacked)",
        "`touch${IFS}hacked`",
        "функция/ä/日本",
        "\u{202e}gnp.exe\u{200b}",
        "a;touch${IFS}hacked;1",
        "v1.2.0",
    ];
    for name in names {
        town.git(
            "core",
            &["update-ref", &format!("refs/heads/{name}"), "HEAD"],
        );
        town.git(
            "core",
            &["update-ref", &format!("refs/tags/x1/{name}"), "HEAD"],
        );
    }
    push(&town, &["origin", "refs/heads/*:refs/heads/*"]).exits(0);
    push(&town, &["origin", "refs/tags/*:refs/tags/*"]).exits(0);
    assert!(!town.clone_of("core").join("hacked").exists());
    let declared = "branch = [\"main\", \"rel*\"]\n";
    town.commit("core", "chore: declare", &[(".cascade.toml", declared)]);
    let name = "refs/heads/rel\u{202e}\u{9b}31m";
    let first = town.git("core", &["rev-parse", "v1.2.0^{commit}"]);
    let tree = town.git("core", &["rev-parse", "HEAD^{tree}"]);
    let other = town.git("core", &["commit-tree", "-m", "x", &tree]);
    let line = format!("x {other} {name} {first}\n");
    let folder = town.clone_of("core");
    let said = hook(
        &town,
        &folder,
        &["pre-push", "--", "origin", "--upload-pack=x"],
        line.as_bytes(),
    );
    let said = said.exits(1).says(&["rel\\u{202e}\\u{9b}31m", "v1.2.0"]);
    assert!(
        !said.err.contains(['\u{202e}', '\u{9b}', '\u{1b}']),
        "{:?}",
        said.err
    );
}

#[test]
fn lines_that_git_would_not_say_are_refused() {
    let town = clone();
    let folder = town.clone_of("core");
    let head = town.git("core", &["rev-parse", "HEAD"]);
    for bad in [
        "\n\nx\n".to_owned(),
        format!("x {head} refs/tags/v1\u{1b}[2K\nv2 {ZERO}\n"),
        format!("x {head} {ZERO}\n"),
        format!("x {} refs/tags/v1 {ZERO}\n", "z".repeat(40)),
    ] {
        let said = hook(
            &town,
            &folder,
            &["pre-push", "--", "origin", "x"],
            bad.as_bytes(),
        );
        let said = said.exits(2).says(&["names no ref"]);
        assert!(!said.err.contains('\u{1b}'), "{:?}", said.err);
    }
    let nothing = hook(&town, &folder, &["pre-push", "--", "origin", "x"], b"");
    nothing.exits(0);
    let unknown = format!("x {} refs/tags/v7.0.0 {ZERO}\n", "7".repeat(40));
    hook(
        &town,
        &folder,
        &["pre-push", "--", "origin", "x"],
        unknown.as_bytes(),
    )
    .exits(1);
}

#[test]
fn from_a_linked_working_tree_and_from_a_bare_repository_it_is_the_same() {
    let town = clone();
    version(&town, "1.3.0");
    push(&town, &["origin", "main"]).exits(0);
    town.git(
        "core",
        &["worktree", "add", "-q", "-b", "other", "../linked", "main"],
    );
    let linked = town.work().join("linked");
    let at = |args: &[&str]| git_in(&town, &linked, args);
    at(&["tag", "v1.3.0"]).exits(0);
    at(&["push", "-q", "origin", "v1.3.0"])
        .exits(1)
        .says(&["v1.3.0", "tag -a"]);
    at(&["tag", "-f", "-a", "-m", "x", "v1.3.0"]).exits(0);
    at(&["push", "-q", "origin", "v1.3.0"]).exits(0);
    let bare = town.path().join("bare.git");
    let origin = town.origin("core");
    town.run(
        town.path(),
        &[
            "clone",
            "-q",
            "--bare",
            origin.to_str().unwrap(),
            "bare.git",
        ],
    );
    cascade_in(&town, &bare, &["hook", "install", "--type", "pre-push"]).exits(0);
    let at = |args: &[&str]| git_in(&town, &bare, args);
    at(&["tag", "v1.4.0"]).exits(0);
    at(&["push", "-q", "origin", "v1.4.0"])
        .exits(1)
        .says(&["v1.4.0"]);
    at(&["push", "-q", "origin", ":v1.3.0"])
        .exits(1)
        .says(&["v1.3.0", "not deleted"]);
    at(&["push", "-q", "origin", "main:topic"]).exits(0);
}

#[test]
fn who_goes_past_a_hook_is_written_down_and_an_agent_does_not() {
    let town = clone();
    version(&town, "1.3.0");
    town.git("core", &["tag", "v1.3.0"]);
    let with = |vars: &[(&str, &str)], args: &[&str]| {
        let mut command = town.command("git");
        command
            .args(args)
            .current_dir(town.clone_of("core"))
            .envs(vars.iter().copied());
        crate::family::Said::from(&command.output().unwrap())
    };
    let args = ["push", "-q", "--atomic", "origin", "main", "v1.3.0"];
    let agent = [("CASCADE_HOOK", "0"), ("CASCADE_AGENT", "1")];
    with(&agent, &args)
        .exits(1)
        .says(&["does not count for an agent", "v1.3.0"]);
    with(&[("CASCADE_HOOK", "0")], &args)
        .exits(0)
        .says(&["was not judged", "cascade-hooks.log"]);
    let log =
        std::fs::read_to_string(town.clone_of("core").join(".git/cascade-hooks.log")).unwrap();
    assert_eq!(log.lines().count(), 1);
    assert!(
        log.contains("pre-push passed by CASCADE_HOOK=0: ") && log.contains("refs/tags/v1.3.0"),
        "{log}"
    );
    refused(&town, &["origin", ":v1.3.0"], &["v1.3.0"]);
    push(&town, &["--no-verify", "origin", ":v1.3.0"]).exits(0);
}
