//! `cascade bump`: the local part, in the checkouts.

use crate::family::{bytes_below, cascade, crate_toml, family};

#[test]
fn moves_the_version_and_every_pin_below_and_then_nothing() {
    let town = family();
    cascade(&town, &["bump", "minor", "--repo", "core", "--yes"]).exits(0);
    assert_eq!(
        town.read("core", "Cargo.toml"),
        crate_toml("core", "1.3.0", "")
    );
    assert_eq!(
        town.read("lib", "Cargo.toml"),
        crate_toml("lib", "0.3.2", "core = \"=1.3.0\"")
    );
    // `1.2` and `0.3` admit the new versions: the text stays, and so does the version.
    let needs = "core = \"1.2\"\nlib = { version = \"0.3\", default-features = false } # both";
    assert_eq!(
        town.read("app", "Cargo.toml"),
        crate_toml("app", "2.0.0", needs)
    );
    assert_eq!(
        town.git("lib", &["log", "-1", "--format=%s"]),
        "fix(deps): core 1.2.0 -> 1.3.0"
    );
    assert_eq!(
        town.git("core", &["log", "-1", "--format=%s"]),
        "chore(release): core 1.3.0"
    );
    assert_eq!(town.git("core", &["status", "--porcelain"]), "");
    assert_eq!(town.git("core", &["tag", "--list"]), "v1.2.0");

    let before = bytes_below(&town.work(), "");
    cascade(&town, &["bump", "minor", "--repo", "core", "--yes"]).exits(0);
    assert!(
        bytes_below(&town.work(), "") == before,
        "typing it twice changed something"
    );
}

#[test]
fn moves_to_a_version_that_is_out_already() {
    let town = family();
    town.commit(
        "core",
        "feat!: new frames",
        &[("Cargo.toml", &crate_toml("core", "2.0.0", ""))],
    );
    town.git("core", &["tag", "-a", "v2.0.0", "-m", "v2.0.0"]);
    cascade(&town, &["bump", "--repo", "core", "--yes"]).exits(0);
    assert_eq!(
        town.read("core", "Cargo.toml"),
        crate_toml("core", "2.0.0", "")
    );
    assert_eq!(
        town.read("lib", "Cargo.toml"),
        crate_toml("lib", "0.3.2", "core = \"=2.0.0\"")
    );
    let needs = "core = \"2.0\"\nlib = { version = \"0.3\", default-features = false } # both";
    assert_eq!(
        town.read("app", "Cargo.toml"),
        crate_toml("app", "2.0.1", needs)
    );
}

#[test]
fn mends_every_excluded_pin_when_nothing_is_named() {
    let town = family();
    town.git("core", &["tag", "v1.9.0"]);
    cascade(&town, &["bump", "--yes"]).exits(0);
    assert_eq!(
        town.read("lib", "Cargo.toml"),
        crate_toml("lib", "0.3.2", "core = \"=1.9.0\"")
    );
}

#[test]
fn leaves_the_edits_or_makes_a_branch_when_told() {
    let town = family();
    cascade(
        &town,
        &["bump", "minor", "--repo", "core", "--yes", "--no-commit"],
    )
    .exits(0);
    assert_eq!(town.git("core", &["status", "--porcelain"]), "M Cargo.toml");
    for repo in ["core", "lib"] {
        town.git(repo, &["checkout", "-q", "--", "."]);
    }
    cascade(
        &town,
        &[
            "bump", "minor", "--repo", "core", "--yes", "--branch", "next",
        ],
    )
    .exits(0);
    assert_eq!(town.git("lib", &["branch", "--show-current"]), "next");
    assert_eq!(town.git("lib", &["rev-list", "--count", "main..next"]), "1");
}

