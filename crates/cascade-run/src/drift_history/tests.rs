//! Histories in folders and on real remotes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use cascade_plan::drift::Mark;
use cascade_plan::drift::history::Facts;
use cascade_tests::Town;

use super::*;
use crate::environment::Environment;

fn seen(taken: i64) -> Observation {
    let mark = Mark {
        taken,
        block: 0,
        warn: 1,
        info: 2,
        pins: 3,
        behind: 4,
        excluded: 5,
        ahead: 6,
    };
    Observation::new(taken, None, mark, Facts::default())
}

/// A town whose workspace a repository with a remote tracks.
fn town() -> Town {
    let town = Town::new();
    town.repo(
        "meta",
        "",
        &[("workspace.toml", "[workspace]\nname = \"w\"\n")],
    );
    town
}

fn git() -> Git {
    let vars = std::env::vars_os().filter(|(name, _)| name == "PATH");
    let vars = vars.chain([("GIT_CONFIG_GLOBAL".into(), "/dev/null".into())]);
    Git::find(Environment::new(vars)).unwrap()
}

/// The state folder of a machine whose workspace lies in this clone.
fn state(town: &Town, machine: &str, clone: &str) -> State {
    let home = town.path().join(machine);
    State::open(&home, &town.clone_of(clone).join("workspace.toml")).unwrap()
}

fn of(town: &Town, machine: &str) -> HistoryPlace {
    HistoryPlace::of_workspace(&git(), &state(town, machine, "meta")).unwrap()
}

#[test]
fn a_folder_keeps_what_is_added_once_and_behind_what_is_torn() {
    let dir = tempfile::tempdir().unwrap();
    let place = HistoryPlace::folder(&dir.path().join("deep/er"));
    assert!(place.read().unwrap().is_empty());
    let first = place.record(&seen(1)).unwrap();
    assert_eq!((first.already, first.lines), (Already::New, 1));
    assert_eq!(place.record(&seen(1)).unwrap().already, Already::There);
    let file = dir.path().join("deep/er").join(HISTORY_FILE);
    let mut torn = fs::read_to_string(&file).unwrap();
    torn.push_str("{\"kind\":\"obs");
    #[expect(clippy::disallowed_methods, reason = "the test's own file")]
    fs::write(&file, &torn).unwrap();
    place.record(&seen(2)).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.starts_with(&torn),
        "what was there stays, byte for byte"
    );
    let history = place.read().unwrap();
    assert_eq!(history.observations(), 2);
    assert_eq!(history.remarks(9).len(), 1, "{:?}", history.remarks(9));
    let told = Notification {
        target: "t".to_owned(),
        state: "s".to_owned(),
        taken: 3,
    };
    assert_eq!(place.tell(&told).unwrap().already, Already::New);
    assert_eq!(place.tell(&told).unwrap().already, Already::There);
    assert_eq!(place.read().unwrap().told("t"), Some(told));
}

#[test]
fn many_writers_of_one_folder_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for writer in 0..8 {
            let place = HistoryPlace::folder(dir.path());
            scope.spawn(move || {
                for nth in 0..5 {
                    place.record(&seen(writer * 100 + nth)).unwrap();
                }
            });
        }
    });
    let history = HistoryPlace::folder(dir.path()).read().unwrap();
    assert_eq!(history.observations(), 40);
    assert_eq!(history.remarks(i64::MAX), Vec::<String>::new());
}

#[test]
fn what_is_no_file_is_neither_followed_nor_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().join(HISTORY_FILE);
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), &at).unwrap();
    let place = HistoryPlace::folder(dir.path());
    assert!(matches!(
        place.record(&seen(1)),
        Err(HistoryError::File { .. })
    ));
    assert!(!dir.path().join("elsewhere").exists());
    fs::remove_file(&at).unwrap();
    fs::create_dir(&at).unwrap();
    assert!(matches!(place.read(), Err(HistoryError::File { .. })));
}

