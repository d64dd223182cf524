//! Drift over time: what runs remember, where they keep it, and the past replayed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use cascade_tests::Town;
use serde_json::Value;

use crate::CASCADE;
use crate::family::{Said, cascade, cascade_in, crate_toml, declaration, family};

mod made;

/// The family, its workspace tracked by a repository with a remote.
pub(crate) fn tracked() -> Town {
    let town = family();
    let origin = town.origin("meta").display().to_string();
    town.run(
        town.path(),
        &["init", "-q", "--bare", "-b", "main", &origin],
    );
    let git = |words: &[&str]| town.run(&town.work(), words);
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "workspace.toml"]);
    git(&["commit", "-q", "-m", "feat: declare it"]);
    git(&["remote", "add", "origin", &origin]);
    git(&["push", "-q", "-u", "origin", "main"]);
    town
}

/// The file of the history on the remote.
fn on_remote(town: &Town) -> String {
    town.git_origin(
        "meta",
        &["cat-file", "-p", "refs/cascade/drift:drift.jsonl"],
    )
}

pub(crate) fn looks(town: &Town, args: &[&str]) -> Said {
    let words = ["drift", "--format", "json", "--fail-on", "never"];
    cascade(town, &[&words[..], args].concat())
}

/// Puts the moments of a history back by so many days, as if it were that old.
pub(crate) fn age(file: &Path, days: i64) {
    let text = fs::read_to_string(file).unwrap();
    let older = text.lines().map(|line| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        value["taken"] = (value["taken"].as_i64().unwrap() - days * 86_400).into();
        value.to_string()
    });
    let text = older.collect::<Vec<String>>().join("\n") + "\n";
    #[expect(clippy::disallowed_methods, reason = "the test's own history")]
    fs::write(file, text).unwrap();
}

#[test]
fn a_folder_remembers_what_was_seen() {
    let town = family();
    let first = looks(&town, &["--history", "past"]).exits(0).json();
    assert!(first["change"].is_null(), "{first}");
    let file = town.work().join("past/drift.jsonl");
    age(&file, 7);
    // What `core` releases now, `lib` excludes.
    town.commit(
        "core",
        "feat: more",
        &[("Cargo.toml", &crate_toml("core", "2.0.0", ""))],
    );
    town.git("core", &["tag", "-a", "v2.0.0", "-m", "v2.0.0"]);
    let second = looks(&town, &["--history", "past"]).exits(0).json();
    let findings = second["findings"].as_array().unwrap();
    let new = findings.iter().filter(|it| it["news"] == "new");
    let new: Vec<&str> = new.map(|it| it["code"].as_str().unwrap()).collect();
    assert!(new.contains(&"pin-excluded"), "{new:?}");
    assert_eq!(second["change"]["new"].as_array().unwrap().len(), new.len());
    assert_eq!(second["trend"].as_array().unwrap().len(), 2);
    assert_eq!(second["trend"][1]["excluded"], 2, "{}", second["trend"]);
    age(&file, 7);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 2);
    // Mended, and seen to be.
    let pin = crate_toml("lib", "0.3.1", "core = \"=2.0.0\"");
    town.commit("lib", "fix(deps): core", &[("Cargo.toml", &pin)]);
    let third = looks(&town, &["--history", "past"]).exits(0).json();
    let gone = third["change"]["gone"].as_array().unwrap();
    assert!(
        gone.iter().any(|it| it["code"] == "pin-excluded"),
        "{gone:?}"
    );
    let adoption = &third["adoption"][0];
    assert_eq!(
        (&adoption["downstream"], &adoption["releases"]),
        (&"lib".into(), &1.into())
    );
    let days = adoption["days"]["median"].as_f64().unwrap();
    assert!(days >= 0.0, "{adoption}");
}