#[test]
fn refuses_a_dirty_checkout_by_name_before_anything_is_written() {
    let town = family();
    town.write("lib", "notes.txt", "half a thought\n");
    let before = bytes_below(&town.work(), "");
    cascade(&town, &["bump", "minor", "--repo", "core", "--yes"])
        .exits(4)
        .says(&["lib", "--skip lib"]);
    assert!(
        bytes_below(&town.work(), "") == before,
        "something was written"
    );
    cascade(
        &town,
        &["bump", "minor", "--repo", "core", "--yes", "--skip", "lib"],
    )
    .exits(0);
    assert_eq!(
        town.read("core", "Cargo.toml"),
        crate_toml("core", "1.3.0", "")
    );
    assert_eq!(
        town.read("lib", "Cargo.toml"),
        crate_toml("lib", "0.3.1", "core = \"=1.2.0\"")
    );
}

#[test]
fn asks_before_it_touches_more_than_one_checkout() {
    let town = family();
    let before = bytes_below(&town.work(), "");
    cascade(&town, &["bump", "minor", "--repo", "core"])
        .exits(6)
        .says(&["--yes"]);
    assert!(
        bytes_below(&town.work(), "") == before,
        "something was written"
    );
    cascade(&town, &["bump", "minor", "--repo", "side"]).exits(0);
    assert_eq!(
        town.read("side", "Cargo.toml"),
        crate_toml("side", "0.2.0", "")
    );
}

#[test]
fn a_dry_run_is_the_plan() {
    let town = family();
    let before = bytes_below(&town.work(), "");
    let both = || {
        let dry = cascade(&town, &["bump", "minor", "--repo", "core", "--dry-run"]).exits(0);
        let plan = cascade(&town, &["plan", "--for", "bump", "minor", "--repo", "core"]).exits(0);
        (dry, plan)
    };
    // A run is named by its second, too, and one may end between the two.
    let first = both();
    let (dry, plan) = if first.0.out == first.1.out {
        first
    } else {
        both()
    };
    assert_eq!(dry.out, plan.out);
    assert!(
        plan.out.contains("1.3.0") && plan.out.contains("=1.3.0"),
        "{}",
        plan.out
    );
    assert!(
        bytes_below(&town.work(), "") == before,
        "planning wrote something"
    );
}

#[test]
fn renames_the_unreleased_section_of_the_changelog() {
    let town = family();
    let log =
        "# Changelog\n\n## [Unreleased]\n\n- frames\n\n## [1.2.0] - 2020-01-01\n\n- all of it\n";
    town.commit("core", "feat: frames", &[("CHANGELOG.md", log)]);
    cascade(
        &town,
        &["bump", "minor", "--repo", "core", "--yes", "--only", "core"],
    )
    .exits(0);
    let text = town.read("core", "CHANGELOG.md");
    assert!(text.contains("## [1.3.0] - "), "{text}");
    assert!(text.contains("## [Unreleased]"), "{text}");
    assert!(
        text.contains("- frames\n\n## [1.2.0] - 2020-01-01"),
        "{text}"
    );
}

#[test]
fn a_failing_hook_of_the_user_leaves_the_checkout_as_it_was() {
    let town = family();
    let hook = town.clone_of("lib").join(".git/hooks/pre-commit");
    hooks::write(&hook, "#!/bin/sh\necho 'lint failed' >&2\nexit 1\n");
    let said = cascade(&town, &["bump", "minor", "--repo", "core", "--yes"]).exits(3);
    said.says(&["lib", "lint failed"]);
    assert_eq!(town.git("lib", &["status", "--porcelain"]), "");
    assert_eq!(
        town.read("lib", "Cargo.toml"),
        crate_toml("lib", "0.3.1", "core = \"=1.2.0\"")
    );
    assert_eq!(
        town.read("core", "Cargo.toml"),
        crate_toml("core", "1.3.0", "")
    );
}

