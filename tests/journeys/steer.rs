//! `cascade retry`, `skip`, `hold` and `unhold`: people steer a run.

use cascade_tests::Town;

use crate::CASCADE;
use crate::bump::hooks;
use crate::family::{cascade, family, refs};

/// A family whose core asks for a release, and in which these origins refuse a push.
fn stuck(refusing: &[&str]) -> Town {
    let town = family();
    for repo in ["core", "side"] {
        town.commit(repo, "feat: more", &[]);
        town.git(repo, &["push", "-q"]);
    }
    for repo in refusing {
        let hook = town.origin(repo).join("hooks/pre-receive");
        hooks::write(&hook, "#!/bin/sh\necho not today >&2\nexit 1\n");
    }
    town
}

fn mend(town: &Town, repo: &str) {
    std::fs::remove_file(town.origin(repo).join("hooks/pre-receive")).unwrap();
}

fn has(town: &Town, repo: &str, tag: &str) -> bool {
    refs(town, repo).contains(&format!("refs/tags/{tag}"))
}

const RELEASE: &[&str] = &["release", "--repo", "core=major", "--yes"];

#[test]
fn what_is_left_out_keeps_back_only_what_needs_it() {
    let town = stuck(&["lib"]);
    cascade(&town, RELEASE).exits(5);
    cascade(&town, &["skip", "core", "--reason", "x"])
        .exits(4)
        .says(&["`core` is out already (v2.0.0)"]);
    cascade(&town, &["skip", "nobody", "--reason", "x"]).exits(2);
    cascade(&town, &["skip", "lib"])
        .exits(2)
        .says(&["--reason"]);
    cascade(&town, &["skip", "lib", "--reason", "its owner is away"])
        .exits(0)
        .says(&["lib is left out of run", "to continue: cascade resume"]);
    // What lib is pinned to in app takes its old version as well.
    cascade(&town, &["resume"])
        .exits(0)
        .says(&["lib  left out  ", "left it out: its owner is away"]);
    assert!(has(&town, "app", "v2.0.1") && !has(&town, "lib", "v0.3.2"));
    cascade(&town, &["runs", "show"]).exits(0).says(&[
        "lib: ",
        "leaves it out: its owner is away",
        "finished, 2 of 3",
    ]);
    mend(&town, "lib");
    cascade(&town, &["retry", "lib"])
        .exits(0)
        .says(&["lib  out  v0.3.2"]);
    assert!(has(&town, "lib", "v0.3.2"));
}

#[test]
fn what_needs_a_version_that_is_left_out_can_not_start() {
    let town = stuck(&["core"]);
    cascade(&town, RELEASE).exits(3);
    cascade(&town, &["skip", "core", "--reason", "not now"]).exits(0);
    mend(&town, "core");
    cascade(&town, &["resume"]).exits(4).says(&[
        "core  left out",
        "lib  skipped  it stands on core",
        "app  skipped",
    ]);
    assert!(!has(&town, "core", "v2.0.0") && !has(&town, "lib", "v0.3.2"));
    cascade(&town, &["retry", "core"]).exits(0);
    assert!(has(&town, "core", "v2.0.0") && has(&town, "app", "v2.0.1"));
}

#[test]
fn what_is_held_is_not_begun_until_somebody_lets_it_go_on() {
    let town = stuck(&["lib"]);
    let both = ["release", "--repo", "core=major", "--repo", "side", "--yes"];
    cascade(&town, &both).exits(5);
    mend(&town, "lib");
    cascade(&town, &["hold", "lib", "--reason", "the fair is today"]).exits(0);
    cascade(&town, &["resume"]).exits(7).says(&[
        "lib  waiting  somebody to let it go on: ",
        "holds it: the fair is today",
        "next: cascade unhold lib",
        "app  skipped  it stands on lib",
    ]);
    assert!(!has(&town, "lib", "v0.3.2"));
    cascade(&town, &["retry", "lib"]).exits(7);
    let anew = cascade(&town, &["resume", "--replan", "--yes"]).exits(7);
    anew.says(&["holds it: the fair is today"]);
    cascade(&town, &["unhold", "lib"]).exits(0);
    cascade(&town, &["unhold", "lib"])
        .exits(0)
        .says(&["lib is not held"]);
    cascade(&town, &["resume"]).exits(0);
    assert!(has(&town, "lib", "v0.3.2") && has(&town, "app", "v2.0.1"));
}

#[test]
fn a_run_hears_what_is_said_in_another_terminal() {
    let town = stuck(&[]);
    let hold = format!(
        "#!/bin/sh\ncd {}\nunset GIT_DIR\n{CASCADE} hold lib --reason 'wait for me' > {}/said 2>&1\n",
        town.work().display(),
        town.path().display()
    );
    hooks::write(&town.origin("core").join("hooks/pre-receive"), &hold);
    cascade(&town, RELEASE)
        .exits(7)
        .says(&["holds it: wait for me"]);
    let said = std::fs::read_to_string(town.path().join("said")).unwrap();
    assert!(said.contains("is at work"), "{said}");
    assert!(has(&town, "core", "v2.0.0") && !has(&town, "lib", "v0.3.2"));
    cascade(&town, &["runs", "show"])
        .exits(0)
        .says(&["lib: ", "holds it: wait for me"]);
}

#[test]
fn a_retry_leaves_the_rest_as_it_is() {
    let town = stuck(&["lib", "side"]);
    let both = ["release", "--repo", "core=major", "--repo", "side", "--yes"];
    cascade(&town, &both).exits(5);
    mend(&town, "lib");
    mend(&town, "side");
    let said = cascade(&town, &["retry", "app"]).exits(4);
    said.says(&["app  skipped  it stands on lib"]);
    cascade(&town, &["retry", "lib"])
        .exits(0)
        .says(&["lib  out", "app  out"]);
    assert!(has(&town, "app", "v2.0.1") && !has(&town, "side", "v0.2.0"));
    cascade(&town, &["resume"]).exits(0);
    assert!(has(&town, "side", "v0.1.1") || has(&town, "side", "v0.2.0"));
}
