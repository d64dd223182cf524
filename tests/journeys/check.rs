//! `cascade check` and `cascade explain`: the rules, for people and machines.

use std::fs;

use cascade_tests::Town;

use crate::family::{Said, cascade, cascade_in, crate_toml, declaration, family};

#[test]
fn a_check_fails_from_the_severity_on_that_a_person_says() {
    let town = family();
    let manifest = town.read("core", "Cargo.toml").replace("1.2.0", "2.0.0");
    town.commit("core", "feat!: frames", &[("Cargo.toml", &manifest)]);
    town.git("core", &["tag", "-a", "v2.0.0", "-m", "v2.0.0"]);
    let found = cascade(&town, &["check"]).exits(1);
    found.says(&["pin-excluded", "cascade explain CODE"]);
    cascade(&town, &["check", "--fail-on", "block"]).exits(0);
    cascade(&town, &["check", "--ignore", "pin-*", "--ignore", "lock-*"]).exits(0);
    let only = cascade(
        &town,
        &["check", "--select", "pin-excluded", "--format", "json"],
    );
    let only = only.exits(1).json();
    assert_eq!(only["schema"], "cascade.check/1");
    let findings = only["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for it in findings {
        assert_eq!(it["code"], "pin-excluded");
        assert!(
            town.work().join(it["path"].as_str().unwrap()).is_file(),
            "{it}"
        );
    }
    let one = cascade(&town, &["check", "--repo", "core"]).exits(0);
    one.says(&["1 of"]);
    cascade(&town, &["check", "--select", "pin-exclude"])
        .exits(2)
        .says(&["did you mean `pin-excluded`?"]);
}

#[test]
fn a_rule_is_explained() {
    let town = family();
    let rule = cascade(&town, &["explain", "lock-stale"]).exits(0);
    rule.says(&["*warn*", "Mend it: `cascade lock --repo REPO`"]);
    cascade(&town, &["explain"])
        .exits(0)
        .says(&["cycle", "block"]);
    cascade(&town, &["explain", "nonsense"]).exits(2);
}

#[test]
fn a_clone_by_itself_is_judged_as_far_as_it_can_be() {
    let town = Town::new();
    town.repo(
        "solo",
        "v1.0.0",
        &[("Cargo.toml", &crate_toml("solo", "1.0.0", ""))],
    );
    let solo = town.clone_of("solo");
    let check = |args: &[&str]| {
        let all = [&["check", "--select", "version-mismatch"], args].concat();
        cascade_in(&town, &solo, &all)
    };
    check(&[]).exits(0).says(&["judged alone"]);
    town.commit("solo", "feat: frames", &[("src/lib.rs", "")]);
    town.git("solo", &["tag", "-a", "v1.1.0", "-m", "v1.1.0"]);
    check(&[]).exits(1).says(&["`v1.1.0`", "says 1.0.0"]);
    check(&["--ref", "v1.1.0"]).exits(1);
    check(&["--ref", "v1.0.0"]).exits(0);
    check(&["--ref", "v9"])
        .exits(2)
        .says(&["has a commit `v9`"]);
    town.write("solo", ".cascade.toml", "tag = \"solo-{version}\"\n");
    check(&[]).exits(0);
    town.write("solo", ".cascade.toml", "ready = [[\"sh\"]]\n");
    check(&[])
        .exits(2)
        .says(&[".cascade.toml:1:1", "never makes cascade run a program"]);
}

#[test]
fn what_is_staged_is_judged_and_not_what_lies_about() {
    let town = Town::new();
    town.repo(
        "solo",
        "",
        &[("Cargo.toml", &crate_toml("solo", "1.0.0", ""))],
    );
    let solo = town.clone_of("solo");
    let check = |args: &[&str]| {
        let all = [&["check", "--select", "manifest-unreadable"], args].concat();
        cascade_in(&town, &solo, &all)
    };
    town.write("solo", "Cargo.toml", "[package\n");
    check(&[]).exits(1);
    check(&["--staged"]).exits(0);
    town.git("solo", &["add", "-A"]);
    town.write("solo", "Cargo.toml", &crate_toml("solo", "1.0.0", ""));
    check(&[]).exits(0);
    check(&["--staged"]).exits(1);
}

