//! `cascade release`: the whole cascade, against real remotes.

use crate::bump::hooks;
use crate::family::{bytes_below, cascade, crate_toml, declaration, family, refs};

#[test]
fn releases_everything_below_in_order_and_touches_no_checkout() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    town.write("lib", "notes.txt", "half a thought\n");
    let before = bytes_below(&town.work(), "");

    cascade(&town, &["release", "--repo", "core=minor", "--yes"])
        .exits(0)
        .says(&["v1.3.0", "v0.3.2"]);
    assert!(
        bytes_below(&town.work(), "") == before,
        "a checkout was touched"
    );

    let show = |repo: &str, what: &str| town.git_origin(repo, &["show", what]);
    assert!(show("core", "v1.3.0^{commit}:Cargo.toml").contains("version = \"1.3.0\""));
    assert!(show("lib", "v0.3.2^{commit}:Cargo.toml").contains("core = \"=1.3.0\""));
    assert!(refs(&town, "app").contains("refs/tags/v2.0.0"));
    assert!(
        !refs(&town, "app").contains("refs/tags/v2.0.1"),
        "nothing in app had to change"
    );
    let message = town.git_origin(
        "lib",
        &["for-each-ref", "--format=%(contents)", "refs/tags/v0.3.2"],
    );
    assert!(message.contains("Cascade-Run: "), "{message}");
    assert!(
        message.contains("Cascade-Upstream: core@1.3.0"),
        "{message}"
    );
    for repo in ["core", "lib"] {
        let tip = town.git_origin(repo, &["rev-parse", "main"]);
        let tag = if repo == "core" {
            "v1.3.0^{commit}"
        } else {
            "v0.3.2^{commit}"
        };
        assert_eq!(tip, town.git_origin(repo, &["rev-parse", tag]));
    }

    let there = [refs(&town, "core"), refs(&town, "lib")];
    cascade(&town, &["release", "--repo", "core=minor", "--yes"]).exits(0);
    assert_eq!(
        there,
        [refs(&town, "core"), refs(&town, "lib")],
        "a second run moved something"
    );
}

#[test]
fn without_a_name_it_releases_what_its_commits_ask_for() {
    let town = family();
    town.commit("side", "fix: a leak", &[]);
    town.git("side", &["push", "-q"]);
    cascade(&town, &["release", "--yes"])
        .exits(0)
        .says(&["v0.1.1"]);
    assert!(refs(&town, "side").contains("refs/tags/v0.1.1"));
    assert!(!refs(&town, "core").contains("refs/tags/v1.2.1"));
}

#[test]
fn a_refusing_remote_stops_only_what_stands_on_it_and_the_same_command_continues() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    town.commit("side", "feat: more", &[]);
    town.git("side", &["push", "-q"]);
    let hook = town.origin("lib").join("hooks/pre-receive");
    hooks::write(
        &hook,
        "#!/bin/sh\necho 'main is \x1b[31mprotected' >&2\nexit 1\n",
    );
    let lib = refs(&town, "lib");
    let args = [
        "release",
        "--repo",
        "core=major",
        "--repo",
        "side=minor",
        "--yes",
    ];
    let said = cascade(&town, &args)
        .exits(5)
        .says(&["lib", "protected", "cascade release", "app"]);
    assert!(
        !said.err.contains('\x1b') && !said.out.contains('\x1b'),
        "the remote painted the terminal"
    );
    assert_eq!(lib, refs(&town, "lib"), "the refused push left something");
    assert!(refs(&town, "core").contains("refs/tags/v2.0.0"));
    assert!(refs(&town, "side").contains("refs/tags/v0.2.0"));
    assert!(!refs(&town, "app").contains("refs/tags/v2.0.1"));

    std::fs::remove_file(hook).unwrap();
    cascade(&town, &args).exits(0);
    assert!(refs(&town, "lib").contains("refs/tags/v0.3.2"));
    assert!(refs(&town, "app").contains("refs/tags/v2.0.1"));
    assert!(
        !refs(&town, "core").contains("refs/tags/v3.0.0"),
        "core was released twice"
    );
    assert!(
        !refs(&town, "side").contains("refs/tags/v0.3.0"),
        "side was released twice"
    );
}

