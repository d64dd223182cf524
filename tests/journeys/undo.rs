//! `cascade undo`: takes back what nobody else has, and nothing else.

use std::fs;

use cascade_tests::Town;

use crate::family::{cascade, family, refs};

const BUMP: &[&str] = &["bump", "minor", "--repo", "core", "--yes"];

/// Where the clones stand: their heads, branches and tags, and what is not committed.
fn stands(town: &Town) -> Vec<String> {
    let of = |repo: &str| {
        let git = |args: &[&str]| town.git(repo, args);
        [
            git(&["rev-parse", "HEAD", "--symbolic-full-name", "HEAD"]),
            git(&["for-each-ref"]),
            git(&["status", "--porcelain"]),
        ]
        .join("\n")
    };
    ["core", "lib", "app"].map(of).to_vec()
}

#[test]
fn a_bump_is_taken_back_with_its_tag() {
    let town = family();
    let before = stands(&town);
    for how in [&[][..], &["--no-commit"], &["--branch", "next"]] {
        cascade(&town, &[BUMP, how].concat()).exits(0);
        assert_ne!(stands(&town), before, "{how:?}");
        if how.is_empty() {
            cascade(&town, &["tag", "--repo", "core"]).exits(0);
        }
        cascade(&town, &["undo"]).exits(6).says(&["core  undo  "]);
        cascade(&town, &["undo", "--yes"])
            .exits(0)
            .says(&["core  undone", "lib  undone"]);
        assert_eq!(stands(&town), before, "{how:?}");
        cascade(&town, &["undo", "--yes"])
            .exits(0)
            .says(&["is left to undo"]);
    }
    cascade(&town, &["runs"]).exits(0).says(&["bump", "undone"]);
    cascade(&town, &["runs", "show"])
        .exits(0)
        .says(&["core: about to write Cargo.toml", "core: undone: "]);
    cascade(&town, &["resume"]).exits(2).says(&["no run"]);
}

#[test]
fn what_a_person_did_since_stays() {
    let town = family();
    cascade(&town, BUMP).exits(0);
    let top = town.commit("core", "fix: on top", &[("more", "x")]);
    town.git("lib", &["push", "-q"]);
    cascade(&town, &["undo", "--yes"]).exits(4).says(&[
        "core  stays  ",
        "is not the tip that `core` has checked out",
        "lib  stays  ",
        "what is pushed stays",
    ]);
    assert_eq!(town.git("core", &["rev-parse", "HEAD"]), top);
    let town = family();
    cascade(&town, BUMP).exits(0);
    town.git("core", &["tag", "mine"]);
    town.write("lib", "notes", "mine\n");
    cascade(&town, &["undo", "--yes"]).exits(4).says(&[
        "the tag `mine` is on",
        "`lib` has changes that are not committed: `notes`",
    ]);
}

#[test]
fn a_file_that_was_changed_since_keeps_all_of_its_checkout() {
    let town = family();
    cascade(&town, &[BUMP, &["--no-commit"]].concat()).exits(0);
    let text = format!("{}# mine\n", town.read("lib", "Cargo.toml"));
    town.write("lib", "Cargo.toml", &text);
    cascade(&town, &["undo", "--yes"]).exits(4).says(&[
        "core  undone  restore Cargo.toml",
        "lib  stays  `Cargo.toml` was changed since cascade wrote it",
        "next: git -C lib diff -- Cargo.toml",
    ]);
    assert_eq!(town.read("lib", "Cargo.toml"), text);
    assert_eq!(town.git("core", &["status", "--porcelain"]), "");
}

/// A release in which core is out, lib waits for its pull request, and side failed.
fn halfway() -> Town {
    let town = family();
    for repo in ["core", "side"] {
        town.commit(repo, "feat: more", &[]);
        town.git(repo, &["push", "-q"]);
    }
    let file = town.work().join("workspace.toml");
    let declared = fs::read_to_string(file).unwrap();
    let by = "[repo.lib]\nrelease = \"pull-request\"\n";
    town.workspace(&declared.replace("[repo.lib]\n", by));
    let hook = town.origin("side").join("hooks/pre-receive");
    crate::bump::hooks::write(&hook, "#!/bin/sh\nexit 1\n");
    let release = [
        "release",
        "--repo",
        "core=major",
        "--repo",
        "side",
        "--yes",
        "--wait",
        "0s",
    ];
    cascade(&town, &release).exits(5);
    town
}

#[test]
fn of_a_release_only_what_is_not_out_is_taken_back() {
    let town = halfway();
    assert!(refs(&town, "lib").contains("refs/heads/cascade/"));
    let said = cascade(&town, &["undo", "--yes"]).exits(5);
    said.says(&[
        "lib  undone  delete `cascade/",
        "side  undone  let go of what was built",
        "core  out  v2.0.0; what is out stays out",
        "cascade release patch --repo core",
        "cargo yank --version 2.0.0 core",
    ]);
    assert!(!refs(&town, "lib").contains("refs/heads/cascade/"));
    assert!(refs(&town, "core").contains("refs/tags/v2.0.0"));
    cascade(&town, &["resume"])
        .exits(0)
        .says(&["is undone: nothing is left"]);
}

#[test]
fn a_branch_that_a_person_pushed_to_stays() {
    let town = halfway();
    town.git("lib", &["fetch", "-q"]);
    let own = [
        "for-each-ref",
        "--format=%(refname:lstrip=3)",
        "refs/remotes/origin/cascade",
    ];
    let own = town.git("lib", &own);
    town.git("lib", &["checkout", "-q", &own]);
    town.commit("lib", "fix: mine", &[("mine", "x")]);
    town.git("lib", &["push", "-q", "origin", &own]);
    let there = refs(&town, "lib");
    cascade(&town, &["undo", "--yes"])
        .exits(5)
        .says(&["lib  stays  ", "which somebody else put there"]);
    assert_eq!(refs(&town, "lib"), there);
}
