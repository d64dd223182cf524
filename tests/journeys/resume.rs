//! `cascade resume` and `cascade runs`: a run that was stopped anywhere is taken up again.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use cascade_tests::Town;

use crate::bump::hooks;
use crate::family::{bytes_below, cascade, family, refs};

const REPOS: [&str; 4] = ["core", "lib", "app", "side"];

/// Returns what every origin has: its refs' names, how many commits, and the tree at its tip.
pub(crate) fn world(town: &Town) -> BTreeMap<&'static str, Vec<String>> {
    let of = |repo| {
        let git = |args: &[&str]| town.git_origin(repo, args);
        vec![
            git(&["for-each-ref", "--format=%(refname) %(objecttype)"]),
            git(&["rev-list", "--count", "--all"]),
            git(&["rev-parse", "main^{tree}"]),
        ]
    };
    REPOS.into_iter().map(|it| (it, of(it))).collect()
}

/// A family whose core asks for a release.
pub(crate) fn asking() -> Town {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    town
}

pub(crate) const RELEASE: &[&str] = &["release", "--repo", "core=major", "--yes"];

/// Kills cascade, once, when an origin comes to this hook.
fn kills(town: &Town, repo: &str, hook: &str) {
    let hook = town.origin(repo).join("hooks").join(hook);
    let state = town.path().display();
    hooks::write(
        &hook,
        &format!(
            "#!/bin/sh\nrm \"{}\"\nkill -9 \"$(head -n 1 \"$(find {state} -path '*cascade/*' -name lock)\")\"\n",
            hook.display()
        ),
    );
}

#[test]
fn a_killed_run_ends_as_if_nobody_had_killed_it() {
    let town = asking();
    cascade(&town, RELEASE).exits(0);
    let whole = world(&town);
    for repo in ["core", "lib", "app"] {
        for hook in ["pre-receive", "post-receive"] {
            let town = asking();
            let before = bytes_below(&town.work(), "");
            kills(&town, repo, hook);
            cascade(&town, RELEASE).exits(-1);
            // The push that was under way may still land.
            thread::sleep(Duration::from_millis(200));
            cascade(&town, &["runs"])
                .exits(0)
                .says(&["broken off", "cascade resume"]);
            cascade(&town, &["resume"]).exits(0);
            assert_eq!(world(&town), whole, "killed at {repo}'s {hook}");
            assert!(
                bytes_below(&town.work(), "") == before,
                "a checkout changed"
            );
            cascade(&town, &["resume"])
                .exits(0)
                .says(&["nothing is left"]);
            cascade(&town, &["runs"])
                .exits(0)
                .says(&["finished", "3 of 3"]);
        }
    }
}

#[test]
fn a_branch_that_moved_is_shown_before_anything_is_done() {
    let town = asking();
    let hook = town.origin("lib").join("hooks/pre-receive");
    hooks::write(&hook, "#!/bin/sh\necho no >&2\nexit 1\n");
    cascade(&town, RELEASE)
        .exits(5)
        .says(&["to continue: cascade resume"]);
    std::fs::remove_file(hook).unwrap();
    town.commit("lib", "fix: meanwhile", &[("meanwhile", "x")]);
    town.git("lib", &["push", "-q"]);
    let there = world(&town);
    cascade(&town, &["resume"]).exits(8).says(&[
        "lib",
        "cascade resume --replan",
        "+",
        "a plan made now",
    ]);
    assert_eq!(world(&town), there, "a refusal did something");
    cascade(&town, &["resume", "--replan"]).exits(6);
    cascade(&town, &["resume", "--replan", "--yes"]).exits(0);
    assert!(refs(&town, "lib").contains("refs/tags/v0.3.2"));
    assert!(refs(&town, "app").contains("refs/tags/v2.0.1"));
    assert!(!refs(&town, "core").contains("refs/tags/v3.0.0"));
    let kept = town.git_origin("lib", &["show", "v0.3.2:meanwhile"]);
    assert_eq!(kept, "x");
}