#[test]
fn a_failing_check_stops_before_anything_is_out() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let declared = std::fs::read_to_string(town.work().join("workspace.toml")).unwrap();
    let checks = "[repo.core]\nchecks = [[\"sh\", \"-c\", \"echo red light >&2; exit 3\"]]\n";
    town.workspace(&declared.replace("[repo.core]\n", checks));
    let before = refs(&town, "core");
    let args = ["release", "--repo", "core=minor", "--yes"];
    cascade(&town, &args)
        .exits(3)
        .says(&["core", "red light", "cascade release"]);
    assert_eq!(before, refs(&town, "core"));
}

#[test]
fn a_check_sees_the_tree_that_will_be_tagged() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let declared = std::fs::read_to_string(town.work().join("workspace.toml")).unwrap();
    let checks = "[repo.core]\nchecks = [[\"grep\", \"-q\", \"1.3.0\", \"Cargo.toml\"]]\n";
    town.workspace(&declared.replace("[repo.core]\n", checks));
    cascade(&town, &["release", "--repo", "core=minor", "--yes"]).exits(0);
    assert!(refs(&town, "core").contains("refs/tags/v1.3.0"));
}

#[test]
fn waits_for_release_please_and_says_how_to_go_on() {
    let town = family();
    town.workspace(
        &declaration(&town, &[("core", ""), ("lib", "core"), ("app", "core lib")])
            .replace("[repo.lib]\n", "[repo.lib]\nrelease = \"release-please\"\n"),
    );
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let hook = town.origin("lib").join("hooks/post-receive");
    hooks::write(
        &hook,
        "#!/bin/sh\nwhile read old new ref; do\n  test \"${ref#refs/heads/cascade/}\" != \"$ref\" || continue\n  git update-ref refs/heads/main \"$new\"\n  git -c user.name=bot -c user.email=bot@example.invalid tag -a v0.4.0 -m v0.4.0 \"$new\"\ndone\n",
    );
    cascade(&town, &["release", "--repo", "core=minor", "--yes"])
        .exits(0)
        .says(&["v0.4.0", "cascade/", "planned anew"]);
    let tip = town.git_origin("lib", &["log", "-1", "--format=%s", "main"]);
    assert_eq!(tip, "fix(deps): core 1.2.0 -> 1.3.0");
    // cascade left the version to release-please, and what release-please made went downstream.
    assert!(
        town.git_origin("lib", &["show", "main:Cargo.toml"])
            .contains("version = \"0.3.1\"")
    );
    assert!(
        town.git_origin("app", &["show", "main:Cargo.toml"])
            .contains("version = \"0.4\"")
    );
}

#[test]
fn what_a_person_releases_is_refused_by_name() {
    let town = family();
    let declared = std::fs::read_to_string(town.work().join("workspace.toml")).unwrap();
    town.workspace(&declared.replace("[repo.core]\n", "[repo.core]\nrelease = \"manual\"\n"));
    cascade(&town, &["status"]).exits(0);
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let before = refs(&town, "core");
    cascade(&town, &["release", "--repo", "core=minor", "--yes"])
        .exits(4)
        .says(&["core", "manual"]);
    assert_eq!(before, refs(&town, "core"));
}

#[test]
fn asks_first_and_without_a_terminal_does_nothing() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let before = refs(&town, "core");
    cascade(&town, &["release", "--repo", "core=minor"])
        .exits(6)
        .says(&["--yes", "v1.3.0"]);
    assert_eq!(before, refs(&town, "core"));
}

