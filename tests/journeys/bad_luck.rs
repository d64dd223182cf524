//! Repositories as bad luck leaves them: each is named, each gets a next command, nothing is harmed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use cascade_tests::Town;
use serde_json::Value;

use crate::family::{cascade, crate_toml, family};

/// The findings of one repository that have this code.
fn findings(town: &Town, repo: &str, code: &str) -> Vec<Value> {
    let status = cascade(town, &["status", "--format", "json"])
        .exits(0)
        .json();
    let row = status["repos"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["repo"] == repo)
        .unwrap();
    let all = row["findings"].as_array().unwrap();
    all.iter()
        .filter(|it| it["code"] == code)
        .cloned()
        .collect()
}

/// Requires one finding of this code that says what to do, and a calm `status` for people.
#[track_caller]
fn finds(town: &Town, repo: &str, code: &str) {
    let found = findings(town, repo, code);
    assert_eq!(found.len(), 1, "{repo} {code}: {found:?}");
    assert!(
        found[0]["mend"].as_str().is_some_and(|it| !it.is_empty()),
        "{found:?}"
    );
    cascade(town, &["status"]).exits(0).says(&[repo]);
}

#[test]
fn a_missing_clone() {
    let town = family();
    fs::remove_dir_all(town.clone_of("lib")).unwrap();
    finds(&town, "lib", "missing-clone");
    cascade(&town, &["bump", "minor", "--repo", "core", "--yes"])
        .exits(4)
        .says(&["lib", "cascade fetch"]);
    assert_eq!(
        town.read("core", "Cargo.toml"),
        crate_toml("core", "1.2.0", "")
    );
    cascade(&town, &["fetch"]).exits(0);
    assert!(findings(&town, "lib", "missing-clone").is_empty());
    cascade(&town, &["bump", "minor", "--repo", "core", "--yes"]).exits(0);
}

#[test]
fn a_folder_that_is_no_repository() {
    let town = family();
    fs::remove_dir_all(town.clone_of("lib").join(".git")).unwrap();
    finds(&town, "lib", "not-a-repository");
}

#[test]
fn a_repository_without_commits() {
    let town = family();
    fs::remove_dir_all(town.clone_of("side")).unwrap();
    town.run(&town.work(), &["init", "-q", "-b", "main", "side"]);
    finds(&town, "side", "no-commits");
}

#[test]
fn a_detached_head() {
    let town = family();
    town.git("core", &["checkout", "-q", "--detach"]);
    finds(&town, "core", "detached-head");
    cascade(&town, &["bump", "minor", "--repo", "core", "--yes"])
        .exits(4)
        .says(&["core", "checkout"]);
    assert_eq!(
        town.read("core", "Cargo.toml"),
        crate_toml("core", "1.2.0", "")
    );
}

#[test]
fn a_shallow_clone() {
    let town = family();
    town.commit("side", "feat: more", &[]);
    town.git("side", &["push", "-q"]);
    fs::remove_dir_all(town.clone_of("side")).unwrap();
    let url = format!("file://{}", town.origin("side").display());
    town.run(&town.work(), &["clone", "-q", "--depth", "1", &url, "side"]);
    finds(&town, "side", "shallow-clone");
}