#[test]
fn the_remote_remembers_for_every_machine() {
    let town = tracked();
    looks(&town, &["--record"])
        .exits(0)
        .says(&["recorded in refs/cascade/drift on"]);
    assert_eq!(on_remote(&town).lines().count(), 1);
    let on = |machine: &str, args: &[&str]| {
        let words = ["drift", "--format", "json", "--fail-on", "never"];
        let mut command = town.command(CASCADE);
        command
            .args([&words[..], args].concat())
            .current_dir(town.work());
        command.env("XDG_STATE_HOME", town.path().join(machine));
        Said::from(&command.output().unwrap())
    };
    // Another machine hears of it where it asks, and where it adds to it.
    let change = |said: Said| said.exits(0).json()["change"].clone();
    assert!(change(on("other", &[])).is_null());
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(change(on("other", &["--fetch"])).is_object());
    fs::rename(town.origin("meta"), town.path().join("away")).unwrap();
    assert!(
        change(on("other", &[])).is_object(),
        "what was seen last is at hand"
    );
    let silent = on("other", &["--record"]).exits(3);
    silent.says(&["nothing is recorded twice"]);
    fs::rename(town.path().join("away"), town.origin("meta")).unwrap();
    assert!(change(on("other", &["--record"])).is_object());
    assert_eq!(on_remote(&town).lines().count(), 2);
}

#[test]
fn a_workspace_without_a_remote_says_what_to_type() {
    let town = family();
    looks(&town, &["--record"])
        .exits(2)
        .says(&["no remote", "--history DIR"]);
}

#[test]
fn a_remote_that_may_not_be_written_says_who_may() {
    let town = tracked();
    town.git_origin("meta", &["config", "receive.denyCurrentBranch", "refuse"]);
    let hook = town.origin("meta").join("hooks/update");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let script = "#!/bin/sh\ncase \"$1\" in refs/cascade/*) echo protected >&2; exit 1;; esac\n";
    #[expect(clippy::disallowed_methods, reason = "the test's own hook")]
    fs::write(&hook, script).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let said = looks(&town, &["--record"]).exits(3);
    said.says(&["protected", "contents: write", "--history DIR"]);
}

#[test]
fn a_recorder_that_is_killed_anywhere_leaves_whole_lines() {
    let town = tracked();
    looks(&town, &["--record"]).exits(0);
    for step in 0..8_u64 {
        let mut command = town.command(CASCADE);
        command.args(["drift", "--record", "--fail-on", "never"]);
        command.current_dir(town.work());
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20 + step * 60));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    std::thread::sleep(std::time::Duration::from_secs(2));
    looks(&town, &["--record"]).exits(0);
    let text = on_remote(&town);
    let ids: Vec<Value> = text
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).unwrap()["id"].clone())
        .collect();
    assert!(ids.len() >= 2, "{text}");
    let distinct: std::collections::BTreeSet<String> =
        ids.iter().map(ToString::to_string).collect();
    assert_eq!(distinct.len(), ids.len(), "nothing is there twice");
    town.git_origin("meta", &["fsck", "--no-dangling"]);
}