#[test]
fn a_pull_request_is_waited_for_and_what_was_merged_is_tagged() {
    let town = asking();
    let file = town.work().join("workspace.toml");
    let declared = std::fs::read_to_string(file).unwrap();
    let by = "[repo.lib]\nrelease = \"pull-request\"\n";
    town.workspace(&declared.replace("[repo.lib]\n", by));
    let plan = cascade(&town, &["plan", "--repo", "core=major"]);
    plan.exits(0).says(&["propose a pull request into main"]);
    let release = [RELEASE, &["--wait", "0s"]].concat();
    let said = cascade(&town, &release).exits(7);
    said.says(&[
        "lib  waiting  the pull request of `cascade/",
        "to continue: cascade resume",
    ]);
    assert!(refs(&town, "core").contains("refs/tags/v2.0.0"));
    assert!(!refs(&town, "app").contains("refs/tags/v2.0.1"));
    cascade(&town, &["resume", "--wait", "0s"]).exits(7);
    let open = " of a release is unfinished: lib waiting · next: cascade resume";
    cascade(&town, &["status"]).exits(0).says(&[open]);
    let json = cascade(&town, &["status", "--format", "json"]).exits(0);
    let open = &json.json()["unfinished"];
    assert_eq!(
        (&open["state"], &open["repos"][0]["repo"]),
        (&"unfinished".into(), &"lib".into())
    );
    town.git("lib", &["fetch", "-q"]);
    let own = town.git(
        "lib",
        &[
            "for-each-ref",
            "--format=%(refname)",
            "refs/remotes/origin/cascade",
        ],
    );
    town.git("lib", &["merge", "-q", "--squash", &own]);
    town.git("lib", &["commit", "-q", "-m", "deps: core (#12)"]);
    town.git("lib", &["push", "-q"]);
    cascade(&town, &["resume"]).exits(0);
    let said = cascade(&town, &["status"]).exits(0);
    assert!(!said.out.contains("of a release is"), "{}", said.out);
    let json = cascade(&town, &["status", "--format", "json"]).exits(0);
    assert!(json.json()["unfinished"].is_null());
    let merged = town.git("lib", &["rev-parse", "HEAD"]);
    assert_eq!(
        town.git_origin("lib", &["rev-parse", "v0.3.2^{commit}"]),
        merged
    );
    assert!(refs(&town, "app").contains("refs/tags/v2.0.1"));
}

/// A family whose `lib` goes by pull requests, and its first release, which waits for one.
fn proposed() -> cascade_tests::Town {
    let town = asking();
    let declared = town.read(".", "workspace.toml");
    let by = "[repo.lib]\nrelease = \"pull-request\"\n";
    town.workspace(&declared.replace("[repo.lib]\n", by));
    let release = [RELEASE, &["--wait", "0s"]].concat();
    cascade(&town, &release).exits(7);
    town
}

/// Returns the branches of cascade's own on the remote of `lib`.
fn own(town: &cascade_tests::Town) -> Vec<String> {
    let words = [
        "for-each-ref",
        "--format=%(refname:short)",
        "refs/heads/cascade",
    ];
    let said = town.git_origin("lib", &words);
    said.lines().map(str::to_owned).collect()
}

#[test]
fn a_second_release_waits_for_what_the_first_one_proposed() {
    let town = proposed();
    let first = own(&town);
    assert_eq!(first.len(), 1);
    // The branch moves on meanwhile, so that the second plan is another one.
    town.commit("lib", "docs: meanwhile", &[("meanwhile", "x\n")]);
    town.git("lib", &["push", "-q"]);
    let again = ["release", "--repo", "core", "--yes", "--wait", "0s"];
    let note = format!(
        "`{}` of an earlier run proposes the same, and is waited for",
        first[0]
    );
    let waits = format!("the pull request of `{}` into `main`", first[0]);
    cascade(&town, &again).exits(7).says(&[&note, &waits]);
    assert_eq!(own(&town), first, "a second branch is pushed");
    town.git("lib", &["fetch", "-q"]);
    let merged = format!("origin/{}", first[0]);
    town.git(
        "lib",
        &["merge", "-q", "--no-ff", "-m", "merge (#12)", &merged],
    );
    town.git("lib", &["push", "-q"]);
    cascade(&town, &["resume", "--yes"]).exits(0);
    assert!(refs(&town, "lib").contains("refs/tags/v0.3.2"));
}