#[test]
fn a_saved_plan_is_carried_out_exactly_or_not_at_all() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let args = ["plan", "--repo", "core=minor", "--out", "plan.json"];
    cascade(&town, &args).exits(0);
    cascade(&town, &["apply", "plan.json", "--yes"])
        .exits(0)
        .says(&["v1.3.0"]);
    assert!(refs(&town, "core").contains("refs/tags/v1.3.0"));

    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    cascade(&town, &args).exits(0);
    town.commit(
        "core",
        "fix: meanwhile",
        &[("Cargo.toml", &crate_toml("core", "1.2.0", "# new"))],
    );
    town.git("core", &["push", "-q"]);
    let before = refs(&town, "core");
    cascade(&town, &["apply", "plan.json", "--yes"])
        .exits(8)
        .says(&["core"]);
    assert_eq!(before, refs(&town, "core"));
}

#[test]
fn a_saved_plan_whose_run_is_none_is_refused() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let args = ["plan", "--repo", "core=minor", "--format", "json"];
    let mut plan = cascade(&town, &args).exits(0).json();
    for run in ["", "../../../x", "0123456789ab/x", "0123456789é"] {
        plan["run"] = run.into();
        town.write("", "plan.json", &plan.to_string());
        cascade(&town, &["apply", "plan.json", "--yes"])
            .exits(2)
            .says(&["is no plan", "run"]);
    }
}

#[test]
fn a_tag_of_that_name_elsewhere_is_never_moved() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    // Somebody tagged it on a branch that never came back.
    town.git("core", &["checkout", "-q", "-b", "lost"]);
    town.commit("core", "fix: lost", &[]);
    town.git("core", &["push", "-q", "origin", "HEAD:refs/tags/v1.3.0"]);
    town.git("core", &["checkout", "-q", "main"]);
    let before = refs(&town, "core");
    let said = cascade(&town, &["release", "--repo", "core=1.3.0", "--yes"]);
    assert!([2, 3, 4].contains(&said.code), "{} {}", said.code, said.err);
    said.says(&["v1.3.0"]);
    assert_eq!(before, refs(&town, "core"));
}

#[test]
fn two_at_once_are_one() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let hook = town.origin("core").join("hooks/pre-receive");
    hooks::write(&hook, "#!/bin/sh\nsleep 3\n");
    let args = ["release", "--repo", "core=minor", "--yes"];
    let mut first = town.command(crate::CASCADE);
    let mut first = first.args(args).current_dir(town.work()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1200));
    cascade(&town, &args)
        .exits(3)
        .says(&[&first.id().to_string()]);
    assert!(first.wait().unwrap().success());
    assert!(refs(&town, "core").contains("refs/tags/v1.3.0"));
}

#[test]
fn what_is_out_already_is_no_obstacle_to_what_stands_below_it() {
    for named in [true, false] {
        let town = family();
        let leaf = crate_toml("leaf", "0.1.0", "lib = \"=0.3.1\"");
        town.repo("leaf", "v0.1.0", &[("Cargo.toml", &leaf)]);
        let repos = [("core", ""), ("lib", "core"), ("leaf", "lib")];
        town.workspace(&declaration(&town, &repos));
        town.commit("core", "feat: frames", &[]);
        town.git("core", &["push", "-q"]);
        let hook = town.origin("leaf").join("hooks/pre-receive");
        hooks::write(&hook, "#!/bin/sh\nexit 1\n");
        let mut args = vec!["release", "--yes"];
        if named {
            args.extend(["--repo", "core"]);
        }
        let said = cascade(&town, &args).exits(5);
        assert!(refs(&town, "lib").contains("refs/tags/v0.3.2"));

        // What it says to type is what continues, from checkouts that know nothing of it.
        std::fs::remove_file(hook).unwrap();
        let again = said
            .out
            .lines()
            .find_map(|it| it.strip_prefix("to continue: cascade "));
        let again: Vec<&str> = again.unwrap().split_whitespace().chain(["--yes"]).collect();
        cascade(&town, &again).exits(0).says(&["v0.1.1"]);
        let text = town.git_origin("leaf", &["show", "main:Cargo.toml"]);
        assert!(text.contains("lib = \"=0.3.2\""), "{text}");
        assert!(!refs(&town, "core").contains("refs/tags/v1.3.1"));
        assert!(!refs(&town, "lib").contains("refs/tags/v0.3.3"));
    }
}