#[test]
fn a_remote_keeps_what_two_machines_add() {
    let town = town();
    assert!(HistoryPlace::last_seen(&state(&town, "one", "meta")).is_empty());
    let (one, two) = (of(&town, "one"), of(&town, "two"));
    assert!(one.read().unwrap().is_empty());
    one.record(&seen(1)).unwrap();
    two.record(&seen(2)).unwrap();
    let recorded = one.record(&seen(3)).unwrap();
    assert!(
        recorded.place.starts_with("refs/cascade/drift on /"),
        "{recorded:?}"
    );
    assert_eq!(one.record(&seen(2)).unwrap().already, Already::There);
    let text = town.git_origin(
        "meta",
        &["cat-file", "-p", "refs/cascade/drift:drift.jsonl"],
    );
    assert_eq!(text.lines().count(), 3, "{text}");
    let commits = town.git_origin("meta", &["rev-list", "--count", HISTORY_REF]);
    assert_eq!(commits, "3", "each stands on the one before");
    // What was seen last is read without the remote.
    drop(two);
    fs::remove_dir_all(town.origin("meta")).unwrap();
    let of_machine = |it| HistoryPlace::last_seen(&state(&town, it, "meta")).observations();
    assert_eq!((of_machine("one"), of_machine("two")), (3, 2));
    let silent = one.record(&seen(4)).unwrap_err();
    assert!(matches!(silent, HistoryError::Silent { .. }), "{silent}");
}

#[test]
fn racing_machines_lose_nothing_and_double_nothing() {
    let town = town();
    let places: Vec<_> = (0..6)
        .map(|it| of(&town, &format!("machine-{it}")))
        .collect();
    thread::scope(|scope| {
        for (machine, place) in (0..).zip(&places) {
            scope.spawn(move || {
                for nth in 0..3 {
                    place.record(&seen(machine * 100 + nth)).unwrap();
                }
            });
        }
    });
    let text = town.git_origin(
        "meta",
        &["cat-file", "-p", "refs/cascade/drift:drift.jsonl"],
    );
    let lines: std::collections::BTreeSet<&str> = text.lines().collect();
    assert_eq!((text.lines().count(), lines.len()), (18, 18));
    assert_eq!(places[0].read().unwrap().observations(), 18);
}

#[test]
fn a_remote_that_takes_nothing_says_why() {
    let town = town();
    let hook = town.origin("meta").join("hooks/update");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test's own hook")]
    fs::write(&hook, "#!/bin/sh\necho no such refs here >&2\nexit 1\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let refused = of(&town, "one").record(&seen(1)).unwrap_err();
    let HistoryError::Refused { why, .. } = &refused else {
        panic!("{refused}")
    };
    assert!(why.contains("no such refs here"), "{why}");
    fs::remove_file(&hook).unwrap();
    of(&town, "one").record(&seen(1)).unwrap();
}

#[test]
fn a_ref_that_holds_something_else_is_left_alone() {
    let town = town();
    town.git("meta", &["push", "-q", "origin", "main:refs/cascade/drift"]);
    let foreign = of(&town, "one").record(&seen(1)).unwrap_err();
    assert!(matches!(foreign, HistoryError::Foreign { .. }), "{foreign}");
    let at = |name| town.git_origin("meta", &["rev-parse", name]);
    assert_eq!(at("refs/cascade/drift"), at("main"));
}

#[test]
fn a_workspace_without_a_remote_has_no_place() {
    let town = town();
    town.git("meta", &["remote", "remove", "origin"]);
    let none = HistoryPlace::of_workspace(&git(), &state(&town, "one", "meta"));
    assert!(matches!(none, Err(HistoryError::NoRemote)), "{none:?}");
}

#[test]
fn the_checkout_of_a_runner_is_enough() {
    let town = town();
    town.commit("meta", "docs: more", &[("README.md", "more")]);
    town.git("meta", &["push", "-q"]);
    let url = format!("file://{}", town.origin("meta").display());
    // What the runner's checkout knows of the way to the remote stands in its own configuration.
    let clone = [
        "clone",
        "-q",
        "--depth=1",
        "--filter=blob:none",
        &url,
        "runner",
    ];
    town.run(&town.work(), &clone);
    town.git("runner", &["checkout", "-q", "--detach"]);
    town.git(
        "runner",
        &[
            "remote",
            "set-url",
            "origin",
            "https://forge.invalid/meta.git",
        ],
    );
    let instead = format!("url.{url}.insteadOf");
    town.git(
        "runner",
        &["config", &instead, "https://forge.invalid/meta.git"],
    );
    of(&town, "one").record(&seen(1)).unwrap();
    let state = state(&town, "runner-home", "runner");
    let place = HistoryPlace::of_workspace(&git(), &state).unwrap();
    place.record(&seen(2)).unwrap();
    assert_eq!(place.read().unwrap().observations(), 2);
}

#[test]
fn a_torn_scratch_is_made_anew() {
    let town = town();
    of(&town, "one").record(&seen(1)).unwrap();
    let objects = remote::scratch(&state(&town, "one", "meta")).join("objects");
    fs::remove_dir_all(&objects).unwrap();
    of(&town, "one").record(&seen(2)).unwrap();
    assert_eq!(of(&town, "one").read().unwrap().observations(), 2);
}
