//! Installed, tried and taken away: in one clone, in all, beside what is there.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{clone, hooks_of, program, push, tag, version};
use crate::CASCADE;
use crate::family::{Said, bytes_below, cascade, cascade_in, family};

#[test]
fn a_dead_hook_shows() {
    let town = clone();
    let folder = town.clone_of("core");
    let status = || cascade_in(&town, &folder, &["hook", "status"]);
    status()
        .exits(0)
        .says(&["core", "pre-push     alive", "commit-msg   alive"]);
    let at = hooks_of(&town).join("pre-push");
    fs::set_permissions(&at, fs::Permissions::from_mode(0o644)).unwrap();
    status().exits(1).says(&[
        "pre-push     DEAD",
        "not executable",
        "cascade hook install",
    ]);
    cascade_in(&town, &folder, &["hook", "install"]).exits(0);
    status().exits(0);
    town.git("core", &["config", "core.hooksPath", "elsewhere"]);
    status()
        .exits(1)
        .says(&["DEAD", "git looks for hooks in", "elsewhere"]);
    town.git("core", &["config", "--unset", "core.hooksPath"]);
    let gone = fs::read_to_string(&at)
        .unwrap()
        .replace(CASCADE, "/nowhere/cascade");
    program(&at, &gone);
    let said = status().exits(1);
    said.says(&["not found in PATH, nor at /nowhere/cascade"]);
    let json = cascade_in(&town, &folder, &["hook", "status", "--format", "json"])
        .exits(1)
        .json();
    assert_eq!(json["schema"], "cascade.hooks/1");
    let told: Vec<_> = json["hooks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["state"])
        .collect();
    assert_eq!(told, ["alive", "alive", "dead"]);
}

#[test]
fn without_cascade_versions_stay_and_the_rest_goes() {
    let town = clone();
    for name in ["pre-commit", "commit-msg", "pre-push"] {
        let at = hooks_of(&town).join(name);
        let gone = fs::read_to_string(&at)
            .unwrap()
            .replace(CASCADE, "/nowhere/cascade");
        program(&at, &gone);
    }
    version(&town, "1.3.0");
    tag(&town, "v1.3.0");
    push(&town, &["origin", "main"])
        .exits(0)
        .says(&["was not judged"]);
    push(&town, &["origin", "v1.3.0"])
        .exits(1)
        .says(&["not pushed unjudged", "CASCADE_HOOK=0"]);
    let mut command = town.command("git");
    command
        .args(["push", "-q", "origin", "v1.3.0"])
        .current_dir(town.clone_of("core"));
    Said::from(&command.env("CASCADE_HOOK", "0").output().unwrap()).exits(0);
    let log = fs::read_to_string(town.clone_of("core").join(".git/cascade-hooks.log")).unwrap();
    assert!(log.contains("pre-push passed by CASCADE_HOOK=0"), "{log}");
}

#[test]
fn a_hook_that_is_there_runs_first_and_comes_back() {
    let town = family();
    let folder = town.clone_of("core");
    let hooks = hooks_of(&town);
    let seen = town.path().join("seen");
    let script = format!("#!/bin/sh\n{{ echo \"$@\"; cat; }} >>{}\n", seen.display());
    program(&hooks.join("pre-push"), &script);
    fs::set_permissions(hooks.join("pre-push"), fs::Permissions::from_mode(0o711)).unwrap();
    let before = bytes_below(&hooks, "none");
    let said = cascade_in(&town, &folder, &["hook", "install"]).exits(0);
    said.says(&[
        "pre-push: installed; the hook that was there is kept as",
        "pre-push.before-cascade",
    ]);
    cascade_in(&town, &folder, &["hook", "install"])
        .exits(0)
        .says(&["stands already"]);
    town.commit("core", "feat: x", &[]);
    push(&town, &["origin", "main"]).exits(0);
    let head = town.git("core", &["rev-parse", "HEAD"]);
    let read = fs::read_to_string(&seen).unwrap();
    let origin = town.origin("core").display().to_string();
    assert!(
        read.starts_with(&format!(
            "origin {origin}\nrefs/heads/main {head} refs/heads/main "
        )),
        "{read}"
    );
    fs::remove_file(&seen).unwrap();
    let tried = cascade_in(&town, &folder, &["hook", "status"]).exits(0);
    tried.says(&["alive; the hook that was there runs first"]);
    assert!(!seen.exists(), "a self-test runs nothing of anybody else's");
    town.git("core", &["tag", "v5.0.0"]);
    push(&town, &["origin", "v5.0.0"]).exits(1);
    program(
        &hooks.join("pre-push.before-cascade"),
        "#!/bin/sh\necho no >&2\nexit 9\n",
    );
    push(&town, &["origin", "main:topic"])
        .exits(1)
        .says(&["no"]);
    program(&hooks.join("pre-push.before-cascade"), &script);
    fs::set_permissions(
        hooks.join("pre-push.before-cascade"),
        fs::Permissions::from_mode(0o711),
    )
    .unwrap();
    cascade_in(&town, &folder, &["hook", "uninstall"])
        .exits(0)
        .says(&["is what it was before"]);
    assert_eq!(bytes_below(&hooks, "none"), before);
    let mode = fs::metadata(hooks.join("pre-push"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o711);
    cascade_in(&town, &folder, &["hook", "uninstall"])
        .exits(0)
        .says(&["no hook of cascade's"]);
}

#[test]
fn all_of_a_workspace_or_some() {
    let town = family();
    cascade(&town, &["hook", "install", "--repo", "l*", "pre-push"]).exits(0);
    let installed = |repo: &str| town.clone_of(repo).join(".git/hooks/pre-push").exists();
    assert_eq!(["core", "lib", "app"].map(installed), [false, true, false]);
    cascade(&town, &["hook", "install", "--all"])
        .exits(0)
        .says(&["core: pre-push: installed"]);
    assert_eq!(["core", "lib", "app", "side"].map(installed), [true; 4]);
    cascade(&town, &["hook", "status", "--all"])
        .exits(0)
        .says(&["lib", "alive"]);
    // Of the family's clones each is judged by the family's declaration.
    let text = fs::read_to_string(town.work().join("workspace.toml")).unwrap();
    town.workspace(&text.replace(
        "[repo.core]\n",
        "[repo.core]\nrelease = \"release-please\"\n",
    ));
    version(&town, "1.3.0");
    tag(&town, "v1.3.0");
    push(&town, &["--atomic", "origin", "main", "v1.3.0"])
        .exits(1)
        .says(&["release-please makes"]);
    cascade(&town, &["hook", "uninstall", "--all"]).exits(0);
    assert_eq!(["core", "lib", "app", "side"].map(installed), [false; 4]);
    cascade(&town, &["hook", "install", "--repo", "nobody"]).exits(2);
    cascade(&town, &["hook", "install"])
        .exits(2)
        .says(&["stand in a repository"]);
}

#[test]
fn a_submodule_and_a_linked_working_tree_have_hooks_where_git_says() {
    let town = family();
    let origin = town.origin("lib").display().to_string();
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        &origin,
        "sub",
    ];
    town.git("core", &add);
    let sub = town.clone_of("core").join("sub");
    cascade_in(&town, &sub, &["hook", "install", "--type", "pre-push"]).exits(0);
    assert!(
        town.clone_of("core")
            .join(".git/modules/sub/hooks/pre-push")
            .is_file()
    );
    assert!(!hooks_of(&town).join("pre-push").exists());
    town.run(&sub, &["tag", "v0.4.0"]);
    super::git_in(&town, &sub, &["push", "-q", "origin", "v0.4.0"])
        .exits(1)
        .says(&["v0.4.0"]);
}