/// Hooks of git, written as scripts.
pub(crate) mod hooks {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    /// Writes an executable script.
    pub(crate) fn write(at: &Path, script: &str) {
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a hook of the test")]
        std::fs::write(at, script).unwrap();
        std::fs::set_permissions(at, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// What git leaves behind of submodules is told, and is no edit of the user's.
#[test]
fn a_submodule_that_a_fast_forward_left_behind_holds_nobody_up() {
    let town = family();
    let local = ["-c", "protocol.file.allow=always"];
    let core = town.origin("core").display().to_string();
    let add = ["submodule", "--quiet", "add", "--", &core, "vendor/core"];
    town.git("app", &[&local[..], &add].concat());
    town.git("app", &["commit", "-q", "-m", "chore: vendor core"]);
    town.git("app", &["push", "-q"]);
    town.commit("core", "docs: more", &[("more", "1\n")]);
    town.git("core", &["push", "-q"]);
    // Somebody else moves it on.
    let next = town.git("core", &["rev-parse", "HEAD"]);
    let there = town.path().join("elsewhere");
    let app = town.origin("app").display().to_string();
    town.run(
        town.path(),
        &["clone", "-q", &app, &there.display().to_string()],
    );
    let to = format!("160000,{},vendor/core", next.trim());
    town.run(&there, &["update-index", "--cacheinfo", &to]);
    town.run(&there, &["commit", "-q", "-m", "chore: core moves"]);
    town.run(&there, &["push", "-q", "origin", "HEAD:main"]);
    cascade(&town, &["fetch", "--ff"]).exits(0).says(&[
        "its submodule `vendor/core` is at another commit",
        "submodule update --init vendor/core",
    ]);
    assert_ne!(town.git("app/vendor/core", &["rev-parse", "HEAD"]), next);
    let bump = ["bump", "patch", "--repo", "app", "--yes"];
    cascade(&town, &bump).exits(0);
    let moved = town.git("app", &["show", "--stat", "--format=", "HEAD"]);
    assert!(!moved.contains("vendor"), "{moved}");
    // It is no hindrance to the next one either.
    town.git("app", &["push", "-q"]);
    cascade(&town, &["fetch", "--ff"]).exits(0);
    // What a person changes in it is.
    town.write("app/vendor/core", "Cargo.toml", "# mine\n");
    let next = ["bump", "minor", "--repo", "app", "--yes"];
    let said = cascade(&town, &next).exits(4);
    said.says(&["`app` has changes that are not committed"]);
}

/// A version under a declared key, a range that does not admit what comes, and a tag of the upstream's
/// own spelling: each in its own words, in one commit.
#[test]
fn what_deploys_moves_in_its_own_words() {
    let town = family();
    let mut text = town.read(".", "workspace.toml");
    let site = "[[repo.app.site]]\nfile = \"env.yaml\"\nkey = \"core.image[name=api].tag\"\nupstream = \"core\"\n\n";
    text = text.replacen("[repo.app]\n", &format!("{site}[repo.app]\n"), 1);
    let delivers =
        "[repo.core]\ncharts = [\"core\"]\nmodules = [\"https://github.com/acme/net\"]\n";
    text = text.replacen("[repo.core]\n", delivers, 1);
    town.workspace(&text);
    let env = "core:\n  image:\n  - {name: api, tag: v1.2} # v1.2\n  - {name: db, tag: 1.2.0}\n";
    let chart = "name: app\ndependencies:\n- {name: core, version: ~1.2.0, repository: ''}\n- {name: other, version: ^1.2.0, repository: ''}\n";
    let module =
        "module \"a\" {\n  source = \"git::https://github.com/acme/net.git//vpc?ref=v1.2.0\"\n}\n";
    town.commit(
        "app",
        "chore: deploy",
        &[
            ("env.yaml", env),
            ("Chart.yaml", chart),
            ("main.tf", module),
        ],
    );
    cascade(&town, &["bump", "minor", "--repo", "core", "--yes"]).exits(0);
    assert_eq!(
        town.read("app", "env.yaml"),
        env.replacen("tag: v1.2", "tag: v1.3", 1),
    );
    assert_eq!(
        town.read("app", "Chart.yaml"),
        chart.replace("~1.2.0", "~1.3.0")
    );
    assert_eq!(
        town.read("app", "main.tf"),
        module.replace("v1.2.0", "v1.3.0")
    );
    assert_eq!(town.git("app", &["status", "--porcelain"]), "");
    cascade(&town, &["bump", "minor", "--repo", "core", "--yes"]).exits(0);
    assert_eq!(
        town.read("app", "Chart.yaml"),
        chart.replace("~1.2.0", "~1.3.0")
    );
}