#[test]
fn a_replay_judges_every_commit_by_its_day() {
    let town = family();
    let release = |version: &str| {
        let tag = format!("v{version}");
        let text = crate_toml("core", version, "");
        town.commit("core", "feat: more", &[("Cargo.toml", &text)]);
        town.git("core", &["tag", "-a", &tag, "-m", &tag]);
    };
    let pin = |text: &str| {
        let text = crate_toml("lib", "0.3.1", &format!("core = \"{text}\""));
        town.commit("lib", "fix(deps): core", &[("Cargo.toml", &text)]);
    };
    release("1.3.0");
    town.commit("lib", "docs: not a state", &[("README.md", "more\n")]);
    release("2.0.0");
    pin("=1.3.0");
    pin("=2.0.0");
    let before = town.git("lib", &["status", "--porcelain"]);
    let said = cascade(&town, &["drift", "replay", "lib", "--format", "json"]).exits(0);
    let replay = said.json();
    assert_eq!(replay["schema"], "cascade.drift-replay/1");
    let states: Vec<[Value; 4]> = replay["states"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            ["requirement", "latest", "status", "releases"].map(|key| it["pins"][0][key].clone())
        })
        .collect();
    let want: [[Value; 4]; 3] = [
        ["=1.2.0".into(), "1.2.0".into(), "in-step".into(), 0.into()],
        ["=1.3.0".into(), "2.0.0".into(), "excluded".into(), 1.into()],
        ["=2.0.0".into(), "2.0.0".into(), "in-step".into(), 0.into()],
    ];
    assert_eq!(states, want);
    let causes: Vec<&str> = replay["tracks"][0]["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["cause"].as_str().unwrap())
        .collect();
    assert_eq!(causes, ["commit", "release", "release", "commit", "commit"]);
    let offered: Vec<(&str, bool)> = replay["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["version"].as_str().unwrap(), it["taken"].is_i64()))
        .collect();
    assert_eq!(
        offered,
        [("1.2.0", false), ("1.3.0", true), ("2.0.0", true)]
    );
    assert_eq!(town.git("lib", &["status", "--porcelain"]), before);
}

#[test]
fn a_replay_is_told_in_every_format_and_seeds_a_history() {
    let town = family();
    town.git("core", &["tag", "v1.4.0"]);
    let of = |format: &str| {
        let words = ["drift", "replay", "app", "--format", format];
        cascade(&town, &words).exits(0).out
    };
    let human = of("human");
    for word in [
        "app: 1 state from",
        "core",
        "lib",
        "0 of 1 have a lock that holds",
    ] {
        assert!(human.contains(word), "{word}: {human}");
    }
    assert!(of("csv").starts_with("commit,date,upstream,package,"));
    assert!(of("svg").ends_with("</svg>\n"));
    assert!(of("markdown").contains("| package | now |"));
    let words = ["drift", "replay", "app", "--history", "past"];
    cascade(&town, &words)
        .exits(0)
        .says(&["added to", "past/drift.jsonl"]);
    cascade(&town, &words)
        .exits(0)
        .says(&["0 observations added"]);
    let seeded = looks(&town, &["--history", "past"]).exits(0).json();
    assert!(
        seeded["change"].is_null(),
        "one repository's past is not the workspace's"
    );
    assert_eq!(seeded["trend"].as_array().unwrap().len(), 1);
    let wrong = cascade(&town, &["drift", "replay", "app", "--since", "yesterday"]);
    wrong.exits(2).says(&["--since 2025-01-01"]);
    let since = cascade(
        &town,
        &[
            "drift", "replay", "app", "--since", "v2.0.0", "--format", "json",
        ],
    );
    assert_eq!(since.exits(0).json()["summary"]["states"], 1);
    cascade(&town, &["drift", "replay", "nobody"]).exits(2);
}

#[test]
fn a_bare_family_of_hostile_names_stays_text() {
    let town = Town::new();
    let manifest = |name: &str, needs: &str| {
        format!("{{\"name\": \"{name}\", \"version\": \"1.0.0\", \"dependencies\": {{{needs}}}}}")
    };
    town.repo("core", "v1.0.0", &[("package.json", &manifest("core", ""))]);
    let folder = "<script>alert(1)</script>,=cmd|x";
    let path = format!("{folder}/package.json");
    let needs = "\"core\": \"=1.0.0\"";
    town.repo(
        "app",
        "v1.0.0",
        &[
            ("package.json", &manifest("app", "")),
            (path.as_str(), &manifest("inner", needs)),
        ],
    );
    town.workspace(&declaration(&town, &[("core", ""), ("app", "core")]));
    let of = |format: &str| {
        let words = ["drift", "replay", "app", "--format", format];
        cascade_in(&town, &town.work(), &words).exits(0).out
    };
    let csv = of("csv");
    assert!(csv.contains(",'=1.0.0,"), "{csv}");
    assert!(
        csv.contains("\"<script>alert(1)</script>,=cmd|x/package.json\""),
        "{csv}"
    );
    assert!(!of("svg").contains("<script>"));
}