#[test]
fn a_job_is_judged_by_what_it_is_about() {
    let town = Town::new();
    town.repo(
        "solo",
        "v1.0.0",
        &[("Cargo.toml", &crate_toml("solo", "1.0.0", ""))],
    );
    town.commit("solo", "feat: frames", &[("src/lib.rs", "")]);
    town.git("solo", &["tag", "-a", "v1.1.0", "-m", "v1.1.0"]);
    town.commit("solo", "feat: more", &[("src/main.rs", "")]);
    let solo = town.clone_of("solo");
    let summary = town.path().join("summary.md");
    let job = |vars: &[(&str, &str)]| {
        let mut command = town.command(crate::CASCADE);
        command.args(["check", "--ci", "--select", "version-mismatch"]);
        command
            .current_dir(&solo)
            .env("GITHUB_STEP_SUMMARY", &summary);
        command.envs(vars.iter().copied());
        Said::from(&command.output().unwrap())
    };
    job(&[]).exits(0);
    assert!(!summary.exists());
    let github = ("GITHUB_ACTIONS", "true");
    let tag = [
        github,
        ("GITHUB_REF_TYPE", "tag"),
        ("GITHUB_REF_NAME", "v1.1.0"),
    ];
    job(&tag).exits(1).says(&["::error", "v1.1.0"]);
    assert!(
        fs::read_to_string(&summary)
            .unwrap()
            .contains("version-mismatch")
    );
    job(&[("CI_COMMIT_TAG", "v1.1.0")]).exits(1);
    job(&[github, ("GITHUB_BASE_REF", "main")]).exits(0);
    let gone = "1111111111111111111111111111111111111111";
    job(&[("CI_COMMIT_BEFORE_SHA", gone)])
        .exits(2)
        .says(&["has no commit", "fetch-depth: 0"]);
    job(&[("CI_COMMIT_BEFORE_SHA", &"0".repeat(40))]).exits(0);
}

#[test]
fn a_clone_finds_its_family_where_it_says() {
    let town = Town::new();
    town.repo(
        "core",
        "v1.0.0",
        &[("Cargo.toml", &crate_toml("core", "1.0.0", ""))],
    );
    let needs = "core = \"=1.0.0\"";
    town.repo(
        "lib",
        "v1.0.0",
        &[("Cargo.toml", &crate_toml("lib", "1.0.0", needs))],
    );
    let text = declaration(&town, &[("core", ""), ("lib", "core")]);
    town.repo(
        "family",
        "",
        &[(
            "workspace.toml",
            &format!("{text}\n[check]\nignore = [\"dirty\"]\n"),
        )],
    );
    let address = format!("file://{}", town.origin("family").display());
    let lib = town.clone_of("lib");
    town.write(
        "lib",
        ".cascade.toml",
        &format!("workspace = \"{address}\"\n"),
    );
    town.write("lib", "Cargo.toml", &crate_toml("lib", "1.0.1", needs));
    let check = |args: &[&str]| {
        let all = [&["check", "--select", "dirty", "--fail-on", "info"], args].concat();
        cascade_in(&town, &lib, &all)
    };
    let unknown = check(&[]).exits(1);
    unknown.says(&["no `workspace.toml` says"]);
    check(&["--fetch"])
        .exits(0)
        .says(&["the other repositories of its family"]);
    check(&[]).exits(0);
    fs::remove_dir_all(town.origin("family")).unwrap();
    check(&[]).exits(0);
    check(&["--fetch"])
        .exits(0)
        .says(&["judged by what was fetched earlier"]);
    check(&["--workspace", "file:///nowhere/at/all.git"]).exits(3);
    town.write("lib", ".cascade.toml", "workspace = \"../family\"\n");
    check(&[]).exits(0);
}