#[test]
fn no_tags() {
    let town = Town::new();
    town.repo(
        "young",
        "",
        &[("Cargo.toml", &crate_toml("young", "0.1.0", ""))],
    );
    town.workspace(&crate::family::declaration(&town, &[("young", "")]));
    finds(&town, "young", "no-tags");
    let status = cascade(&town, &["status", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(status["repos"][0]["packages"][0]["latest"], Value::Null);
    cascade(&town, &["release", "--repo", "young", "--yes"])
        .exits(0)
        .says(&["v0.1.0"]);
    assert!(crate::family::refs(&town, "young").contains("refs/tags/v0.1.0"));
}

#[test]
fn a_branch_without_upstream() {
    let town = family();
    town.git("core", &["branch", "--unset-upstream"]);
    finds(&town, "core", "no-upstream-branch");
}

#[test]
fn manifests_that_can_not_be_read() {
    let huge = format!(
        "[package]\nname = \"lib\"\n# {}\n",
        "x".repeat(100 * 1024 * 1024)
    );
    let cases: [(&str, &[u8]); 4] = [
        ("malformed", b"[package\nname = \"lib\"\n"),
        (
            "duplicate keys",
            b"[package]\nname = \"lib\"\nname = \"lob\"\n",
        ),
        ("not UTF-8", b"[package]\nname = \"l\xffb\"\n"),
        ("100 MB", huge.as_bytes()),
    ];
    for (what, bytes) in cases {
        let town = family();
        let at = town.clone_of("lib").join("Cargo.toml");
        #[expect(clippy::disallowed_methods, reason = "a broken file of the test")]
        fs::write(&at, bytes).unwrap();
        let found = findings(&town, "lib", "manifest-unreadable");
        assert_eq!(found.len(), 1, "{what}: {found:?}");
        assert_eq!(found[0]["place"]["path"], "Cargo.toml", "{what}: {found:?}");
        town.git("lib", &["commit", "-q", "-am", "chore: break it"]);
        let said = cascade(&town, &["bump", "minor", "--repo", "core", "--yes"]).exits(4);
        said.says(&["lib", "Cargo.toml"]);
        assert_eq!(
            town.read("core", "Cargo.toml"),
            crate_toml("core", "1.2.0", ""),
            "{what}"
        );
    }
}

#[test]
fn line_ends_and_byte_order_marks_are_kept() {
    let town = family();
    let text = format!(
        "\u{feff}{}",
        crate_toml("lib", "0.3.1", "core = \"=1.2.0\"")
    )
    .replace('\n', "\r\n");
    let text = text.trim_end().to_owned();
    town.git("lib", &["config", "core.autocrlf", "false"]);
    town.commit("lib", "chore: windows", &[("Cargo.toml", &text)]);
    cascade(&town, &["bump", "minor", "--repo", "core", "--yes"]).exits(0);
    let expected = text.replace("=1.2.0", "=1.3.0").replace("0.3.1", "0.3.2");
    assert_eq!(town.read("lib", "Cargo.toml"), expected);
}

#[test]
fn a_symlink_that_leaves_the_repository() {
    let town = family();
    let outside = town.path().join("outside.toml");
    let text = crate_toml("lib", "0.3.1", "core = \"=1.2.0\"");
    #[expect(clippy::disallowed_methods, reason = "a file outside every repository")]
    fs::write(&outside, &text).unwrap();
    fs::remove_file(town.clone_of("lib").join("Cargo.toml")).unwrap();
    symlink(&outside, town.clone_of("lib").join("Cargo.toml")).unwrap();
    town.git("lib", &["commit", "-q", "-am", "chore: link it"]);
    finds(&town, "lib", "manifest-unreadable");
    let said = cascade(&town, &["bump", "minor", "--repo", "core", "--yes"]);
    assert!([0, 4].contains(&said.code), "{} {}", said.code, said.err);
    assert_eq!(
        fs::read_to_string(&outside).unwrap(),
        text,
        "a file outside was written"
    );
}

#[test]
fn a_read_only_file() {
    let town = family();
    let at = town.clone_of("lib").join("Cargo.toml");
    let folder = town.clone_of("lib");
    fs::set_permissions(&at, fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let said = cascade(&town, &["bump", "minor", "--repo", "core", "--yes"]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    said.exits(3).says(&["lib", "Cargo.toml", "chmod"]);
    assert_eq!(
        town.read("lib", "Cargo.toml"),
        crate_toml("lib", "0.3.1", "core = \"=1.2.0\"")
    );
    assert_eq!(
        town.git("lib", &["log", "-1", "--format=%s"]),
        "feat: found it"
    );
}

#[test]
fn text_that_would_paint_the_terminal_is_shown_as_text() {
    let town = family();
    town.commit(
        "core",
        "feat: \u{1b}[31mred\u{1b}[0m \u{202e}evil \u{1b}]52;c;aGk=\u{7}",
        &[],
    );
    for args in [
        &["status", "--why", "core"][..],
        &["plan"],
        &["plan", "--format", "markdown"],
    ] {
        let said = cascade(&town, args).exits(0);
        assert!(
            !said.out.contains('\u{1b}') && !said.out.contains('\u{202e}'),
            "{args:?}: {}",
            said.out
        );
        assert!(said.out.contains("red"), "{args:?}: {}", said.out);
    }
}

#[test]
fn a_hostile_repository_runs_nothing() {
    let town = family();
    let canary = town.path().join("canary");
    let command = format!("touch {}", canary.display());
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "gpg.program",
        "diff.external",
        "filter.x.clean",
        "filter.x.smudge",
    ] {
        town.git("core", &["config", key, &command]);
    }
    town.commit_quietly("core", ".gitattributes", "* filter=x\n");
    town.write("core", "src.txt", "changed\n");
    let _ = fs::remove_file(&canary);
    cascade(&town, &["status"]).exits(0);
    cascade(&town, &["plan"]).exits(0);
    cascade(&town, &["graph"]).exits(0);
    assert!(
        !canary.exists(),
        "status, plan or graph ran a program of the repository"
    );
}

#[test]
fn a_release_runs_no_program_of_a_repository() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let canary = town.path().join("canary");
    let script = format!("#!/bin/sh\ntouch {}\n", canary.display());
    for hook in [
        "pre-push",
        "pre-commit",
        "reference-transaction",
        "post-checkout",
    ] {
        crate::bump::hooks::write(
            &town.clone_of("core").join(".git/hooks").join(hook),
            &script,
        );
    }
    cascade(&town, &["release", "--repo", "core=minor", "--yes"]).exits(0);
    assert!(!canary.exists(), "the release ran a hook of a checkout");
    assert_eq!(town.git("core", &["status", "--porcelain"]), "");
}