#[test]
fn what_an_earlier_run_proposed_otherwise_is_told() {
    let town = proposed();
    let first = own(&town);
    let text = town.git_origin("lib", &["show", &format!("{}:Cargo.toml", first[0])]);
    town.git("lib", &["fetch", "-q"]);
    town.git(
        "lib",
        &[
            "switch",
            "-q",
            "-c",
            "other",
            &format!("origin/{}", first[0]),
        ],
    );
    town.commit(
        "lib",
        "fix: otherwise",
        &[("Cargo.toml", &text.replace("2.0.0", "1.9.9"))],
    );
    town.git(
        "lib",
        &["push", "-q", "origin", &format!("HEAD:{}", first[0])],
    );
    town.git("lib", &["switch", "-q", "main"]);
    town.commit("lib", "docs: meanwhile", &[("meanwhile", "x\n")]);
    town.git("lib", &["push", "-q", "origin", "main"]);
    let again = ["release", "--repo", "core", "--yes", "--wait", "0s"];
    let note = format!("`{}` of an earlier run holds other edits", first[0]);
    cascade(&town, &again).exits(7).says(&[&note]);
    assert_eq!(own(&town).len(), 2);
}

#[test]
fn everything_that_happens_is_a_line_for_machines() {
    let town = asking();
    let file = town.work().join("events.jsonl");
    let args = [RELEASE, &["--events", "events.jsonl"]].concat();
    cascade(&town, &args).exits(0);
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let ended = lines.iter().filter(|it| it["what"]["event"] == "ended");
    let done: Vec<&str> = ended
        .filter(|it| it["what"]["fate"]["fate"] == "done")
        .filter_map(|it| it["what"]["repo"].as_str())
        .collect();
    assert_eq!(done, ["core", "lib", "app"]);
    let nowhere = ["status", "--events", "missing/events.jsonl"];
    cascade(&town, &nowhere).exits(2).says(&["--events"]);
}

#[test]
fn runs_tell_their_story_and_are_forgotten_when_they_are_old() {
    let town = asking();
    cascade(&town, &["runs"])
        .exits(0)
        .says(&["cascade release"]);
    cascade(&town, &["resume"]).exits(2).says(&["no run"]);
    cascade(&town, RELEASE).exits(0);
    let list = cascade(&town, &["runs", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(list["schema"], "cascade.runs/1");
    assert_eq!(list["runs"][0]["state"], "finished");
    let run = list["runs"][0]["run"].as_str().unwrap();
    cascade(&town, &["runs", "show", run.get(..4).unwrap()])
        .exits(0)
        .says(&[
            "core: about to push main and v2.0.0",
            "lib: done",
            "came to its end",
        ]);
    cascade(&town, &["runs", "show", "zzzz"])
        .exits(2)
        .says(&["zzzz"]);
    cascade(&town, &["runs", "gc"])
        .exits(0)
        .says(&["0 runs forgotten, 1 kept"]);
    thread::sleep(Duration::from_millis(1100));
    cascade(&town, &["runs", "gc", "--older-than", "0"])
        .exits(0)
        .says(&["1 run forgotten, 0 kept"]);
    let kept = town.call(
        "find",
        &[
            town.path().to_str().unwrap(),
            "-path",
            "*refs/cascade/*",
            "-type",
            "f",
        ],
    );
    assert_eq!(String::from_utf8_lossy(&kept.stdout), "");
}
